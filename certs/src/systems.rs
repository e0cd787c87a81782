//! A node's own CA for the systems of its member: clients' certificates, the certificate of the port for them, its listener.
//!
//! In scope: making and loading the CA, signing a client's certificate for a request's public key, signing the port's own
//! certificate. `renewal`: the next CA. `verify`: who comes in there. `acceptor`: the port's handshakes. Out of scope: which systems there are and what
//! they may do (the node), the federation's CAs (`authority`), which know nothing of systems.
//!
//! The node makes the CA when it is first needed and it never leaves the node's directory: no other node and no hub believes it.
//! One file, `ca.key` (0600), holds key and certificate, so that a crash leaves both or none; `ca.pem` is a copy of the
//! certificate to hand out. Programs that people have at hand must be able to connect, so keys may be P-256, P-384 or RSA, and
//! names are whatever the systems dial; the CA has no name constraint therefore, and a client is let in by its serial alone.
//!
//! | certificate | key | life | holds |
//! |---|---|---|---|
//! | CA | P-384 | 10 years | CA, path length 0 |
//! | client | from its request | 365 days, at most 730 | `system/<code>/<org>/<name>` as one DNS and one URI name, clientAuth |
//! | port | P-256 | 60 days | the configured names, serverAuth |

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use multaqa_proto::id::{FederationName, MemberCode, NodeName};
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::pki_types::{CertificateDer, DnsName};
use zeroize::Zeroizing;

use crate::authority::IssuedCert;
use crate::check::Certificate;
use crate::name::{NameError, PeerIdentity};
use crate::profile::{BACKDATE_SECONDS, Validity, base};
use crate::request::{PublicKey, Wiped};
use crate::serials::Serial;
use crate::signer;
use crate::store::{self, PrivateKey, StoreError, TlsIdentity};

mod acceptor;
mod error;
mod renewal;
mod verify;

pub use acceptor::SystemAcceptor;
pub use error::SystemsError;
pub use verify::SystemVerifier;

const DAY: u64 = 24 * 3600;
/// Days that a client's certificate lives where nothing else is asked for.
pub const CLIENT_DAYS: u32 = 365;
/// Most days that a client's certificate may live.
pub const CLIENT_DAYS_MAX: u32 = 730;
const CA_SECONDS: u64 = 3652 * DAY;
const PORT_SECONDS: u64 = 60 * DAY;
const KEY_FILE: &str = "ca.key";
const CERTIFICATE_FILE: &str = "ca.pem";

/// A name by which systems dial the port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PortName {
    /// A DNS name, in lower case.
    Dns(String),
    /// An IP address.
    Ip(IpAddr),
}

impl FromStr for PortName {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        if let Ok(address) = s.parse() {
            return Ok(Self::Ip(address));
        }
        let name = DnsName::try_from(s).map_err(|_| format!("{s:?} is neither a DNS name nor an IP address"))?;
        Ok(Self::Dns(name.as_ref().to_ascii_lowercase()))
    }
}

impl fmt::Display for PortName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Ip(address) => address.fmt(f),
        }
    }
}

/// The CA of one node.
#[derive(Debug, Clone)]
pub struct SystemsCa {
    federation: FederationName,
    member: MemberCode,
    /// What signs for clients.
    issuing: Issuing,
    /// The one before it, while certificates that it signed are in use.
    previous: Option<Issuing>,
    dir: PathBuf,
}

/// A certificate of a CA with its key.
#[derive(Debug, Clone)]
struct Issuing {
    certificate: CertificateDer<'static>,
    key: PrivateKey,
    not_after: u64,
}

impl SystemsCa {
    /// Loads the CA of a directory; where there is none, makes it, with its directory.
    ///
    /// # Errors
    /// Where files are exposed or damaged, it is of another federation, or the disk refuses.
    pub fn open(
        dir: &Path,
        federation: &FederationName,
        member: &MemberCode,
        node: &NodeName,
        now_ms: u64,
        random: [u8; 16],
    ) -> Result<Self, SystemsError> {
        store::create_dir(dir)?;
        let path = dir.join(KEY_FILE);
        let identity = match TlsIdentity::load(&path) {
            Err(StoreError::Missing { .. }) => {
                let made = make(federation, &format!("systems of {member}/{node}"), now_ms, random)?;
                made.save_new(&path)?;
                made
            }
            found => found?,
        };
        let issuing = Issuing::of(identity, federation).ok_or(SystemsError::CaWrong { path })?;
        let previous = renewal::previous(dir, federation, &issuing)?;
        let (federation, member) = (federation.clone(), member.clone());
        let ca = Self { federation, member, issuing, previous, dir: dir.into() };
        ca.publish()?;
        Ok(ca)
    }

