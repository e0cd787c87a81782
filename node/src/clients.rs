//! The systems of this member that may ask the node: who they are, what each may do, their certificates.
//!
//! In scope: adding, renewing, allowing, revoking, kept in the journal; who comes in and with which scopes, in memory. `issuer`: the
//! node's own CA for them, and its port's certificate. `scope`: what a system may do. `authorise`: the one decision. `denials`: what was
//! refused. Out of scope: certificates themselves and handshakes (`certs::systems`), the port (`port`), the services (`api`).
//!
//! A change is durable before it is in force, and in force before the call that asked for it returns: a revoked system is
//! struck from the table, by which its next request is refused, then from the allow-list, which cuts its connections. It is kept
//! beside the CA too (`revoked`), since the journal may be put back from an older copy.

pub(crate) mod authorise;
pub(crate) mod denials;
mod error;
mod issuer;
mod revoked;
mod scope;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use arc_swap::ArcSwap;
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::pem;
use multaqa_certs::random;
use multaqa_certs::request::{PublicKey, RequestError};
use multaqa_certs::serials::{SerialState, Serials};
use multaqa_certs::server::Peer;
use multaqa_certs::systems::{CLIENT_DAYS, SystemsCa};
use multaqa_proto::id::{FederationName, MemberCode, NodeName};
use multaqa_runtime::clock::Clock;
use tokio::sync::{Mutex, MutexGuard, OnceCell, OwnedSemaphorePermit, Semaphore, watch};

pub(crate) use error::ClientError;
pub(crate) use issuer::{Issuer, Tended, WARN_BEFORE_MS};
pub(crate) use scope::{Scopes, names_of_kinds};

use self::denials::{Denials, InAll};
use self::issuer::PortEnd;
use self::revoked::Revoked;
use crate::journal::{Journal, StoredCertificate, StoredClient};

/// Most systems that are kept.
const CLIENTS_MAX: usize = 1_000;
/// Certificates of one system that hold at the same time: the one in use, and the one that is to replace it.
const CERTIFICATES: usize = 2;
/// Longest file of a request, bytes: PEM with a text before it.
const REQUEST_FILE_MAX: usize = 16 * 1024;

/// Connections of one system at the same time; as many as it may have requests at once where that is more.
pub(crate) const CONNECTIONS: usize = 64;
/// Downloads of one system that are made or sent at the same time: each is held in memory until it is read.
pub(crate) const DOWNLOADS: usize = 2;

/// A system that may come in.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) identity: PeerIdentity,
    pub(crate) scopes: Scopes,
    pub(crate) stored: StoredClient,
    /// Requests that it may have at once.
    slots: Arc<Semaphore>,
    /// Connections that it may have.
    rooms: Arc<Semaphore>,
    /// Downloads that it may have under way.
    downloads: Arc<Semaphore>,
    /// What it was refused.
    denials: Arc<Denials>,
    clock: Clock,
}

/// All systems. Clones share them.
#[derive(Debug, Clone)]
pub struct Clients(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    journal: Journal,
    /// Where the CA lies.
    dir: PathBuf,
    federation: FederationName,
    clock: Clock,
    requests_at_once: usize,
    serials: Serials,
    ca: OnceCell<ArcSwap<SystemsCa>>,
    by_name: RwLock<BTreeMap<String, Arc<Client>>>,
    /// One change at a time. What is let in no more, whatever the journal says.
    turn: Mutex<Revoked>,
    /// Where systems find the node; none while the port is off.
    port: OnceLock<PortEnd>,
    /// That one of them is another.
    changed: watch::Sender<()>,
}

impl Clients {
    /// The systems that the journal keeps. `dir` is where the CA for them lies, or will lie.
    ///
    /// # Errors
    /// Where the journal cannot be read, or holds what the program never writes.
    pub(crate) async fn open(
        journal: Journal,
        dir: &Path,
        federation: FederationName,
        clock: Clock,
        requests_at_once: usize,
    ) -> Result<Self, ClientError> {
        let (serials, revoked) = (Serials::default(), Revoked::load(dir)?);
        let mut by_name = BTreeMap::new();
        for mut stored in journal.clients().await? {
            stored.certificates.retain(|certificate| !revoked.holds(&certificate.serial));
            let scopes = Scopes::parse(&stored.scopes)?;
            let (org, name) = names(&stored.name)?;
            let identity = identity(&journal.identity().member, org, name);
            for certificate in &stored.certificates {
                serials.add(certificate.serial, identity.clone(), SerialState::Active);
            }
            by_name.insert(
                stored.name.clone(),
                Arc::new(Client::new(identity, scopes, stored, requests_at_once, clock.clone())),
            );
        }
        Ok(Self(Arc::new(Inner {
            journal,
            dir: dir.to_owned(),
            federation,
            clock,
            requests_at_once,
            serials,
            ca: OnceCell::new(),
            by_name: RwLock::new(by_name),
            turn: Mutex::new(revoked),
            port: OnceLock::new(),
            changed: watch::Sender::new(()),
        })))
    }

