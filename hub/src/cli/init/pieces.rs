//! The pieces that `init` makes: the genesis, the first operator's directory, the hub's directory with its configuration.
//!
//! In scope: each of them. Out of scope: their order, and what is removed where one fails (`init`), the store.

use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use multaqa_certs::authority::{self, Issuer};
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::profile::Profile as CertificateProfile;
use multaqa_certs::store::{self as files, Mode};
use multaqa_certs::{pem, random};
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::{FEDERATION_CODE, ObjectId, Writer};
use multaqa_proto::key::PublicKey;
use multaqa_proto::kind::Kind;
use multaqa_proto::number::{Epoch, Seq};
use multaqa_proto::record::audience::{Audience, Part};
use multaqa_proto::record::content::{Body, Content};
use multaqa_proto::record::{ChainPlace, Draft, Received, sign};
use multaqa_proto::wire::kind;
use multaqa_runtime::clock::Clock;
use prost::Message as _;
use serde::Serialize;

use super::{Args, hubs};
use crate::config::{Config, Places};
use crate::operator::chain::Chain;
use crate::operator::dir::{OperatorDir, Profile};
use crate::operator::problem::Problem;
use crate::store::serials::{IssuedSerial, SerialStatus};

/// The secret keys that a federation begins with.
pub(super) struct Keys {
    pub(super) log: SigningKey,
    pub(super) standby: SigningKey,
    pub(super) operator: SigningKey,
}

/// Record id and bytes of the genesis, which the first operator signs.
pub(super) fn genesis(
    args: &Args,
    root: &[u8],
    keys: &Keys,
    lane: [u8; 16],
    clock: &Clock,
) -> Result<(RecordId, Received), Problem> {
    let public = |key: &SigningKey| PublicKey::of(key).as_bytes().to_vec();
    let payload = kind::Genesis {
        federation: args.federation.to_string(),
        root_certificate: root.to_vec(),
        standby_log_key: public(&keys.standby),
        policy: Some(kind::Policy {
            number: 1,
            log_key: public(&keys.log),
            operators: vec![kind::Operator { name: args.operator.to_string(), record_key: public(&keys.operator) }],
            operators_required: 1,
            witnesses: args.witnesses.iter().map(ToString::to_string).collect(),
            rules: 1,
        }),
    }
    .encode_to_vec();
    Problem::of_violations(Kind::find("genesis").map(|kind| kind.check(&payload)).unwrap_or_default())?;
    let content = Content {
        salt: random::bytes()?,
        id: ObjectId::new(&FEDERATION_CODE.parse()?, "genesis", "genesis")?,
        revision: 1,
        replaces: Vec::new(),
        audience: Audience::new([Part::Members])?,
        authored_at_ms: clock.now_ms(),
        seen: None,
        body: Body::Payload(payload.into()),
    };
    let writer = Writer::Operator(args.operator.clone());
    let place = ChainPlace { federation: None, writer, epoch: Epoch(1), seq: Seq(1), previous: None };
    let signed = sign(&place, &[Draft { content, lane }], &keys.operator).into_iter().next();
    signed.ok_or_else(|| Problem::hub_answer("nothing was signed"))
}

/// Makes the operator's directory; its certificate, for the allow-list.
pub(super) fn make_operator(
    args: &Args,
    root: &[u8],
    keys: &Keys,
    genesis: RecordId,
    lane: [u8; 16],
    clock: &Clock,
) -> Result<IssuedSerial, Problem> {
    let path = &args.operator_dir;
    files::create_dir(path)?;
    let identity = PeerIdentity::Operator(args.operator.clone());
    let (tls, leaf) = authority::issue_new(&args.ca, &identity, now_ms(clock), None)?;
    tls.save_new(&path.join("tls.pem"))?;
    files::create_ed25519(&path.join("record.key"), &keys.operator)?;
    files::create(&path.join("root.pem"), pem::encode("CERTIFICATE", root).as_bytes(), Mode::Public)?;
    let dir = OperatorDir::at(path);
    dir.create_profile(&Profile {
        name: args.operator.clone(),
        federation: args.federation.clone(),
        genesis,
        lane,
        hubs: hubs(args),
    })?;
    dir.write_chain(&Chain { seq: Seq(1), record_id: genesis, previous: None, unanswered: None })?;
    Ok(IssuedSerial {
        serial: leaf.serial,
        identity,
        status: SerialStatus::Active,
        not_after_ms: i64::try_from(leaf.not_after_ms).unwrap_or(i64::MAX),
        chain: tls.chain.iter().map(|der| der.to_vec()).collect(),
        key_record: None,
    })
}

/// Makes the hub's directory but for the store; the text of its configuration.
pub(super) fn make_hub(args: &Args, root: &[u8], keys: &Keys, clock: &Clock) -> Result<String, Problem> {
    let places = Places::of(&args.dir);
    let issuing = places.issuing();
    for dir in [places.dir(), places.dir().join("identity").as_path(), issuing.as_path()] {
        files::create_dir(dir)?;
    }
    files::create_ed25519(&places.log_key(), &keys.log)?;
    files::create_ed25519(&places.standby_key(), &keys.standby)?;
    let (tls, _) = authority::issue_new(&args.ca, &PeerIdentity::Hub(args.name.clone()), now_ms(clock), None)?;
    tls.save_new(&places.identity())?;
    let armoured = pem::encode("CERTIFICATE", root);
    files::create(&places.root(), armoured.as_bytes(), Mode::Public)?;
    files::create(&authority::certificate_path(&issuing, CertificateProfile::Root), armoured.as_bytes(), Mode::Public)?;
    for profile in [CertificateProfile::NodesIssuer, CertificateProfile::OperatorsIssuer] {
        copy(&args.ca, &issuing, profile, authority::certificate_path, Mode::Public)?;
    }
    copy(&args.ca, &issuing, CertificateProfile::NodesIssuer, authority::key_path, Mode::Secret)?;
    // What was copied must be the nodes' issuing CA of this root.
    Issuer::load(&issuing, CertificateProfile::NodesIssuer)?;
    config_text(args)
}

fn copy(
    from: &Path,
    to: &Path,
    profile: CertificateProfile,
    name: fn(&Path, CertificateProfile) -> PathBuf,
    mode: Mode,
) -> Result<(), Problem> {
    let bytes = files::read(&name(from, profile), mode)?;
    Ok(files::create(&name(to, profile), &bytes, mode)?)
}

/// The configuration file: what was asked for; everything else has its default.
fn config_text(args: &Args) -> Result<String, Problem> {
    let unreadable = |error: std::io::Error| files::StoreError::Io { path: args.dir.clone(), why: error.to_string() };
    let dir = std::path::absolute(&args.dir).map_err(unreadable)?;
    let admin =
        if args.listen.port() == 0 { "127.0.0.1:0".to_owned() } else { Config::default().admin.listen.to_string() };
    Ok(format!(
        "# Made by multaqa-hub init. `multaqa-hub config show` lists every key with its value and origin.\n\
         dir = {}\nlisten = {}\nadvertise = {}\n\n[admin]\nlisten = {}\n",
        toml(&dir)?,
        toml(&args.listen)?,
        toml(&args.advertise)?,
        toml(&admin)?,
    ))
}

/// Strings and lists of strings, which JSON and TOML write alike.
fn toml(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value)
        .map_err(|error| Problem::new(multaqa_runtime::code::OUTPUT_FAILED, &[("detail", &error)]))
}

fn now_ms(clock: &Clock) -> u64 {
    u64::try_from(clock.now_ms()).unwrap_or(0)
}
