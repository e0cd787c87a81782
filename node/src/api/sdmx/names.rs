//! Names of what comes with the program, in the languages of the network: `names.csv`, one row a name.
//!
//! Codes are those of SDMX's cross-domain lists. Names of areas, providers and indicators are data of the federation (`catalogue`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use multaqa_proto::text::LanguageMap;

/// Names by list, in the order of the file.
type Lists = BTreeMap<String, Vec<(String, LanguageMap)>>;

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists::new();
    let mut reader = csv::Reader::from_reader(include_str!("names.csv").as_bytes());
    for row in reader.deserialize::<(String, String, String, String, String)>().flatten() {
        let (list, id, ar, en, fr) = row;
        let names = [("ar", ar), ("en", en), ("fr", fr)].map(|(lang, name)| (lang.to_owned(), name));
        lists.entry(list).or_default().push((id, names.into()));
    }
    lists
});

/// What a list holds.
pub(super) fn of_list(list: &str) -> &'static [(String, LanguageMap)] {
    LISTS.get(list).map(Vec::as_slice).unwrap_or_default()
}

/// The name of an id; none where the program has none.
pub(super) fn of(list: &str, id: &str) -> Option<&'static LanguageMap> {
    of_list(list).iter().find(|(known, _)| known == id).map(|(_, names)| names)
}

#[cfg(test)]
mod tests {
    use super::super::component::{ALL, Component};
    use super::super::{code, structure};
    use super::*;

    #[test]
    fn every_row_is_read_and_whole() {
        let text = include_str!("names.csv");
        let rows: usize = LISTS.values().map(Vec::len).sum();
        assert_eq!(rows, text.lines().count() - 1);
        for (id, names) in LISTS.values().flatten() {
            assert!(code::is_id(id) && names.values().all(|name| !name.is_empty()), "{id}");
        }
    }

    #[test]
    fn every_artefact_and_concept_has_a_name() {
        for component in ALL {
            assert!(of("CONCEPTS", component.id()).is_some(), "{component:?}");
            assert!(component.list().is_none_or(|list| of("STRUCTURES", list).is_some()), "{component:?}");
        }
        assert!(of("STRUCTURES", structure::artefact::STRUCTURE).is_some());
        for total in [Component::Sex, Component::Age, Component::Disability, Component::Place] {
            assert!(of(total.list().unwrap(), "_T").is_some());
        }
        assert!(of("AGENCIES", structure::artefact::AGENCY).is_some());
    }
}