    /// The allow-list of their certificates.
    pub(crate) fn serials(&self) -> Serials {
        self.0.serials.clone()
    }

    /// All systems, by name.
    pub(crate) fn list(&self) -> Vec<Arc<Client>> {
        self.table().values().cloned().collect()
    }

    /// One system.
    ///
    /// # Errors
    /// [`ClientError::Unknown`].
    pub(crate) fn get(&self, name: &str) -> Result<Arc<Client>, ClientError> {
        let found = self.table().get(name).cloned();
        found.ok_or_else(|| ClientError::Unknown { name: name.chars().take(80).collect() })
    }

    /// Issues a system's first certificate, for the key of its request (PEM); no scopes means to read everything.
    ///
    /// # Errors
    /// Where the name is none or taken, a scope is none, or the request is refused.
    pub(crate) async fn add(
        &self,
        name: &str,
        request: &[u8],
        scopes: &[String],
        days: u32,
    ) -> Result<Arc<Client>, ClientError> {
        let (org, slug) = names(name)?;
        let scopes = if scopes.is_empty() { Scopes::read_all() } else { Scopes::parse(scopes)? };
        let mut turn = self.0.turn.lock().await;
        if self.table().get(name).is_some_and(|known| known.stored.revoked_ms.is_none()) {
            return Err(ClientError::Exists { name: name.to_owned() });
        }
        if self.table().len() >= CLIENTS_MAX && !self.table().contains_key(name) {
            return Err(ClientError::TooMany { max: CLIENTS_MAX });
        }
        let certificate = self.issue(&org, &slug, request, days).await?;
        let stored = StoredClient {
            name: name.to_owned(),
            scopes: scopes.to_texts(),
            added_ms: self.0.clock.now_ms(),
            revoked_ms: None,
            certificates: vec![certificate],
        };
        let identity = identity(&self.0.journal.identity().member, org, slug);
        self.put(Client::new(identity, scopes, stored, self.0.requests_at_once, self.0.clock.clone()), &mut turn).await
    }

    /// Issues another certificate for a system. Its two newest hold.
    ///
    /// # Errors
    /// Where there is no such system in force, or the request is refused.
    pub(crate) async fn renew(&self, name: &str, request: &[u8], days: u32) -> Result<Arc<Client>, ClientError> {
        let (org, slug) = names(name)?;
        let mut turn = self.0.turn.lock().await;
        let known = self.in_force(name)?;
        let certificate = self.issue(&org, &slug, request, days).await?;
        let mut stored = known.stored.clone();
        stored.certificates.insert(0, certificate);
        stored.certificates.truncate(CERTIFICATES);
        self.put(Client { stored, ..known.as_ref().shared() }, &mut turn).await
    }

    /// Says anew what a system may do.
    ///
    /// # Errors
    /// Where there is no such system in force, or a scope is none.
    pub(crate) async fn allow(&self, name: &str, scopes: &[String]) -> Result<Arc<Client>, ClientError> {
        let scopes = Scopes::parse(scopes)?;
        let mut turn = self.0.turn.lock().await;
        let known = self.in_force(name)?;
        let stored = StoredClient { scopes: scopes.to_texts(), ..known.stored.clone() };
        self.put(Client { scopes, stored, ..known.as_ref().shared() }, &mut turn).await
    }

    /// Lets a system in no more. Revoking twice changes nothing.
    ///
    /// # Errors
    /// Where there is no such system.
    pub(crate) async fn revoke(&self, name: &str) -> Result<Arc<Client>, ClientError> {
        let mut turn = self.0.turn.lock().await;
        let known = self.get(name)?;
        if known.stored.revoked_ms.is_some() {
            return Ok(known);
        }
        let (revoked_ms, certificates) = (Some(self.0.clock.now_ms()), Vec::new());
        let stored = StoredClient { revoked_ms, certificates, ..known.stored.clone() };
        self.put(Client { stored, ..known.as_ref().shared() }, &mut turn).await
    }

