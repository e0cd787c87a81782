//! `service`: a shared e-service of a state.

use std::collections::BTreeSet;

use super::{Class, Kind, Payload, Publisher, Superseded, ordered, read};
use crate::check::Need::{Optional, Required};
use crate::check::{Check, form};
use crate::id::ObjectId;
use crate::kind::Projection;
use crate::record::audience::Part;
use crate::text::TextRule;
use crate::wire::kind::{Service, service};

pub(super) const KIND: Kind = Kind {
    name: "service",
    collection: Some("services"),
    class: Class::Data,
    publishers: &[Publisher::State],
    superseded: Superseded::Stub,
    message_name: "multaqa.kind.v1.Service",
    default_audience: Some(Part::States),
    payload: Payload::Data(|payload| read(payload, check).map(project)),
};

pub(super) const TYPES: &[&str] =
    &["information", "transaction", "data-api", "verification", "back-office", "shared-component"];
pub(super) const STATUSES: &[&str] = &["planned", "pilot", "production", "deprecated", "retired"];
pub(super) const OFFERS: &[&str] = &["code", "api", "know-how", "none"];
pub(super) const ACCESS: &[&str] = &["open", "members", "on-agreement"];
/// Most items in each of its lists.
const ITEMS_MAX: usize = 50;

fn check(c: &mut Check, s: &Service) {
    c.texts("title", &s.title, TextRule::NAME.required());
    c.texts("description", &s.description, TextRule::PROSE.required());
    c.object("provider", &s.provider, "organisation", Required);
    c.closed("service_type", &s.service_type, TYPES, Required);
    c.codes("sectors", &s.sectors);
    c.codes("life_events", &s.life_events);
    c.list("keywords", &s.keywords, ITEMS_MAX, |c, k| c.texts("label", &k.label, TextRule::NAME.required()));
    c.codes("target_groups", &s.target_groups);
    c.list("channels", &s.channels, ITEMS_MAX, check_channel);
    check_each(c, "languages", &s.languages, form::is_language);
    c.closed("status", &s.status, STATUSES, Required);
    c.date("status_since", &s.status_since, Optional);
    c.number("maturity", s.maturity.into(), 0..=4);
    check_each(c, "sdg_targets", &s.sdg_targets, form::is_sdg_target);
    check_offer(c, s);
    c.list("inputs", &s.inputs, ITEMS_MAX, check_item);
    c.list("outputs", &s.outputs, ITEMS_MAX, check_item);
    c.list("costs", &s.costs, ITEMS_MAX, check_cost);
    c.formed("processing_time", &s.processing_time, Optional, "DURATION_MALFORMED", form::is_duration);
    c.decimal_within("satisfaction", s.satisfaction.as_deref(), 0, 100);
    c.list("legal_basis", &s.legal_basis, ITEMS_MAX, |c, l| {
        c.texts("title", &l.title, TextRule::NAME.required());
        c.url("url", &l.url);
    });
    check_contact(c, s);
    check_endpoint(c, s);
    c.texts("service_level", &s.service_level, TextRule::PROSE);
    c.code("assurance_level", &s.assurance_level, Optional);
    c.ids::<ObjectId>("related", &s.related);
}

fn check_each(c: &mut Check, name: &'static str, values: &[String], ok: fn(&str) -> bool) {
    let mut seen = BTreeSet::new();
    c.list(name, values, ITEMS_MAX, |c, value| {
        if !ok(value) {
            c.report("CODE_MALFORMED", &[("value", value)]);
        }
        c.unique(&mut seen, value.clone(), value);
    });
}

