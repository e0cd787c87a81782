//! `multaqa-hub init`: makes a hub's directory and its first operator's, with the genesis of a new federation.
//!
//! In scope: the order of what is made (`pieces`), and that it is all or nothing. Out of scope: the CA
//! (`multaqa-certs init`). Nothing is overwritten: a directory that holds anything is refused before anything is made. Where a
//! step fails, a full disk for one, what was made is removed again, so that the same command can be repeated.

mod pieces;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use multaqa_certs::authority;
use multaqa_certs::random;
use multaqa_certs::store::{self as files, Mode};
use multaqa_certs::verify::Trust;
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::{FederationName, MemberCode, NodeName, OperatorName};
use multaqa_proto::message::screen::Line;
use multaqa_runtime::boot::Exit;
use multaqa_runtime::clock::Clock;
use multaqa_runtime::output;
use serde::Serialize;

use self::pieces::{Keys, genesis, make_hub, make_operator};
use super::Call;
use crate::config::{Config, Places};
use crate::operator::problem::Problem;
use crate::point;
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

/// Addresses for join keys: those that were given, else where the hub listens if that can be dialled.
fn hubs(args: &Args) -> Vec<String> {
    let dialable = args.listen.port() != 0 && !args.listen.ip().is_unspecified();
    if args.advertise.is_empty() && dialable { vec![args.listen.to_string()] } else { args.advertise.clone() }
}

fn new_key() -> Result<SigningKey, Problem> {
    Ok(SigningKey::from_bytes(&random::bytes()?))
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
    use multaqa_certs::profile::Profile as CertificateProfile;
    use multaqa_runtime::config::Sources;

    use super::*;
    use crate::operator::dir::OperatorDir;

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
