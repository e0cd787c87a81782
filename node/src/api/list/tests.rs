//! Orders as text; lists that the index answers, through the socket.

use std::collections::BTreeMap;

use multaqa_runtime::lifecycle::Shutdown;
use tonic_types::StatusExt as _;

use super::*;
use crate::port::tests::Served;
use crate::publish::testing::{TestNode, file};
use crate::search::Indexer;

#[test]
fn an_order_is_a_name_and_a_direction() {
    let by = |by, descending| Order { by, descending };
    assert_eq!(order("").unwrap(), (by(By::Id, false), Lang::Ar));
    assert_eq!(order("title.fr desc").unwrap(), (by(By::Title, true), Lang::Fr));
    assert_eq!(order(" accepted_at_ms  asc ").unwrap(), (by(By::Accepted, false), Lang::Ar));
    for (text, near) in [("titel.ar", "title.ar"), ("id down", "id"), ("id desc, title.ar", "id"), ("*", NONE_NEAR)] {
        let refusal = order(text).unwrap_err();
        assert_eq!((refusal.code, refusal.args[1].1.as_str()), (code::ORDER_UNKNOWN, near), "{text}");
    }
}

/// Takes objects as so many bytes each.
struct Sized(usize, Vec<String>);

impl Page for Sized {
    fn push(&mut self, object: Object, _standing: Label, _shape: &Shape) -> usize {
        self.1.push(object.summary.id);
        self.0
    }
}

#[tokio::test]
async fn a_page_ends_where_its_payloads_are_as_much_as_one_answer_holds() {
    let (served, shutdown) = served().await;
    let api = Api::new(served.node.parts.clone(), Shutdown::new());
    for order_by in ["", "title.ar"] {
        let request = wire::ListRequest {
            kind: "organisation".to_owned(),
            order_by: order_by.to_owned(),
            payloads: true,
            ..Default::default()
        };
        let page = async |bytes: usize, token: &str| {
            let (mut page, request) =
                (Sized(bytes, Vec::new()), wire::ListRequest { page_token: token.to_owned(), ..request.clone() });
            let listed = api.page(&Caller::Local, request, Reading::Whole, &mut page).await.unwrap();
            (page.1, listed.next)
        };
        let (all, next) = page(PAYLOADS_MAX / 5, "").await;
        assert_eq!((all.len(), next.as_str()), (5, ""), "they fit");
        for (bytes, of_page) in [(PAYLOADS_MAX / 3, 4), (PAYLOADS_MAX / 2 + 1, 2), (PAYLOADS_MAX + 1, 1)] {
            let (mut seen, mut token) = page(bytes, "").await;
            assert_eq!(seen.len(), of_page);
            while !token.is_empty() {
                let (more, next) = page(bytes, &token).await;
                seen.extend(more);
                token = next;
            }
            assert_eq!(seen, all, "{order_by}: neither gap nor double");
        }
    }
    shutdown.drain();
    served.stop().await;
}

#[tokio::test]
async fn a_page_that_is_read_without_payloads_has_the_same_tag() {
    let (served, shutdown) = served().await;
    let api = Api::new(served.node.parts.clone(), Shutdown::new());
    for order_by in ["", "title.ar"] {
        let request = wire::ListRequest {
            order_by: order_by.to_owned(),
            facets: if order_by.is_empty() { Vec::new() } else { vec!["type".to_owned()] },
            payloads: true,
            page_size: 2,
            ..Default::default()
        };
        let tag = async |reading| {
            let mut objects: Vec<wire::ObjectSummary> = Vec::new();
            let listed = api.page(&Caller::Local, request.clone(), reading, &mut objects).await.unwrap();
            let payloads = objects.iter().filter(|object| !object.payload_json.is_empty()).count();
            (listed.tag, payloads)
        };
        let (whole, bare) = (tag(Reading::Whole).await, tag(Reading::Bare).await);
        assert_eq!((whole.0, whole.1, bare.1), (bare.0, 2, 0), "{order_by}");
    }
    shutdown.drain();
    served.stop().await;
}

