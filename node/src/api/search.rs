//! Finding objects by words: `SearchService` for whoever asks.
//!
//! The index finds ids; the objects are the replica's, as they are at that moment: what was withdrawn since the index was written is
//! left out with its highlights. In scope: that, what the caller may see. Out of scope: finding (`crate::search`), other lists (`list`).

use std::collections::HashMap;

use multaqa_proto::text::Lang;
use multaqa_proto::wire::node as wire;

use super::Api;
use super::filter::counts;
use super::list::{listed, order, readable};
use super::page::{self, Pages};
use super::read::given;
use super::refusal::Refusal;
use crate::clients::authorise::Caller;
use crate::replica::Summary;
use crate::search::{By, Completed, Completion, Found, Highlight, Hit, Order, Piece, SearchQuery};

/// The order that says nothing else.
const RELEVANCE: &str = "relevance";
/// Most hits of a page: each is read and shown where its words stand.
const PAGE_MAX: u32 = 100;

impl Api {
    pub(crate) async fn search(
        &self,
        caller: &Caller,
        request: wire::SearchRequest,
    ) -> Result<wire::SearchResponse, Refusal> {
        self.must_serve()?;
        let pages = self.parts.pages.of("Search", &query_of(&request));
        let kind = given(request.kind.clone()).map(listed).transpose()?;
        let kinds = readable(caller, kind.as_deref())?;
        let country = given(request.member.clone()).map(|code| self.member(&code)).transpose()?;
        let query = SearchQuery {
            text: request.text,
            kinds: kind.map(|kind| vec![kind]).or(kinds),
            filters: self.filtered(request.filters, country)?,
            order: order_of(&request.order_by)?,
            limit: page::size(request.page_size, 20, PAGE_MAX),
            after: pages.place(&request.page_token)?,
            facets: self.facets(&request.facets)?,
            lang: lang(&request.lang, &request.order_by),
            withdrawn: false,
            highlight: true,
        };
        self.index_reached(request.min_position).await?;
        let found = self.parts.search.find(query).await?;
        self.shown(found, &pages).await
    }

    async fn shown(&self, found: Found, pages: &Pages) -> Result<wire::SearchResponse, Refusal> {
        let Found { hits, total, facets, suggestion, next, position } = found;
        let ids: Vec<String> = hits.iter().map(|hit| hit.id.clone()).collect();
        let held = self.parts.replica.summaries(&ids).await?;
        let mut held: HashMap<String, Summary> = held.into_iter().map(|held| (held.id.clone(), held)).collect();
        let hits = hits.into_iter().filter_map(|hit| {
            let Hit { id, score, highlights } = hit;
            let object = held.remove(&id).filter(|held| !held.withdrawn)?;
            let highlights = highlights.into_iter().map(highlight).collect();
            Some(wire::SearchHit { object: Some(self.summary(object)), score, highlights })
        });
        let mut freshness = self.served()?;
        freshness.size = freshness.size.min(position.size.0);
        Ok(wire::SearchResponse {
            hits: hits.collect(),
            total,
            facets: facets.into_iter().map(counts).collect(),
            suggestion: suggestion.unwrap_or_default(),
            next_page_token: pages.token(next),
            freshness: Some(freshness),
        })
    }

    pub(crate) async fn suggest(
        &self,
        caller: &Caller,
        request: wire::SuggestRequest,
    ) -> Result<wire::SuggestResponse, Refusal> {
        self.must_serve()?;
        let wire::SuggestRequest { text, kind, lang: asked, limit } = request;
        let kind = given(kind).map(listed).transpose()?;
        let kinds = readable(caller, kind.as_deref())?;
        let asked = Completion {
            text,
            kinds: kind.map(|kind| vec![kind]).or(kinds),
            lang: lang(&asked, ""),
            limit: page::size(limit, 10, 50),
        };
        let completed = self.parts.search.complete(asked).await?;
        // The index may be a moment behind.
        let ids: Vec<String> = completed.iter().map(|title| title.id.clone()).collect();
        let held = self.parts.replica.summaries(&ids).await?;
        let stands = |title: &Completed| held.iter().any(|held| held.id == title.id && !held.withdrawn);
        let titles = completed.into_iter().filter(stands);
        let titles = titles.map(|Completed { title, lang, id }| wire::SuggestedTitle { title, lang, id });
        Ok(wire::SuggestResponse { titles: titles.collect(), freshness: Some(self.served()?) })
    }
}

/// What a token is bound to.
fn query_of(request: &wire::SearchRequest) -> wire::SearchRequest {
    wire::SearchRequest { page_size: 0, page_token: String::new(), min_position: 0, ..request.clone() }
}

