//! Codes as concepts with their names: from the federation's code lists, from the words that come with the program (`words.csv`), else the
//! code itself in no language.
//!
//! | codes | the federation's list | else |
//! |---|---|---|
//! | sectors | `sectors` | a finer code of COFOG stands below its division |
//! | life events, target groups | `life-events`, `target-groups` | |
//! | SDG targets | `sdg-targets` | the number of the target, beside the address that the United Nations give it |
//! | types of service, states, channels | `service-types`, `service-statuses`, `channels` | the program's words |
//! | currencies | | the program's words, under the address of the authority of the European Union |
//!
//! In scope: which concept a code is. Out of scope: reading the lists (`rest::download`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use multaqa_proto::id::ObjectId;
use multaqa_proto::text::LanguageMap;
use multaqa_proto::wire::kind::Codelist;
use multaqa_proto::wire::kind::codelist::Code;
use prost::Message as _;
use serde_json::{Value, json};

use super::Graph;
use super::node::{self, Node};
use crate::port::rest::call::part;
use crate::replica::Object;

/// Vocabularies with the slugs of the lists that hold them.
const LISTS: [(&str, &str); 7] = [
    ("cofog", "sectors"),
    ("life-event", "life-events"),
    ("target-group", "target-groups"),
    ("sdg-target", "sdg-targets"),
    ("service-type", "service-types"),
    ("status", "service-statuses"),
    ("channel", "channels"),
];
/// Currencies, by the authority of the European Union.
const CURRENCIES: &str = "http://publications.europa.eu/resource/authority/currency/";
/// Targets of the Sustainable Development Goals, by the United Nations.
const TARGETS: &str = "http://metadata.un.org/sdg/";

/// Words by vocabulary and code; a vocabulary's own name has no code.
static WORDS: LazyLock<BTreeMap<(String, String), LanguageMap>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("words.csv").as_bytes());
    let rows = reader.deserialize::<(String, String, String, String, String)>().flatten();
    let named = |(vocabulary, code, ar, en, fr)| {
        let words = [("ar", ar), ("en", en), ("fr", fr)].map(|(lang, word): (&str, String)| (lang.to_owned(), word));
        ((vocabulary, code), LanguageMap::from(words))
    };
    rows.map(named).collect()
});

