//! Facets: by which codes of a payload its objects are filtered and counted.
//!
//! In scope: one line for each, its name and the paths of its fields by kind. What every object has whatever its kind (its kind, country,
//! the languages of its texts, the year of its newest revision) is no line here: who makes the index adds it. A kind without a line
//! has those. Out of scope: reading payloads, the index (the node's `search`).

/// A facet of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facet {
    /// Kind that has it.
    pub kind: &'static str,
    /// Its name: what queries say.
    pub name: &'static str,
    /// Field of the payload, through messages and lists: `reuse.offer`, `observations.ref_area`. A string, or a list of them.
    pub path: &'static str,
}

const fn facet(kind: &'static str, name: &'static str, path: &'static str) -> Facet {
    Facet { kind, name, path }
}

/// All of them. Facets of one name in several kinds are one to whoever asks.
pub const FACETS: &[Facet] = &[
    facet("service", "sector", "sectors"),
    facet("service", "status", "status"),
    facet("service", "service_type", "service_type"),
    facet("service", "life_event", "life_events"),
    facet("service", "target_group", "target_groups"),
    facet("service", "service_language", "languages"),
    facet("service", "sdg_target", "sdg_targets"),
    facet("service", "provider", "provider"),
    facet("service", "reuse", "reuse.offer"),
    facet("service", "access", "access.level"),
    facet("service", "protocol", "endpoint.protocol"),
    facet("organisation", "type", "type"),
    facet("organisation", "parent", "parent"),
    facet("indicator", "unit", "unit"),
    facet("indicator", "periodicity", "periodicity"),
    facet("dataset", "indicator", "indicator"),
    facet("dataset", "unit", "unit"),
    facet("dataset", "area", "observations.ref_area"),
    facet("dataset", "year", "observations.time_period"),
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
        }
    }
}
