//! Figures: a value, the reference that it is a ratio to, the aims, and how they are printed.
//!
//! Out of scope: measuring (each bench), the machine (`conditions`).

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

/// One measured figure.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    reference: Option<Reference>,
    aims: Vec<Aim>,
    notes: Vec<String>,
}

/// What a figure is compared with, in the same unit.
#[derive(Debug, Clone)]
struct Reference {
    what: String,
    value: f64,
}

/// What a figure is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Aim {
    /// The value is at least this.
    AtLeast(f64),
    /// The value is at most this.
    AtMost(f64),
    /// The value is at least so many times the reference's.
    RatioAtLeast(f64),
}

impl Figure {
    /// A value with its unit: `deliveries/s`, `ms`.
    pub(crate) fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit, reference: None, aims: Vec::new(), notes: Vec::new() }
    }

    /// The same, compared with what a reference gives in the same unit.
    pub(crate) fn against(mut self, what: impl Into<String>, value: f64) -> Self {
        self.reference = Some(Reference { what: what.into(), value });
        self
    }

    /// The same, with an aim.
    pub(crate) fn aim(mut self, aim: Aim) -> Self {
        self.aims.push(aim);
        self
    }

    /// The same, with what a reader has to know of it.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The value as a multiple of the reference's.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.reference.as_ref().map(|reference| self.value / reference.value)
    }

    /// Whether an aim was missed.
    pub(crate) fn missed(&self) -> bool {
        self.aims.iter().any(|aim| !self.meets(*aim))
    }

    fn meets(&self, aim: Aim) -> bool {
        match aim {
            Aim::AtLeast(least) => self.value >= least,
            Aim::AtMost(most) => self.value <= most,
            Aim::RatioAtLeast(least) => self.ratio().is_some_and(|ratio| ratio >= least),
        }
    }

    /// The figure for programs.
    pub(crate) fn json(&self, bench: &str) -> Value {
        let aims: Vec<Value> =
            self.aims.iter().map(|aim| json!({ "aim": aim.to_string(), "met": self.meets(*aim) })).collect();
        let reference = self.reference.as_ref().map(|r| json!({ "what": r.what, "value": r.value }));
        json!({
            "bench": bench, "name": self.name, "value": self.value, "unit": self.unit,
            "reference": reference, "ratio": self.ratio(), "aims": aims, "notes": self.notes,
        })
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {:<44} {:>14} {}", self.name, shown(self.value), self.unit)?;
        for aim in &self.aims {
            let met = if self.meets(*aim) { "met" } else { "MISSED" };
            write!(f, "   [aim {aim}: {met}]")?;
        }
        if let (Some(Reference { what, value }), Some(ratio)) = (&self.reference, self.ratio()) {
            write!(f, "\n      {ratio:.3} of the reference: {what}, {} {}", shown(*value), self.unit)?;
        }
        self.notes.iter().try_for_each(|note| write!(f, "\n      {note}"))
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, ">= {}", shown(*least)),
            Self::AtMost(most) => write!(f, "<= {}", shown(*most)),
            Self::RatioAtLeast(least) => write!(f, "ratio >= {least}"),
        }
    }
}

/// Durations in their order.
#[derive(Debug, Clone)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    /// Of durations in any order; at least one.
    pub(crate) fn new(mut durations: Vec<Duration>) -> Self {
        assert!(!durations.is_empty(), "nothing was measured");
        durations.sort_unstable();
        Self(durations)
    }

    /// The duration that so many per cent do not exceed, milliseconds (nearest rank).
    pub(crate) fn percentile_ms(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0[rank - 1].as_secs_f64() * 1_000.0
    }
}

/// A count as a number to calculate with.
#[expect(clippy::cast_precision_loss, reason = "a count may be off by one above 2^53")]
pub(crate) fn count(n: usize) -> f64 {
    n as f64
}

/// Bytes as a number to calculate with.
#[expect(clippy::cast_precision_loss, reason = "a count may be off by one above 2^53")]
pub(crate) fn bytes(n: u64) -> f64 {
    n as f64
}

/// So many in so long, a second.
pub(crate) fn rate(n: usize, elapsed: Duration) -> f64 {
    count(n) / elapsed.as_secs_f64()
}

/// Bytes as MiB.
pub(crate) fn mebibytes(n: u64) -> f64 {
    bytes(n) / f64::from(1 << 20)
}

/// Whole numbers in groups of three, small ones with three digits behind the point.
fn shown(value: f64) -> String {
    if value.abs() < 100.0 {
        return format!("{value:.3}");
    }
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
