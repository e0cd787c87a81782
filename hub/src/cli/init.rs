//! `multaqa-hub init`: makes a hub's directory and its first operator's, with the genesis of a new federation.
//!
//! In scope: keys, certificates from the CA directory, leaf 0, the configuration file. Out of scope: the CA
//! (`multaqa-certs init`). Nothing is overwritten: a directory that holds anything is refused before anything is made. Where a
//! step fails, a full disk for one, what was made is removed again, so that the same command can be repeated.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use multaqa_certs::authority::{self, Issuer};
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::profile::Profile as CertificateProfile;
use multaqa_certs::store::{self as files, Mode};
use multaqa_certs::verify::Trust;
use multaqa_certs::{pem, random};
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::{FEDERATION_CODE, FederationName, MemberCode, NodeName, ObjectId, OperatorName, Writer};
use multaqa_proto::key::PublicKey;
use multaqa_proto::kind::Kind;
use multaqa_proto::message::screen::Line;
use multaqa_proto::number::{Epoch, Seq};
use multaqa_proto::record::audience::{Audience, Part};
use multaqa_proto::record::content::{Body, Content};
use multaqa_proto::record::{ChainPlace, Draft, Received, sign};
use multaqa_proto::wire::kind;
use multaqa_runtime::boot::Exit;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::output;
use prost::Message as _;
use serde::Serialize;

use super::Call;
use crate::config::{Config, Places};
use crate::operator::chain::Chain;
use crate::operator::dir::{OperatorDir, Profile};
use crate::operator::problem::Problem;
use crate::point;
use crate::store::serials::{IssuedSerial, SerialStatus};
use crate::store::{Store, StoreError};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  multaqa-certs init --dir ca --federation multaqa.example
  multaqa-hub init --dir hub --ca ca --federation multaqa.example --operator first --operator-dir operator \\
      --advertise hub.example.org:7400
Afterwards take ca/root.key and hub/standby.key offline, and move the operator's directory to another machine.")]
pub(crate) struct Args {
    /// The hub's directory, to be made
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Directory of the CA, made by `multaqa-certs init`
    #[arg(long, value_name = "DIR")]
    pub(crate) ca: PathBuf,
    /// Name of the federation, as the CA's root has it
    #[arg(long, value_name = "NAME")]
    pub(crate) federation: FederationName,
    /// Name of the first operator
    #[arg(long, value_name = "NAME")]
    pub(crate) operator: OperatorName,
    /// The operator's directory, to be made
    #[arg(long, value_name = "DIR")]
    pub(crate) operator_dir: PathBuf,
    /// Name of the hub in its certificate
    #[arg(long, value_name = "NAME", default_value = "main")]
    pub(crate) name: NodeName,
    /// Where nodes and operators connect; port 0 takes a free one at each start
    #[arg(long, value_name = "ADDRESS", default_value_t = Config::default().listen)]
    pub(crate) listen: SocketAddr,
    /// Address at which nodes reach the hub, host:port; may be repeated
    #[arg(long, value_name = "HOST:PORT", value_parser = parse_address)]
    pub(crate) advertise: Vec<String>,
    /// Codes of the states whose nodes witness from the beginning, such as JO,EG; `policy witnesses` adds others later
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(crate) witnesses: Vec<MemberCode>,
}

/// What was made.
#[derive(Debug, Serialize)]
pub(crate) struct Made {
    pub(crate) federation: FederationName,
    pub(crate) genesis: RecordId,
    pub(crate) config: PathBuf,
    pub(crate) operator_dir: PathBuf,
}

/// The secret keys that a federation begins with.
struct Keys {
    log: SigningKey,
    standby: SigningKey,
    operator: SigningKey,
}

pub(super) async fn run(args: Args, call: &Call) -> Result<Exit, Problem> {
    let made = init(&args, &Clock::system()).await?;
    if call.common.json {
        output::print_json(&made)?;
    } else {
        let line = Line::new("say-made").with("federation", &made.federation).with("genesis", made.genesis);
        output::print(&(call.screen.text(&line) + "\n"))?;
        call.explain(&call.screen.text(&next_steps(&args)));
    }
    Ok(Exit::Clean)
}

/// Makes both directories.
pub(crate) async fn init(args: &Args, clock: &Clock) -> Result<Made, Problem> {
    if let Some(code) = args.witnesses.iter().find(|code| !code.is_country()) {
        return Err(Problem::new("WITNESS_NOT_STATE", &[("member", code)]));
    }
    refuse_used(&args.dir)?;
    refuse_used(&args.operator_dir)?;
    let made = make(args, clock).await;
    if made.is_err() {
        // Nothing of it was ever in use, and left there it would stand in the way of a repetition.
        empty(&args.dir);
        empty(&args.operator_dir);
    }
    made
}

