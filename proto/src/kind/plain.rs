//! Plain texts: which strings of a payload people read and search for, though they have no language.
//!
//! In scope: one line for each, a field on top of the payload. Codes, ids, addresses and versions are none: who looks for them filters by
//! facets. Texts by language need no line. Out of scope: reading payloads, the index (the node's `search`).

/// A plain text of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plain {
    /// Kind that has it.
    pub kind: &'static str,
    /// Its field.
    pub field: &'static str,
}

const fn plain(kind: &'static str, field: &'static str) -> Plain {
    Plain { kind, field }
}

/// All of them. The code of an indicator is by what people call it: EGDI.
pub const PLAIN: &[Plain] = &[
    plain("indicator", "code"),
    plain("indicator", "source"),
    plain("dataset", "source"),
    plain("dataset", "provenance"),
];

#[cfg(test)]
mod tests {
    use prost_reflect::Kind as Type;

    use super::super::Kind;
    use super::*;

    #[test]
    fn every_line_is_a_string_of_its_kind() {
        for plain in PLAIN {
            let field = Kind::find(plain.kind).unwrap().message().get_field_by_name(plain.field);
            let field = field.unwrap_or_else(|| panic!("{plain:?}"));
            assert!(matches!(field.kind(), Type::String) && !field.is_map() && !field.is_list(), "{plain:?}");
        }
    }
}
