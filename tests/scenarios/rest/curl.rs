//! A member system with curl: HTTP/1.1 and HTTP/2 with keys of OpenSSL.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};

use multaqa_tests::World;
use multaqa_tests::refusals::tabled;
use serde_json::{Value, json};

use crate::clients::{PORT, request, text};
use crate::foreign;

/// A system with curl.
pub(super) struct Curl {
    pub(super) endpoint: String,
    pub(super) certificate: PathBuf,
    pub(super) ca: String,
    pub(super) scratch: PathBuf,
}

/// What it was answered.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) version: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Curl {
    /// A system of Jordan's with these scopes; none where the machine lacks openssl or curl.
    pub(super) fn add(world: &mut World, name: &str, scopes: &[&str]) -> Option<(Self, Value)> {
        let request = request(world, name)?;
        foreign(Command::new("curl").arg("--version"))?;
        world.configure("JO", PORT);
        let name = format!("mof/{name}");
        let allowed = scopes.iter().flat_map(|scope| ["--allow", scope]);
        let args: Vec<&str> = ["client", "add", &name, "--csr", &request].into_iter().chain(allowed).collect();
        let issued = world.json("JO", &args);
        let curl = Self {
            endpoint: text(&issued, "/port/endpoint").to_owned(),
            certificate: text(&issued, "/path").into(),
            ca: text(&issued, "/port/ca_path").to_owned(),
            scratch: world.scratch().to_owned(),
        };
        Some((curl, issued))
    }

    pub(super) fn run(&self, args: &[&str], target: &str) -> Output {
        let mut command = Command::new("curl");
        command.args(["-sS", "--globoff", "--path-as-is", "--max-time", "300", "--cacert", &self.ca, "--cert"]);
        command.arg(&self.certificate).arg("--key").arg(self.certificate.with_extension("key"));
        command.args(["-w", "\n%{http_code} %{http_version}", "-D"]).arg(self.heads());
        command.args(args).arg(format!("https://{}{target}", self.endpoint)).output().unwrap()
    }

    pub(super) fn heads(&self) -> PathBuf {
        self.scratch.join("curl.heads")
    }

    pub(super) fn ask(&self, args: &[&str], target: &str) -> Reply {
        let output = self.run(args, target);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{target}: {said}");
        let all = String::from_utf8(output.stdout).unwrap();
        let (body, last) = all.rsplit_once('\n').unwrap();
        let (status, version) = last.split_once(' ').unwrap();
        let heads = std::fs::read_to_string(self.heads()).unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Reply {
            status: status.parse().unwrap(),
            version: version.to_owned(),
            headers: heads.lines().filter_map(header).collect(),
            body: body.to_owned(),
        }
    }

    pub(super) fn get(&self, target: &str) -> Value {
        let reply = self.ask(&[], target);
        assert_eq!(reply.status, 200, "{target}: {}", reply.body);
        reply.json()
    }

    /// A refusal as a problem, which the table has.
    pub(super) fn refused(&self, args: &[&str], target: &str, status: u16, code: &str) -> Value {
        let reply = self.ask(args, target);
        assert_eq!(reply.status, status, "{target}: {}", reply.body);
        assert_eq!(reply.header("content-type"), "application/problem+json", "{target}");
        assert!(reply.headers.contains_key("multaqa-state"), "{target}");
        let problem = reply.json();
        assert_eq!((&problem["code"], &problem["status"]), (&json!(code), &json!(status)), "{target}: {problem}");
        assert_eq!(text(&problem, "/type"), format!("urn:multaqa:code:{code}"));
        assert!(tabled(code), "{code} is not in the table");
        problem
    }

    pub(super) fn ids(&self, target: &str) -> Vec<String> {
        let listed = self.get(target);
        listed["objects"].as_array().unwrap().iter().map(|object| text(object, "/id").to_owned()).collect()
    }
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or_else(|| panic!("no {name}: {:?}", self.headers), String::as_str)
    }
}
