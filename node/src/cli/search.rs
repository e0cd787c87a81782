//! `search`: objects by words, ranked, with the words marked where they stand.

use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::wire::node::{
    FacetCounts, Filter, SearchHighlight, SearchHit, SearchPiece, SearchRequest, SearchResponse,
};
use serde_json::{Value, json};

use super::client::Node;
use super::failure::Failure;
use super::list::{summary_value, title};
use super::publish::print;
use super::{Call, freshness, now_ms};

/// Before and after a word of the query; they survive a pipe, which bold letters would not.
const MARKS: (&str, &str) = ("[", "]");

/// Most hits that one request brings.
const PAGE: u32 = 100;

/// Search the records that this member may read, by words in Arabic, English and French
#[derive(Debug, clap::Args)]
#[command(
    after_help = "All words have to stand, in any of their forms. \"Words in quotation marks\" stand one after the other, خدم* is the
beginning of a word, -pilot must not stand.

Examples:
  multaqa-node search 'هوية رقمية'
  multaqa-node search '\"digital identity\" -pilot' --kind service --country JO --lang en
  multaqa-node search 'service*' --limit 5000 --order id --json | jq -r '.hits[].object.id'
  multaqa-node search 'خدم*' --filter sector=09 --facet country --json | jq '.facets'"
)]
pub(crate) struct Args {
    /// What to search for; empty for all records
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    query: String,
    /// Only records of this kind: service, organisation, indicator, dataset, codelist
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Only records of this member
    #[arg(long, value_name = "CODE")]
    country: Option<String>,
    /// Only records with this value of a facet; several of one facet: any of them
    #[arg(long = "filter", value_name = "FACET=VALUE", value_parser = filter)]
    filters: Vec<(String, String)>,
    /// Count the values of this facet: country, kind, sector, language, year, status ..
    #[arg(long = "facet", value_name = "FACET")]
    facets: Vec<String>,
    /// Order: relevance, id, title.ar, title.en, title.fr, authored_at_ms, accepted_at_ms, with ` desc` behind it
    #[arg(long, value_name = "ORDER", default_value = "relevance")]
    order: String,
    /// At most so many; more than 100 are asked for page by page
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let node = Node::connect(&call.dir()).await?;
        let mut filters: Vec<Filter> = Vec::new();
        for (facet, value) in self.filters {
            match filters.iter_mut().find(|known| known.facet == facet) {
                Some(known) => known.values.push(value),
                None => filters.push(Filter { facet, values: vec![value] }),
            }
        }
        let request = SearchRequest {
            text: self.query,
            kind: self.kind.unwrap_or_default(),
            member: self.country.unwrap_or_default(),
            filters,
            facets: self.facets,
            order_by: self.order,
            lang: call.screen.lang().as_str().to_owned(),
            ..Default::default()
        };
        let most = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let answer = found(&node, request, most, PAGE).await?;
        print(call, &text(call.screen, &answer, now_ms()), &value(&answer))
    }
}

/// So many hits at most, asked for page by page. How fresh they are, and what there is in all, the last page says.
async fn found(node: &Node, mut request: SearchRequest, most: usize, page: u32) -> Result<SearchResponse, Failure> {
    let mut answer = SearchResponse::default();
    loop {
        request.page_size = page.min(u32::try_from(most - answer.hits.len()).unwrap_or(page));
        let next = node.search().search(request.clone()).await?.into_inner();
        answer = SearchResponse { hits: [answer.hits, next.hits.clone()].concat(), ..next };
        if answer.hits.len() >= most || answer.next_page_token.is_empty() {
            return Ok(answer);
        }
        request.page_token.clone_from(&answer.next_page_token);
    }
}