    /// Where its certificate lies, to be handed to systems: the whole path, which holds in whatever directory a line is run.
    #[must_use]
    pub fn certificate_path(&self) -> PathBuf {
        let path = self.dir.join(CERTIFICATE_FILE);
        std::path::absolute(&path).unwrap_or(path)
    }
    /// Its certificate, DER.
    #[must_use]
    pub const fn der(&self) -> &CertificateDer<'static> {
        &self.issuing.certificate
    }
    /// The last second of its life, Unix time.
    #[must_use]
    pub const fn not_after(&self) -> u64 {
        self.issuing.not_after
    }
    /// The federation of the node.
    #[must_use]
    pub const fn federation(&self) -> &FederationName {
        &self.federation
    }
    /// The member of the node.
    #[must_use]
    pub const fn member(&self) -> &MemberCode {
        &self.member
    }

    /// Signs the certificate of a member's system for so many days.
    ///
    /// # Errors
    /// Where the days are none or too many, the CA is expired or the crypto library fails.
    pub fn issue(
        &self,
        org: &NodeName,
        name: &NodeName,
        key: &PublicKey,
        now_ms: u64,
        random: [u8; 16],
        days: u32,
    ) -> Result<IssuedCert, SystemsError> {
        if days == 0 || days > CLIENT_DAYS_MAX {
            return Err(SystemsError::Life { days });
        }
        let identity = PeerIdentity::System { member: self.member.clone(), org: org.clone(), name: name.clone() };
        let validity = self.issuing.validity(now_ms, u64::from(days) * DAY)?;
        let serial = Serial::from_random(random);
        let mut params = leaf(&self.federation, &identity.to_string(), &serial, validity);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let (dns, uri) = (identity.dns(&self.federation)?, identity.uri(&self.federation)?);
        params.subject_alt_names = vec![SanType::DnsName(ia5(&dns)?), SanType::URI(ia5(&uri)?)];
        let der = signer::sign(&self.issuing.key, &self.issuing.certificate, &params, key.spki())?.to_vec();
        Ok(IssuedCert { der, serial, not_after_ms: validity.not_after * 1000 })
    }

    /// Makes a key and a certificate for the port, by which systems know it under these names.
    ///
    /// # Errors
    /// Where there is no name, the CA is expired or the crypto library fails.
    pub fn issue_port(&self, names: &[PortName], now_ms: u64, random: [u8; 16]) -> Result<TlsIdentity, SystemsError> {
        let first = names.first().ok_or(SystemsError::NoName)?;
        let issuing = self.of_port(now_ms);
        let validity = issuing.validity(now_ms, PORT_SECONDS)?;
        let mut params = leaf(&self.federation, &first.to_string(), &Serial::from_random(random), validity);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.subject_alt_names = names
            .iter()
            .map(|name| match name {
                PortName::Dns(name) => Ok(SanType::DnsName(ia5(name)?)),
                PortName::Ip(address) => Ok(SanType::IpAddress(*address)),
            })
            .collect::<Result<_, SystemsError>>()?;
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map(Wiped).map_err(|e| signer::failed(&e))?;
        let certificate = signer::sign(&issuing.key, &issuing.certificate, &params, &pair.0)?;
        let key = PrivateKey::from_pkcs8(Zeroizing::new(pair.0.serialize_der()));
        Ok(TlsIdentity { chain: vec![certificate], key })
    }

    /// Whether an identity of the port is to be used on: of the CA that signs for the port, of these names, and in the first two thirds of its life.
    #[must_use]
    pub fn keeps(&self, port: &TlsIdentity, names: &[PortName], now_ms: u64) -> bool {
        let Some(read) = port.chain.first().and_then(|leaf| Certificate::read(leaf)) else { return false };
        let Some(ca) = Certificate::read(&self.of_port(now_ms).certificate) else { return false };
        let mut asked: Vec<PortName> = names.to_vec();
        let dns = read.dns_names().into_iter().map(|name| PortName::Dns(name.to_owned()));
        let mut found: Vec<PortName> = dns.chain(read.addresses().into_iter().map(PortName::Ip)).collect();
        asked.sort();
        found.sort();
        let (from, until) = (read.not_before(), read.not_after());
        let now = now_ms / 1000;
        read.signed_by(&ca) && asked == found && now >= from && now < from + until.saturating_sub(from) * 2 / 3
    }
}

impl Issuing {
    /// A CA of this federation with its key.
    fn of(identity: TlsIdentity, federation: &FederationName) -> Option<Self> {
        let TlsIdentity { chain, key } = identity;
        let [certificate] = <[CertificateDer<'static>; 1]>::try_from(chain).ok()?;
        let read = Certificate::read(&certificate)?;
        let whole = read.is_ca() && read.signed_by(&read) && read.federation().as_ref() == Some(federation);
        let not_after = whole.then_some(read.not_after())?;
        let of_key = rcgen::PublicKeyData::subject_public_key_info(&signer::pair(&key).ok()?.0);
        let same = read.public_key() == of_key;
        same.then_some(Self { certificate, key, not_after })
    }

    fn validity(&self, now_ms: u64, seconds: u64) -> Result<Validity, SystemsError> {
        let now = now_ms / 1000;
        if self.not_after <= now {
            return Err(SystemsError::CaExpired { not_after: self.not_after });
        }
        let not_after = now.saturating_add(seconds).min(self.not_after);
        Ok(Validity { not_before: now.saturating_sub(BACKDATE_SECONDS), not_after })
    }
}

fn make(federation: &FederationName, name: &str, now_ms: u64, random: [u8; 16]) -> Result<TlsIdentity, SystemsError> {
    let now = now_ms / 1000;
    let validity =
        Validity { not_before: now.saturating_sub(BACKDATE_SECONDS), not_after: now.saturating_add(CA_SECONDS) };
    let pair = signer::generate()?;
    let mut params = base(federation, name, &Serial::from_random(random), validity);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params.self_signed(&pair.0).map_err(|e| signer::failed(&e))?;
    let key = PrivateKey::from_pkcs8(Zeroizing::new(pair.0.serialize_der()));
    Ok(TlsIdentity { chain: vec![certificate.der().clone()], key })
}

fn leaf(federation: &FederationName, common_name: &str, serial: &Serial, validity: Validity) -> CertificateParams {
    let mut params = base(federation, common_name, serial, validity);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    params
}

fn ia5<T: for<'a> TryFrom<&'a str>>(text: &str) -> Result<T, SystemsError> {
    T::try_from(text).map_err(|_| NameError::Malformed { value: text.to_owned(), rule: "ASCII characters only" }.into())
}
