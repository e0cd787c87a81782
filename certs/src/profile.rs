//! The seven certificate profiles: what our CA writes, field by field.
//!
//! In scope: keys, lives, usages, constraints of root, three issuing CAs and three leaves; building them. Out of scope:
//! telling whether a certificate that came from elsewhere keeps to its profile (`check`), signing (`authority`).
//!
//! | profile | key | life | holds |
//! |---|---|---|---|
//! | root | P-384 | 10 years | CA, path length 1 |
//! | nodes, hub, operators (issuing) | P-384 | 180 days | CA, path length 0, one EKU, DNS zone, no IP address |
//! | node, hub, operator (leaf) | P-256 | 30, 7, 7 days | one DNS and one URI name that agree, one EKU, CA:FALSE |
//!
//! Member systems get their certificates from their own node's local CA (`systems`): no profile of the federation's.

use std::fmt;
use std::str::FromStr;

use multaqa_proto::id::FederationName;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyUsagePurpose, NameConstraints, SanType, SerialNumber,
};
use x509_parser::time::ASN1Time;

use crate::name::{NameError, PeerIdentity};
use crate::serials::Serial;

/// Every certificate begins this many seconds before it is made: clocks differ.
pub const BACKDATE_SECONDS: u64 = 300;
const DAY: u64 = 24 * 3600;

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// The offline root of a federation.
    Root,
    /// The CA that issues to nodes.
    NodesIssuer,
    /// The CA that issues to the hub.
    HubIssuer,
    /// The CA that issues to operators.
    OperatorsIssuer,
    /// A node.
    Node,
    /// The hub.
    Hub,
    /// An operator.
    Operator,
}

/// The purpose that a certificate has in TLS (its one extended key usage).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// id-kp-serverAuth.
    Server,
    /// id-kp-clientAuth.
    Client,
}

impl Profile {
    /// All profiles.
    pub const ALL: [Self; 7] =
        [Self::Root, Self::NodesIssuer, Self::HubIssuer, Self::OperatorsIssuer, Self::Node, Self::Hub, Self::Operator];
    /// The three issuing CAs.
    pub const ISSUERS: [Self; 3] = [Self::NodesIssuer, Self::HubIssuer, Self::OperatorsIssuer];

    /// The profile of a peer's certificate; none for systems and invitations, which the federation's CA does not serve.
    #[must_use]
    pub const fn of(identity: &PeerIdentity) -> Option<Self> {
        match identity {
            PeerIdentity::Hub(_) => Some(Self::Hub),
            PeerIdentity::Operator(_) => Some(Self::Operator),
            PeerIdentity::Node(..) => Some(Self::Node),
            PeerIdentity::System { .. } | PeerIdentity::Invited(_) => None,
        }
    }

    /// The profile of whoever signs this one; the root signs itself.
    #[must_use]
    pub const fn issuer(self) -> Self {
        match self {
            Self::Root | Self::NodesIssuer | Self::HubIssuer | Self::OperatorsIssuer => Self::Root,
            Self::Node => Self::NodesIssuer,
            Self::Hub => Self::HubIssuer,
            Self::Operator => Self::OperatorsIssuer,
        }
    }

    /// Whether it is a CA.
    #[must_use]
    pub const fn is_ca(self) -> bool {
        matches!(self, Self::Root | Self::NodesIssuer | Self::HubIssuer | Self::OperatorsIssuer)
    }

    /// Longest life in seconds, from the moment of issue.
    #[must_use]
    pub const fn life_seconds(self) -> u64 {
        match self {
            Self::Root => 3652 * DAY,
            Self::NodesIssuer | Self::HubIssuer | Self::OperatorsIssuer => 180 * DAY,
            Self::Node => 30 * DAY,
            Self::Hub | Self::Operator => 7 * DAY,
        }
    }

    /// Path length of a CA.
    #[must_use]
    pub const fn path_length(self) -> Option<u8> {
        match self {
            Self::Root => Some(1),
            Self::NodesIssuer | Self::HubIssuer | Self::OperatorsIssuer => Some(0),
            Self::Node | Self::Hub | Self::Operator => None,
        }
    }

