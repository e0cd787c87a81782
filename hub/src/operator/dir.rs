//! An operator's directory: its keys, who it is, where its chain stands.
//!
//! | file | what |
//! |---|---|
//! | `record.key` | signs the operator's records, Ed25519, PKCS#8 PEM, 0600 |
//! | `tls.pem` | key and certificates of its connections, 0600, one file so that a renewal cannot part them |
//! | `root.pem` | the federation's root |
//! | `operator.json` | name, federation, genesis, lane, addresses of the hub |
//! | `chain.json` | head of the own chain, written before each submit |
//!
//! In scope: reading and writing them. Out of scope: what the chain allows (`chain`), making the directory (`cli::init`).

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use multaqa_certs::store::{self, Mode, StoreError, TlsIdentity};
use multaqa_proto::hash::{Hash, RecordId, hex, unhex};
use multaqa_proto::id::{FederationName, OperatorName, Writer};
use multaqa_proto::number::Seq;
use multaqa_proto::record::Received;
use multaqa_runtime::output;
use serde::{Deserialize, Serialize};

use super::chain::Chain;
use super::problem::Problem;
use crate::identity::{ends_soon, in_ms};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorDir(PathBuf);

/// Who the operator is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: OperatorName,
    /// The federation.
    pub federation: FederationName,
    /// Record id of the genesis.
    pub genesis: RecordId,
    /// Its name for the audience of its records.
    pub lane: [u8; 16],
    /// Addresses of the hub, `host:port`.
    pub hubs: Vec<String>,
}

impl Profile {
    /// Its writer.
    #[must_use]
    pub fn writer(&self) -> Writer {
        Writer::Operator(self.name.clone())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    name: OperatorName,
    federation: FederationName,
    genesis: String,
    lane: String,
    hubs: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChainFile {
    seq: u64,
    record_id: String,
    previous: Option<String>,
    unanswered: Option<RecordFile>,
}

/// The three byte strings of a record, base64.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordFile {
    statement: String,
    content: String,
    signature: String,
}

impl OperatorDir {
    /// The directory at this path.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }
    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Whether there is an operator's directory at all.
    #[must_use]
    pub fn is_one(&self) -> bool {
        self.0.join("operator.json").exists()
    }

    /// The key that signs the operator's records.
    ///
    /// # Errors
    /// Where the file is missing, exposed or damaged.
    pub fn record_key(&self) -> Result<SigningKey, StoreError> {
        store::load_ed25519(&self.0.join("record.key"))
    }
    /// Key and certificates of its connections.
    ///
    /// # Errors
    /// Where the file is missing, exposed or damaged.
    pub fn identity(&self) -> Result<TlsIdentity, StoreError> {
        TlsIdentity::load(&self.0.join("tls.pem"))
    }
    /// What warns of the end of its certificate, from two days before it.
    ///
    /// # Errors
    /// Where the identity or the profile is missing, exposed or damaged.
    pub fn certificate_ends(&self, now_ms: i64) -> Result<Option<Problem>, Problem> {
        let malformed = StoreError::Malformed { path: self.0.join("tls.pem"), what: "certificate" };
        let (_, not_after) = self.identity()?.life().ok_or(malformed)?;
        if !ends_soon(in_ms(not_after), now_ms) {
            return Ok(None);
        }
        let (name, until) = (self.profile()?.name, output::instant(in_ms(not_after)));
        let args: [(_, &dyn std::fmt::Display); 3] =
            [("operator", &name), ("until", &until), ("dir", &self.0.display())];
        Ok(Some(Problem::new("OPERATOR_CERTIFICATE_ENDS", &args)))
    }
    /// Where the federation's root certificate lies.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.0.join("root.pem")
    }

    /// Who the operator is.
    ///
    /// # Errors
    /// Where the file is missing or damaged.
    pub fn profile(&self) -> Result<Profile, Problem> {
        let path = self.0.join("operator.json");
        let damaged = || Problem::from(StoreError::Malformed { path: path.clone(), what: "operator's profile" });
        let text = store::read(&path, Mode::Public)?;
        let ProfileFile { name, federation, genesis, lane, hubs } =
            serde_json::from_slice(&text).map_err(|_| damaged())?;
        let genesis = genesis.parse().map_err(|_| damaged())?;
        let lane = unhex(&lane).and_then(|lane| lane.try_into().ok()).ok_or_else(damaged)?;
        Ok(Profile { name, federation, genesis, lane, hubs })
    }
    /// Writes who the operator is.
    ///
    /// # Errors
    /// Where the file exists or the disk refuses.
    pub fn create_profile(&self, profile: &Profile) -> Result<(), Problem> {
        let Profile { name, federation, genesis, lane, hubs } = profile.clone();
        let file = ProfileFile { name, federation, genesis: genesis.to_string(), lane: hex(&lane), hubs };
        Ok(store::create(&self.0.join("operator.json"), &json(&file)?, Mode::Public)?)
    }

