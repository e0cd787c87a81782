//! The fields of a serialised message, one after the other (the Protocol Buffers encoding).
//!
//! In scope: taking bytes apart, without a copy. Out of scope: what fields mean (`write`).

/// Bytes that are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable;

/// How deep messages and groups may be nested, as in every reader of this format.
pub(super) const DEPTH_MAX: usize = 100;

/// A value as it is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carried<'b> {
    Varint(u64),
    Eight([u8; 8]),
    Four([u8; 4]),
    Bytes(&'b [u8]),
    /// A group, which no schema here has.
    Group,
}

/// What a field is said to be: its number, and how it is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) number: u32,
    wire: u32,
}

/// What is left of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'b>(pub(super) &'b [u8]);

impl<'b> Fields<'b> {
    /// The next field and its number; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u32, Carried<'b>)>, Unreadable> {
        self.key()?.map(|key| Ok((key.number, self.value(key)?))).transpose()
    }

    /// What the next field is said to be; none at the end.
    pub(super) fn key(&mut self) -> Result<Option<Key>, Unreadable> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = u32::try_from(self.varint()?).map_err(|_| Unreadable)?;
        let (number, wire) = (key >> 3, key & 7);
        if number == 0 || wire > 5 { Err(Unreadable) } else { Ok(Some(Key { number, wire })) }
    }

    /// Its value.
    pub(super) fn value(&mut self, key: Key) -> Result<Carried<'b>, Unreadable> {
        self.value_within(key, DEPTH_MAX)
    }

    fn value_within(&mut self, Key { number, wire }: Key, depth: usize) -> Result<Carried<'b>, Unreadable> {
        match wire {
            0 => self.varint().map(Carried::Varint),
            1 => self.array().map(Carried::Eight),
            2 => self.delimited().map(Carried::Bytes),
            3 => self.group(number, depth.checked_sub(1).ok_or(Unreadable)?),
            5 => self.array().map(Carried::Four),
            _ => Err(Unreadable),
        }
    }

    /// Passes over a group, up to the end of the same number.
    fn group(&mut self, number: u32, depth: usize) -> Result<Carried<'b>, Unreadable> {
        loop {
            let key = self.key()?.ok_or(Unreadable)?;
            if key == (Key { number, wire: 4 }) {
                return Ok(Carried::Group);
            }
            self.value_within(key, depth)?;
        }
    }

    /// The next number of variable length.
    pub(super) fn varint(&mut self) -> Result<u64, Unreadable> {
        let mut value = 0_u64;
        for (place, byte) in self.0.iter().enumerate().take(10) {
            // Of the tenth byte there is room for one bit.
            if place == 9 && *byte > 1 {
                return Err(Unreadable);
            }
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                self.0 = &self.0[place + 1..];
                return Ok(value);
            }
        }
        Err(Unreadable)
    }

    /// The next so many bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Unreadable)?;
        self.0 = rest;
        Ok(*bytes)
    }

    /// The next bytes, before which their number stands.
    pub(super) fn delimited(&mut self) -> Result<&'b [u8], Unreadable> {
        let length = usize::try_from(self.varint()?).map_err(|_| Unreadable)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Unreadable)?;
        self.0 = rest;
        Ok(bytes)
    }
}