/// The federation's code lists, by vocabulary, each with the id of its record.
#[derive(Debug, Clone, Default)]
pub(in crate::port) struct Codes(BTreeMap<&'static str, (String, Codelist)>);

impl Codes {
    /// Takes a code list, where a vocabulary is in it.
    pub(in crate::port) fn add(&mut self, list: &Object) {
        let slug = list.summary.id.parse::<ObjectId>().ok().map(|id| id.slug().to_owned());
        let vocabulary = LISTS.iter().find(|(_, known)| Some(*known) == slug.as_deref());
        if let (Some((vocabulary, _)), Ok(payload)) = (vocabulary, Codelist::decode(list.payload.clone())) {
            self.0.entry(vocabulary).or_insert_with(|| (list.summary.id.clone(), payload));
        }
    }

    fn find(&self, vocabulary: &str, code: &str) -> Option<(&str, &Code)> {
        let (id, list) = self.0.get(vocabulary)?;
        Some((id, list.codes.iter().find(|known| known.code == code)?))
    }
}

/// A concept: its address, its names, the scheme that it is in, and what is known of it besides.
struct Concept {
    id: String,
    names: Value,
    scheme: String,
    node: Node,
}

impl Graph<'_> {
    /// A code of a vocabulary.
    pub(super) fn concept(&mut self, vocabulary: &str, code: &str) -> Value {
        let Concept { id, names, scheme, node } = self.known(vocabulary, code);
        let node = node.put("skos:prefLabel", names).put("skos:inScheme", json!({ "@id": scheme }));
        self.add(id, node)
    }

    /// The codes of a field.
    pub(super) fn concepts(&mut self, vocabulary: &str, payload: &Value, field: &str) -> Value {
        let codes = node::list(payload, field).filter_map(Value::as_str);
        codes.map(|code| self.concept(vocabulary, code)).collect()
    }

    /// The address and the names of a life event, which is an event and no concept.
    pub(super) fn named(&mut self, vocabulary: &str, code: &str) -> (String, Value) {
        let Concept { id, names, .. } = self.known(vocabulary, code);
        (id, names)
    }

    fn known(&mut self, vocabulary: &str, code: &str) -> Concept {
        let node = Node::of("skos:Concept").put("skos:notation", json!(code));
        if let Some((list, found)) = self.names.codes.find(vocabulary, code) {
            let scheme = self.listing.urn(list);
            let wider = |code: &String| json!({ "@id": format!("{scheme}:{}", part(code)) });
            let broader = Some(&found.broader).filter(|code| !code.is_empty()).map(wider);
            let node = node
                .put("skos:definition", node::texts(&languages(&found.definition)))
                .put("skos:broader", broader.unwrap_or_default());
            return Concept {
                id: format!("{scheme}:{}", part(code)),
                names: node::texts(&languages(&found.label)),
                scheme,
                node,
            };
        }
        let (scheme, id) = if vocabulary == "currency" {
            (CURRENCIES.trim_end_matches('/').to_owned(), format!("{CURRENCIES}{}", part(code)))
        } else {
            let scheme = self.listing.urn(&format!("code:{vocabulary}"));
            self.scheme_of_words(vocabulary, &scheme);
            let id = format!("{scheme}:{}", part(code));
            (scheme, id)
        };
        let node = node
            .put("skos:broader", self.division(vocabulary, code).unwrap_or_default())
            .put("skos:exactMatch", target(vocabulary, code).map(|id| json!({ "@id": id })).unwrap_or_default());
        Concept { id, names: names(vocabulary, code), scheme, node }
    }

    /// The scheme of codes that no list of the federation has.
    fn scheme_of_words(&mut self, vocabulary: &str, scheme: &str) {
        let Some(words) = WORDS.get(&(vocabulary.to_owned(), String::new())) else { return };
        let node = Node::of_all(&["skos:ConceptScheme", "dcat:Resource"])
            .put("dct:identifier", json!(vocabulary))
            .put("dct:title", node::texts(words))
            .put("dct:description", node::texts(words));
        self.add(scheme.to_owned(), node);
    }

    /// The division of a finer code of the classification of the functions of government, where the federation's list has it.
    fn division(&mut self, vocabulary: &str, code: &str) -> Option<Value> {
        let (division, _) = code.split_once('.').filter(|_| vocabulary == "cofog")?;
        self.names.codes.find(vocabulary, division)?;
        Some(self.concept(vocabulary, division))
    }
}

fn names(vocabulary: &str, code: &str) -> Value {
    if let Some(words) = WORDS.get(&(vocabulary.to_owned(), code.to_owned())) {
        return node::texts(words);
    }
    if target(vocabulary, code).is_none() {
        return node::undetermined(code);
    }
    json!([
        { "@language": "ar", "@value": format!("الغاية {code} من غايات التنمية المستدامة") },
        { "@language": "en", "@value": format!("Sustainable Development Goals, target {code}") },
        { "@language": "fr", "@value": format!("Objectifs de développement durable, cible {code}") },
    ])
}

/// The address of a target of the Sustainable Development Goals; none for other codes.
fn target(vocabulary: &str, code: &str) -> Option<String> {
    let (goal, target) = code.split_once('.').filter(|_| vocabulary == "sdg-target")?;
    let formed = (1..=17).contains(&goal.parse::<u8>().ok()?) && !target.is_empty() && target.len() <= 2;
    (formed && target.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| format!("{TARGETS}{code}"))
}

fn languages(texts: &std::collections::HashMap<String, String>) -> LanguageMap {
    texts.iter().map(|(lang, text)| (lang.clone(), text.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_and_whole() {
        let rows = include_str!("words.csv").lines().count() - 1;
        assert_eq!(WORDS.len(), rows);
        assert!(WORDS.values().all(|words| words.len() == 3 && words.values().all(|word| !word.is_empty())));
        for (vocabulary, _) in LISTS {
            assert!(WORDS.contains_key(&(vocabulary.to_owned(), String::new())), "{vocabulary}");
        }
    }

    #[test]
    fn targets_of_the_goals_have_the_address_of_the_united_nations() {
        assert_eq!(target("sdg-target", "16.6").as_deref(), Some("http://metadata.un.org/sdg/16.6"));
        assert_eq!(target("sdg-target", "17.b").as_deref(), Some("http://metadata.un.org/sdg/17.b"));
        for other in ["18.1", "16", "16.", "x.1", "16.6.1"] {
            assert_eq!(target("sdg-target", other), None, "{other}");
        }
        assert_eq!(target("cofog", "01.3"), None);
    }
}