    /// Room for one more connection of a system, as long as the permit is held.
    ///
    /// # Errors
    /// Where it was revoked, or has as many connections as it may have.
    pub(crate) fn connect(&self, peer: &Peer) -> Result<OwnedSemaphorePermit, ClientError> {
        let client = self.known(peer)?;
        let max = CONNECTIONS.max(self.0.requests_at_once);
        let crowded = |_| ClientError::Crowded { identity: peer.identity.clone(), max };
        Arc::clone(&client.rooms).try_acquire_owned().map_err(crowded)
    }

    /// The system of a connection, for one request of it, which holds the permit as long as it is answered.
    ///
    /// # Errors
    /// Where it was revoked, or has as many requests at once as it may have.
    pub(crate) fn enter(&self, peer: &Peer) -> Result<(Arc<Client>, OwnedSemaphorePermit), ClientError> {
        let client = self.known(peer)?;
        let busy = |_| ClientError::Busy { identity: peer.identity.clone(), max: self.0.requests_at_once };
        let permit = Arc::clone(&client.slots).try_acquire_owned().map_err(busy)?;
        Ok((client, permit))
    }

    /// The system of a connection, while its certificate holds.
    fn known(&self, peer: &Peer) -> Result<Arc<Client>, ClientError> {
        let revoked = || ClientError::Revoked { identity: peer.identity.clone() };
        let PeerIdentity::System { member: _, org, name } = &peer.identity else { return Err(revoked()) };
        let client = self.table().get(&format!("{org}/{name}")).cloned().ok_or_else(revoked)?;
        // A system that was added anew has other certificates.
        let holds = |serial| client.stored.certificates.iter().any(|known| known.serial == serial);
        if client.identity != peer.identity || !peer.serial.is_some_and(holds) {
            return Err(revoked());
        }
        Ok(client)
    }

    /// A system as it is at this moment, for an answer that goes on.
    ///
    /// # Errors
    /// Where it was revoked, also where another was added by its name since.
    pub(crate) fn again(&self, client: &Arc<Client>) -> Result<Arc<Client>, ClientError> {
        let known = self.table().get(&client.stored.name).cloned();
        // What is changed of a system keeps its slots; one that is added anew has others.
        let same = known.filter(|known| known.stored.revoked_ms.is_none() && Arc::ptr_eq(&known.slots, &client.slots));
        same.ok_or_else(|| ClientError::Revoked { identity: client.identity.clone() })
    }

    /// Refusals that the log does not say yet and that were counted for a minute, or `all` of them: who, for want of which scope, how
    /// many.
    pub(crate) fn denials_due(&self, all: bool) -> Vec<(String, String, u64)> {
        let now_ms = if all { i64::MAX } else { self.0.clock.now_ms() };
        let of = |client: Arc<Client>| {
            let identity = client.identity.to_string();
            client.denials.due(now_ms).into_iter().map(move |(rule, times)| (identity.clone(), rule, times))
        };
        self.list().into_iter().flat_map(of).collect()
    }

