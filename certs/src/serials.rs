//! The allow-list: which certificates may be connected at this moment, and whose connections are open.
//!
//! In scope: serials that are active or pending, open invitations, cutting what is revoked. In memory: the hub keeps the
//! list in its own store and loads it at start. Out of scope: who decides (operators, through the log).
//!
//! Each entry owns a cancellation token; every connection registers under its entry and gets a child of it. Looking up and
//! registering is one step under the lock, and so is removing: a connection either registers before a revocation and is cut
//! by it, or after it and is refused. A list that was restored does not know what was issued since: while it says so
//! ([`Serials::let_unproven`]), nodes' certificates that are not on it pass, to show otherwise that they are their owners'. Tokens of closed connections fall out of their parent by themselves, so the list
//! holds no more than what was admitted.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use multaqa_proto::hash::{hex, unhex};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::name::PeerIdentity;

/// A certificate's serial number: 16 bytes, positive, never shorter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial([u8; 16]);

impl Serial {
    /// A serial from 16 random bytes. The two top bits are set to 01, so that DER needs exactly 16 bytes: 126 random
    /// bits are left (RFC 5280 section 4.1.2.2 asks for a positive number of at most 20 bytes).
    #[must_use]
    pub const fn from_random(mut bytes: [u8; 16]) -> Self {
        bytes[0] = bytes[0] & 0x3f | 0x40;
        Self(bytes)
    }
    /// From stored or received bytes; none unless they are a serial as our CA makes them.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; 16] = bytes.try_into().ok()?;
        (bytes[0] & 0xc0 == 0x40).then_some(Self(bytes))
    }
    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}
impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl FromStr for Serial {
    type Err = SerialError;
    fn from_str(s: &str) -> Result<Self, SerialError> {
        unhex(s)
            .and_then(|bytes| Self::from_slice(&bytes))
            .ok_or_else(|| SerialError::Malformed { value: s.chars().take(80).collect() })
    }
}
impl serde::Serialize for Serial {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// Where a serial stands on the allow-list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SerialState {
    /// Issued, not used so far: the peer may not have stored it yet.
    Pending,
    /// In use.
    Active,
}

/// Why a connection may not be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SerialError {
    /// A text that is no serial.
    #[error("{value:?} is no serial: 32 hex digits, the first from 4 to 7")]
    Malformed {
        /// The text.
        value: String,
    },
    /// The serial is on the list neither as active nor as pending.
    #[error("the certificate {serial} of {identity} is not on the allow-list")]
    NotActive {
        /// The serial.
        serial: Serial,
        /// Whom the certificate names.
        identity: PeerIdentity,
    },
    /// The serial was given to somebody else.
    #[error("the certificate {serial} names {identity}, but the serial was issued to {owner}")]
    OtherOwner {
        /// The serial.
        serial: Serial,
        /// Whom the certificate names.
        identity: PeerIdentity,
        /// Whom the serial was issued to.
        owner: String,
    },
    /// No invitation with this key is open.
    #[error("no open invitation has the key {key}")]
    NotInvited {
        /// The Ed25519 public key, hex.
        key: String,
    },
}

impl SerialError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "SERIAL_MALFORMED",
            Self::NotActive { .. } => "SERIAL_NOT_ACTIVE",
            Self::OtherOwner { .. } => "SERIAL_OTHER_OWNER",
            Self::NotInvited { .. } => "INVITATION_NOT_OPEN",
        }
    }
    /// The values that its text names.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Malformed { value } => vec![("value", value.clone())],
            Self::NotActive { serial, identity } => {
                vec![("serial", serial.to_string()), ("identity", identity.to_string())]
            }
            Self::OtherOwner { serial, identity, owner } => {
                vec![("serial", serial.to_string()), ("identity", identity.to_string()), ("owner", owner.clone())]
            }
            Self::NotInvited { key } => vec![("key", key.clone())],
        }
    }
}

/// The allow-list. Clones share one list.
#[derive(Debug, Clone, Default)]
pub struct Serials(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    serials: HashMap<Serial, Allowed>,
    invitations: HashMap<[u8; 32], CancellationToken>,
    /// Of the connections whose certificates are not on the list; none where they are refused.
    unproven: Option<CancellationToken>,
}

#[derive(Debug)]
struct Allowed {
    identity: PeerIdentity,
    state: SerialState,
    cut: CancellationToken,
}

#[expect(clippy::must_use_candidate, reason = "what they change is on the list, what they return is by the way")]
impl Serials {
    /// A list of what the hub has stored.
    #[must_use]
    pub fn load(entries: impl IntoIterator<Item = (Serial, PeerIdentity, SerialState)>) -> Self {
        let list = Self::default();
        for (serial, identity, state) in entries {
            list.add(serial, identity, state);
        }
        list
    }

    /// Adds a certificate that was issued and not used so far.
    pub fn add_pending(&self, serial: Serial, identity: PeerIdentity) {
        self.add(serial, identity, SerialState::Pending);
    }

