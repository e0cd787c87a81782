//! Which format an answer has: `Accept` with weights, by SDMX's media types (SDMX REST, "Content negotiation").
//!
//! | resource | formats, the default first |
//! |---|---|
//! | structure, availability | `application/vnd.sdmx.structure+json;version=2.0.0` |
//! | data | `application/vnd.sdmx.data+json;version=2.0.0`, `application/vnd.sdmx.data+csv;version=2.0.0` |
//!
//! `application/json` and `text/csv` mean them too. A version may be one that a later one may stand for (`2.0.0+`, `2+.0`). Of the parameters
//! of SDMX-CSV there are `labels=id|name|both`, `timeFormat=original` and `keys=none`; whoever asks for others asks for another format.

use super::refused;
use crate::api::refusal::Refusal;

/// What an answer is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// An SDMX-JSON structure message.
    Structure,
    /// An SDMX-JSON data message.
    Json,
    /// SDMX-CSV.
    Csv(Labels),
}

/// Whether names stand beside ids in SDMX-CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Labels {
    /// Ids alone.
    Id,
    /// Names in columns of their own.
    Name,
    /// Both in one cell.
    Both,
}

/// Formats of structure messages.
pub(super) const STRUCTURES: &[Format] = &[Format::Structure];
/// Formats of data.
pub(super) const DATA: &[Format] = &[Format::Json, Format::Csv(Labels::Id)];

impl Format {
    /// Its media type.
    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Structure => "application/vnd.sdmx.structure+json;version=2.0.0",
            Self::Json => "application/vnd.sdmx.data+json;version=2.0.0",
            Self::Csv(Labels::Id) => "application/vnd.sdmx.data+csv;version=2.0.0",
            Self::Csv(Labels::Name) => "application/vnd.sdmx.data+csv;version=2.0.0;labels=name",
            Self::Csv(Labels::Both) => "application/vnd.sdmx.data+csv;version=2.0.0;labels=both",
        }
    }

    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Structure => ("application/vnd.sdmx.structure+json", "application/json"),
            Self::Json => ("application/vnd.sdmx.data+json", "application/json"),
            Self::Csv(_) => ("application/vnd.sdmx.data+csv", "text/csv"),
        }
    }
}

/// The format of an answer.
///
/// # Errors
/// `MEDIA_NOT_OFFERED` where none is accepted.
pub(super) fn negotiate(accept: Option<&str>, offered: &[Format]) -> Result<Format, Refusal> {
    let accept = accept.unwrap_or("*/*");
    let mut best: Option<(u16, usize, Format)> = None;
    for range in accept.split(',').take(32) {
        let Some((weight, range)) = weighed(range) else { continue };
        for (place, format) in offered.iter().enumerate() {
            let Some((exact, format)) = fits(&range, *format) else { continue };
            // At the same weight the more exact range counts, then the order in which formats are offered.
            let rank = usize::from(exact) * offered.len() + offered.len() - place;
            if weight > 0 && best.is_none_or(|(w, r, _)| (weight, rank) > (w, r)) {
                best = Some((weight, rank, format));
            }
        }
    }
    let known = || offered.iter().map(|format| format.media_type()).collect::<Vec<_>>().join(", ");
    best.map(|(_, _, format)| format).ok_or_else(|| refused::format(known()))
}

/// A media range of `Accept` without its weight.
struct Range<'a> {
    name: String,
    parameters: Vec<(String, &'a str)>,
}

/// Weight in thousandths, and the range (RFC 9110, section 12.5.1); none where it is malformed.
fn weighed(text: &str) -> Option<(u16, Range<'_>)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().filter(|name| name.contains('/'))?.to_ascii_lowercase();
    let mut weight = 1000;
    let mut parameters = Vec::new();
    for part in parts {
        let (key, value) = part.split_once('=')?;
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim().trim_matches('"'));
        if key == "q" {
            let q: f32 = value.parse().ok().filter(|q| (0.0..=1.0).contains(q))?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
            let thousandths = (q * 1000.0) as u16;
            weight = thousandths;
        } else {
            parameters.push((key, value));
        }
    }
    Some((weight, Range { name, parameters }))
}

/// How a format answers a range: whether by its own name, and with which labels.
fn fits(range: &Range<'_>, format: Format) -> Option<(bool, Format)> {
    let (own, plain) = format.names();
    let exact = range.name == own;
    let kind = plain.split('/').next().unwrap_or_default();
    let wide = range.name == "*/*"
        || range.name == plain
        || range.name == format!("{kind}/*")
        || range.name == "application/*";
    if !exact {
        return wide.then_some((false, format));
    }
    let mut format = format;
    for (key, value) in &range.parameters {
        match (key.as_str(), *value, &mut format) {
            ("version", value, _) if is_version(value) => {}
            ("labels", "id", Format::Csv(labels)) => *labels = Labels::Id,
            ("labels", "name", Format::Csv(labels)) => *labels = Labels::Name,
            ("labels", "both", Format::Csv(labels)) => *labels = Labels::Both,
            ("timeformat", "original", Format::Csv(_))
            | ("keys", "none", Format::Csv(_))
            | ("charset", "utf-8" | "UTF-8", _) => {}
            _ => return None,
        }
    }
    Some((true, format))
}

/// Whether 2.0.0 is this version, or one that may stand for it.
fn is_version(text: &str) -> bool {
    matches!(
        text,
        "2.0.0" | "2.0" | "2" | "2.0.0+" | "2.0+.0" | "2+.0.0" | "2.0+" | "2+.0" | "1+.0.0" | "*" | "+" | "~"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_best_format_is_taken() {
        let csv = "application/vnd.sdmx.data+csv;version=2.0.0";
        let json = "application/vnd.sdmx.data+json;version=2.0.0";
        for (accept, format) in [
            ("*/*", Format::Json),
            ("", Format::Json),
            ("application/*", Format::Json),
            ("text/csv", Format::Csv(Labels::Id)),
            (csv, Format::Csv(Labels::Id)),
            ("application/json", Format::Json),
            (json, Format::Json),
            ("text/*;q=0.5, */*;q=0.1", Format::Csv(Labels::Id)),
            ("application/vnd.sdmx.data+csv; version=2.0.0; labels=both", Format::Csv(Labels::Both)),
            ("application/vnd.sdmx.data+csv;labels=name;q=0.9,application/json;q=0.8", Format::Csv(Labels::Name)),
            ("application/vnd.sdmx.data+json;version=2+.0.0;q=0.2, application/xml", Format::Json),
            ("*/*, application/vnd.sdmx.data+csv", Format::Csv(Labels::Id)),
        ] {
            let accept = Some(accept).filter(|accept| !accept.is_empty());
            assert_eq!(negotiate(accept, DATA).unwrap(), format, "{accept:?}");
        }
    }

    #[test]
    fn what_is_not_written_is_refused() {
        for accept in [
            "application/xml",
            "application/vnd.sdmx.data+xml;version=3.0.0",
            "application/vnd.sdmx.data+json;version=1.0.0",
            "*/*;q=0",
            "text",
            "application/vnd.sdmx.data+csv;timeFormat=normalized",
            "application/vnd.sdmx.data+csv;version=2.0.0;keys=both",
            "text/html",
        ] {
            assert_eq!(negotiate(Some(accept), DATA).unwrap_err().code, "MEDIA_NOT_OFFERED", "{accept}");
        }
        assert!(negotiate(Some("application/vnd.sdmx.data+json"), STRUCTURES).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_answered_or_refused(accept in ".{0,60}") {
            let _ = negotiate(Some(&accept), DATA);
        }
    }
}
