//! A PostgreSQL of the bench's own: made in a directory, reached by a socket in it, stopped with the value.
//!
//! It refuses to run as root: then it runs as `nobody`. Out of scope: what it is asked (`search`).

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// User and group that a bench of root runs it as.
const NOBODY: u32 = 65_534;
/// What the machine of a bench gives it: the table and its index fit into its own memory and the system's, a bitmap of all rows into
/// that of a query.
const SETTINGS: [&str; 7] = [
    "listen_addresses=''",
    "shared_buffers=2GB",
    "work_mem=128MB",
    "maintenance_work_mem=512MB",
    "max_wal_size=4GB",
    "fsync=off",
    "jit=off",
];

/// See the module.
pub(crate) struct Postgres {
    data: PathBuf,
    sockets: PathBuf,
    programs: PathBuf,
    root: bool,
}

impl Postgres {
    /// Starts the one in this directory, which is made where there is none.
    ///
    /// # Errors
    /// Why there is none, for people.
    pub(crate) fn open(root: &Path) -> Result<Self, String> {
        let programs = programs().ok_or("initdb, pg_ctl or psql is not installed")?;
        let (data, sockets) = (root.join("data"), root.join("sockets"));
        let is_root = fs::metadata("/proc/self").map_err(|error| error.to_string())?.uid() == 0;
        for dir in [&data, &sockets] {
            fs::create_dir_all(dir).map_err(|error| error.to_string())?;
        }
        let postgres = Self { data, sockets, programs, root: is_root };
        if is_root {
            for dir in [&postgres.data, &postgres.sockets] {
                chown(dir, Some(NOBODY), Some(NOBODY)).map_err(|error| error.to_string())?;
            }
            // A temporary directory is its owner's alone.
            for dir in [Some(root), root.parent()].into_iter().flatten() {
                fs::set_permissions(dir, Permissions::from_mode(0o711)).map_err(|error| error.to_string())?;
            }
        }
        let data = postgres.data.to_string_lossy().into_owned();
        if !postgres.data.join("PG_VERSION").exists() {
            postgres.owned("initdb", &["-D", &data, "-U", "bench", "-E", "UTF8", "--locale=C", "-A", "trust"])?;
        }
        let settings: Vec<String> = SETTINGS.iter().map(|setting| format!("-c {setting}")).collect();
        let options = format!("-k {} {}", postgres.sockets.display(), settings.join(" "));
        let log = postgres.sockets.join("log").to_string_lossy().into_owned();
        postgres.owned("pg_ctl", &["-D", &data, "-l", &log, "-w", "-o", &options, "start"])?;
        Ok(postgres)
    }

    /// A program that must not be root's.
    fn owned(&self, program: &str, args: &[&str]) -> Result<(), String> {
        let path = self.programs.join(program);
        let mut command = if self.root {
            let mut command = Command::new("setpriv");
            let (user, group) = (format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"));
            command.args([&user, &group, "--clear-groups", "--"]).arg(&path);
            command
        } else {
            Command::new(&path)
        };
        command.args(args).current_dir(&self.sockets).stdin(Stdio::null()).stdout(Stdio::null());
        let output = command.output().map_err(|error| format!("{program}: {error}"))?;
        let told = || format!("{program}: {}", String::from_utf8_lossy(&output.stderr));
        output.status.success().then_some(()).ok_or_else(told)
    }

    fn psql(&self) -> Command {
        let mut command = Command::new(self.programs.join("psql"));
        command.arg("-h").arg(&self.sockets).args([
            "-U",
            "bench",
            "-d",
            "postgres",
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
        ]);
        command
    }

    /// Runs a command.
    pub(crate) fn run(&self, command: &str) {
        let output = self.psql().args(["-c", command]).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// How long each of these queries takes, by psql's own clock, on one connection, after a preparation and others that are not timed.
    pub(crate) fn times(&self, prepare: &str, warm: &[String], queries: &[String]) -> Vec<Duration> {
        let file = self.sockets.with_extension("sql");
        fs::write(&file, format!("{prepare}\n{}\n\\timing on\n{}\n", warm.join("\n"), queries.join("\n"))).unwrap();
        let output = self.psql().arg("-f").arg(&file).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let ms = |line: &str| line.strip_prefix("Time: ")?.split(' ').next()?.parse::<f64>().ok();
        let times: Vec<Duration> =
            text.lines().filter_map(ms).map(|ms| Duration::from_secs_f64(ms / 1_000.0)).collect();
        assert_eq!(times.len(), queries.len(), "{text}");
        times
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data.to_string_lossy().into_owned();
        let _gone = self.owned("pg_ctl", &["-D", &data, "-m", "fast", "stop"]);
    }
}

/// Where the programs are: the path, or where Debian puts them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    std::env::split_paths(&path)
        .chain(debian)
        .find(|dir| ["initdb", "pg_ctl", "psql"].iter().all(|program| dir.join(program).exists()))
}