async fn make(args: &Args, clock: &Clock) -> Result<Made, Problem> {
    let root = authority::load_root_certificate(&args.ca)?;
    let trust = Trust::new(&root).map_err(authority::AuthorityError::from)?;
    if *trust.federation() != args.federation {
        let args: [(_, &dyn std::fmt::Display); 2] = [("asked", &args.federation), ("found", trust.federation())];
        return Err(Problem::new("INIT_FEDERATION_OTHER", &args));
    }
    let keys = Keys { log: new_key()?, standby: new_key()?, operator: new_key()? };
    let lane = random::bytes()?;
    let (genesis, record) = genesis(args, &root, &keys, lane, clock)?;
    let issued = make_operator(args, &root, &keys, genesis, lane, clock)?;
    point::INIT_OPERATOR_MADE.pass().map_err(StoreError::from)?;
    let config = make_hub(args, &root, &keys, clock)?;
    point::INIT_KEYS_MADE.pass().map_err(StoreError::from)?;
    let places = Places::of(&args.dir);
    let store = Store::create(&places.store(), &record, &keys.log, clock.now_ms()).await?;
    store.add_serial(&issued).await?;
    store.close().await;
    point::INIT_STORE_MADE.pass().map_err(StoreError::from)?;
    // Last: a directory with a configuration is a whole one.
    files::create(&places.config(), config.as_bytes(), Mode::Public)?;
    let (federation, operator_dir) = (args.federation.clone(), args.operator_dir.clone());
    Ok(Made { federation, genesis, config: places.config(), operator_dir })
}

/// Removes what a directory holds, as far as that is possible; the directory stays.
fn empty(dir: &Path) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let removed = if is_dir { std::fs::remove_dir_all(entry.path()) } else { std::fs::remove_file(entry.path()) };
        if let Err(error) = removed {
            tracing::warn!(path = %entry.path().display(), %error, "left over from an init that failed");
        }
    }
}

pub(super) fn refuse_used(dir: &Path) -> Result<(), Problem> {
    let used = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if used { Err(Problem::new("INIT_DIR_USED", &[("dir", &dir.display())])) } else { Ok(()) }
}