    /// The one extended key usage; the root has none.
    #[must_use]
    pub const fn purpose(self) -> Option<Purpose> {
        match self {
            Self::Root => None,
            Self::HubIssuer | Self::Hub => Some(Purpose::Server),
            Self::NodesIssuer | Self::OperatorsIssuer | Self::Node | Self::Operator => Some(Purpose::Client),
        }
    }

    /// The DNS zone that an issuing CA is held to: `nodes.`, `hub.` or `ops.<federation>`.
    #[must_use]
    pub fn zone(self, federation: &FederationName) -> Option<String> {
        match self {
            Self::NodesIssuer => Some(format!("nodes.{federation}")),
            Self::HubIssuer => Some(format!("hub.{federation}")),
            Self::OperatorsIssuer => Some(format!("ops.{federation}")),
            Self::Root | Self::Node | Self::Hub | Self::Operator => None,
        }
    }

    /// The word for it, also the name of its files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::NodesIssuer => "nodes-issuer",
            Self::HubIssuer => "hub-issuer",
            Self::OperatorsIssuer => "operators-issuer",
            Self::Node => "node",
            Self::Hub => "hub",
            Self::Operator => "operator",
        }
    }

    /// A CA certificate of this profile, to be signed.
    pub(crate) fn ca_params(
        self,
        federation: &FederationName,
        serial: &Serial,
        validity: Validity,
    ) -> CertificateParams {
        let mut params = base(federation, self.as_str(), serial, validity);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(self.path_length().unwrap_or(0)));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.use_authority_key_identifier_extension = self != Self::Root;
        params.extended_key_usages = self.usages();
        params.name_constraints = self.zone(federation).map(|zone| NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName(zone)],
            excluded_subtrees: vec![
                GeneralSubtree::IpAddress(CidrSubnet::V4([0; 4], [0; 4])),
                GeneralSubtree::IpAddress(CidrSubnet::V6([0; 16], [0; 16])),
            ],
        });
        params
    }

    /// A leaf certificate of this profile, to be signed.
    pub(crate) fn leaf_params(
        self,
        federation: &FederationName,
        identity: &PeerIdentity,
        serial: &Serial,
        validity: Validity,
    ) -> Result<CertificateParams, NameError> {
        let ia5 = |text: String| {
            text.as_str().try_into().map_err(|_| NameError::Malformed { value: text, rule: "ASCII characters only" })
        };
        let mut params = base(federation, &identity.to_string(), serial, validity);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        params.extended_key_usages = self.usages();
        params.subject_alt_names =
            vec![SanType::DnsName(ia5(identity.dns(federation)?)?), SanType::URI(ia5(identity.uri(federation)?)?)];
        Ok(params)
    }

    fn usages(self) -> Vec<ExtendedKeyUsagePurpose> {
        match self.purpose() {
            None => vec![],
            Some(Purpose::Server) => vec![ExtendedKeyUsagePurpose::ServerAuth],
            Some(Purpose::Client) => vec![ExtendedKeyUsagePurpose::ClientAuth],
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == s)
            .ok_or_else(|| format!("one of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// From when to when a certificate holds, Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) not_before: u64,
    pub(crate) not_after: u64,
}

pub(crate) fn base(
    federation: &FederationName,
    common_name: &str,
    serial: &Serial,
    validity: Validity,
) -> CertificateParams {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, federation.as_str());
    name.push(DnType::CommonName, common_name);
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    params.serial_number = Some(SerialNumber::from_slice(serial.as_bytes()));
    set_dates(&mut params, validity.not_before, validity.not_after);
    params
}

/// Dates in Unix seconds, clamped to the last one that X.509 can write, 9999-12-31T23:59:59Z.
pub(crate) fn set_dates(params: &mut CertificateParams, not_before: u64, not_after: u64) {
    let date = |seconds: u64| {
        ASN1Time::from_timestamp(i64::try_from(seconds.min(253_402_300_799)).unwrap_or(0))
            .map_or_else(|_| rcgen::date_time_ymd(9999, 12, 31), |time| time.to_datetime())
    };
    params.not_before = date(not_before);
    params.not_after = date(not_after);
}
