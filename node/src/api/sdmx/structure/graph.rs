//! Which artefacts a query finds, and which it gives besides by their references.

use std::collections::{BTreeMap, BTreeSet};

use super::artefact::Header;
use super::query::{Detail, References, StructureQuery};

/// Places of what is found, each with whether it was asked for itself.
pub(super) fn found(headers: &[Header], query: &StructureQuery) -> BTreeMap<usize, bool> {
    if query.absent {
        return BTreeMap::new();
    }
    let matching = |header: &Header| {
        query.kind.is_none_or(|kind| kind == header.kind)
            && query.agencies.hold(&header.agency)
            && query.resources.hold(&header.id)
            && query.versions.hold(&header.version)
            && (query.items.is_none() || header.kind.has_items())
    };
    let asked: BTreeSet<usize> = (0..headers.len()).filter(|place| matching(&headers[*place])).collect();
    let graph = Graph::new(headers, query.detail == Detail::Raw);
    let mut found: BTreeMap<usize, bool> = BTreeMap::new();
    for references in &query.references {
        found.extend(graph.besides(&asked, *references, headers).into_iter().map(|place| (place, false)));
    }
    found.extend(asked.into_iter().map(|place| (place, true)));
    found
}

struct Graph {
    children: Vec<Vec<usize>>,
    parents: Vec<Vec<usize>>,
}

impl Graph {
    /// A list that is shown `raw` refers to those that it extends; where it holds their codes itself, they are not given a second time.
    fn new(headers: &[Header], raw: bool) -> Self {
        let children: Vec<Vec<usize>> = headers
            .iter()
            .map(|header| header.refers.iter().chain(header.extends.iter().filter(|_| raw)).copied().collect())
            .collect();
        let mut parents = vec![Vec::new(); headers.len()];
        for (place, header) in headers.iter().enumerate() {
            for child in header.refers.iter().chain(&header.extends) {
                parents[*child].push(place);
            }
        }
        Self { children, parents }
    }

    fn besides(&self, asked: &BTreeSet<usize>, references: References, headers: &[Header]) -> BTreeSet<usize> {
        let all = || {
            let siblings = step(&step(asked, &self.parents), &self.children);
            union([step(asked, &self.parents), siblings, closure(asked, &self.children)])
        };
        match references {
            References::None | References::Absent => BTreeSet::new(),
            References::Parents => step(asked, &self.parents),
            References::ParentsAndSiblings => {
                let parents = step(asked, &self.parents);
                union([step(&parents, &self.children), parents])
            }
            References::Ancestors => closure(asked, &self.parents),
            References::Children => step(asked, &self.children),
            References::Descendants => closure(asked, &self.children),
            References::All => all(),
            References::Of(kind) => {
                let every = union([closure(asked, &self.parents), all()]);
                every.into_iter().filter(|place| headers[*place].kind == kind).collect()
            }
        }
    }
}

fn union<const N: usize>(sets: [BTreeSet<usize>; N]) -> BTreeSet<usize> {
    sets.into_iter().flatten().collect()
}

fn step(from: &BTreeSet<usize>, edges: &[Vec<usize>]) -> BTreeSet<usize> {
    from.iter().flat_map(|place| edges[*place].iter().copied()).collect()
}