    /// The head of the own chain; none where nothing was signed from here.
    ///
    /// # Errors
    /// Where the file is exposed or damaged.
    pub fn chain(&self) -> Result<Option<Chain>, Problem> {
        let path = self.chain_path();
        let damaged = || StoreError::Malformed { path: path.clone(), what: "operator's chain" };
        let text = match store::read(&path, Mode::Secret) {
            Err(StoreError::Missing { .. }) => return Ok(None),
            text => text?,
        };
        let file: ChainFile = serde_json::from_slice(&text).map_err(|_| damaged())?;
        Ok(Some(file.parse().ok_or_else(damaged)?))
    }
    /// Writes the head of the own chain, in place of what was there.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn write_chain(&self, chain: &Chain) -> Result<(), Problem> {
        Ok(store::replace(&self.chain_path(), &json(&ChainFile::of(chain))?, Mode::Secret)?)
    }
    /// The hub never ordered the newest record: the one before it is the head again.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn step_back(&self, chain: &Chain) -> Result<(), Problem> {
        match chain.previous {
            Some(record_id) => {
                // Nothing is sent again from here on, so what stood before this head is never asked for.
                let seq = Seq(chain.seq.0.saturating_sub(1));
                self.write_chain(&Chain { seq, record_id, previous: None, unanswered: None })
            }
            None => std::fs::remove_file(self.chain_path())
                .map_err(|error| StoreError::Io { path: self.chain_path(), why: error.to_string() }.into()),
        }
    }

    fn chain_path(&self) -> PathBuf {
        self.0.join("chain.json")
    }
}

impl ChainFile {
    fn of(chain: &Chain) -> Self {
        Self {
            seq: chain.seq.0,
            record_id: chain.record_id.to_string(),
            previous: chain.previous.map(|id| id.to_string()),
            unanswered: chain.unanswered.as_ref().map(|record| RecordFile {
                statement: STANDARD.encode(&record.statement),
                content: STANDARD.encode(record.content.as_deref().unwrap_or_default()),
                signature: STANDARD.encode(&record.signature),
            }),
        }
    }
    fn parse(self) -> Option<Chain> {
        let bytes = |text: &str| STANDARD.decode(text).ok().map(bytes::Bytes::from);
        let record = |record: RecordFile| {
            let RecordFile { statement, content, signature } = record;
            let content = Some(bytes(&content)?);
            Some(Received { statement: bytes(&statement)?, content, signature: bytes(&signature)? })
        };
        let hash = |text: String| text.parse::<Hash>().ok();
        Some(Chain {
            seq: Seq(self.seq),
            record_id: hash(self.record_id)?,
            previous: self.previous.map(|id| hash(id).ok_or(())).transpose().ok()?,
            unanswered: self.unanswered.map(|file| record(file).ok_or(())).transpose().ok()?,
        })
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec_pretty(value)
        .map_err(|error| Problem::new(multaqa_runtime::code::OUTPUT_FAILED, &[("detail", &error)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_survives_its_file_and_steps_back_once() {
        let home = tempfile::tempdir().unwrap();
        let dir = OperatorDir::at(home.path());
        assert_eq!(dir.chain().unwrap(), None);
        let record = Received {
            statement: bytes::Bytes::from_static(b"s"),
            content: Some(bytes::Bytes::from_static(b"c")),
            signature: bytes::Bytes::from_static(b"g"),
        };
        let chain =
            Chain { seq: Seq(3), record_id: Hash([3; 32]), previous: Some(Hash([2; 32])), unanswered: Some(record) };
        dir.write_chain(&chain).unwrap();
        assert_eq!(dir.chain().unwrap().as_ref(), Some(&chain));
        dir.step_back(&chain).unwrap();
        let before = dir.chain().unwrap().unwrap();
        assert_eq!((before.seq, before.record_id, before.unanswered), (Seq(2), Hash([2; 32]), None));
        std::fs::write(home.path().join("chain.json"), "{}").unwrap();
        assert_eq!(dir.chain().unwrap_err().code, "STORE_FILE_MALFORMED");
    }

    #[test]
    fn a_profile_survives_its_file() {
        let home = tempfile::tempdir().unwrap();
        let dir = OperatorDir::at(home.path());
        let profile = Profile {
            name: "first".parse().unwrap(),
            federation: "multaqa.example".parse().unwrap(),
            genesis: Hash([1; 32]),
            lane: [2; 16],
            hubs: vec!["127.0.0.1:7400".to_owned()],
        };
        dir.create_profile(&profile).unwrap();
        assert_eq!(dir.profile().unwrap(), profile);
        assert_eq!(dir.create_profile(&profile).unwrap_err().code, "STORE_FILE_EXISTS");
    }
}
