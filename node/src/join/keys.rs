//! The node's keys, and the `key` record that names them: made once, stored before they are used.
//!
//! In scope: files of a join that may be repeated. Out of scope: sending (`redeem`).

use std::path::Path;

use ed25519_dalek::SigningKey;
use multaqa_certs::random;
use multaqa_certs::request::NewKey;
use multaqa_certs::store::{self, Mode, PrivateKey};
use multaqa_proto::directory::possession::{NodeSecrets, Subject, prove};
use multaqa_proto::directory::renewal::{Renewal, SignedRenewal};
use multaqa_proto::hash::{Hash, hex, record_id, unhex};
use multaqa_proto::id::ObjectId;
use multaqa_proto::join_key::JoinKey;
use multaqa_proto::number::Seq;
use multaqa_proto::record::audience::{Audience, Part};
use multaqa_proto::record::content::{Body, Content};
use multaqa_proto::record::{ChainPlace, Draft, Received, sign};
use multaqa_runtime::clock::Clock;
use prost::Message as _;
use prost::bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::JoinError;
use crate::config::Layout;
use crate::journal::OwnRecord;

/// All keys of a node.
pub(super) struct Keys {
    record: SigningKey,
    witness: SigningKey,
    session: SigningKey,
    /// The TLS key, and the request for its certificate.
    pub(super) tls: PrivateKey,
    pub(super) request: Vec<u8>,
}

/// What a join sends, as `join.json` holds it. Nothing in it is secret.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Joining {
    invitation: String,
    statement: String,
    content: String,
    signature: String,
    signed_at_ms: i64,
}

impl Keys {
    pub(super) fn load_or_make(layout: &Layout) -> Result<Self, JoinError> {
        store::create_dir(&layout.keys_dir())?;
        let (tls, request) = tls_key(layout)?;
        Ok(Self {
            record: signing_key(&layout.key("record"))?,
            witness: signing_key(&layout.key("witness"))?,
            session: signing_key(&layout.key("session"))?,
            tls,
            request,
        })
    }

    /// The `key` record that redeems this invitation: the stored one, otherwise a new one, stored.
    pub(super) fn key_record(&self, layout: &Layout, key: &JoinKey, clock: &Clock) -> Result<OwnRecord, JoinError> {
        let path = layout.joining();
        if path.exists() {
            let stored = read_joining(&path)?;
            if stored.0 == key.invitation.to_string() {
                return Ok(stored.1);
            }
        }
        let own = self.sign_key_record(key, clock.now_ms())?;
        let Received { statement, content, signature } = &own.record;
        let joining = Joining {
            invitation: key.invitation.to_string(),
            statement: hex(statement),
            content: hex(content.as_deref().unwrap_or_default()),
            signature: hex(signature),
            signed_at_ms: own.signed_at_ms,
        };
        let text = serde_json::json!(joining).to_string();
        store::replace(&path, text.as_bytes(), Mode::Secret)?;
        Ok(own)
    }

    /// Says by the record key which certificate request is this node's.
    pub(super) fn sign_request(&self, key: &JoinKey, now_ms: i64) -> SignedRenewal {
        let renewal = Renewal {
            genesis: key.genesis,
            member: key.member.clone(),
            node: key.node.clone(),
            certificate_request: Hash::of(&self.request),
            asked_at_ms: now_ms,
        };
        renewal.sign(&self.record)
    }

    fn sign_key_record(&self, key: &JoinKey, now_ms: i64) -> Result<OwnRecord, JoinError> {
        let subject = Subject {
            genesis: key.genesis,
            member: key.member.clone(),
            node: key.node.clone(),
            invitation: key.invitation,
        };
        let secrets = NodeSecrets { record: &self.record, witness: &self.witness, session: &self.session };
        let payload = prove(&subject, key.epoch, &secrets).encode_to_vec();
        let malformed = |_| multaqa_proto::join_key::JoinKeyMalformed("member or node");
        let content = Content {
            salt: random::bytes()?,
            id: ObjectId::new(&key.member, "key", &format!("{}-{}", key.node, key.epoch)).map_err(malformed)?,
            revision: 1,
            replaces: Vec::new(),
            audience: Audience::new([Part::Members]).map_err(malformed)?,
            authored_at_ms: now_ms,
            seen: None,
            body: Body::Payload(payload.into()),
        };
        let place = ChainPlace {
            federation: Some(key.genesis),
            writer: key.writer(),
            epoch: key.epoch,
            seq: Seq(1),
            previous: None,
        };
        let draft = Draft { content, lane: random::bytes()? };
        let signed = sign(&place, &[draft], &key.secret).into_iter().next();
        let (record_id, record) = signed.ok_or(multaqa_proto::join_key::JoinKeyMalformed("nothing could be signed"))?;
        Ok(OwnRecord { record_id, record, signed_at_ms: now_ms })
    }
}

/// Deletes what only the join needed, as far as it is there.
pub(super) fn forget(layout: &Layout) -> Result<(), JoinError> {
    for path in [layout.joining(), layout.key("tls"), request_path(layout)] {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(JoinError::Directory { path, detail: error.to_string() });
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn request_path(layout: &Layout) -> std::path::PathBuf {
    layout.keys_dir().join("tls.csr")
}

fn signing_key(path: &Path) -> Result<SigningKey, JoinError> {
    match store::load_ed25519(path) {
        Err(store::StoreError::Missing { .. }) => {
            let seed = zeroize::Zeroizing::new(random::bytes::<32>()?);
            let key = SigningKey::from_bytes(&seed);
            store::create_ed25519(path, &key)?;
            Ok(key)
        }
        loaded => Ok(loaded?),
    }
}

/// The TLS key and its request. The request is written last: where it is missing, both are made anew.
fn tls_key(layout: &Layout) -> Result<(PrivateKey, Vec<u8>), JoinError> {
    let (key_path, request_path) = (layout.key("tls"), request_path(layout));
    if request_path.exists() {
        let request = store::read(&request_path, Mode::Secret)?;
        return Ok((store::load_key(&key_path)?, request.to_vec()));
    }
    let NewKey { key, request } = NewKey::generate()?;
    store::save_key(&key_path, &key)?;
    store::replace(&request_path, &request, Mode::Secret)?;
    Ok((key, request))
}

/// Invitation and record of a join that was begun.
fn read_joining(path: &Path) -> Result<(String, OwnRecord), JoinError> {
    let wrong = |detail: &str| JoinError::Directory { path: path.to_owned(), detail: detail.to_owned() };
    let text = store::read(path, Mode::Secret)?;
    let joining: Joining = serde_json::from_slice(&text).map_err(|error| wrong(&error.to_string()))?;
    let Joining { invitation, statement, content, signature, signed_at_ms } = joining;
    let bytes = |text: &str| unhex(text).map(Bytes::from).ok_or_else(|| wrong("not hexadecimal"));
    let record =
        Received { statement: bytes(&statement)?, content: Some(bytes(&content)?), signature: bytes(&signature)? };
    let record_id = record_id(&record.statement);
    Ok((invitation, OwnRecord { record_id, record, signed_at_ms }))
}