fn closure(from: &BTreeSet<usize>, edges: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut front = from.clone();
    while !front.is_empty() {
        front = step(&front, edges).difference(&reached).copied().collect();
        reached.extend(front.iter().copied());
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::super::super::catalogue::{Catalogue, Flow};
    use super::super::super::component::Component;
    use super::super::super::lists::List;
    use super::super::super::request::{Request, read};
    use super::super::artefact::headers;
    use super::*;

    fn found_by(path: &str, query: &str) -> Vec<(String, bool)> {
        let flow = |id: &str| Flow { agency: "x-escwa".to_owned(), id: id.to_owned(), ..Flow::default() };
        let list = |id: &str, version: &str, extends| List {
            agency: "x-escwa".to_owned(),
            id: id.to_owned(),
            version: version.to_owned(),
            extends,
            ..List::default()
        };
        let catalogue = Catalogue {
            flows: vec![flow("egdi"), flow("gtmi")],
            lists: vec![list("age", "1.0.0", Some(Component::Age)), list("topics", "3.0.0", None)],
            ..Catalogue::default()
        };
        let headers = headers(&catalogue);
        let Request::Structure(query) = read(path, Some(query)).unwrap() else { panic!() };
        found(&headers, &query).into_iter().map(|(place, asked)| (headers[place].id.clone(), asked)).collect()
    }

    fn ids(path: &str, query: &str) -> Vec<String> {
        found_by(path, query).into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn artefacts_are_found_by_type_agency_id_and_version() {
        for (path, found) in [
            ("structure/dataflow", &["egdi", "gtmi"][..]),
            ("structure/dataflow/x-escwa/gtmi,none/1.0.0", &["gtmi"]),
            ("structure/codelist/MULTAQA/CL_SEX,CL_AGE/~/F", &["CL_AGE", "CL_SEX"]),
            ("structure/dataflow/*/*/+", &["egdi", "gtmi"]),
            ("structure/dataflow/x-escwa/egdi/1.0+.0,7.0.0", &["egdi"]),
            ("structure/codelist/x-escwa", &["age", "topics"]),
            ("structure/codelist/x-escwa/*/2+.0.0", &["topics"]),
            ("structure/codelist/x-escwa,MULTAQA/topics,CL_AGE/1.0.0", &["CL_AGE"]),
            ("structure/agencyscheme/SDMX/AGENCIES/1.0", &["AGENCIES"]),
            ("structure/all/SDMX", &["AGENCIES"]),
        ] {
            assert_eq!(ids(path, ""), found, "{path}");
        }
        assert_eq!(ids("structure/*/*/*/*", "").len(), 17);
        assert_eq!(ids("structure/*/*/*/+", "").len(), 16, "organisations have no stable version");
        for nothing in [
            "structure/dataflow/JO",
            "structure/agencyscheme/*/*/+",
            "structure/categoryscheme",
            "structure/dataflow/x-escwa/egdi/2.0.0",
        ] {
            assert_eq!(ids(nothing, ""), [""; 0], "{nothing}");
        }
    }

    #[test]
    fn references_lead_to_what_refers_and_is_referred_to() {
        let flow = "structure/dataflow/x-escwa/egdi";
        assert_eq!(ids(flow, "references=children"), ["AGENCIES", "FIGURES", "egdi"]);
        assert_eq!(ids(flow, "references=descendants").len(), 14);
        assert_eq!(ids(flow, "references=parents"), ["egdi"]);
        assert_eq!(ids(flow, "references=conceptscheme,datastructure"), ["CONCEPTS", "FIGURES", "egdi"]);
        let list = "structure/codelist/MULTAQA/CL_SEX";
        assert_eq!(ids(list, "references=parents"), ["CL_SEX", "FIGURES"]);
        assert_eq!(ids(list, "references=ancestors"), ["CL_SEX", "FIGURES", "egdi", "gtmi"]);
        assert_eq!(ids(list, "references=dataflow"), ["CL_SEX", "egdi", "gtmi"]);
        assert_eq!(ids(list, "references=parentsandsiblings").len(), 13);
        assert_eq!(
            found_by(flow, "references=datastructure"),
            [("FIGURES".to_owned(), false), ("egdi".to_owned(), true)]
        );
    }

    #[test]
    fn lists_that_are_extended_are_given_where_their_codes_are_not() {
        let list = "structure/codelist/MULTAQA/CL_AGE";
        assert_eq!(ids(list, "references=children"), ["AGENCIES", "CL_AGE"]);
        assert_eq!(ids(list, "references=children&detail=raw"), ["AGENCIES", "age", "CL_AGE"]);
        let flow = "structure/dataflow/x-escwa/egdi";
        for references in ["descendants", "all"] {
            assert_eq!(ids(flow, &format!("references={references}&detail=raw")).len(), 15, "{references}");
        }
        let extended = "structure/codelist/x-escwa/age";
        assert_eq!(ids(extended, "references=parents"), ["age", "CL_AGE"]);
        assert_eq!(ids(extended, "references=datastructure"), ["age", "FIGURES"]);
        assert_eq!(ids("structure/codelist/x-escwa/topics", "references=all"), ["AGENCIES", "topics"]);
    }
}
