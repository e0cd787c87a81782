//! The command line: one verb a file.
//!
//! In scope: arguments, what is printed, exit codes. Out of scope: what the verbs do (the rooms they call).
//!
//! `join`, `serve`, `fsck`, `backup` and `config` work on the node's directory; all other verbs ask the running node over its socket.
//! Output goes to standard output (tables in the chosen language, or JSON with `--json`), errors to standard error in it:
//! what happened, who must act, the next command; with `--json` as one object (`proto::message::told`). Exit codes: 0 done, 1 failed, 2 wrong use, 7 bad configuration.

mod approve;
mod backup;
mod call;
pub(crate) mod client;
mod client_issuer;
mod client_lines;
mod client_shown;
mod clients;
mod completions;
mod config;
pub(crate) mod failure;
mod freshness;
mod fsck;
mod get;
mod history;
mod join;
mod list;
mod publish;
mod queue;
pub(crate) mod screen;
mod search;
mod serve;
mod status;
mod watch;
mod withdraw;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use multaqa_proto::message::told::{Asked, Told};
use multaqa_proto::text::Lang;
use multaqa_runtime::boot::{self, Common, Exit, Language};
use multaqa_runtime::clock::Clock;

pub(crate) use self::call::Call;
use self::failure::Failure;

/// The node of a Multaqa member: publishes its records, follows the log, answers from its replica.
#[derive(Debug, Parser)]
#[command(name = "multaqa-node", version, about, long_about = None, propagate_version = true)]
#[command(after_help = "Examples:
  multaqa-node join --key-file key.txt --dir /var/lib/multaqa-node
  multaqa-node serve
  multaqa-node publish services/*.yaml
  multaqa-node list service --country JO --lang ar
  multaqa-node watch --kind service")]
struct Program {
    #[command(flatten)]
    common: Common,
    /// Directory of the node [default: /var/lib/multaqa-node]
    #[arg(long, global = true, value_name = "DIR", env = "MULTAQA_NODE__DIR")]
    dir: Option<PathBuf>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Join(join::Args),
    Serve(serve::Args),
    Publish(publish::Args),
    Withdraw(withdraw::Args),
    Approve(approve::Args),
    Status(status::Args),
    List(list::Args),
    Search(search::Args),
    Get(get::Args),
    History(history::Args),
    Queue(queue::Args),
    Watch(watch::Args),
    Client(clients::Args),
    Fsck(fsck::Args),
    Backup(backup::Args),
    Config(config::Args),
    Completions(completions::Args),
}

/// Runs the program with these arguments, of which the first is its name.
pub(crate) fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.collect();
    let program = match Program::try_parse_from(&args) {
        Ok(program) => program,
        Err(error) => return wrong_use(&error, Asked::of(&args)),
    };
    let Program { common, dir, verb } = program;
    let screen = screen::screen(lang(&common));
    let call = Call { common, dir_given: dir, screen };
    let result = boot::run(verb.run(&call)).unwrap_or_else(|fault| Err(fault.into()));
    match result {
        Ok(()) => Exit::Clean.into(),
        Err(failure) => {
            failure.print(&call);
            failure.exit().into()
        }
    }
}

/// The language of what is printed for people.
fn lang(common: &Common) -> Lang {
    match common.language(boot::locale().as_deref()) {
        Language::Ar => Lang::Ar,
        Language::En => Lang::En,
        Language::Fr => Lang::Fr,
    }
}

impl Verb {
    async fn run(self, call: &Call) -> Result<(), Failure> {
        match self {
            Self::Join(args) => args.run(call).await,
            Self::Serve(args) => args.run(call).await,
            Self::Publish(args) => args.run(call).await,
            Self::Withdraw(args) => args.run(call).await,
            Self::Approve(args) => args.run(call).await,
            Self::Status(args) => args.run(call).await,
            Self::List(args) => args.run(call).await,
            Self::Search(args) => args.run(call).await,
            Self::Get(args) => args.run(call).await,
            Self::History(args) => args.run(call).await,
            Self::Queue(args) => args.run(call).await,
            Self::Watch(args) => args.run(call).await,
            Self::Client(args) => args.run(call).await,
            Self::Fsck(args) => args.run(call).await,
            Self::Backup(args) => args.run(call).await,
            Self::Config(args) => args.run(call),
            Self::Completions(args) => args.run(),
        }
    }
}

fn now_ms() -> i64 {
    Clock::system().now_ms()
}

/// Help and version are no errors; the rest is wrong use. A reader that has gone away is nobody's fault.
fn wrong_use(error: &clap::Error, asked: Asked) -> ExitCode {
    let exit = if error.use_stderr() { Exit::Usage } else { Exit::Clean };
    if error.use_stderr() && asked.json {
        let lang = asked.lang.unwrap_or_else(|| lang(&Common::of_environment()));
        failure::write(&Told::wrong_use(screen::screen(lang), "multaqa-node", &error.to_string()).line());
        return exit.into();
    }
    match error.print() {
        Ok(()) => exit.into(),
        Err(broken) if broken.kind() == std::io::ErrorKind::BrokenPipe => exit.into(),
        Err(_) => Exit::Failure.into(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::config::Layout;
    use crate::port::tests::Served;
    use crate::publish::testing::{TestNode, organisation};

    fn parse(args: &[&str]) -> Result<Program, clap::Error> {
        Program::try_parse_from([&["multaqa-node"], args].concat())
    }

    #[test]
    fn arguments_do_not_contradict_one_another() {
        Program::command().debug_assert();
    }

    #[test]
    fn every_verb_has_help_with_an_example() {
        let mut program = Program::command();
        program.build();
        for verb in program.get_subcommands_mut().filter(|verb| verb.get_name() != "help") {
            let help = verb.render_long_help().to_string();
            assert!(help.contains("Example"), "{}: {help}", verb.get_name());
            assert!(help.contains(&format!("multaqa-node {}", verb.get_name())), "{}", verb.get_name());
        }
    }

    /// Every verb that asks a running node, in text and in JSON.
    #[tokio::test]
    async fn the_verbs_are_understood_by_a_running_node() {
        let served = Served::of(TestNode::of("JO").await).await;
        let dir = served.node.dir.path().to_owned();
        let file = dir.join("modee.yaml");
        std::fs::write(&file, organisation("JO:organisation:modee", "modee").bytes).unwrap();
        let file = file.display().to_string();
        let run = async |args: &[&str]| {
            let program = parse(&[args, &["--dir", &dir.display().to_string()]].concat()).unwrap();
            let call = Call { common: program.common, dir_given: program.dir, screen: screen::screen(Lang::Ar) };
            program.verb.run(&call).await.map_err(|failure| failure.code().to_owned())
        };
        let failed = |code: &str| Err(code.to_owned());
        assert_eq!(run(&["publish", &file, "--check"]).await, Ok(()));
        assert_eq!(run(&["publish", &file]).await, Ok(()));
        for verb in [&["status"][..], &["queue", "--all"], &["list", "organisation", "--country", "JO"]] {
            assert_eq!(run(verb).await, Ok(()), "{verb:?}");
            assert_eq!(run(&[verb, &["--json"]].concat()).await, Ok(()), "{verb:?}");
        }
        assert_eq!(run(&["get", "JO:organisation:modee"]).await, failed("OBJECT_UNKNOWN"));
        assert_eq!(run(&["search", "modee"]).await, failed("SEARCH_REBUILDING"));
        let csr = dir.join("budget.csr");
        let request = multaqa_certs::request::NewKey::generate().unwrap().request;
        std::fs::write(&csr, multaqa_certs::pem::encode("CERTIFICATE REQUEST", &request).as_bytes()).unwrap();
        let csr = csr.display().to_string();
        for (verb, out) in [(&["client", "add"][..], "1"), (&["client", "renew"], "2"), (&["client", "renew"], "3")] {
            let out = dir.join(out).display().to_string();
            let args = [verb, &["mof/budget", "--csr", &csr, "--out", &out]].concat();
            assert_eq!(run(&args).await, Ok(()), "{args:?}");
            assert_eq!(run(&args).await, failed("STORE_FILE_EXISTS"), "{args:?}");
        }
        for verb in
            [&["client", "list"][..], &["client", "show", "mof/budget"], &["client", "allow", "mof/budget", "read:*"]]
        {
            assert_eq!(run(verb).await, Ok(()), "{verb:?}");
            assert_eq!(run(&[verb, &["--json"]].concat()).await, Ok(()), "{verb:?}");
        }
        assert_eq!(run(&["client", "revoke", "mof/budget"]).await, Ok(()));
        assert_eq!(run(&["client", "allow", "mof/budget", "read:*"]).await, failed("CLIENT_REVOKED"));
        assert_eq!(run(&["client", "add", "budget", "--csr", &csr]).await, failed("CLIENT_NAME_WRONG"));
        for kind in ["nosuch", "servce", "member"] {
            assert_eq!(run(&["list", kind]).await, failed("LIST_KIND_UNKNOWN"), "{kind}");
        }
        assert_eq!(run(&["watch", "--kind", "servce"]).await, failed("LIST_KIND_UNKNOWN"));
        assert_eq!(run(&["list", "--order", "titel"]).await, failed("ORDER_UNKNOWN"));
        assert_eq!(run(&["list", "--filter", "sectr=07"]).await, failed("SEARCH_FACET_UNKNOWN"));
        assert_eq!(run(&["list", "--country", "ZZ"]).await, failed("MEMBER_UNKNOWN"));
        let both = ["list", "--filter", "country=JO", "--filter", "country=ZZ"];
        assert_eq!(run(&both).await, failed("MEMBER_UNKNOWN"));
        assert_eq!(run(&["list", "--filter", "status=pilto"]).await, failed("SEARCH_VALUE_UNKNOWN"));
        assert_eq!(run(&["list", "--country", "Jordan"]).await, failed("ID_MALFORMED"));
        let Served { mut node, client, shutdown, serving } = served;
        node.order_queued().await;
        node.index().await;
        assert_eq!(run(&["search", "mode*", "--country", "JO", "--facet", "type"]).await, Ok(()));
        assert_eq!(
            run(&["search", "-x", "--filter", "type=ministry", "--order", "title.ar desc", "--json"]).await,
            Ok(())
        );
        assert_eq!(run(&["search", "x", "--filter", "year=25"]).await, failed("SEARCH_VALUE_UNKNOWN"));
        assert_eq!(run(&["search", "x", "--facet", "typ"]).await, failed("SEARCH_FACET_UNKNOWN"));
        for verb in [&["get", "JO:organisation:modee"][..], &["history", "JO:organisation:modee"]] {
            assert_eq!(run(verb).await, Ok(()), "{verb:?}");
            assert_eq!(run(&[verb, &["--json"]].concat()).await, Ok(()), "{verb:?}");
        }
        assert_eq!(run(&["withdraw", "JO:organisation:modee", "--reason", "خطأ"]).await, Ok(()));
        assert_eq!(run(&["approve", &"0".repeat(64)]).await, failed("APPROVAL_UNKNOWN"));
        assert_eq!(run(&["approve", "00"]).await, failed("RECORD_ID_MALFORMED"));
        assert_eq!(run(&["publish", "/nowhere.yaml"]).await, failed("PATH_UNREADABLE"));
        let wrong = dir.join("wrong.yaml");
        std::fs::write(&wrong, "id: JO:organisation:x\n").unwrap();
        assert_eq!(run(&["publish", &wrong.display().to_string()]).await, failed("FILES_REFUSED"));
        assert_eq!(run(&["fsck"]).await, Ok(()));
        drop(client);
        shutdown.drain();
        serving.await.unwrap().unwrap();
        assert_eq!(run(&["status"]).await, failed("NODE_NOT_RUNNING"));
        // Nothing is sound of what is not there.
        std::fs::remove_file(Layout::new(&dir).replica()).unwrap();
        assert_eq!(run(&["fsck"]).await, failed("REPLICA_MISSING"));
    }

    #[test]
    fn wrong_use_is_told_from_help() {
        assert!(parse(&["publish"]).unwrap_err().use_stderr());
        assert!(parse(&["poem"]).unwrap_err().use_stderr());
        assert!(!parse(&["--help"]).unwrap_err().use_stderr());
        let program = parse(&["list", "service", "--country", "JO", "--dir", "d", "--json"]).unwrap();
        assert_eq!((program.dir, program.common.json), (Some(PathBuf::from("d")), true));
    }
}
