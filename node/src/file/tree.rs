//! The located tree: YAML, and JSON as a part of it (YAML 1.2), with line and column of every value.
//!
//! Scalars stay texts: what `no`, `4.10` or `2024` mean, the field's type says (`matching`), not their looks. Refused, since
//! people who write records do not need them and readers are fooled by them: anchors and aliases, tags, merge keys, keys
//! that are not scalars, directives. Depth and number of values are bounded. Out of scope: which fields there are.

use std::collections::BTreeSet;

use serde_saphyr::granit_parser::{self, Event, Parser, ScalarStyle, Span};

use super::finding::{Fault, Place, violation};
use crate::code;

/// Deepest nesting of lists and mappings.
const DEPTH_MAX: usize = 32;
/// Most values in a file.
const VALUES_MAX: usize = 200_000;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub content: Content,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A scalar as it is written, without quotes; `plain` where it had none.
    Scalar {
        /// Its text.
        text: String,
        /// Written without quotes.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file; no key stands twice.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its text.
    pub text: String,
    /// Where it begins.
    pub place: Place,
}

impl Node {
    /// The entry of a mapping under this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<(&Key, &Self)> {
        match &self.content {
            Content::Map(entries) => entries.iter().find(|(k, _)| k.text == key).map(|(k, node)| (k, node)),
            Content::Scalar { .. } | Content::List(_) => None,
        }
    }
    /// The text of a scalar that is there.
    #[must_use]
    pub fn scalar(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } if !self.is_null() => Some(text),
            Content::Scalar { .. } | Content::List(_) | Content::Map(_) => None,
        }
    }
    /// Whether nothing is written, or YAML's null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match &self.content {
            Content::Scalar { text, plain } => *plain && ["", "~", "null", "Null", "NULL"].contains(&text.as_str()),
            Content::List(_) | Content::Map(_) => false,
        }
    }
}

/// Reads all documents of a text that are not empty, and everything that is wrong. After a fault of syntax nothing
/// further is read; what was open is left out.
#[must_use]
pub fn read(text: &str) -> (Vec<Node>, Vec<Fault>) {
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_comments: false,
        flow_nesting_limit: DEPTH_MAX,
        block_nesting_limit: DEPTH_MAX,
    };
    let mut builder = Builder::default();
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                let place = Place { line: error.marker().line(), column: error.marker().col() + 1 };
                builder.report(place, code::FILE_MALFORMED, &[("detail", &error.info())]);
                break;
            }
        }
        if builder.values > VALUES_MAX {
            builder.report(builder.last, code::FILE_TOO_MANY_VALUES, &[("max", &VALUES_MAX)]);
            break;
        }
    }
    builder.documents.retain(|node| !node.is_null());
    (builder.documents, builder.faults)
}

/// A list or mapping whose end was not read yet.
enum Open {
    List { place: Place, items: Vec<Node> },
    Map { place: Place, entries: Vec<(Key, Node)>, keys: BTreeSet<String>, key: Option<Key> },
}

#[derive(Default)]
struct Builder {
    documents: Vec<Node>,
    open: Vec<Open>,
    faults: Vec<Fault>,
    values: usize,
    last: Place,
}