    /// Adds a certificate in a state. A serial that is on the list keeps its owner and its connections.
    pub fn add(&self, serial: Serial, identity: PeerIdentity, state: SerialState) {
        self.table().serials.entry(serial).or_insert_with(|| Allowed {
            identity,
            state,
            cut: CancellationToken::new(),
        });
    }

    /// Marks a certificate as in use; false where it is not on the list.
    pub fn activate(&self, serial: &Serial) -> bool {
        let mut table = self.table();
        let found = table.serials.get_mut(serial);
        found.map(|allowed| allowed.state = SerialState::Active).is_some()
    }

    /// Where a serial stands; none where it is not on the list.
    #[must_use]
    pub fn state(&self, serial: &Serial) -> Option<SerialState> {
        self.table().serials.get(serial).map(|allowed| allowed.state)
    }

    /// All serials of a peer, in no order.
    #[must_use]
    pub fn serials_of(&self, identity: &PeerIdentity) -> Vec<(Serial, SerialState)> {
        let table = self.table();
        let of_peer = table.serials.iter().filter(|(_, allowed)| allowed.identity == *identity);
        of_peer.map(|(serial, allowed)| (*serial, allowed.state)).collect()
    }

    /// Takes a certificate off the list, then cuts its connections; false where it was not on it.
    pub fn revoke(&self, serial: &Serial) -> bool {
        let removed = self.table().serials.remove(serial);
        removed.map(|allowed| allowed.cut.cancel()).is_some()
    }

    /// Takes all certificates of a peer off the list, then cuts their connections; how many there were.
    pub fn revoke_identity(&self, identity: &PeerIdentity) -> usize {
        let removed: Vec<Allowed> = {
            let mut table = self.table();
            table.serials.extract_if(|_, allowed| allowed.identity == *identity).map(|(_, allowed)| allowed).collect()
        };
        for allowed in &removed {
            allowed.cut.cancel();
        }
        removed.len()
    }

    /// Lets in nodes whose certificates are not on the list, or refuses them again and cuts their connections. What they may
    /// do is for the hub to decide: [`Serials::state`] knows none of them.
    pub fn let_unproven(&self, may: bool) {
        let mut table = self.table();
        match (may, table.unproven.take()) {
            (true, before) => table.unproven = Some(before.unwrap_or_default()),
            (false, Some(before)) => before.cancel(),
            (false, None) => {}
        }
    }

    /// Whether this certificate of this peer may connect.
    ///
    /// # Errors
    /// [`SerialError::NotActive`] and [`SerialError::OtherOwner`].
    pub fn check(&self, serial: &Serial, identity: &PeerIdentity) -> Result<(), SerialError> {
        cut(&self.table(), serial, identity).map(|_| ())
    }

    /// Registers a connection of this certificate. Its token is cancelled when the certificate is revoked.
    ///
    /// # Errors
    /// As [`Serials::check`].
    pub fn register(&self, serial: &Serial, identity: &PeerIdentity) -> Result<CancellationToken, SerialError> {
        cut(&self.table(), serial, identity).map(CancellationToken::child_token)
    }

    /// Opens an invitation: whoever proves to hold this key may connect.
    pub fn invite(&self, public_key: [u8; 32]) {
        self.table().invitations.entry(public_key).or_default();
    }

    /// Closes an invitation, then cuts its connections; false where it was not open.
    pub fn uninvite(&self, public_key: &[u8; 32]) -> bool {
        let removed = self.table().invitations.remove(public_key);
        removed.map(|cut| cut.cancel()).is_some()
    }

    /// Whether an invitation with this key is open.
    ///
    /// # Errors
    /// [`SerialError::NotInvited`].
    pub fn check_invited(&self, public_key: &[u8; 32]) -> Result<(), SerialError> {
        invited(&self.table(), public_key).map(|_| ())
    }

    /// Registers a connection of an invitation's holder. Its token is cancelled when the invitation is closed.
    ///
    /// # Errors
    /// [`SerialError::NotInvited`].
    pub fn register_invited(&self, public_key: &[u8; 32]) -> Result<CancellationToken, SerialError> {
        invited(&self.table(), public_key).map(CancellationToken::child_token)
    }

    /// No step under the lock can panic half-way, so a poisoned list is a whole one.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The token of a certificate's connections.
fn cut<'t>(table: &'t Table, serial: &Serial, identity: &PeerIdentity) -> Result<&'t CancellationToken, SerialError> {
    match (allowed(table, serial, identity), &table.unproven) {
        (Ok(allowed), _) => Ok(&allowed.cut),
        (Err(SerialError::NotActive { identity: PeerIdentity::Node(..), .. }), Some(unproven)) => Ok(unproven),
        (Err(error), _) => Err(error),
    }
}

