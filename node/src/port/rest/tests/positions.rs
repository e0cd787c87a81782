//! How far an answer is: that every route with `minPosition` waits for it, and that what the index finds is as of the index.

use super::super::route::{Place, Verb, routes};
use super::*;
use crate::publish::testing::organisation;

/// A node whose index is behind its replica by one organisation.
async fn stand() -> TestNode {
    let mut node = Box::pin(TestNode::of("JO")).await;
    node.publisher.publish(&[organisation("JO:organisation:first", "a")], &[]).await.unwrap();
    node.order_queued().await;
    node.index().await;
    node.publisher.publish(&[organisation("JO:organisation:second", "b")], &[]).await.unwrap();
    node.order_queued().await;
    node
}

#[tokio::test]
async fn every_route_with_a_position_waits_for_it() {
    let node = stand().await;
    let size = node.log.size().0;
    let seen = Box::pin(Seen::of(node, &["read:*", "publish:*"])).await;
    let mut asked = 0;
    for route in routes().filter(|route| route.method == Verb::Get) {
        if !route.parameters.iter().any(|parameter| parameter.name == "minPosition") {
            continue;
        }
        let of_path = route.parameters.iter().filter(|parameter| parameter.place == Place::Path);
        let path = of_path.fold(route.path.to_owned(), |path, parameter| {
            path.replace(&format!("{{{}}}", parameter.name), parameter.example)
        });
        for gives in route.gives {
            let format = if gives.format.is_empty() { String::new() } else { format!("&format={}", gives.format) };
            let (status, problem) = seen.get(&format!("{path}?minPosition={}{format}", size + 1)).await;
            if problem["code"] == "FORMAT_NOT_OF_KIND" {
                continue;
            }
            let what = format!("{} as {}: {problem}", route.operation, gives.media);
            assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("POSITION_NOT_REACHED")), "{what}");
            asked += 1;
        }
    }
    assert!(asked > 10, "{asked}");
}

#[tokio::test]
async fn what_the_index_finds_is_as_of_the_index() {
    let node = stand().await;
    let (held, indexed) = (node.log.size().0, node.parts.search.watch().borrow().unwrap().size.0);
    assert!(indexed < held);
    let seen = Box::pin(Seen::of(node, &[])).await;
    for (target, position) in [
        ("/v1/organisations", held),
        ("/v1/organisations/JO:organisation:second", held),
        ("/v1/organisations?orderBy=accepted_at", indexed),
        ("/v1/organisations?total=true", indexed),
        ("/v1/search?q=a", indexed),
    ] {
        let response = seen.ask(Request::get(target).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK, "{target}");
        assert_eq!(response.headers()["multaqa-position"], position.to_string().as_str(), "{target}");
    }
    for target in ["/v1/organisations?orderBy=accepted_at&", "/v1/search?q=a&"] {
        let (status, problem) = seen.get(&format!("{target}minPosition={held}")).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("POSITION_NOT_REACHED")), "{target}");
    }
}
