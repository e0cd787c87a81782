//! Messages from their bytes to text, by their plans.
//!
//! Fields come in any order, a message in several pieces, which are one (the last of a number counts, messages are merged, lists
//! joined), as every reader of the format has it. What is written is in the order of the plan. In scope: that. Out of scope: taking
//! bytes apart (`wire`), the rules of the text (`json`).

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::Kind as Type;

use super::super::mask::Mask;
use super::plan::{Field, Many, Message, Of, Plans};
use super::wire::{Carried, DEPTH_MAX, Fields, Unreadable};

/// The largest whole number that every JSON reader holds exactly (RFC 8259, section 6).
pub(super) const EXACT_MAX: u64 = (1 << 53) - 1;

/// Writes what a mask keeps of a message with one of these plans.
pub(super) fn message(
    out: &mut Vec<u8>,
    (plans, plan): (&Plans, &Message),
    bytes: &[u8],
    mask: Option<&Mask>,
) -> Result<(), Unreadable> {
    Writer { out, plans }.message(plan, &[bytes], mask, 0)
}

struct Writer<'w> {
    out: &'w mut Vec<u8>,
    plans: &'w Plans,
}

/// A value that came, and the place of its field in the plan.
type Met<'b> = (usize, Carried<'b>);

impl Writer<'_> {
    fn message(
        &mut self,
        plan: &Message,
        pieces: &[&[u8]],
        mask: Option<&Mask>,
        depth: usize,
    ) -> Result<(), Unreadable> {
        if depth > DEPTH_MAX {
            return Err(Unreadable);
        }
        let (met, overruled) = met(plan, pieces)?;
        for (place, value) in overruled {
            self.unshown(|writer| writer.field(&plan.fields[place], &[(place, value)], None, depth))?;
        }
        let mut met = met.as_slice();
        let mut separator = b'{';
        for (place, field) in plan.fields.iter().enumerate() {
            let (values, rest) = met.split_at(met.iter().take_while(|(of, _)| *of == place).count());
            met = rest;
            if field.optional && values.is_empty() {
                continue;
            }
            if mask.is_some_and(|mask| !mask.holds(&field.name)) {
                self.unshown(|writer| writer.field(field, values, None, depth))?;
                continue;
            }
            self.out.push(separator);
            separator = b',';
            self.out.extend_from_slice(field.key.as_bytes());
            self.field(field, values, mask.and_then(|mask| mask.below(&field.name)), depth)?;
        }
        self.close(separator, b'{', b'}');
        Ok(())
    }

    fn field(
        &mut self,
        field: &Field,
        values: &[Met<'_>],
        mask: Option<&Mask>,
        depth: usize,
    ) -> Result<(), Unreadable> {
        match (&field.many, &field.of) {
            (Many::Map(key), of) => self.map(key, of, values, mask, depth),
            (Many::List, of) => self.list(of, values, mask, depth),
            (Many::One, Of::Message(at)) => {
                let pieces: Vec<&[u8]> = values.iter().map(|(_, value)| bytes(*value)).collect::<Result<_, _>>()?;
                self.message(self.plans.at(*at), &pieces, mask, depth + 1)
            }
            (Many::One, Of::Scalar(kind)) => {
                let Some(((_, last), before)) = values.split_last() else {
                    return self.scalar(kind, default_of(kind));
                };
                for (_, value) in before {
                    self.unshown(|writer| writer.scalar(kind, *value))?;
                }
                self.scalar(kind, *last)
            }
        }
    }

    fn list(&mut self, of: &Of, values: &[Met<'_>], mask: Option<&Mask>, depth: usize) -> Result<(), Unreadable> {
        let mut separator = b'[';
        for (_, value) in values {
            match (of, *value) {
                (Of::Message(at), value) => {
                    self.separate(&mut separator);
                    self.message(self.plans.at(*at), &[bytes(value)?], mask, depth + 1)?;
                }
                (Of::Scalar(kind), Carried::Bytes(packed)) if !matches!(kind, Type::String | Type::Bytes) => {
                    let mut packed = Fields(packed);
                    while !packed.0.is_empty() {
                        self.separate(&mut separator);
                        let value = match default_of(kind) {
                            Carried::Eight(_) => Carried::Eight(packed.array()?),
                            Carried::Four(_) => Carried::Four(packed.array()?),
                            Carried::Varint(_) | Carried::Bytes(_) | Carried::Group => {
                                Carried::Varint(packed.varint()?)
                            }
                        };
                        self.scalar(kind, value)?;
                    }
                }
                (Of::Scalar(kind), value) => {
                    self.separate(&mut separator);
                    self.scalar(kind, value)?;
                }
            }
        }
        self.close(separator, b'[', b']');
        Ok(())
    }

    fn map(
        &mut self,
        key: &Type,
        of: &Of,
        values: &[Met<'_>],
        mask: Option<&Mask>,
        depth: usize,
    ) -> Result<(), Unreadable> {
        let mut entries: Vec<(String, Entry<'_>)> = Vec::with_capacity(values.len());
        for (_, value) in values {
            let entry = Entry::read(bytes(*value)?)?;
            entries.push((self.key(key, &entry)?, entry));
        }
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut separator = b'{';
        for (place, (text, entry)) in entries.iter().enumerate() {
            // The last of a key counts.
            let overruled = entries.get(place + 1).is_some_and(|(next, _)| next == text);
            if overruled || mask.is_some_and(|mask| !mask.holds(text)) {
                self.unshown(|writer| writer.entry(of, entry, None, depth))?;
                continue;
            }
            self.separate(&mut separator);
            self.text(text);
            self.out.push(b':');
            self.entry(of, entry, mask.and_then(|mask| mask.below(text)), depth)?;
        }
        self.close(separator, b'{', b'}');
        Ok(())
    }

    fn entry(&mut self, of: &Of, entry: &Entry<'_>, mask: Option<&Mask>, depth: usize) -> Result<(), Unreadable> {
        match of {
            Of::Message(at) => {
                let pieces: Vec<&[u8]> = entry.values.iter().map(|value| bytes(*value)).collect::<Result<_, _>>()?;
                self.message(self.plans.at(*at), &pieces, mask, depth + 1)
            }
            Of::Scalar(kind) => {
                let Some((last, before)) = entry.values.split_last() else {
                    return self.scalar(kind, default_of(kind));
                };
                for value in before {
                    self.unshown(|writer| writer.scalar(kind, *value))?;
                }
                self.scalar(kind, *last)
            }
        }
    }

    /// Reads what is not shown: it has to be readable all the same.
    fn unshown(&mut self, read: impl FnOnce(&mut Self) -> Result<(), Unreadable>) -> Result<(), Unreadable> {
        let shown = self.out.len();
        read(self)?;
        self.out.truncate(shown);
        Ok(())
    }

    /// The text of a map's key, without quotation marks.
    fn key(&mut self, kind: &Type, entry: &Entry<'_>) -> Result<String, Unreadable> {
        let begin = self.out.len();
        let mut text = String::new();
        for value in [default_of(kind)].iter().chain(&entry.keys) {
            text = if *kind == Type::String {
                std::str::from_utf8(bytes(*value)?).map_err(|_| Unreadable)?.to_owned()
            } else {
                self.scalar(kind, *value)?;
                let written = String::from_utf8_lossy(&self.out[begin..]).trim_matches('"').to_owned();
                self.out.truncate(begin);
                written
            };
        }
        Ok(text)
    }

    fn scalar(&mut self, kind: &Type, value: Carried<'_>) -> Result<(), Unreadable> {
        match (kind, value) {
            (Type::Bool, Carried::Varint(value)) => {
                self.out.extend_from_slice(if value == 0 { b"false" } else { b"true" });
            }
            (Type::Int32, Carried::Varint(value)) => self.signed(i64::from(low(value).cast_signed())),
            (Type::Int64, Carried::Varint(value)) => self.signed(value.cast_signed()),
            (Type::Uint32, Carried::Varint(value)) => self.unsigned(u64::from(low(value))),
            (Type::Uint64, Carried::Varint(value)) => self.unsigned(value),
            (Type::Sint32, Carried::Varint(value)) => self.signed(unzigzag(u64::from(low(value)))),
            (Type::Sint64, Carried::Varint(value)) => self.signed(unzigzag(value)),
            (Type::Fixed32, Carried::Four(value)) => self.unsigned(u64::from(u32::from_le_bytes(value))),
            (Type::Fixed64, Carried::Eight(value)) => self.unsigned(u64::from_le_bytes(value)),
            (Type::Sfixed32, Carried::Four(value)) => self.signed(i64::from(i32::from_le_bytes(value))),
            (Type::Sfixed64, Carried::Eight(value)) => self.signed(i64::from_le_bytes(value)),
            (Type::Float, Carried::Four(value)) => self.double(f64::from(f32::from_le_bytes(value))),
            (Type::Double, Carried::Eight(value)) => self.double(f64::from_le_bytes(value)),
            (Type::String, Carried::Bytes(value)) => self.text(std::str::from_utf8(value).map_err(|_| Unreadable)?),
            (Type::Bytes, Carried::Bytes(value)) => {
                let text = STANDARD.encode(value);
                self.text(&text);
            }
            (Type::Enum(names), Carried::Varint(value)) => {
                let number = low(value).cast_signed();
                match names.get_value(number) {
                    Some(value) => self.text(value.name()),
                    None => self.signed(i64::from(number)),
                }
            }
            (_, _) => return Err(Unreadable),
        }
        Ok(())
    }

    fn separate(&mut self, separator: &mut u8) {
        self.out.push(std::mem::replace(separator, b','));
    }

    /// Ends what begins with `open`, which stands there unless nothing was written.
    fn close(&mut self, separator: u8, open: u8, end: u8) {
        if separator == open {
            self.out.push(open);
        }
        self.out.push(end);
    }

    fn text(&mut self, text: &str) {
        write_text(self.out, text);
    }

    /// Whole numbers that some readers would round become strings.
    fn signed(&mut self, number: i64) {
        let quote = if number.unsigned_abs() > EXACT_MAX { "\"" } else { "" };
        // Writing to memory cannot fail.
        let _written = write!(self.out, "{quote}{number}{quote}");
    }

    fn unsigned(&mut self, number: u64) {
        let quote = if number > EXACT_MAX { "\"" } else { "" };
        let _written = write!(self.out, "{quote}{number}{quote}");
    }

    /// What is no number in JSON is a text, as protobuf's own JSON has it.
    fn double(&mut self, number: f64) {
        let _written = match number {
            number if number.is_nan() => write!(self.out, "\"NaN\""),
            f64::INFINITY => write!(self.out, "\"Infinity\""),
            f64::NEG_INFINITY => write!(self.out, "\"-Infinity\""),
            number => return drop(serde_json::to_writer(&mut *self.out, &number)),
        };
    }
}

/// A JSON string.
pub(crate) fn write_text(out: &mut Vec<u8>, text: &str) {
    // Writing a text to memory cannot fail.
    let _written = serde_json::to_writer(out, text);
}

/// An entry of a map as it came.
struct Entry<'b> {
    keys: Vec<Carried<'b>>,
    values: Vec<Carried<'b>>,
}

impl<'b> Entry<'b> {
    fn read(bytes: &'b [u8]) -> Result<Self, Unreadable> {
        let (mut fields, mut entry) = (Fields(bytes), Self { keys: Vec::new(), values: Vec::new() });
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => entry.keys.push(value),
                2 => entry.values.push(value),
                _ => {}
            }
        }
        Ok(entry)
    }
}

