//! Digests of table rows: what binds a stored value that nothing else gives.
//!
//! Most columns of the stores follow from signed bytes and are checked against those. For the others (when a node was heard
//! last, where a certificate stands) a row carries a digest of all its other columns, and a table that rows may vanish from
//! carries a [`Tally`]: how many rows there are and what their digests give together. They find damage; whoever can write
//! the file on purpose can write them too. In scope: the bytes. Out of scope: reading and writing rows (each room's `store`).

use sha2::{Digest as _, Sha256};

/// A value as SQLite stores it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// NULL.
    Null,
    /// INTEGER.
    Integer(i64),
    /// TEXT, as its bytes.
    Text(&'a [u8]),
    /// BLOB.
    Blob(&'a [u8]),
    /// REAL, which no table of ours holds.
    Real(f64),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.as_bytes())
    }
}
impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(bytes)
    }
}
impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}
impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Self::Integer(flag.into())
    }
}
impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Digest of values that stand in this order in a row of this table: SHA-256 over the table's name and, for each value, a
/// byte for its type, its length and its bytes, numbers big-endian.
#[must_use]
pub fn row<'a>(table: &str, values: impl IntoIterator<Item = Value<'a>>) -> [u8; 32] {
    let mut digest = Sha256::new();
    add(&mut digest, b'n', table.as_bytes());
    for value in values {
        match value {
            Value::Null => add(&mut digest, 0, &[]),
            Value::Integer(number) => add(&mut digest, 1, &number.to_be_bytes()),
            Value::Text(bytes) => add(&mut digest, 2, bytes),
            Value::Blob(bytes) => add(&mut digest, 3, bytes),
            Value::Real(number) => add(&mut digest, 4, &number.to_bits().to_be_bytes()),
        }
    }
    digest.finalize().into()
}

fn add(digest: &mut Sha256, tag: u8, bytes: &[u8]) {
    digest.update([tag]);
    digest.update((bytes.len() as u64).to_be_bytes());
    digest.update(bytes);
}

/// How many rows a table has, and the exclusive or of their digests: it changes with a row, whatever their number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Rows.
    pub rows: i64,
    /// Their digests together.
    pub digest: [u8; 32],
}

impl Tally {
    /// A row is there that was not.
    pub fn add(&mut self, digest: &[u8; 32]) {
        self.rows += 1;
        self.mix(digest);
    }
    /// A row is not there that was.
    pub fn take(&mut self, digest: &[u8; 32]) {
        self.rows -= 1;
        self.mix(digest);
    }
    fn mix(&mut self, digest: &[u8; 32]) {
        self.digest.iter_mut().zip(digest).for_each(|(own, other)| *own ^= other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_changes_with_table_type_value_and_place() {
        let one = row("t", [Value::from("a"), Value::from(1), Value::Null]);
        let others = [
            row("u", [Value::from("a"), Value::from(1), Value::Null]),
            row("t", [Value::from(&b"a"[..]), Value::from(1), Value::Null]),
            row("t", [Value::from("a"), Value::from(2), Value::Null]),
            row("t", [Value::from("a"), Value::Real(1.0), Value::Null]),
            row("t", [Value::from(1), Value::from("a"), Value::Null]),
            row("t", [Value::from("a"), Value::from(1)]),
        ];
        assert!(others.iter().all(|other| *other != one));
        assert_eq!(one, row("t", [Value::from("a"), Value::from(1), Value::from(None::<i64>)]));
    }

    #[test]
    fn a_tally_is_of_what_is_there_in_whatever_order_it_came() {
        let (a, b) = (row("t", [Value::from(1)]), row("t", [Value::from(2)]));
        let (mut one, mut other) = (Tally::default(), Tally::default());
        one.add(&a);
        one.add(&b);
        other.add(&b);
        other.add(&b);
        assert_ne!(one, other);
        other.take(&b);
        other.add(&a);
        assert_eq!(one, other);
    }
}
