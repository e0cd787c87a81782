//! Whether a certificate keeps to its profile, rule by rule.
//!
//! In scope: reading a certificate and naming every rule that it breaks. Strict: exactly the extensions of the profile, with
//! the right criticality, and nothing else. Out of scope: signatures, chains, time and revocation (`verify`).
//!
//! Chain checks alone let through more than we issue: a certificate with only a URI escapes the issuing CA's DNS zone, and a
//! common name is no name at all. Whoever steals an issuing key is held to this list.

use std::net::IpAddr;

use multaqa_proto::id::FederationName;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry as oid;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Version};

use crate::name::{NameError, PeerIdentity};
use crate::profile::{BACKDATE_SECONDS, Profile, Purpose};
use crate::serials::Serial;

mod rule;

pub use rule::{Broken, Rule};

/// Longest certificate that is read, bytes of DER.
pub const CERTIFICATE_MAX: usize = 8 * 1024;

/// A certificate, read but not verified.
#[derive(Debug, Clone)]
pub struct Certificate<'a>(X509Certificate<'a>);

impl<'a> Certificate<'a> {
    /// Reads one certificate; none where it is too long, malformed or followed by anything.
    #[must_use]
    pub fn read(der: &'a [u8]) -> Option<Self> {
        if der.len() > CERTIFICATE_MAX {
            return None;
        }
        let (rest, x509) = X509Certificate::from_der(der).ok()?;
        rest.is_empty().then_some(Self(x509))
    }