/// What a plan knows of these pieces, in its order, values of a field in theirs; and the choices that another one overruled.
fn met<'b>(plan: &Message, pieces: &[&'b [u8]]) -> Result<(Vec<Met<'b>>, Vec<Met<'b>>), Unreadable> {
    let (mut met, mut overruled): (Vec<Met<'b>>, Vec<Met<'b>>) = (Vec::with_capacity(plan.fields.len()), Vec::new());
    let mut sorted = true;
    for piece in pieces {
        let mut fields = Fields(piece);
        while let Some(key) = fields.key()? {
            let Ok(place) = plan.fields.binary_search_by_key(&key.number, |field| field.number) else {
                fields.value(key)?;
                continue;
            };
            let field = &plan.fields[place];
            // The readers by which records are judged take an entry of a map however it is said to be carried.
            let value = match field.many {
                Many::Map(_) => Carried::Bytes(fields.delimited()?),
                Many::One | Many::List => fields.value(key)?,
            };
            if let Some(oneof) = &field.oneof {
                // The last of a choice counts.
                let other = |of: usize| of != place && plan.fields[of].oneof.as_ref() == Some(oneof);
                overruled.extend(met.extract_if(.., |(of, _)| other(*of)));
            }
            sorted &= met.last().is_none_or(|(last, _)| *last <= place);
            met.push((place, value));
        }
    }
    if !sorted {
        met.sort_by_key(|(place, _)| *place);
    }
    Ok((met, overruled))
}

fn bytes(value: Carried<'_>) -> Result<&[u8], Unreadable> {
    match value {
        Carried::Bytes(bytes) => Ok(bytes),
        Carried::Varint(_) | Carried::Eight(_) | Carried::Four(_) | Carried::Group => Err(Unreadable),
    }
}

/// What stands for a scalar that did not come; its form is that in which all of the type come.
const fn default_of(kind: &Type) -> Carried<'static> {
    match kind {
        Type::Double | Type::Fixed64 | Type::Sfixed64 => Carried::Eight([0; 8]),
        Type::Float | Type::Fixed32 | Type::Sfixed32 => Carried::Four([0; 4]),
        Type::String | Type::Bytes | Type::Message(_) => Carried::Bytes(&[]),
        Type::Int32
        | Type::Int64
        | Type::Uint32
        | Type::Uint64
        | Type::Sint32
        | Type::Sint64
        | Type::Bool
        | Type::Enum(_) => Carried::Varint(0),
    }
}

/// The lower half, which is all that readers take of a number of 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is asked for")]
const fn low(value: u64) -> u32 {
    value as u32
}

const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}
