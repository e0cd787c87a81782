//! Finding objects by words over HTTP: `GET /v1/search`, `GET /v1/suggest`.
//!
//! Out of scope: what is found and shown (`api::search`), filters and counts (`filter`).

use multaqa_proto::wire::node as wire;

use super::answer::Answer;
use super::call::Call;
use super::download::{self, List};
use super::filter::{self, FACET, FACETS, ORDERS};
use super::json::Kept;
use super::limits::HITS_MAX;
use super::route::{Form, Gives, MIN_POSITION, PAGE_TOKEN, Parameter, Route, Verb};
use crate::api::refusal::Refusal;
use crate::code;

const LANG: Parameter = Parameter::query(
    "lang",
    Form::OneOf(&["ar", "en", "fr"]),
    "The asker's language, in which texts are shown first; that of `Accept-Language` where it is left out.",
    "ar",
);

/// The routes of this file.
pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Verb::Get,
        path: "/v1/search",
        operation: "searchRecords",
        tag: "records",
        summary: "Find objects by words",
        description: "Objects in which all words stand, in any of their forms, the best first, with the places where they stand. \
                      `\"words in quotation marks\"` stand one after the other, a star ends the beginning of a word (`خدم*`), a hyphen \
                      is before what must not stand (`-pilot`). Any text is a query. Where nothing is found, `suggestion` may be a \
                      text that differs in a few letters and finds something.",
        parameters: &[
            Parameter::query(
                "q",
                Form::Words { max: 1000 },
                "The words: at most 1,000 bytes and 32 words. All objects where it is left out.",
                "الهوية الرقمية",
            ),
            FACET,
            FACETS,
            Parameter::query(
                "orderBy",
                Form::OneOf(ORDERS),
                "The order, with ` desc` for the greatest first; the best first where it is left out.",
                "relevance",
            ),
            LANG,
            Parameter::query(
                "pageSize",
                Form::Whole { min: 1, max: HITS_MAX },
                "Most hits in the answer; 20 where it is left out.",
                "20",
            ),
            PAGE_TOKEN,
            MIN_POSITION,
            download::FORMAT_OF_ITEMS,
            download::MARK,
        ],
        takes: None,
        gives: &[
            Gives::json("multaqa.node.v1.SearchResponse", "A page of hits."),
            download::gives("csv"),
            download::gives("xlsx"),
            download::gives("atom"),
        ],
        refusals: &[
            "MEMBER_UNKNOWN",
            "ID_MALFORMED",
            code::SEARCH_TEXT_TOO_LONG,
            code::SEARCH_WORDS_TOO_MANY,
            code::SEARCH_FILTERS_TOO_MANY,
            code::SEARCH_FACET_UNKNOWN,
            code::SEARCH_VALUE_UNKNOWN,
            code::LIST_KIND_UNKNOWN,
            code::SEARCH_REBUILDING,
            code::SEARCH_FAILED,
            code::PAGE_TOKEN_BAD,
            code::POSITION_NOT_REACHED,
            code::REPLICA_STARTING,
            code::DOWNLOAD_TOO_LARGE,
            code::DOWNLOADS_TOO_MANY,
            code::DOWNLOAD_FAILED,
        ],
        scope: Some("read:KIND"),
        handler: |call| Box::pin(search(call)),
    },
    Route {
        method: Verb::Get,
        path: "/v1/suggest",
        operation: "suggestTitles",
        tag: "records",
        summary: "Complete a text to titles",
        description: "Titles of objects that complete the beginning of a text, the best first.",
        parameters: &[
            Parameter::query("q", Form::Words { max: 1000 }, "The beginning of a text, at most 1,000 bytes.", "اله"),
            Parameter::query("kind", Form::Text { max: 40 }, "Only titles of objects of this kind.", "service"),
            LANG,
            Parameter::query(
                "limit",
                Form::Whole { min: 1, max: 50 },
                "Most titles in the answer; 10 where it is left out.",
                "10",
            ),
        ],
        takes: None,
        gives: &[Gives::json("multaqa.node.v1.SuggestResponse", "The titles.")],
        refusals: &[
            code::LIST_KIND_UNKNOWN,
            code::SEARCH_TEXT_TOO_LONG,
            code::SEARCH_WORDS_TOO_MANY,
            code::SEARCH_REBUILDING,
            code::SEARCH_FAILED,
            code::REPLICA_STARTING,
        ],
        scope: Some("read:KIND"),
        handler: |call| Box::pin(suggest(call)),
    },
];

async fn search(call: Call) -> Result<Answer, Refusal> {
    let listed = filter::with_filters(&call, wire::ListRequest::default());
    let request = wire::SearchRequest {
        text: call.text("q"),
        kind: String::new(),
        member: listed.member,
        filters: listed.filters,
        facets: listed.facets,
        order_by: listed.order_by,
        page_size: call.page_size(),
        page_token: call.text("pageToken"),
        lang: lang(&call),
        min_position: call.min_position(),
    };
    if call.gives.format != "json" {
        return download::list(&call, List::Hits(request)).await;
    }
    let found = call.api.search(&call.caller, request).await?;
    call.json_within(&found, &Kept::Summary, found.freshness.clone())
}

async fn suggest(call: Call) -> Result<Answer, Refusal> {
    let limit = call.whole("limit").and_then(|limit| u32::try_from(limit).ok()).unwrap_or(0);
    let request = wire::SuggestRequest { text: call.text("q"), kind: call.text("kind"), lang: lang(&call), limit };
    let titles = call.api.suggest(&call.caller, request).await?;
    call.json_of(&titles, titles.freshness.clone())
}

fn lang(call: &Call) -> String {
    call.value("lang").unwrap_or(call.lang.as_str()).to_owned()
}