fn filter(text: &str) -> Result<(String, String), String> {
    let (facet, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is not FACET=VALUE"))?;
    Ok((facet.to_owned(), value.to_owned()))
}

fn text(screen: Screen<'_>, answer: &SearchResponse, now_ms: i64) -> String {
    let SearchResponse { hits, total, facets, suggestion, next_page_token, freshness: age } = answer;
    let mut text = String::new();
    let mut line = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    for hit in hits {
        let Some(object) = &hit.object else { continue };
        line(&format!("{}  {}", object.id, title(object, screen.lang())));
        hit.highlights.iter().for_each(|highlight| line(&format!("  {}", marked(highlight))));
    }
    if *total == 0 {
        line(&screen.text(&Line::new("say-nothing-found")));
    } else {
        line(&screen.text(&Line::new("say-found").with("total", total)));
    }
    if !suggestion.is_empty() {
        line(&screen.text(&Line::new("say-did-you-mean").with("text", suggestion)));
    }
    if !next_page_token.is_empty() {
        line(&screen.text(&Line::new("say-more-found")));
    }
    for FacetCounts { facet, values } in facets {
        let values: Vec<_> = values.iter().map(|counted| format!("{} {}", counted.value, counted.count)).collect();
        line(&format!("{facet}: {}", values.join(", ")));
    }
    text + &freshness::line(screen, age.as_ref(), now_ms)
}

fn marked(highlight: &SearchHighlight) -> String {
    let piece = |SearchPiece { text, marked }: &SearchPiece| {
        // One line on the screen, whatever the text has.
        let text = text.split(['\n', '\t']).collect::<Vec<_>>().join(" ");
        if *marked { format!("{}{text}{}", MARKS.0, MARKS.1) } else { text }
    };
    let text: String = highlight.pieces.iter().map(piece).collect();
    let cut = |cut: bool| if cut { "…" } else { "" };
    format!("{}{text}{}", cut(highlight.cut_before), cut(highlight.cut_after))
}

fn value(answer: &SearchResponse) -> Value {
    let SearchResponse { hits, total, facets, suggestion, next_page_token, freshness: age } = answer;
    let facet = |FacetCounts { facet, values }: &FacetCounts| {
        let values: Vec<_> =
            values.iter().map(|counted| json!({ "value": counted.value, "count": counted.count })).collect();
        json!({ "facet": facet, "values": values })
    };
    json!({
        "hits": hits.iter().map(hit_value).collect::<Vec<_>>(),
        "total": total,
        "facets": facets.iter().map(facet).collect::<Vec<_>>(),
        "suggestion": suggestion,
        "more": !next_page_token.is_empty(),
        "freshness": freshness::value(age.as_ref()),
    })
}

fn hit_value(hit: &SearchHit) -> Value {
    let SearchHit { object, score, highlights } = hit;
    let highlight = |highlight: &SearchHighlight| {
        let SearchHighlight { path, lang, pieces, cut_before, cut_after } = highlight;
        let pieces: Vec<_> =
            pieces.iter().map(|SearchPiece { text, marked }| json!({ "text": text, "marked": marked })).collect();
        json!({ "path": path, "lang": lang, "pieces": pieces, "cut_before": cut_before, "cut_after": cut_after })
    };
    json!({
        "object": object.as_ref().map(summary_value),
        "score": score,
        "highlights": highlights.iter().map(highlight).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use multaqa_proto::text::Lang;
    use multaqa_proto::wire::node::ObjectSummary;

    use super::super::screen::screen;
    use super::*;
    use crate::port::tests::Served;
    use crate::publish::testing::{TestNode, organisation};

    fn answer() -> SearchResponse {
        let piece = |text: &str, marked| SearchPiece { text: text.to_owned(), marked };
        let highlight = SearchHighlight {
            path: "description".to_owned(),
            lang: "ar".to_owned(),
            pieces: vec![piece("نظام\n", false), piece("الهوية", true), piece(" الرقمية", false)],
            cut_before: true,
            cut_after: false,
        };
        let object = ObjectSummary {
            id: "JO:service:sanad".to_owned(),
            title: [("ar".to_owned(), "سند".to_owned())].into(),
            ..Default::default()
        };
        let hit = SearchHit { object: Some(object), score: 1.5, highlights: vec![highlight] };
        SearchResponse { hits: vec![hit], total: 1, ..Default::default() }
    }

    #[test]
    fn hits_are_shown_with_the_words_where_they_stand() {
        let shown = text(screen(Lang::En), &answer(), 0);
        assert!(
            shown.starts_with("JO:service:sanad  سند [ar]\n  …نظام [الهوية] الرقمية\none record found\n"),
            "{shown}"
        );
        let none = SearchResponse { suggestion: "سند".to_owned(), ..Default::default() };
        for (lang, said) in
            [(Lang::Ar, "هل تقصد «سند»؟"), (Lang::En, "Did you mean “سند”?"), (Lang::Fr, "Vouliez-vous dire «")]
        {
            let shown = text(screen(lang), &none, 0);
            assert!(shown.contains(said), "{shown}");
        }
    }

    #[tokio::test]
    async fn more_hits_than_a_page_holds_are_asked_for_page_by_page() {
        let mut node = TestNode::of("JO").await;
        let files: Vec<_> = (0..5).map(|n| organisation(&format!("JO:organisation:o{n}"), "a")).collect();
        node.publisher.publish(&files, &[]).await.unwrap();
        node.order_queued().await;
        node.index().await;
        let served = Served::of(node).await;
        for (most, expected, more) in [(5, 5, false), (9, 5, false), (3, 3, true), (4, 4, true)] {
            let request = SearchRequest { order_by: "id".to_owned(), ..Default::default() };
            let answer = found(&served.client, request, most, 2).await.unwrap();
            let ids: Vec<_> = answer.hits.iter().map(|hit| hit.object.as_ref().unwrap().id.clone()).collect();
            let all: Vec<_> = (0..expected).map(|n| format!("JO:organisation:o{n}")).collect();
            assert_eq!((ids, answer.total, !answer.next_page_token.is_empty()), (all, 5, more), "{most}");
        }
        served.stop().await;
    }

    #[test]
    fn the_json_of_an_answer_names_everything() {
        let shown = value(&answer());
        assert_eq!((&shown["total"], &shown["hits"][0]["object"]["id"]), (&json!(1), &json!("JO:service:sanad")));
        assert_eq!(shown["hits"][0]["highlights"][0]["pieces"][1], json!({ "text": "الهوية", "marked": true }));
    }

    #[test]
    fn a_filter_names_a_facet_and_a_value() {
        assert_eq!(filter("sector=01.3"), Ok(("sector".to_owned(), "01.3".to_owned())));
        assert!(filter("sector").is_err());
    }
}
