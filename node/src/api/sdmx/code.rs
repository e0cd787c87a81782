//! Codes of records as ids of SDMX, and back.
//!
//! SDMX ids hold letters, digits and `_ @ $ -` (IDType), ids of agencies begin with a letter and nest by dots (NestedNCNameIDType). Codes of
//! records may hold `. + / :` besides, which SDMX gives a meaning in keys and filters: each is written `$` and its two hexadecimal digits.
//! Member codes and slugs hold letters, digits, `-` and `.`, and begin with a letter or, slugs alone, a digit: their dot is written `_`.

use std::borrow::Cow;

/// Whether a text is an id (SDMX IDType).
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_@$-".contains(&b))
}

/// Whether a text is the id of an agency (SDMX NestedNCNameIDType).
pub(super) fn is_agency(text: &str) -> bool {
    text.split('.').all(|part| {
        part.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    })
}

/// A code of a record as an id.
pub(super) fn id_of(code: &str) -> Cow<'_, str> {
    if is_id(code) && !code.contains('$') {
        return Cow::Borrowed(code);
    }
    let mut id = String::with_capacity(code.len() + 8);
    for byte in code.bytes() {
        if byte.is_ascii_alphanumeric() || b"_@-".contains(&byte) {
            id.push(char::from(byte));
        } else {
            let [high, low] = [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            id.extend(['$', high, low]);
        }
    }
    Cow::Owned(id)
}

/// The code of a record that an id stands for; none where it stands for none.
pub(super) fn code_of(id: &str) -> Option<String> {
    let mut code = String::with_capacity(id.len());
    let mut rest = id;
    while let Some((before, after)) = rest.split_once('$') {
        code.push_str(before);
        let byte = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        code.push(byte.filter(u8::is_ascii).map(char::from)?);
        rest = &after[2..];
    }
    code.push_str(rest);
    Some(code)
}

/// A member code or a slug as an id of an agency or a resource.
pub(super) fn name_of(text: &str) -> String {
    text.replace('.', "_")
}

/// The agency of a member whose code is this id of a code list.
pub(super) fn agency_of(id: &str) -> String {
    id.replace("$2E", "_")
}

#[cfg(test)]
mod tests {
    use multaqa_proto::id::MemberCode;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_with_signs_that_sdmx_uses_are_ids() {
        assert_eq!(id_of("Y15T24"), "Y15T24");
        assert_eq!(id_of("kWh/m2"), "kWh$2Fm2");
        assert_eq!(id_of("1.5+"), "1$2E5$2B");
        assert!(is_id(&id_of("a:b/c.d+e")));
    }

    #[test]
    fn member_codes_are_ids_of_agencies() {
        for code in ["JO", "x-escwa", "x-a.b"] {
            assert!(code.parse::<MemberCode>().is_ok() && is_agency(&name_of(code)), "{code}");
            assert!(!name_of(code).contains('.'));
        }
        assert!(!is_agency("1a") && !is_agency("a..b") && !is_agency(""));
    }

    proptest! {
        #[test]
        fn any_id_stands_for_a_code_or_none(id in ".{0,8}") {
            let _ = code_of(&id);
        }
        #[test]
        fn different_codes_have_different_ids(a in "[A-Za-z0-9._+/:-]{1,8}", b in "[A-Za-z0-9._+/:-]{1,8}") {
            prop_assert!(is_id(&id_of(&a)));
            prop_assert_eq!(code_of(&id_of(&a)), Some(a.clone()));
            prop_assert_eq!(a == b, id_of(&a) == id_of(&b));
        }
    }
}
