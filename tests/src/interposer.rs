//! A party between a node and the hub, in the middle of their TLS: what no network can do to them, and a faulty proxy of the
//! hub could.
//!
//! It ends TLS with the hub's own identity and dials the hub with the node's, so each side believes to speak with the other.
//! The calls pass as they are; the messages of Tail, CatchUp and Submit pass as raw bytes, and the next one, or one after so
//! many, may be sent twice, cut short, left out, held back or changed.
//!
//! Out of scope: what happens below TLS (`multaqa_demo::link`).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::{Request, Response};
use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use hyper_util::rt::TokioIo;
use multaqa_certs::authority;
use multaqa_certs::check::Certificate;
use multaqa_certs::client::Dialer;
use multaqa_certs::profile::Profile;
use multaqa_certs::serials::{SerialState, Serials};
use multaqa_certs::server::{Acceptor, Limits};
use multaqa_certs::store::TlsIdentity;
use multaqa_demo::federation::NAME;
use multaqa_demo::link::Target;
use multaqa_hub::config::Places;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::lifecycle::Shutdown;
use multaqa_runtime::{listen, serve};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tonic::transport::Channel;
use tower::ServiceExt as _;

use crate::{World, raw};

/// Bytes before each message of a gRPC stream: a flag, and the message's length.
const PREFIX: usize = 5;
/// First byte of a message whose first field is the first of its kind: a frame; in a tail the other kind is a heartbeat.
const FRAME: u8 = 0x0a;

/// Messages of one direction of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Messages {
    /// Frames of a tail; heartbeats pass.
    Tail,
    /// What catching up brings.
    CatchUp,
    /// Records to the hub.
    Submissions,
    /// The hub's answers to them.
    Answers,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It comes twice.
    Repeated,
    /// Its last byte is missing.
    CutShort,
    /// It does not come.
    Lost,
    /// Neither it nor anything after it comes.
    Held,
    /// One byte in its middle is another one.
    Changed,
    /// It comes after the next one.
    Late,
}

/// See the module.
pub struct Interposer {
    address: SocketAddr,
    tap: Tap,
    shutdown: Shutdown,
    _runtime: Runtime,
}

/// Which messages are to be spoiled.
#[derive(Clone, Default)]
struct Tap(Arc<Mutex<BTreeMap<Messages, (usize, Flaw)>>>);

/// The connection to the hub for a node's connection.
#[derive(Clone)]
struct Upstream(Channel);

impl Interposer {
    /// Between this node and the hub, once the node dials [`Interposer::address`].
    #[must_use]
    pub fn before(world: &World, name: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (tap, shutdown) = (Tap::default(), Shutdown::new());
        let (acceptor, dialer) = identities(world, name);
        let hub = world.hub().target();
        let accept = move |tcp, address| {
            let (acceptor, dialer, hub) = (acceptor.clone(), dialer.clone(), hub.clone());
            async move {
                let (stream, _) = acceptor.accept(tcp, address).await.map_err(|error| error.to_string())?;
                Ok::<_, String>((stream, Upstream(dial(&dialer, &hub).await?)))
            }
        };
        let router = axum::Router::new().fallback(pass).with_state(tap.clone());
        let listener = runtime.block_on(listen::tcp(([127, 0, 0, 1], 0).into())).unwrap();
        let address = listener.local_addr().unwrap();
        let limits = serve::Limits::default();
        runtime.spawn(serve::serve("interposer", listener, accept, router, limits, shutdown.clone()));
        Self { address, tap, shutdown, _runtime: runtime }
    }

    /// What the node is to dial.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Spoils the next message of these, on whatever connection.
    pub fn spoil(&self, messages: Messages, flaw: Flaw) {
        self.spoil_after(messages, 0, flaw);
    }

    /// The same after so many that pass.
    pub fn spoil_after(&self, messages: Messages, count: usize, flaw: Flaw) {
        self.tap.0.lock().unwrap().insert(messages, (count, flaw));
    }

    /// Whether all that was to be spoiled is.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.tap.0.lock().unwrap().is_empty()
    }
}

impl Drop for Interposer {
    fn drop(&mut self) {
        self.shutdown.cut();
    }
}

/// The hub's side of TLS towards the node, and the node's towards the hub.
fn identities(world: &World, name: &str) -> (Acceptor, Dialer) {
    let (places, dir) = (Places::of(&world.hub().dir()), world.node(name).dir().to_owned());
    let (hub, root) = (TlsIdentity::load(&places.identity()).unwrap(), places.issuing());
    let root = authority::load_root_certificate(&root).unwrap();
    let issuer = authority::load_certificate(&places.issuing(), Profile::NodesIssuer).unwrap();
    let node = TlsIdentity::load(&dir.join("identity/node.pem")).unwrap();
    let leaf = Certificate::read(&node.chain[0]).unwrap();
    let identity = leaf.identity(&NAME.parse().unwrap()).unwrap();
    let serials = Serials::load([(leaf.serial().unwrap(), identity, SerialState::Active)]);
    let clock = Clock::system();
    let seconds = Arc::new(move || u64::try_from(clock.now_ms() / 1000).unwrap_or_default());
    let acceptor = Acceptor::new(&hub, &root, vec![issuer], serials, seconds, Limits::default()).unwrap();
    (acceptor, raw::dialer(&dir.join("identity/node.pem"), &dir.join("identity/root.pem")))
}