fn check_channel(c: &mut Check, channel: &service::Channel) {
    c.code("type", &channel.r#type, Required);
    c.url("url", &channel.url);
    c.texts("accessibility", &channel.accessibility, TextRule::PROSE);
}

fn check_item(c: &mut Check, item: &service::Item) {
    c.texts("name", &item.name, TextRule::NAME.required());
    c.texts("description", &item.description, TextRule::PROSE);
}

fn check_cost(c: &mut Check, cost: &service::Cost) {
    c.decimal_within("amount", Some(&cost.amount), 0, u32::MAX);
    c.formed("currency", &cost.currency, Required, "CODE_MALFORMED", form::is_currency);
    c.texts("description", &cost.description, TextRule::NAME);
}

fn check_offer(c: &mut Check, s: &Service) {
    if let Some(reuse) = &s.reuse {
        c.field("reuse", |c| {
            c.closed("offer", &reuse.offer, OFFERS, Required);
            c.url("repository", &reuse.repository);
            c.plain("licence", &reuse.licence, TextRule::NAME);
        });
    }
    if let Some(access) = &s.access {
        c.field("access", |c| {
            c.closed("level", &access.level, ACCESS, Required);
            c.texts("policy", &access.policy, TextRule::PROSE);
        });
    }
}

fn check_contact(c: &mut Check, s: &Service) {
    let Some(contact) = &s.contact else { return };
    c.field("contact", |c| {
        c.texts("name", &contact.name, TextRule::NAME.required());
        c.formed("email", &contact.email, Optional, "EMAIL_MALFORMED", form::is_email);
        c.formed("telephone", &contact.telephone, Optional, "TELEPHONE_MALFORMED", form::is_telephone);
        c.url("url", &contact.url);
    });
}

fn check_endpoint(c: &mut Check, s: &Service) {
    let Some(endpoint) = &s.endpoint else { return };
    c.field("endpoint", |c| {
        c.code("protocol", &endpoint.protocol, Required);
        c.bytes("description_hash", &endpoint.description_hash, 32, Optional);
        c.codes("operations", &endpoint.operations);
        c.codes("media_types", &endpoint.media_types);
        c.plain("version", &endpoint.version, TextRule::NAME);
        c.code("environment", &endpoint.environment, Optional);
    });
}

fn project(s: Service) -> Projection {
    Projection { title: ordered(s.title), observations: Vec::new() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use prost::Message as _;

    use super::*;

    pub(crate) fn sample() -> Service {
        let text =
            |ar: &str, en: &str| HashMap::from([("ar".to_owned(), ar.to_owned()), ("en".to_owned(), en.to_owned())]);
        Service {
            title: text("سند", "Sanad"),
            description: text("الهوية الرقمية", "Digital identity"),
            provider: "JO:organisation:modee".to_owned(),
            service_type: "verification".to_owned(),
            status: "production".to_owned(),
            sectors: vec!["01.3".to_owned()],
            maturity: 4,
            satisfaction: Some("87.5".to_owned()),
            reuse: Some(service::Reuse { offer: "api".to_owned(), ..Default::default() }),
            related: vec!["EG:service:digital-egypt".to_owned()],
            ..Default::default()
        }
    }

    fn codes(service: &Service) -> Vec<(String, &'static str)> {
        KIND.check(&service.encode_to_vec()).into_iter().map(|v| (v.path, v.code)).collect()
    }

    #[test]
    fn a_full_service_passes_and_is_projected() {
        assert_eq!(codes(&sample()), []);
        assert_eq!(project(sample()).title["ar"], "سند");
    }

    #[test]
    fn what_is_missing_is_named_field_by_field() {
        let required = ["title", "description", "provider", "service_type", "status"];
        assert_eq!(codes(&Service::default()), required.map(|f| (f.to_owned(), "FIELD_REQUIRED")));
    }

    #[test]
    fn every_wrong_value_is_named() {
        let wrong = Service {
            provider: "JO:service:modee".to_owned(),
            service_type: "magic".to_owned(),
            status_since: "yesterday".to_owned(),
            maturity: 5,
            sdg_targets: vec!["18.1".to_owned()],
            satisfaction: Some("101".to_owned()),
            processing_time: "soon".to_owned(),
            costs: vec![service::Cost { amount: "-1".to_owned(), ..Default::default() }],
            contact: Some(service::Contact {
                email: "nobody".to_owned(),
                telephone: "06".to_owned(),
                ..Default::default()
            }),
            endpoint: Some(service::Endpoint { description_hash: vec![1], ..Default::default() }),
            access: Some(service::Access { level: "maybe".to_owned(), ..Default::default() }),
            ..sample()
        };
        let expected = [
            ("provider", "REFERENCE_MALFORMED"),
            ("service_type", "CODE_UNKNOWN"),
            ("status_since", "DATE_MALFORMED"),
            ("maturity", "OUT_OF_RANGE"),
            ("sdg_targets[0]", "CODE_MALFORMED"),
            ("access.level", "CODE_UNKNOWN"),
            ("costs[0].amount", "OUT_OF_RANGE"),
            ("costs[0].currency", "FIELD_REQUIRED"),
            ("processing_time", "DURATION_MALFORMED"),
            ("satisfaction", "OUT_OF_RANGE"),
            ("contact.name", "FIELD_REQUIRED"),
            ("contact.email", "EMAIL_MALFORMED"),
            ("contact.telephone", "TELEPHONE_MALFORMED"),
            ("endpoint.protocol", "FIELD_REQUIRED"),
            ("endpoint.description_hash", "LENGTH_WRONG"),
        ];
        assert_eq!(codes(&wrong), expected.map(|(path, code)| (path.to_owned(), code)));
    }

    #[test]
    fn unknown_codes_of_open_lists_are_kept() {
        let service = Service { target_groups: vec!["astronauts".to_owned()], ..sample() };
        assert_eq!(codes(&service), []);
    }
}
