//! Clients that ask one after the other, each for itself, and how long each waits: of a node, and of a bare method.
//!
//! Out of scope: what they ask (`reads`).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::serve::{Limits, serve};
use prost::Message;
use tokio::net::{UnixListener, UnixStream};
use tokio::time::Instant;
use tonic::transport::Channel;

use crate::bare;
use crate::local::Local;
use crate::report::{Samples, rate};

/// Calls of one figure, all clients together.
pub(super) const CALLS: usize = 2_000;
/// Clients at once.
const CLIENTS: [usize; 2] = [1, 4];

/// Latencies of a kind of call, for each number of clients.
pub(super) struct Measured {
    pub(super) clients: usize,
    pub(super) samples: Samples,
    pub(super) a_second: f64,
}

/// Every request once, by so many clients at once.
pub(super) async fn measure<Q, A, F>(dir: &Path, requests: &[Q], call: impl Fn(Arc<Local>, Q) -> F) -> Vec<Measured>
where
    Q: Clone,
    F: Future<Output = A> + Send + 'static,
{
    let mut all = Vec::new();
    for clients in CLIENTS {
        let locals = join_all((0..clients).map(|_| Local::connect(dir))).await;
        let locals: Vec<Arc<Local>> = locals.into_iter().map(Arc::new).collect();
        all.push(clients_ask(clients, requests, |client, request| call(locals[client].clone(), request)).await);
    }
    all
}

async fn clients_ask<Q: Clone, A, F: Future<Output = A>>(
    clients: usize,
    requests: &[Q],
    call: impl Fn(usize, Q) -> F,
) -> Measured {
    let started = Instant::now();
    let asking = requests.chunks(requests.len().div_ceil(clients)).enumerate().map(|(client, requests)| {
        let call = &call;
        async move {
            let mut elapsed = Vec::with_capacity(requests.len());
            for request in requests {
                let asked = Instant::now();
                call(client, request.clone()).await;
                elapsed.push(asked.elapsed());
            }
            elapsed
        }
    });
    let samples: Vec<Duration> = join_all(asking).await.into_iter().flatten().collect();
    let a_second = rate(samples.len(), started.elapsed());
    Measured { clients, samples: Samples::new(samples), a_second }
}

/// The same for a bare method that gives this answer.
pub(super) async fn bare_answers<Q, A>(answer: A) -> Vec<Measured>
where
    Q: Message + Default + Clone + 'static,
    A: Message + Default + Clone + 'static,
{
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("bare.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let accept = |stream: UnixStream, _| async move { Ok::<_, std::convert::Infallible>((stream, ())) };
    let router = bare::router(move |_: Q| std::future::ready(answer.clone()));
    let shutdown = Shutdown::new();
    tokio::spawn(serve("reference", listener, accept, router, Limits::default(), shutdown.clone()));
    let mut all = Vec::new();
    for clients in CLIENTS {
        let channels: Vec<Channel> = join_all((0..clients).map(|_| bare::unix(&socket))).await;
        let requests = vec![Q::default(); CALLS];
        let call = |client: usize, request| {
            let channel = channels[client].clone();
            async move { bare::call::<Q, A>(&channel, request).await }
        };
        all.push(clients_ask(clients, &requests, call).await);
    }
    shutdown.drain();
    all
}