async fn dial(dialer: &Dialer, hub: &Target) -> Result<Channel, String> {
    let hub = hub.get().ok_or("the hub never ran")?;
    let stream = dialer.dial(&hub.ip().to_string(), hub.port()).await.map_err(|error| error.to_string())?;
    let mut stream = Some(TokioIo::new(stream));
    let once = tower::service_fn(move |_: http::Uri| std::future::ready(stream.take().ok_or("dialled once")));
    let endpoint = multaqa_node::link::endpoint(Duration::from_secs(30));
    endpoint.connect_with_connector(once).await.map_err(|error| error.to_string())
}

/// Passes a call.
async fn pass(State(tap): State<Tap>, Extension(hub): Extension<Upstream>, request: Request<Body>) -> Response<Body> {
    let (there, back) = match request.uri().path().rsplit('/').next() {
        Some("Tail") => (None, Some(Messages::Tail)),
        Some("CatchUp") => (None, Some(Messages::CatchUp)),
        Some("Submit") => (Some(Messages::Submissions), Some(Messages::Answers)),
        Some(_) | None => (None, None),
    };
    let request = request.map(|body| tonic::body::Body::new(tap.through(there, body)));
    match hub.0.oneshot(request).await {
        Ok(response) => response.map(|body| tap.through(back, body)),
        Err(error) => Status::unavailable(error.to_string()).into_http(),
    }
}

impl Tap {
    fn through<B>(&self, messages: Option<Messages>, body: B) -> Body
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let Some(messages) = messages else { return Body::new(body) };
        let (to, passed) = mpsc::channel(1);
        tokio::spawn(self.clone().pump(messages, body, to));
        Body::new(StreamBody::new(ReceiverStream::new(passed)))
    }

    async fn pump<B>(self, messages: Messages, mut body: B, to: mpsc::Sender<Result<Frame<Bytes>, axum::BoxError>>)
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let mut spoiler = Spoiler { tap: self, messages, read: BytesMut::new(), late: None };
        loop {
            let frame = tokio::select! {
                () = to.closed() => return,
                frame = body.frame() => frame.map(|frame| frame.map_err(Into::into)),
            };
            let passed: Vec<_> = match frame {
                None => return,
                Some(Err(error)) => vec![Err(error)],
                Some(Ok(frame)) => match frame.into_data() {
                    Err(trailers) => vec![Ok(trailers)],
                    Ok(data) => {
                        spoiler.take(&data, &to).await.into_iter().map(|bytes| Ok(Frame::data(bytes))).collect()
                    }
                },
            };
            for frame in passed {
                if to.send(frame).await.is_err() {
                    return;
                }
            }
        }
    }

    /// What is to become of a message.
    fn flaw(&self, messages: Messages) -> Option<Flaw> {
        let mut plan = self.0.lock().unwrap();
        let (left, flaw) = plan.get_mut(&messages)?;
        if let Some(less) = left.checked_sub(1) {
            *left = less;
            return None;
        }
        let flaw = *flaw;
        plan.remove(&messages);
        Some(flaw)
    }
}

/// One direction of one call.
struct Spoiler {
    tap: Tap,
    messages: Messages,
    /// What came of a message that is not whole.
    read: BytesMut,
    late: Option<Bytes>,
}

impl Spoiler {
    /// Takes bytes; the messages that go on.
    async fn take(&mut self, data: &[u8], to: &mpsc::Sender<Result<Frame<Bytes>, axum::BoxError>>) -> Vec<Bytes> {
        self.read.extend_from_slice(data);
        let mut passed = Vec::new();
        while let Some(message) = self.message() {
            let late = self.late.take();
            match self.counts(&message).then(|| self.tap.flaw(self.messages)).flatten() {
                None => passed.push(message),
                Some(Flaw::Repeated) => passed.extend([message.clone(), message]),
                Some(Flaw::CutShort) => passed.push(cut_short(&message)),
                Some(Flaw::Lost) => {}
                Some(Flaw::Held) => to.closed().await,
                Some(Flaw::Changed) => passed.push(changed(&message)),
                Some(Flaw::Late) => self.late = Some(message),
            }
            passed.extend(late);
        }
        passed
    }

    /// The next whole message, with its prefix.
    fn message(&mut self) -> Option<Bytes> {
        let length = usize::try_from((&self.read.get(1..PREFIX)?[..]).get_u32()).unwrap();
        (self.read.len() >= PREFIX + length).then(|| self.read.split_to(PREFIX + length).freeze())
    }

    fn counts(&self, message: &[u8]) -> bool {
        self.messages != Messages::Tail || message.get(PREFIX) == Some(&FRAME)
    }
}

fn cut_short(message: &Bytes) -> Bytes {
    let body = &message[PREFIX..message.len() - 1];
    let mut cut = BytesMut::with_capacity(PREFIX + body.len());
    cut.put_u8(message[0]);
    cut.put_u32(u32::try_from(body.len()).unwrap());
    cut.extend_from_slice(body);
    cut.freeze()
}

fn changed(message: &Bytes) -> Bytes {
    let mut bytes = message.to_vec();
    let middle = usize::midpoint(PREFIX, bytes.len());
    bytes[middle] ^= 1;
    bytes.into()
}