    /// The serial, where it is one of ours.
    #[must_use]
    pub fn serial(&self) -> Option<Serial> {
        Serial::from_slice(self.0.raw_serial())
    }
    /// The serial's bytes, whatever they are.
    #[must_use]
    pub fn raw_serial(&self) -> &[u8] {
        self.0.raw_serial()
    }
    /// The first second of its life, Unix time; 0 before 1970.
    #[must_use]
    pub fn not_before(&self) -> u64 {
        u64::try_from(self.0.validity().not_before.timestamp()).unwrap_or(0)
    }
    /// The last second of its life, Unix time; 0 before 1970.
    #[must_use]
    pub fn not_after(&self) -> u64 {
        u64::try_from(self.0.validity().not_after.timestamp()).unwrap_or(0)
    }
    /// The subject as text.
    #[must_use]
    pub fn subject(&self) -> String {
        self.0.subject().to_string()
    }
    /// The issuer as text.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.0.issuer().to_string()
    }
    /// The subject's public key (SubjectPublicKeyInfo, DER).
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        self.0.public_key().raw
    }
    /// What the key is, in words.
    #[must_use]
    pub fn key_name(&self) -> String {
        key_name(self.0.public_key())
    }
    /// The Ed25519 public key, where it is one.
    #[must_use]
    pub fn ed25519(&self) -> Option<[u8; 32]> {
        let spki = self.0.public_key();
        let ed25519 = spki.algorithm.algorithm == oid::OID_SIG_ED25519 && spki.algorithm.parameters.is_none();
        ed25519.then(|| spki.subject_public_key.data.as_ref().try_into().ok()).flatten()
    }
    /// The URI names.
    #[must_use]
    pub fn uris(&self) -> Vec<&str> {
        let uri = |name: &GeneralName<'a>| if let GeneralName::URI(uri) = name { Some(*uri) } else { None };
        self.alt_names().iter().filter_map(uri).collect()
    }
    /// The DNS names.
    #[must_use]
    pub fn dns_names(&self) -> Vec<&str> {
        let dns = |name: &GeneralName<'a>| if let GeneralName::DNSName(dns) = name { Some(*dns) } else { None };
        self.alt_names().iter().filter_map(dns).collect()
    }
    /// The IP addresses; one that is neither of version 4 nor 6 is left out.
    #[must_use]
    pub fn addresses(&self) -> Vec<IpAddr> {
        let address = |name: &GeneralName<'a>| {
            let GeneralName::IPAddress(bytes) = name else { return None };
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok()
        };
        self.alt_names().iter().filter_map(address).collect()
    }
    /// Whether it says to be a CA.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.0.is_ca()
    }
    /// Whether it allows the purpose.
    #[must_use]
    pub fn allows(&self, purpose: Purpose) -> bool {
        self.0.extended_key_usage().ok().flatten().is_some_and(|usage| match purpose {
            Purpose::Server => usage.value.server_auth,
            Purpose::Client => usage.value.client_auth,
        })
    }
    /// The federation that a CA's subject names.
    #[must_use]
    pub fn federation(&self) -> Option<FederationName> {
        let mut names = self.0.subject().iter_organization();
        let name = names.next()?.as_str().ok()?.parse().ok()?;
        names.next().is_none().then_some(name)
    }
    /// Whether this key signed the certificate itself.
    #[must_use]
    pub fn signed_by(&self, issuer: &Self) -> bool {
        self.0.verify_signature(Some(issuer.0.public_key())).is_ok()
    }

    /// The profile that the certificate seems to be made after: by its CA flag, zone and URI. Says nothing of validity.
    #[must_use]
    pub fn likely_profile(&self) -> Profile {
        if self.is_ca() {
            let zone = self.permitted_zones().first().copied().unwrap_or_default();
            return match zone.split('.').next() {
                Some("nodes") => Profile::NodesIssuer,
                Some("hub") => Profile::HubIssuer,
                Some("ops") => Profile::OperatorsIssuer,
                Some(_) | None => Profile::Root,
            };
        }
        let role = self.uris().first().and_then(|uri| uri.strip_prefix("spiffe://")?.split('/').nth(1));
        match role {
            Some("hub") => Profile::Hub,
            Some("operator") => Profile::Operator,
            Some(_) | None if self.allows(Purpose::Server) => Profile::Hub,
            Some(_) | None => Profile::Node,
        }
    }

    /// The identity of a leaf's pair of names.
    ///
    /// # Errors
    /// As [`PeerIdentity::from_names`]; an empty name stands for a missing one.
    pub fn identity(&self, federation: &FederationName) -> Result<PeerIdentity, NameError> {
        let first = |names: Vec<&'_ str>| names.first().map_or(String::new(), ToString::to_string);
        PeerIdentity::from_names(&first(self.uris()), &first(self.dns_names()), federation)
    }

    /// Every rule of the profile that the certificate breaks; empty where it keeps to it.
    #[must_use]
    pub fn broken_rules(&self, profile: Profile, federation: &FederationName) -> Vec<Broken> {
        let mut rules = Rules { profile, broken: Vec::new() };
        self.check_fields(&mut rules);
        self.check_usages(&mut rules);
        self.check_extensions(&mut rules);
        if profile.is_ca() {
            self.check_ca(&mut rules, federation);
        } else {
            self.check_names(&mut rules, federation);
        }
        rules.broken
    }

    fn check_fields(&self, rules: &mut Rules) {
        let curve = if rules.profile.is_ca() { "P-384" } else { "P-256" };
        let signed_with = &self.0.signature_algorithm.algorithm;
        let life = self.not_after().saturating_sub(self.not_before());
        let longest = rules.profile.life_seconds() + BACKDATE_SECONDS;
        rules.need(Rule::Version, self.0.version() == X509Version::V3, "version 3", || self.0.version().to_string());
        rules.need(
            Rule::Signature,
            *signed_with == oid::OID_SIG_ECDSA_WITH_SHA384,
            "a signature by ECDSA with SHA-384",
            || signed_with.to_id_string(),
        );
        rules.need(Rule::Key, self.key_name() == curve, &format!("a {curve} key"), || self.key_name());
        rules.need(Rule::Life, life <= longest, &format!("a life of at most {longest} s"), || format!("{life} s"));
        rules.need(Rule::Serial, self.serial().is_some(), "a positive serial of 16 bytes", || {
            multaqa_proto::hash::hex(self.raw_serial())
        });
    }

    fn check_usages(&self, rules: &mut Rules) {
        let profile = rules.profile;
        let basic = self.0.basic_constraints().ok().flatten();
        let expected = profile.path_length().map(u32::from);
        let basic_ok = basic.as_ref().is_some_and(|basic| {
            basic.critical && basic.value.ca == profile.is_ca() && basic.value.path_len_constraint == expected
        });
        let needs = expected.map_or("CA:FALSE, critical".to_owned(), |n| format!("CA, path length {n}, critical"));
        rules.need(Rule::Ca, basic_ok, &needs, || {
            basic.map_or("none".to_owned(), |b| {
                format!("CA:{}, path length {:?}, critical:{}", b.value.ca, b.value.path_len_constraint, b.critical)
            })
        });

        // Bit n of RFC 5280's KeyUsage is bit n of the parser's flags.
        let (flags, words) = if profile.is_ca() { (0x60, "keyCertSign and cRLSign") } else { (1, "digitalSignature") };
        let usage = self.0.key_usage().ok().flatten();
        let usage_ok = usage.as_ref().is_some_and(|usage| usage.critical && usage.value.flags == flags);
        rules.need(Rule::KeyUsage, usage_ok, &format!("key usage {words}, critical"), || {
            usage.map_or("none".to_owned(), |u| format!("{}, critical:{}", u.value, u.critical))
        });

        let purpose = self.0.extended_key_usage().ok().flatten();
        let (server, client) = purpose.as_ref().map_or((false, false), |p| (p.value.server_auth, p.value.client_auth));
        let others = purpose.as_ref().is_some_and(|p| {
            let v = p.value;
            p.critical
                || v.any
                || v.code_signing
                || v.email_protection
                || v.time_stamping
                || v.ocsp_signing
                || !v.other.is_empty()
        });
        let purpose_ok = !others
            && match profile.purpose() {
                None => purpose.is_none(),
                Some(Purpose::Server) => server && !client,
                Some(Purpose::Client) => client && !server,
            };
        let needs = match profile.purpose() {
            None => "no extended key usage",
            Some(Purpose::Server) => "extended key usage serverAuth alone",
            Some(Purpose::Client) => "extended key usage clientAuth alone",
        };
        rules.need(Rule::Purpose, purpose_ok, needs, || {
            format!("serverAuth:{server}, clientAuth:{client}, others or critical:{others}")
        });
    }

    fn check_extensions(&self, rules: &mut Rules) {
        let expected = expected_extensions(rules.profile);
        let mut found: Vec<String> = self.0.extensions().iter().map(|ext| ext.oid.to_id_string()).collect();
        found.sort_unstable();
        let known: Vec<String> = {
            let mut known: Vec<String> = expected.iter().map(ToString::to_string).collect();
            known.sort_unstable();
            known
        };
        let extra: Vec<&str> = found.iter().filter(|id| !known.contains(id)).map(String::as_str).collect();
        let twice = found.windows(2).any(|pair| pair[0] == pair[1]);
        rules.need(Rule::Extensions, extra.is_empty() && !twice, "its profile's extensions, each once", || {
            if twice { format!("one twice among {}", found.join(" ")) } else { extra.join(" ") }
        });
        let has = |id: &str| found.iter().any(|one| one == id);
        let critical = self.0.extensions().iter().any(|ext| {
            ext.critical
                && (ext.oid == oid::OID_X509_EXT_SUBJECT_KEY_IDENTIFIER
                    || ext.oid == oid::OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER)
        });
        let ids = has(SUBJECT_KEY_ID) && (rules.profile == Profile::Root || self.authority_key_id()) && !critical;
        rules.need(Rule::KeyIds, ids, "subject and authority key identifiers", || found.join(" "));
    }

    fn check_ca(&self, rules: &mut Rules, federation: &FederationName) {
        rules.need(Rule::Subject, self.federation().as_ref() == Some(federation), "O=<federation> as subject", || {
            self.subject()
        });
        let Some(zone) = rules.profile.zone(federation) else { return };
        let constraints = self.0.name_constraints().ok().flatten();
        let ok = constraints.as_ref().is_some_and(|constraints| {
            let excluded = constraints.value.excluded_subtrees.iter().flatten();
            let all_zero = |base: &GeneralName<'_>, length: usize| {
                matches!(base, GeneralName::IPAddress(bytes) if bytes.len() == length && bytes.iter().all(|b| *b == 0))
            };
            let excluded: Vec<_> = excluded.map(|subtree| &subtree.base).collect();
            constraints.critical
                && self.permitted_zones() == [zone.as_str()]
                && constraints.value.permitted_subtrees.iter().flatten().count() == 1
                && excluded.len() == 2
                && excluded.iter().any(|base| all_zero(base, 8))
                && excluded.iter().any(|base| all_zero(base, 32))
        });
        rules.need(Rule::Zone, ok, &format!("names under {zone} alone and no IP address, critical"), || {
            format!("{:?}", self.permitted_zones())
        });
    }

    fn check_names(&self, rules: &mut Rules, federation: &FederationName) {
        let names = self.alt_names();
        let one_each = names.len() == 2 && self.uris().len() == 1 && self.dns_names().len() == 1;
        rules.need(Rule::Names, one_each, "exactly one DNS name and one URI", || {
            format!("{} names: DNS {:?}, URI {:?}", names.len(), self.dns_names(), self.uris())
        });
        match self.identity(federation) {
            Err(error) => rules.need(Rule::NamesAgree, false, "a URI and a DNS name that agree", || error.to_string()),
            Ok(identity) => {
                let expected = rules.profile;
                rules.need(
                    Rule::Role,
                    Profile::of(&identity) == Some(expected),
                    &format!("the name of a {expected}"),
                    || identity.to_string(),
                );
            }
        }
    }

    fn alt_names(&self) -> &[GeneralName<'a>] {
        self.0.subject_alternative_name().ok().flatten().map_or(&[], |ext| ext.value.general_names.as_slice())
    }

    fn permitted_zones(&self) -> Vec<&str> {
        let Some(constraints) = self.0.name_constraints().ok().flatten() else { return Vec::new() };
        let permitted = constraints.value.permitted_subtrees.iter().flatten();
        permitted
            .filter_map(|subtree| if let GeneralName::DNSName(zone) = subtree.base { Some(zone) } else { None })
            .collect()
    }

    fn authority_key_id(&self) -> bool {
        self.0.extensions().iter().any(|ext| {
            matches!(ext.parsed_extension(), ParsedExtension::AuthorityKeyIdentifier(id) if id.key_identifier.is_some())
        })
    }
}