    /// To be woken when what any system may do changes.
    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.0.changed.subscribe()
    }

    fn in_force(&self, name: &str) -> Result<Arc<Client>, ClientError> {
        let known = self.get(name)?;
        if known.stored.revoked_ms.is_none() {
            return Ok(known);
        }
        Err(ClientError::Revoked { identity: known.identity.clone() })
    }

    async fn issue(
        &self,
        org: &NodeName,
        name: &NodeName,
        request: &[u8],
        days: u32,
    ) -> Result<StoredCertificate, ClientError> {
        if request.len() > REQUEST_FILE_MAX {
            return Err(RequestError::TooLarge { bytes: request.len() }.into());
        }
        let der = pem::request(request).ok_or(RequestError::Malformed)?;
        let key = PublicKey::of_system(&der)?;
        let days = if days == 0 { CLIENT_DAYS } else { days };
        let issued_ms = self.0.clock.now_ms();
        let issued = self.ca().await?.issue(org, name, &key, self.0.now_ms(), random::bytes()?, days)?;
        let not_after_ms = i64::try_from(issued.not_after_ms).unwrap_or(i64::MAX);
        Ok(StoredCertificate { serial: issued.serial, certificate: issued.der, issued_ms, not_after_ms })
    }

    /// Stores a system, then puts it in force. What it holds no more is noted before anything else.
    async fn put(&self, client: Client, turn: &mut MutexGuard<'_, Revoked>) -> Result<Arc<Client>, ClientError> {
        let before = self.table().get(&client.stored.name).map(|known| known.stored.certificates.clone());
        let gone: Vec<_> = before
            .unwrap_or_default()
            .into_iter()
            .filter(|known| !client.stored.certificates.contains(known))
            .map(|known| (known.serial, known.not_after_ms))
            .collect();
        if !gone.is_empty() {
            let (mut revoked, now_ms) = (Revoked::clone(turn), self.0.clock.now_ms());
            let noting = tokio::task::spawn_blocking(move || revoked.add(gone, now_ms).map(|()| revoked)).await;
            **turn = noting.map_err(|_| ClientError::Interrupted)??;
        }
        self.0.journal.put_client(&client.stored).await?;
        let client = Arc::new(client);
        let name = client.stored.name.clone();
        self.0.by_name.write().unwrap_or_else(PoisonError::into_inner).insert(name, Arc::clone(&client));
        let holding: Vec<_> = client.stored.certificates.iter().map(|certificate| certificate.serial).collect();
        for (serial, _) in self.0.serials.serials_of(&client.identity) {
            if !holding.contains(&serial) {
                self.0.serials.revoke(&serial);
            }
        }
        for serial in holding {
            self.0.serials.add(serial, client.identity.clone(), SerialState::Active);
        }
        self.0.changed.send_replace(());
        Ok(client)
    }

    /// No step under the lock can panic half-way, so a poisoned table is a whole one.
    fn table(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<String, Arc<Client>>> {
        self.0.by_name.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    fn new(
        identity: PeerIdentity,
        scopes: Scopes,
        stored: StoredClient,
        requests_at_once: usize,
        clock: Clock,
    ) -> Self {
        let slots = Arc::new(Semaphore::new(requests_at_once));
        let rooms = Arc::new(Semaphore::new(CONNECTIONS.max(requests_at_once)));
        let downloads = Arc::new(Semaphore::new(DOWNLOADS));
        Self { identity, scopes, stored, slots, rooms, downloads, denials: Arc::default(), clock }
    }

    /// Counts that it was refused for want of this scope; how many such refusals the log is to say, none where it said enough.
    pub(crate) fn denied(&self, rule: &str) -> Option<u64> {
        self.denials.count(rule, self.clock.now_ms())
    }

    /// What it was refused since the process began.
    pub(crate) fn denials(&self) -> InAll {
        self.denials.in_all()
    }

    /// Room for one more download, as long as the permit is held.
    ///
    /// # Errors
    /// [`ClientError::Downloading`].
    pub(crate) fn download(&self) -> Result<OwnedSemaphorePermit, ClientError> {
        let full = |_| ClientError::Downloading { identity: self.identity.clone() };
        Arc::clone(&self.downloads).try_acquire_owned().map_err(full)
    }

    /// The same system, to be changed; its requests, connections, downloads and refusals count on.
    fn shared(&self) -> Self {
        let Self { identity, scopes, stored, slots, rooms, downloads, denials, clock } = self;
        Self {
            identity: identity.clone(),
            scopes: scopes.clone(),
            stored: stored.clone(),
            slots: Arc::clone(slots),
            rooms: Arc::clone(rooms),
            downloads: Arc::clone(downloads),
            denials: Arc::clone(denials),
            clock: clock.clone(),
        }
    }
}

fn identity(member: &MemberCode, org: NodeName, name: NodeName) -> PeerIdentity {
    PeerIdentity::System { member: member.clone(), org, name }
}

/// The two parts of a system's name, each a slug, which is a label of a DNS name too.
fn names(text: &str) -> Result<(NodeName, NodeName), ClientError> {
    let wrong = || ClientError::Name { value: text.chars().take(80).collect() };
    let (org, name) = text.split_once('/').ok_or_else(wrong)?;
    let label = |text: &str| text.parse::<NodeName>().ok().filter(|name| !name.as_str().contains('.'));
    Ok((label(org).ok_or_else(wrong)?, label(name).ok_or_else(wrong)?))
}

#[cfg(test)]
pub(crate) mod tests;