/// Five organisations of two types, named from e to a.
async fn served() -> (Served, Shutdown) {
    let mut node = TestNode::of("JO").await;
    let files = ["e", "d", "c", "b", "a"].iter().zip(0..).map(|(name, n)| {
        let of = if n % 2 == 0 { "ministry" } else { "agency" };
        let text = format!("id: JO:organisation:o{n}\npayload: {{name: {{ar: \"{name}\"}}, type: {of}}}\n");
        file(&format!("{n}.yaml"), &text)
    });
    node.publisher.publish(&files.collect::<Vec<_>>(), &[]).await.unwrap();
    node.order_queued().await;
    let (search, shutdown) = (node.parts.search.clone(), Shutdown::new());
    let indexer = Indexer::new(search.clone(), node.parts.replica.clone(), node.dir.path().join("search"));
    tokio::spawn(indexer.run(shutdown.clone()));
    let size = node.log.size();
    search.watch().wait_for(|position| position.is_some_and(|position| position.size >= size)).await.unwrap();
    (Served::of(node).await, shutdown)
}

fn ids(answer: &wire::ListResponse) -> Vec<&str> {
    answer.objects.iter().map(|object| object.id.trim_start_matches("JO:organisation:")).collect()
}

#[tokio::test]
async fn orders_filters_facets_and_totals_are_answered_page_by_page() {
    let (mut served, shutdown) = served().await;
    let client = served.client.replica();
    let list = async |request: wire::ListRequest| client.clone().list(request).await.map(tonic::Response::into_inner);
    let filter = |facet: &str, values: &[&str]| wire::Filter {
        facet: facet.to_owned(),
        values: values.iter().map(ToString::to_string).collect(),
    };
    let by_title = wire::ListRequest {
        kind: "organisation".to_owned(),
        order_by: "title.ar".to_owned(),
        facets: vec!["type".to_owned()],
        total: true,
        page_size: 2,
        ..Default::default()
    };
    let first = list(by_title.clone()).await.unwrap();
    assert_eq!((ids(&first), first.total), (vec!["o4", "o3"], Some(5)));
    let values: Vec<_> = first.facets[0].values.iter().map(|value| (value.value.as_str(), value.count)).collect();
    assert_eq!((first.facets[0].facet.as_str(), values), ("type", vec![("ministry", 3), ("agency", 2)]));
    let mut token = first.next_page_token.clone();
    let mut rest = Vec::new();
    while !token.is_empty() {
        let page = list(wire::ListRequest { page_token: token, page_size: 1, ..by_title.clone() }).await.unwrap();
        rest.extend(ids(&page).into_iter().map(ToOwned::to_owned));
        token = page.next_page_token;
    }
    assert_eq!(rest, ["o2", "o1", "o0"]);

    let other = wire::ListRequest { order_by: "title.ar desc".to_owned(), ..by_title.clone() };
    assert_eq!(ids(&list(other.clone()).await.unwrap()), ["o0", "o1"]);
    let stolen = wire::ListRequest { page_token: first.next_page_token, ..other };
    let refused = list(stolen).await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "PAGE_TOKEN_BAD");

    let agencies = wire::ListRequest {
        filters: vec![filter("type", &["agency"])],
        member: "JO".to_owned(),
        payloads: true,
        ..Default::default()
    };
    let found = list(agencies.clone()).await.unwrap();
    assert_eq!((ids(&found), found.total), (vec!["o1", "o3"], None));
    assert!(found.objects.iter().all(|object| object.payload_json.contains("agency")));
    assert!(found.freshness.unwrap().size <= served.node.log.size().0);
    let none = wire::ListRequest { member: "SA".to_owned(), ..agencies.clone() };
    assert!(list(none).await.unwrap().objects.is_empty());
    let wrong = wire::ListRequest { filters: vec![filter("typ", &["agency"])], ..agencies.clone() };
    assert_eq!(list(wrong).await.unwrap_err().get_details_error_info().unwrap().reason, "SEARCH_FACET_UNKNOWN");

    // The own write, also where the index answers; what was withdrawn is not among it.
    served.node.publisher.withdraw(&"JO:organisation:o1".parse().unwrap(), BTreeMap::default()).await.unwrap();
    served.node.order_queued().await;
    let after = wire::ListRequest { min_position: served.node.log.size().0, total: true, ..agencies };
    let left = list(after.clone()).await.unwrap();
    assert_eq!((ids(&left), left.total), (vec!["o3"], Some(1)));
    shutdown.drain();
    served.stop().await;
}