fn order_of(text: &str) -> Result<Order, Refusal> {
    match text.trim() {
        "" | RELEVANCE => Ok(Order { by: By::Relevance, descending: true }),
        other => Ok(order(other)?.0),
    }
}

/// The language of the asker; in an order by titles, of these. Any other is as good as none: texts fall back from it.
fn lang(asked: &str, order_by: &str) -> Lang {
    match order(order_by) {
        Ok((Order { by: By::Title, .. }, lang)) => lang,
        Ok(_) | Err(_) => asked.parse().unwrap_or(Lang::Ar),
    }
}

fn highlight(highlight: Highlight) -> wire::SearchHighlight {
    let Highlight { path, lang, pieces, cut_before, cut_after } = highlight;
    let pieces = pieces.into_iter().map(|Piece { text, marked }| wire::SearchPiece { text, marked }).collect();
    wire::SearchHighlight { path, lang, pieces, cut_before, cut_after }
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt as _;

    use super::*;
    use crate::port::tests::Served;
    use crate::publish::testing::{TestNode, file, organisation};

    const MODEE: &str = "JO:organisation:modee";

    fn service(id: &str, title: &str) -> crate::file::Named {
        let text = format!(
            "id: {id}\npayload:\n  title: {{ar: {title}, en: Sanad}}\n  description: {{ar: تطبيق الهوية}}\n  provider: {MODEE}\n  \
             service_type: verification\n  status: production\n"
        );
        file("service.yaml", &text)
    }

    async fn served() -> Served {
        let mut node = TestNode::of("JO").await;
        let files = [organisation(MODEE, "وزارة"), service("JO:service:sanad", "الهوية الرقمية")];
        node.publisher.publish(&files, &[]).await.unwrap();
        node.order_queued().await;
        node.index().await;
        Served::of(node).await
    }

    fn asked(text: &str) -> wire::SearchRequest {
        wire::SearchRequest { text: text.to_owned(), ..Default::default() }
    }

    #[tokio::test]
    async fn what_was_withdrawn_since_the_index_was_written_is_left_out() {
        let mut served = served().await;
        let find = async |request| served.client.search().search(request).await.unwrap().into_inner();
        let found = find(asked("هوية")).await;
        let hit = &found.hits[0];
        assert_eq!((found.total, hit.object.as_ref().unwrap().id.as_str()), (1, "JO:service:sanad"));
        assert!(hit.score > 0.0 && hit.highlights[0].pieces.iter().any(|piece| piece.marked && piece.text == "الهوية"));
        assert_eq!(found.freshness.unwrap().size, served.node.log.size().0);
        served
            .node
            .publisher
            .withdraw(&"JO:service:sanad".parse().unwrap(), multaqa_proto::text::LanguageMap::default())
            .await
            .unwrap();
        served.node.order_queued().await;
        let find = async |request| served.client.search().search(request).await.unwrap().into_inner();
        let found = find(asked("هوية")).await;
        assert!(found.hits.is_empty() && found.freshness.unwrap().size < served.node.log.size().0);
        let request = wire::SuggestRequest { text: "اله".to_owned(), ..Default::default() };
        assert_eq!(served.client.search().suggest(request).await.unwrap().into_inner().titles, []);
        served.node.index().await;
        let found = find(wire::SearchRequest { min_position: served.node.log.size().0, ..asked("هوية") }).await;
        assert_eq!((found.total, found.hits.len()), (0, 0));
    }

    #[tokio::test]
    async fn a_page_leads_to_the_next_of_its_query_alone() {
        let served = served().await;
        let request = wire::SearchRequest { page_size: 1, order_by: "id".to_owned(), ..asked("") };
        let find = async |request| served.client.search().search(request).await;
        let first = find(request.clone()).await.unwrap().into_inner();
        assert_eq!((first.total, first.hits.len()), (2, 1));
        let next = wire::SearchRequest { page_token: first.next_page_token, ..request };
        let second = find(next.clone()).await.unwrap().into_inner();
        assert_eq!(second.hits[0].object.as_ref().unwrap().id, "JO:service:sanad");
        assert_eq!(second.next_page_token, "");
        let other = find(wire::SearchRequest { text: "x".to_owned(), ..next }).await.unwrap_err();
        assert_eq!(other.get_details_error_info().unwrap().reason, "PAGE_TOKEN_BAD");
        let order = find(wire::SearchRequest { order_by: "best".to_owned(), ..asked("") }).await.unwrap_err();
        assert_eq!(order.get_details_error_info().unwrap().reason, "ORDER_UNKNOWN");
    }
}