fn allowed<'t>(table: &'t Table, serial: &Serial, identity: &PeerIdentity) -> Result<&'t Allowed, SerialError> {
    let (serial, identity) = (*serial, identity.clone());
    match table.serials.get(&serial) {
        None => Err(SerialError::NotActive { serial, identity }),
        Some(allowed) if allowed.identity != identity => {
            Err(SerialError::OtherOwner { serial, identity, owner: allowed.identity.to_string() })
        }
        Some(allowed) => Ok(allowed),
    }
}

fn invited<'t>(table: &'t Table, public_key: &[u8; 32]) -> Result<&'t CancellationToken, SerialError> {
    table.invitations.get(public_key).ok_or_else(|| SerialError::NotInvited { key: hex(public_key) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str) -> PeerIdentity {
        format!("node/JO/{name}").parse().unwrap()
    }

    fn serial(n: u8) -> Serial {
        Serial::from_random([n; 16])
    }

    #[test]
    fn serials_are_sixteen_positive_bytes() {
        for n in 0..=255 {
            let made = Serial::from_random([n; 16]);
            assert_eq!(Serial::from_slice(made.as_bytes()), Some(made));
            assert_eq!(made.to_string().parse::<Serial>().unwrap(), made);
        }
        assert!(Serial::from_slice(&[0x80; 16]).is_none());
        assert!(Serial::from_slice(&[0x40; 15]).is_none());
        assert_eq!("zz".parse::<Serial>().unwrap_err().code(), "SERIAL_MALFORMED");
    }

    #[test]
    fn revoking_cuts_what_is_open_and_refuses_what_comes() {
        let list = Serials::load([(serial(1), node("gw1"), SerialState::Active)]);
        list.add_pending(serial(2), node("gw1"));
        list.add_pending(serial(3), node("gw2"));
        let first = list.register(&serial(1), &node("gw1")).unwrap();
        let second = list.register(&serial(2), &node("gw1")).unwrap();
        let other = list.register(&serial(3), &node("gw2")).unwrap();
        assert!(list.revoke(&serial(1)));
        assert!(!list.revoke(&serial(1)));
        assert!(first.is_cancelled() && !second.is_cancelled());
        assert_eq!(list.register(&serial(1), &node("gw1")).unwrap_err().code(), "SERIAL_NOT_ACTIVE");
        assert_eq!(list.revoke_identity(&node("gw1")), 1);
        assert!(second.is_cancelled() && !other.is_cancelled());
    }

    #[test]
    fn pending_becomes_active_and_belongs_to_one_peer() {
        let list = Serials::default();
        assert!(!list.activate(&serial(1)));
        list.add_pending(serial(1), node("gw1"));
        assert_eq!(list.state(&serial(1)), Some(SerialState::Pending));
        assert!(list.activate(&serial(1)));
        assert_eq!(list.serials_of(&node("gw1")), vec![(serial(1), SerialState::Active)]);
        list.add_pending(serial(1), node("gw2"));
        assert_eq!(list.check(&serial(1), &node("gw2")).unwrap_err().code(), "SERIAL_OTHER_OWNER");
    }

    #[test]
    fn a_restored_list_lets_nodes_in_that_it_does_not_know_until_it_does_not() {
        let list = Serials::default();
        list.let_unproven(true);
        let open = list.register(&serial(1), &node("gw1")).unwrap();
        assert_eq!(list.state(&serial(1)), None);
        assert_eq!(list.check(&serial(2), &"operator/first".parse().unwrap()).unwrap_err().code(), "SERIAL_NOT_ACTIVE");
        list.add_pending(serial(3), node("gw1"));
        assert_eq!(list.check(&serial(3), &node("gw2")).unwrap_err().code(), "SERIAL_OTHER_OWNER");
        list.let_unproven(false);
        assert!(open.is_cancelled());
        assert_eq!(list.check(&serial(1), &node("gw1")).unwrap_err().code(), "SERIAL_NOT_ACTIVE");
    }

    #[test]
    fn closing_an_invitation_cuts_its_connections() {
        let list = Serials::default();
        assert_eq!(list.check_invited(&[9; 32]).unwrap_err().code(), "INVITATION_NOT_OPEN");
        list.invite([9; 32]);
        let open = list.register_invited(&[9; 32]).unwrap();
        list.invite([9; 32]);
        assert!(list.uninvite(&[9; 32]));
        assert!(open.is_cancelled());
        assert!(list.register_invited(&[9; 32]).is_err());
    }

    #[test]
    fn a_race_of_registering_and_revoking_leaves_nothing_open() {
        for _ in 0..200 {
            let list = Serials::load([(serial(1), node("gw1"), SerialState::Active)]);
            let racing = list.clone();
            let connecting = std::thread::spawn(move || racing.register(&serial(1), &node("gw1")));
            list.revoke(&serial(1));
            if let Ok(token) = connecting.join().unwrap() {
                assert!(token.is_cancelled());
            }
        }
    }
}
