//! The admin listener, for the machine's own supervisor: plain HTTP/1 on loopback.
//!
//! `/livez`: the process answers. `/readyz`: every flag is up and no drain has begun; `?verbose` tells which, as JSON.
//! `/metrics`: Prometheus' text format. Out of scope: who raises the flags.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::ready;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;

use crate::code;
use crate::fault::Fault;
use crate::lifecycle::Shutdown;
use crate::listen;
use crate::serve::{Limits, Protocol, serve};
use crate::telemetry::Metrics;

/// Named conditions that must all hold before the process is ready. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<Mutex<BTreeMap<&'static str, Arc<AtomicBool>>>>);

/// One condition; down until it is set.
#[derive(Debug, Clone)]
pub struct Flag(Arc<AtomicBool>);

impl Flag {
    /// Raises or lowers the flag.
    pub fn set(&self, up: bool) {
        self.0.store(up, Ordering::SeqCst);
    }
}

impl Readiness {
    /// No conditions yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The condition of this name, made if it is new.
    #[must_use]
    pub fn flag(&self, name: &'static str) -> Flag {
        let mut flags = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Flag(Arc::clone(flags.entry(name).or_default()))
    }

    /// Every condition and whether it holds.
    #[must_use]
    pub fn flags(&self) -> BTreeMap<&'static str, bool> {
        let flags = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        flags.iter().map(|(name, up)| (*name, up.load(Ordering::SeqCst))).collect()
    }
}

/// What the admin listener tells about.
#[derive(Debug, Clone)]
pub struct Admin {
    /// The conditions of `/readyz`.
    pub readiness: Readiness,
    /// The numbers of `/metrics`.
    pub metrics: Metrics,
    /// A drain makes the process unready.
    pub shutdown: Shutdown,
}

impl Admin {
    /// Serves until the drain is done. The listener is one of [`bind`].
    pub async fn run(self, listener: TcpListener) -> Result<(), Fault> {
        let limits = Limits {
            protocol: Protocol::Http1,
            connections: 32,
            connections_per_ip: 32,
            lifetime: Some(Duration::from_mins(1)),
            grace: Duration::from_secs(5),
            ..Limits::default()
        };
        let accept = |stream, _| ready(Ok::<_, Infallible>((stream, ())));
        let shutdown = self.shutdown.clone();
        serve("admin", listener, accept, self.router(), limits, shutdown).await;
        Ok(())
    }

    fn router(self) -> Router {
        Router::new()
            .route("/livez", get(async || "live\n"))
            .route("/readyz", get(readyz))
            .route("/metrics", get(metrics))
            .with_state(self)
    }
}

/// Binds the admin listener; an address that is not loopback is a fault.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, Fault> {
    if !address.ip().is_loopback() {
        return Err(Fault::new(code::CONFIG_ADMIN_NOT_LOOPBACK).with("address", address));
    }
    listen::tcp(address).await
}

async fn readyz(State(admin): State<Admin>, RawQuery(query): RawQuery) -> Response {
    let flags = admin.readiness.flags();
    let draining = admin.shutdown.is_draining();
    let ready = !draining && flags.values().all(|up| *up);
    let (status, text) =
        if ready { (StatusCode::OK, "ready\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready\n") };
    let verbose = query.is_some_and(|query| query.split('&').any(|part| part == "verbose"));
    if verbose {
        let body = json!({ "ready": ready, "draining": draining, "flags": flags });
        (status, Json(body)).into_response()
    } else {
        (status, text).into_response()
    }
}

async fn metrics(State(admin): State<Admin>) -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, admin.metrics.render())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    async fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn tells_life_readiness_and_metrics() {
        let (metrics, recorder) = Metrics::detached();
        let admin = Admin { readiness: Readiness::new(), metrics, shutdown: Shutdown::new() };
        let (readiness, shutdown) = (admin.readiness.clone(), admin.shutdown.clone());
        let (store, log) = (readiness.flag("store"), readiness.flag("log"));
        store.set(true);
        let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let running = tokio::spawn(admin.run(listener));

        assert!(ask(address, "/livez").await.starts_with("HTTP/1.1 200"));
        assert!(ask(address, "/readyz").await.starts_with("HTTP/1.1 503"));
        let verbose = ask(address, "/readyz?verbose").await;
        assert!(
            verbose.ends_with(r#"{"draining":false,"flags":{"log":false,"store":true},"ready":false}"#),
            "{verbose}"
        );
        log.set(true);
        let ready = ask(address, "/readyz").await;
        assert!(ready.starts_with("HTTP/1.1 200") && ready.ends_with("ready\n"));

        metrics::with_local_recorder(&recorder, || metrics::counter!("records_total").increment(3));
        let answer = ask(address, "/metrics").await;
        assert!(answer.contains("\nrecords_total 3\n"), "{answer}");
        assert!(ask(address, "/other").await.starts_with("HTTP/1.1 404"));

        shutdown.drain();
        running.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn listens_on_loopback_only() {
        let fault = bind(([0, 0, 0, 0], 0).into()).await.unwrap_err();
        assert_eq!(fault.code, code::CONFIG_ADMIN_NOT_LOOPBACK);
        assert!(bind("[2001:db8::1]:0".parse().unwrap()).await.is_err());
    }
}
