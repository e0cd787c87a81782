//! Facets: by which codes of a payload its objects are filtered and counted.
//!
//! In scope: one line for each, its name and the paths of its fields by kind. What every object has whatever its kind (its kind, country,
//! the languages of its texts, the year of its newest revision) is no line here: who makes the index adds it. A kind without a line
//! has those. Each line says what its values may be, as the check of the field does, so that a filter by a value that no record can have
//! is a mistake and no empty answer. Out of scope: reading payloads, the index (the node's `search`).

use super::service;
use crate::check::form;
use crate::id::ObjectId;

/// A facet of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facet {
    /// Kind that has it.
    pub kind: &'static str,
    /// Its name: what queries say.
    pub name: &'static str,
    /// Field of the payload, through messages and lists: `reuse.offer`, `observations.ref_area`. A string, or a list of them.
    pub path: &'static str,
    /// What its values may be.
    pub values: Values,
}

/// What the values of a facet may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// One of these.
    Closed(&'static [&'static str]),
    /// A code of an open list: any of the form.
    Code,
    /// A language: `ar`, `fr-MA`.
    Language,
    /// A target of the Sustainable Development Goals: `16.6`.
    SdgTarget,
    /// An area that figures are of.
    Area,
    /// A year: `2025`.
    Year,
    /// The id of an object of this kind.
    Object(&'static str),
}

impl Values {
    /// Whether a record can have this value.
    #[must_use]
    pub fn hold(self, value: &str) -> bool {
        match self {
            Self::Closed(values) => values.contains(&value),
            Self::Code => form::is_code(value),
            Self::Language => form::is_language(value),
            Self::SdgTarget => form::is_sdg_target(value),
            Self::Area => form::is_area(value),
            Self::Year => value.len() == 4 && form::is_date(value),
            Self::Object(kind) => value.parse::<ObjectId>().is_ok_and(|id| id.kind() == kind),
        }
    }
}

const fn facet(kind: &'static str, name: &'static str, path: &'static str, values: Values) -> Facet {
    Facet { kind, name, path, values }
}

/// All of them. Facets of one name in several kinds are one to whoever asks.
pub const FACETS: &[Facet] = &[
    facet("service", "sector", "sectors", Values::Code),
    facet("service", "status", "status", Values::Closed(service::STATUSES)),
    facet("service", "service_type", "service_type", Values::Closed(service::TYPES)),
    facet("service", "life_event", "life_events", Values::Code),
    facet("service", "target_group", "target_groups", Values::Code),
    facet("service", "service_language", "languages", Values::Language),
    facet("service", "sdg_target", "sdg_targets", Values::SdgTarget),
    facet("service", "provider", "provider", Values::Object("organisation")),
    facet("service", "reuse", "reuse.offer", Values::Closed(service::OFFERS)),
    facet("service", "access", "access.level", Values::Closed(service::ACCESS)),
    facet("service", "protocol", "endpoint.protocol", Values::Code),
    facet("organisation", "type", "type", Values::Code),
    facet("organisation", "parent", "parent", Values::Object("organisation")),
    facet("indicator", "unit", "unit", Values::Code),
    facet("indicator", "periodicity", "periodicity", Values::Code),
    facet("dataset", "indicator", "indicator", Values::Object("indicator")),
    facet("dataset", "unit", "unit", Values::Code),
    facet("dataset", "area", "observations.ref_area", Values::Area),
    facet("dataset", "year", "observations.time_period", Values::Year),
];

#[cfg(test)]
mod tests {
    use prost_reflect::Kind as Type;

    use super::super::Kind;
    use super::*;

    #[test]
    fn every_path_leads_to_strings_of_its_kind() {
        for facet in FACETS {
            let mut message = Some(Kind::find(facet.kind).unwrap().message());
            let mut last = None;
            for name in facet.path.split('.') {
                let field = message.take().unwrap().get_field_by_name(name).unwrap_or_else(|| panic!("{facet:?}"));
                message = field.kind().as_message().cloned();
                last = Some(field);
            }
            let last = last.unwrap();
            assert!(matches!(last.kind(), Type::String) && !last.is_map(), "{facet:?}");
            let same = FACETS.iter().filter(|other| other.name == facet.name).all(|other| other.values == facet.values);
            assert!(same, "{facet:?} has other values in another kind");
        }
    }

    #[test]
    fn a_value_that_no_record_can_have_is_none() {
        for (name, value, holds) in [
            ("status", "production", true),
            ("status", "produktion", false),
            ("sector", "07.1", true),
            ("sector", "health care", false),
            ("service_language", "ar", true),
            ("service_language", "Arabic", false),
            ("sdg_target", "16.6", true),
            ("sdg_target", "18.1", false),
            ("provider", "JO:organisation:modee", true),
            ("provider", "JO:service:sanad", false),
            ("area", "JO", true),
            ("area", "", false),
            ("year", "2025", true),
            ("year", "2025-01", false),
            ("year", "this", false),
        ] {
            let facet = FACETS.iter().find(|facet| facet.name == name).unwrap();
            assert_eq!(facet.values.hold(value), holds, "{name}={value}");
        }
    }
}
