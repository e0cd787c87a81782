//! The gate before a service that says who it was called by.

use axum::Router;
use axum::routing::any;
use http_body_util::BodyExt as _;
use tonic_types::StatusExt as _;
use tower::ServiceExt as _;

use super::*;
use crate::clients::tests::{TestClients, peer};

/// Passes the gate on the way to this service, and gives the reason of the refusal.
async fn refusal(clients: &Clients, peer: Option<Peer>, service: Router, lang: &str) -> Option<(String, String)> {
    refusal_within(Duration::from_mins(5), clients, peer, service, lang).await
}

async fn refusal_within(
    within: Duration,
    clients: &Clients,
    peer: Option<Peer>,
    service: Router,
    lang: &str,
) -> Option<(String, String)> {
    let gate = Gate { clients: clients.clone(), within, speaks: Speaks::Grpc };
    let router = service.layer(axum::middleware::from_fn_with_state(gate, pass));
    let mut request = Request::builder().uri("/any").header("accept-language", lang).body(Body::empty()).unwrap();
    if let Some(peer) = peer {
        request.extensions_mut().insert(peer);
    }
    let response = router.oneshot(request).await.unwrap();
    let status = Status::from_header_map(response.headers())?;
    let details = status.get_error_details();
    Some((details.error_info()?.reason.clone(), details.localized_message()?.locale.clone()))
}

/// A service that answers only where the gate said who asks.
fn service() -> Router {
    let handler = |request: Request| async move {
        assert!(matches!(request.extensions().get::<Caller>(), Some(Caller::System(_))));
        "well"
    };
    Router::new().route("/any", any(handler))
}

#[test]
fn a_request_of_nobody_is_refused() {
    assert_eq!(caller(&Extensions::new()).unwrap_err().code, "CLIENT_UNKNOWN");
}

#[tokio::test]
async fn who_is_known_passes_and_nobody_else() {
    let world = TestClients::new().await;
    let known = peer(&world.add("mof/budget", &[]).await.unwrap());
    assert_eq!(refusal(&world.clients, Some(known.clone()), service(), "en").await, None);
    let nobody = refusal(&world.clients, None, service(), "ar").await.unwrap();
    assert_eq!(nobody, ("CLIENT_UNKNOWN".to_owned(), "ar".to_owned()));
    world.clients.revoke("mof/budget").await.unwrap();
    let revoked = refusal(&world.clients, Some(known), service(), "fr").await.unwrap();
    assert_eq!(revoked, ("CLIENT_REVOKED".to_owned(), "fr".to_owned()));
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_given_up_and_counts_no_more() {
    let world = TestClients::new().await;
    let known = peer(&world.add("mof/budget", &[]).await.unwrap());
    let never = || Router::new().route("/any", any(std::future::pending::<&str>));
    for _ in 0..3 {
        let within = Duration::from_millis(20);
        let slow = refusal_within(within, &world.clients, Some(known.clone()), never(), "en").await.unwrap();
        assert_eq!(slow.0, "REQUEST_TOO_SLOW");
    }
}

#[tokio::test]
async fn an_answer_counts_until_it_is_read() {
    let world = TestClients::new().await;
    let known = peer(&world.add("mof/budget", &[]).await.unwrap());
    let gate = Gate { clients: world.clients.clone(), within: Duration::from_mins(1), speaks: Speaks::Grpc };
    let router = service().layer(axum::middleware::from_fn_with_state(gate, pass));
    let ask = async || {
        let mut request = Request::builder().uri("/any").body(Body::empty()).unwrap();
        request.extensions_mut().insert(known.clone());
        router.clone().oneshot(request).await.unwrap()
    };
    let unread = [ask().await, ask().await];
    assert!(world.clients.enter(&known).is_err(), "two are open");
    for response in unread {
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "well");
    }
    assert!(world.clients.enter(&known).is_ok());
}

#[tokio::test]
async fn over_http_a_refusal_is_a_problem() {
    let world = TestClients::new().await;
    let gate = Gate { clients: world.clients.clone(), within: Duration::from_mins(1), speaks: Speaks::Rest };
    let router = service().layer(axum::middleware::from_fn_with_state(gate, pass));
    let request = Request::builder().uri("/any").header("accept-language", "ar").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["content-language"]), (404, &"ar".parse().unwrap()));
    assert_eq!(response.headers()["content-type"], problem::PROBLEM);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&problem["code"], &problem["instance"]), (&"CLIENT_UNKNOWN".into(), &"/any".into()));
}