struct Rules {
    profile: Profile,
    broken: Vec<Broken>,
}

impl Rules {
    fn need(&mut self, rule: Rule, kept: bool, needs: &str, found: impl FnOnce() -> String) {
        if !kept {
            let found = found().chars().take(300).collect();
            let needs = needs.to_owned();
            self.broken.push(Broken { rule, code: rule.code(), profile: self.profile.as_str(), needs, found });
        }
    }
}

const SUBJECT_KEY_ID: &str = "2.5.29.14";
const KEY_USAGE: &str = "2.5.29.15";
const ALT_NAME: &str = "2.5.29.17";
const BASIC_CONSTRAINTS: &str = "2.5.29.19";
const NAME_CONSTRAINTS: &str = "2.5.29.30";
const AUTHORITY_KEY_ID: &str = "2.5.29.35";
const EXTENDED_KEY_USAGE: &str = "2.5.29.37";

fn expected_extensions(profile: Profile) -> &'static [&'static str] {
    match profile {
        Profile::Root => &[SUBJECT_KEY_ID, KEY_USAGE, BASIC_CONSTRAINTS],
        Profile::NodesIssuer | Profile::HubIssuer | Profile::OperatorsIssuer => {
            &[SUBJECT_KEY_ID, KEY_USAGE, BASIC_CONSTRAINTS, AUTHORITY_KEY_ID, EXTENDED_KEY_USAGE, NAME_CONSTRAINTS]
        }
        Profile::Node | Profile::Hub | Profile::Operator => {
            &[SUBJECT_KEY_ID, KEY_USAGE, BASIC_CONSTRAINTS, AUTHORITY_KEY_ID, EXTENDED_KEY_USAGE, ALT_NAME]
        }
    }
}

/// `P-256`, `P-384`, `Ed25519`, or the algorithm's OID.
pub(crate) fn key_name(spki: &SubjectPublicKeyInfo<'_>) -> String {
    let algorithm = &spki.algorithm;
    let curve = algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
    if algorithm.algorithm == oid::OID_KEY_TYPE_EC_PUBLIC_KEY && curve == Some(oid::OID_EC_P256) {
        "P-256".to_owned()
    } else if algorithm.algorithm == oid::OID_KEY_TYPE_EC_PUBLIC_KEY && curve == Some(oid::OID_NIST_EC_P384) {
        "P-384".to_owned()
    } else if algorithm.algorithm == oid::OID_SIG_ED25519 {
        "Ed25519".to_owned()
    } else {
        algorithm.algorithm.to_id_string()
    }
}
