//! `list`: objects of the replica.

use multaqa_proto::hash::hex;
use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::text::{Lang, LanguageMap, pick};
use multaqa_proto::wire::node::{Filter, ListRequest, ObjectSummary};
use multaqa_runtime::output::Table;
use serde_json::{Value, json};

use super::client::Node;
use super::failure::Failure;
use super::publish::print;
use super::{Call, freshness, now_ms};

/// Most objects that one request brings.
const PAGE: u32 = 500;

/// List the records that this member may read, from the replica
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node list
  multaqa-node list service --country JO --lang ar
  multaqa-node list service --filter sector=07 --filter status=production --order 'accepted_at_ms desc'
  multaqa-node list indicator --json | jq -r '.objects[].id'")]
pub(crate) struct Args {
    /// Only records of this kind: service, organisation, indicator, dataset, codelist
    #[arg(value_name = "KIND")]
    kind: Option<String>,
    /// Only records of this member
    #[arg(long, value_name = "CODE")]
    country: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    /// Withdrawn ones too
    #[arg(long)]
    withdrawn: bool,
    /// Order: id, title.ar, title.en, title.fr, authored_at_ms, accepted_at_ms, with " desc" behind it for the greatest first
    #[arg(long, value_name = "ORDER")]
    order: Option<String>,
    /// Only records with this value of a facet: FACET=VALUE, for example sector=07.3 or status=production; may be repeated, and of
    /// one facet any of its values is enough
    #[arg(long = "filter", value_name = "FACET=VALUE", value_parser = facet)]
    filters: Vec<(String, String)>,
}

fn facet(text: &str) -> Result<(String, String), String> {
    let (facet, value) = text.split_once('=').ok_or("FACET=VALUE")?;
    Ok((facet.to_owned(), value.to_owned()))
}

/// Filters by facet, the values of each together.
fn filters(given: Vec<(String, String)>) -> Vec<Filter> {
    let mut filters: Vec<Filter> = Vec::new();
    for (facet, value) in given {
        match filters.iter_mut().find(|filter| filter.facet == facet) {
            Some(filter) => filter.values.push(value),
            None => filters.push(Filter { facet, values: vec![value] }),
        }
    }
    filters
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let node = Node::connect(&call.dir()).await?;
        let mut request = ListRequest {
            kind: self.kind.unwrap_or_default(),
            member: self.country.unwrap_or_default(),
            withdrawn: self.withdrawn,
            order_by: self.order.unwrap_or_default(),
            filters: filters(self.filters),
            ..Default::default()
        };
        let mut objects: Vec<ObjectSummary> = Vec::new();
        let (more, freshness) = loop {
            request.page_size = PAGE.min(self.limit - u32::try_from(objects.len()).unwrap_or(self.limit));
            let answer = node.replica().list(request.clone()).await?.into_inner();
            objects.extend(answer.objects);
            let full = objects.len() >= usize::try_from(self.limit).unwrap_or(usize::MAX);
            if full || answer.next_page_token.is_empty() {
                break (!answer.next_page_token.is_empty(), answer.freshness);
            }
            request.page_token = answer.next_page_token;
        };
        let now_ms = now_ms();
        let cut = Line::new("say-more").with("limit", self.limit);
        let cut = if more { call.screen.text(&cut) + "\n" } else { String::new() };
        let text =
            table(call.screen, &objects, now_ms) + &cut + &freshness::line(call.screen, freshness.as_ref(), now_ms);
        let objects: Vec<Value> = objects.iter().map(summary_value).collect();
        let shown = json!({ "objects": objects, "more": more, "freshness": freshness::value(freshness.as_ref()) });
        print(call, &text, &shown)
    }
}

fn table(screen: Screen<'_>, objects: &[ObjectSummary], now_ms: i64) -> String {
    let mut table = Table::new(screen.words(["head-id", "head-revision", "head-accepted", "head-title"]));
    for object in objects {
        let revision = if object.withdrawn { screen.word("word-withdrawn") } else { object.revision.to_string() };
        table.row([&object.id, &revision, &screen.age(now_ms, object.accepted_at_ms), &title(object, screen.lang())]);
    }
    table.render()
}

/// The title in the language asked for; another language is said.
pub(super) fn title(object: &ObjectSummary, lang: Lang) -> String {
    let texts: LanguageMap = object.title.clone().into_iter().collect();
    match pick(&texts, lang) {
        Some((found, text)) if found == lang.as_str() => text.to_owned(),
        Some((found, text)) => format!("{text} [{found}]"),
        None => String::new(),
    }
}

pub(super) fn summary_value(object: &ObjectSummary) -> Value {
    let ObjectSummary {
        id,
        kind,
        member,
        revision,
        record_id,
        title,
        audience,
        authored_at_ms,
        accepted_at_ms,
        index,
        withdrawn,
        standing,
        payload_json: _,
    } = object;
    json!({
        "id": id,
        "kind": kind,
        "member": member,
        "revision": revision,
        "record_id": hex(record_id),
        "title": title,
        "audience": audience,
        "authored_at_ms": authored_at_ms,
        "accepted_at_ms": accepted_at_ms,
        "index": index,
        "withdrawn": withdrawn,
        "standing": standing,
    })
}

#[cfg(test)]
mod tests {
    use super::super::screen::screen;
    use super::*;

    fn object() -> ObjectSummary {
        ObjectSummary {
            id: "JO:service:sanad".to_owned(),
            kind: "service".to_owned(),
            member: "JO".to_owned(),
            revision: 2,
            record_id: vec![1; 32],
            title: [("ar".to_owned(), "سند".to_owned()), ("en".to_owned(), "Sanad".to_owned())].into(),
            audience: vec!["states".to_owned()],
            authored_at_ms: 1,
            accepted_at_ms: 1_000,
            index: 7,
            withdrawn: false,
            standing: "witnessed".to_owned(),
            payload_json: String::new(),
        }
    }

    #[test]
    fn titles_are_in_the_language_asked_for_and_say_when_they_are_not() {
        let object = object();
        assert_eq!(title(&object, Lang::Ar), "سند");
        assert_eq!(title(&object, Lang::Fr), "سند [ar]");
        let text = table(screen(Lang::En), &[object], 61_000);
        assert_eq!(text, "ID                REV  ACCEPTED   TITLE\nJO:service:sanad  2    1 min ago  Sanad\n");
    }

    #[test]
    fn the_json_of_an_object_names_everything() {
        let shown = summary_value(&object());
        assert_eq!((&shown["record_id"], &shown["index"]), (&json!("01".repeat(32)), &json!(7)));
        assert_eq!(shown["title"]["ar"], "سند");
        assert_eq!(shown.as_object().unwrap().len(), 12);
    }
}