impl Default for Place {
    fn default() -> Self {
        Self { line: 1, column: 1 }
    }
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) {
        let place = Place { line: span.start.line(), column: span.start.col() + 1 };
        self.last = place;
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.features(place, anchor, tag.is_some());
                let content = Content::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                self.put(Node { place, content });
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.features(place, anchor, tag.is_some());
                self.open.push(Open::List { place, items: Vec::new() });
            }
            Event::MappingStart(_, anchor, tag) => {
                self.features(place, anchor, tag.is_some());
                self.open.push(Open::Map { place, entries: Vec::new(), keys: BTreeSet::new(), key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(_) => {
                self.report(place, code::FILE_FEATURE_REFUSED, &[("feature", &"*alias")]);
                self.put(Node { place, content: Content::Scalar { text: String::new(), plain: true } });
            }
            // Marks of documents, and what the parser was not asked for (unknown aliases, names of anchors).
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::Anchor(..)
            | Event::UnresolvedAlias(_)
            | _ => {}
        }
    }

    fn features(&mut self, place: Place, anchor: usize, tagged: bool) {
        if anchor != 0 {
            self.report(place, code::FILE_FEATURE_REFUSED, &[("feature", &"&anchor")]);
        }
        if tagged {
            self.report(place, code::FILE_FEATURE_REFUSED, &[("feature", &"!tag")]);
        }
    }

    fn close(&mut self) {
        let node = match self.open.pop() {
            Some(Open::List { place, items }) => Node { place, content: Content::List(items) },
            Some(Open::Map { place, entries, .. }) => Node { place, content: Content::Map(entries) },
            None => return,
        };
        self.put(node);
    }

    fn put(&mut self, node: Node) {
        self.values += 1;
        let path = self.path();
        match self.open.last_mut() {
            None => self.documents.push(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, keys, key, .. }) => match key.take() {
                Some(known) if keys.insert(known.text.clone()) => entries.push((known, node)),
                Some(known) => self.faults.push((known.place, violation(code::FIELD_DUPLICATE, &path, &[]))),
                None => {
                    let refused = match &node.content {
                        Content::Scalar { text, plain: true } if text == "<<" => Some("<<"),
                        Content::Scalar { .. } => None,
                        Content::List(_) | Content::Map(_) => Some("? key"),
                    };
                    let text = match node.content {
                        Content::Scalar { text, .. } => text,
                        Content::List(_) | Content::Map(_) => String::new(),
                    };
                    *key = Some(Key { text, place: node.place });
                    if let Some(feature) = refused {
                        self.report(node.place, code::FILE_FEATURE_REFUSED, &[("feature", &feature)]);
                    }
                }
            },
        }
    }

    fn report(&mut self, place: Place, code: &'static str, args: &[(&'static str, &dyn std::fmt::Display)]) {
        let path = self.path();
        self.faults.push((place, violation(code, &path, args)));
    }

    /// The path of the value that stands next.
    fn path(&self) -> String {
        self.open.iter().fold(String::new(), |path, open| match open {
            Open::List { items, .. } => format!("{path}[{}]", items.len()),
            Open::Map { key: Some(key), .. } if path.is_empty() => key.text.clone(),
            Open::Map { key: Some(key), .. } => format!("{path}.{}", key.text),
            Open::Map { key: None, .. } => path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<(usize, usize, String, &'static str)> {
        let found = read(text).1.into_iter();
        found.map(|(place, v)| (place.line, place.column, v.path, v.code)).collect()
    }

    fn texts(text: &str) -> Vec<String> {
        let (nodes, faults) = read(text);
        assert_eq!(faults, []);
        let Content::Map(entries) = &nodes[0].content else { panic!("a mapping") };
        entries.iter().map(|(_, node)| node.scalar().unwrap_or("-").to_owned()).collect()
    }

    #[test]
    fn scalars_are_the_text_that_was_written() {
        let yaml = "a: no\nb: 4.10\nc: 2024\nd: 0x1F\ne: 12:30\nf: ~\ng: \"null\"\nh: |\n  x\n  y\ni: 2024-05-01\n";
        assert_eq!(texts(yaml), ["no", "4.10", "2024", "0x1F", "12:30", "-", "null", "x\ny\n", "2024-05-01"]);
    }

    #[test]
    fn json_is_read_the_same_way() {
        let json = "{\n\t\"a\": \"\\u0645\\u0644\\u062a\\u0642\\u0649 \\/ \\ud83d\\ude00\",\n\t\"b\": 4.10, \"c\": null, \"d\": true\n}\n";
        assert_eq!(texts(json), ["ملتقى / 😀", "4.10", "-", "true"]);
    }

    #[test]
    fn values_know_their_line_and_column_in_characters() {
        let (nodes, _) = read("---\r\nالاسم: ملتقى\r\nb:\r\n  - x\r\n");
        let (key, value) = nodes[0].get("الاسم").unwrap();
        assert_eq!((key.place, value.place), (Place { line: 2, column: 1 }, Place { line: 2, column: 8 }));
        let Content::List(items) = &nodes[0].get("b").unwrap().1.content else { panic!("a list") };
        assert_eq!(items[0].place, Place { line: 4, column: 5 });
    }

    #[test]
    fn documents_are_separate_and_empty_ones_do_not_count() {
        assert_eq!(read("---\na: 1\n---\n---\nb: 2\n...\n").0.len(), 2);
        assert_eq!(read("# nothing\n"), (vec![], vec![]));
    }

    #[test]
    fn a_key_that_stands_twice_is_named_at_its_second_place() {
        let yaml = "a:\n  b: 1\n  c: 2\n  b: 3\nl:\n- x: 1\n  x: 2\n";
        let expected = [(4, 3, "a.b".to_owned(), "FIELD_DUPLICATE"), (7, 3, "l[0].x".to_owned(), "FIELD_DUPLICATE")];
        assert_eq!(faults(yaml), expected);
    }

    #[test]
    fn what_fools_readers_is_refused() {
        for (yaml, feature) in
            [("a: &x 1\n", "&anchor"), ("a: !!int 1\n", "!tag"), ("? [a]\n: 1\n", "? key"), ("<<: {a: 1}\n", "<<")]
        {
            let (_, faults) = read(yaml);
            let [(_, fault)] = faults.as_slice() else { panic!("{yaml}: {faults:?}") };
            assert_eq!((fault.code, fault.args[1].1.as_str()), ("FILE_FEATURE_REFUSED", feature), "{yaml}");
        }
        let laughs = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
        assert_eq!(read(laughs).1.iter().filter(|(_, v)| v.args[1].1 == "*alias").count(), 4);
        assert_eq!(faults("%YAML 1.1\n---\na: 1\n")[0].3, "FILE_MALFORMED");
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        let deep = "[".repeat(100_000);
        assert_eq!(faults(&deep).into_iter().map(|f| f.3).collect::<Vec<_>>(), ["FILE_MALFORMED"]);
        let within = format!("{}{}", "[".repeat(31), "]".repeat(31));
        assert_eq!(faults(&within), []);
        let many = "- a\n".repeat(VALUES_MAX + 1);
        assert_eq!(faults(&many).into_iter().map(|f| f.3).collect::<Vec<_>>(), ["FILE_TOO_MANY_VALUES"]);
    }

    #[test]
    fn a_fault_of_syntax_has_its_line() {
        let found = faults("a: 1\nb: [1, 2\nc: 3\n");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0 > 1, found[0].3), (true, "FILE_MALFORMED"));
    }
}
