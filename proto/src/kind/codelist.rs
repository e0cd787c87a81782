//! `codelist`: reference codes with labels.

use std::collections::BTreeSet;

use super::{Class, Kind, Payload, Publisher, Superseded, ordered, read};
use crate::check::Check;
use crate::check::Need::Required;
use crate::kind::Projection;
use crate::record::audience::Part;
use crate::text::TextRule;
use crate::wire::kind::Codelist;

pub(super) const KIND: Kind = Kind {
    name: "codelist",
    collection: Some("codelists"),
    class: Class::Data,
    publishers: &[Publisher::Secretariat],
    superseded: Superseded::Stub,
    message_name: "multaqa.kind.v1.Codelist",
    default_audience: Some(Part::Public),
    payload: Payload::Data(|payload| read(payload, check).map(project)),
};

/// Most codes in a list; longer ones are several.
const CODES_MAX: usize = 2000;

fn check(c: &mut Check, list: &Codelist) {
    c.texts("title", &list.title, TextRule::NAME.required());
    c.texts("description", &list.description, TextRule::PROSE);
    c.plain("version", &list.version, TextRule::NAME);
    c.url("source_url", &list.source_url);
    c.not_empty("codes", &list.codes);
    let known: BTreeSet<&str> = list.codes.iter().map(|code| code.code.as_str()).collect();
    let mut seen = BTreeSet::new();
    c.list("codes", &list.codes, CODES_MAX, |c, code| {
        c.code("code", &code.code, Required);
        if !code.code.is_empty() {
            c.field("code", |c| c.unique(&mut seen, code.code.clone(), &code.code));
        }
        c.texts("label", &code.label, TextRule::NAME.required());
        c.texts("definition", &code.definition, TextRule::PROSE);
        if !code.broader.is_empty() && (!known.contains(code.broader.as_str()) || code.broader == code.code) {
            c.field("broader", |c| c.report("BROADER_UNKNOWN", &[("value", &code.broader)]));
        }
    });
}

fn project(list: Codelist) -> Projection {
    Projection { title: ordered(list.title), observations: Vec::new() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use prost::Message as _;

    use super::*;
    use crate::wire::kind::codelist::Code;

    fn code(code: &str, broader: &str) -> Code {
        let label = HashMap::from([("en".to_owned(), code.to_owned())]);
        Code { code: code.to_owned(), broader: broader.to_owned(), label, ..Default::default() }
    }

    fn found(codes: Vec<Code>) -> Vec<(String, &'static str)> {
        let title = HashMap::from([("ar".to_owned(), "التقنيات".to_owned())]);
        let list = Codelist { title, codes, ..Default::default() };
        KIND.check(&list.encode_to_vec()).into_iter().map(|v| (v.path, v.code)).collect()
    }

    #[test]
    fn codes_are_unique_and_hang_on_codes_of_the_list() {
        assert_eq!(found(vec![code("ai", ""), code("llm", "ai")]), []);
        let expected = [("codes[1].code", "KEY_DUPLICATE"), ("codes[2].broader", "BROADER_UNKNOWN")];
        assert_eq!(
            found(vec![code("ai", ""), code("ai", ""), code("llm", "ml")]),
            expected.map(|(path, code)| (path.to_owned(), code))
        );
        assert_eq!(found(vec![code("ai", "ai")]), [("codes[0].broader".to_owned(), "BROADER_UNKNOWN")]);
        assert_eq!(found(vec![]), [("codes".to_owned(), "FIELD_REQUIRED")]);
    }
}