/// Record id and bytes of the genesis, which the first operator signs.
fn genesis(
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
fn make_operator(
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
fn make_hub(args: &Args, root: &[u8], keys: &Keys, clock: &Clock) -> Result<String, Problem> {
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

/// Addresses for join keys: those that were given, else where the hub listens if that can be dialled.
fn hubs(args: &Args) -> Vec<String> {
    let dialable = args.listen.port() != 0 && !args.listen.ip().is_unspecified();
    if args.advertise.is_empty() && dialable { vec![args.listen.to_string()] } else { args.advertise.clone() }
}

fn new_key() -> Result<SigningKey, Problem> {
    Ok(SigningKey::from_bytes(&random::bytes()?))
}

fn now_ms(clock: &Clock) -> u64 {
    u64::try_from(clock.now_ms()).unwrap_or(0)
}

pub(super) fn parse_address(text: &str) -> Result<String, String> {
    match crate::operator::address(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("host:port, such as hub.example.org:7400".to_owned()),
    }
}

fn next_steps(args: &Args) -> Line {
    let hub = if hubs(args).is_empty() { "none" } else { "known" };
    let line = Line::new("say-next-steps").with("dir", args.dir.display()).with("ca", args.ca.display());
    line.with("operator", args.operator_dir.display()).with("hub", hub)
}

#[cfg(test)]
mod tests {
    use multaqa_runtime::config::Sources;

    use super::*;

    const NOW_MS: i64 = 1_700_000_000_000;

    fn args(home: &Path) -> Args {
        Args {
            dir: home.join("hub"),
            ca: home.join("ca"),
            federation: "multaqa.example".parse().unwrap(),
            operator: "first".parse().unwrap(),
            operator_dir: home.join("operator"),
            name: "main".parse().unwrap(),
            listen: ([127, 0, 0, 1], 0).into(),
            advertise: Vec::new(),
            witnesses: Vec::new(),
        }
    }

    fn ca(home: &Path) {
        let federation = "multaqa.example".parse().unwrap();
        authority::init_dir(&home.join("ca"), &federation, NOW_MS.unsigned_abs()).unwrap();
    }

    #[tokio::test]
    async fn a_new_hub_is_whole_and_is_not_made_twice() {
        let home = tempfile::tempdir().unwrap();
        ca(home.path());
        let (args, (clock, _)) = (args(home.path()), Clock::manual(NOW_MS));
        let made = init(&args, &clock).await.unwrap();
        let settings = Sources::new().file(&made.config).load::<Config>().unwrap();
        assert_eq!(settings.value.dir, args.dir);
        let store = Store::open(&args.dir.join("hub.db")).await.unwrap();
        let state = store.load().await.unwrap().state;
        assert_eq!(state.directory().genesis(), made.genesis);
        assert_eq!(store.serials().await.unwrap().len(), 1);
        let again = init(&args, &clock).await.unwrap_err();
        assert_eq!(again.code, "INIT_DIR_USED");
    }

    #[tokio::test]
    async fn the_operator_is_warned_from_two_days_before_its_certificate_ends() {
        let home = tempfile::tempdir().unwrap();
        ca(home.path());
        let (args, (clock, _)) = (args(home.path()), Clock::manual(NOW_MS));
        init(&args, &clock).await.unwrap();
        let dir = OperatorDir::at(&args.operator_dir);
        let day_ms = 24 * 3_600_000;
        assert_eq!(dir.certificate_ends(NOW_MS + 5 * day_ms - 1).unwrap(), None);
        for days in [5, 7, 8] {
            let warning = dir.certificate_ends(NOW_MS + days * day_ms).unwrap().unwrap();
            assert_eq!(warning.code, "OPERATOR_CERTIFICATE_ENDS");
            assert!(warning.args.contains(&("operator".to_owned(), "first".to_owned())), "{warning}");
        }
    }

    #[tokio::test]
    async fn what_failed_half_way_leaves_nothing_and_can_be_repeated() {
        let home = tempfile::tempdir().unwrap();
        ca(home.path());
        let (args, (clock, _)) = (args(home.path()), Clock::manual(NOW_MS));
        let key = authority::key_path(&args.ca, CertificateProfile::NodesIssuer);
        let aside = home.path().join("aside");
        std::fs::rename(&key, &aside).unwrap();
        let failed = init(&args, &clock).await.unwrap_err();
        assert_eq!(failed.code, "STORE_FILE_MISSING");
        for dir in [&args.dir, &args.operator_dir] {
            assert_eq!(std::fs::read_dir(dir).unwrap().count(), 0, "{}", dir.display());
        }
        std::fs::rename(&aside, &key).unwrap();
        init(&args, &clock).await.unwrap();
    }

    #[tokio::test]
    async fn the_genesis_names_the_witnesses_and_only_states_can_be() {
        let home = tempfile::tempdir().unwrap();
        ca(home.path());
        let named = |codes: &[&str]| Args {
            witnesses: codes.iter().map(|code| code.parse().unwrap()).collect(),
            ..args(home.path())
        };
        let clock = Clock::manual(NOW_MS).0;
        assert_eq!(init(&named(&["JO", "x-escwa"]), &clock).await.unwrap_err().code, "WITNESS_NOT_STATE");
        init(&named(&["JO", "EG"]), &clock).await.unwrap();
        let state = Store::open(&home.path().join("hub/hub.db")).await.unwrap().load().await.unwrap().state;
        let witnesses: Vec<_> = state.directory().policy().witnesses.iter().map(ToString::to_string).collect();
        assert_eq!(witnesses, ["EG", "JO"]);
    }

    #[tokio::test]
    async fn another_federation_than_the_cas_is_refused() {
        let home = tempfile::tempdir().unwrap();
        ca(home.path());
        let other = Args { federation: "other.example".parse().unwrap(), ..args(home.path()) };
        let refused = init(&other, &Clock::manual(NOW_MS).0).await.unwrap_err();
        assert_eq!(refused.code, "INIT_FEDERATION_OTHER");
        assert!(!other.dir.exists());
    }

    #[test]
    fn the_next_steps_are_said_with_their_commands_in_each_language() {
        for lang in multaqa_proto::text::Lang::ALL {
            let text = super::super::screen::screen(lang).text(&next_steps(&args(Path::new("/home"))));
            assert!(text.lines().count() >= 7, "{text}");
            for command in ["serve --config /home/hub/hub.toml\n", "--operator-dir /home/operator --hub HOST:PORT\n"] {
                assert!(text.contains(command), "{text}");
            }
        }
    }

    #[test]
    fn join_keys_name_what_can_be_dialled() {
        let home = Path::new("/nowhere");
        assert!(hubs(&args(home)).is_empty());
        let listening = Args { listen: ([127, 0, 0, 1], 7400).into(), ..args(home) };
        assert_eq!(hubs(&listening), ["127.0.0.1:7400"]);
        let advertised = Args { advertise: vec!["hub.example.org:7400".to_owned()], ..listening };
        assert_eq!(hubs(&advertised), ["hub.example.org:7400"]);
    }
}
