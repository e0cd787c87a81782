//! `organisation`: a body that provides, owns or takes part.

use super::{Class, Kind, Payload, Publisher, Superseded, ordered, read};
use crate::check::Check;
use crate::check::Need::{Optional, Required};
use crate::kind::Projection;
use crate::record::audience::Part;
use crate::text::TextRule;
use crate::wire::kind::Organisation;

pub(super) const KIND: Kind = Kind {
    name: "organisation",
    collection: Some("organisations"),
    class: Class::Data,
    publishers: &[Publisher::AnyMember],
    superseded: Superseded::Stub,
    message_name: "multaqa.kind.v1.Organisation",
    default_audience: Some(Part::States),
    payload: Payload::Data(|payload| read(payload, check).map(project)),
};

fn check(c: &mut Check, o: &Organisation) {
    c.texts("name", &o.name, TextRule::NAME.required());
    c.texts("short_name", &o.short_name, TextRule::NAME);
    c.code("type", &o.r#type, Required);
    c.object("parent", &o.parent, "organisation", Optional);
    c.objects("predecessors", &o.predecessors, "organisation");
    c.objects("successors", &o.successors, "organisation");
    c.url("homepage", &o.homepage);
}

fn project(o: Organisation) -> Projection {
    Projection { title: ordered(o.name), observations: Vec::new() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use prost::Message as _;

    use super::*;

    fn sample() -> Organisation {
        Organisation {
            name: HashMap::from([("ar".to_owned(), "وزارة الاقتصاد الرقمي والريادة".to_owned())]),
            r#type: "ministry".to_owned(),
            predecessors: vec!["JO:organisation:moict".to_owned()],
            ..Default::default()
        }
    }

    #[test]
    fn an_organisation_passes() {
        assert_eq!(KIND.check(&sample().encode_to_vec()), []);
    }

    #[test]
    fn an_organisation_follows_another_once() {
        let id = "JO:organisation:moict".to_owned();
        let twice = Organisation { predecessors: vec![id.clone(), id], ..sample() };
        let found = KIND.check(&twice.encode_to_vec());
        assert_eq!((found[0].path.as_str(), found[0].code, found.len()), ("predecessors[1]", "KEY_DUPLICATE", 1));
    }
}
