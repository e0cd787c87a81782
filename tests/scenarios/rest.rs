//! Member systems over HTTP: curl over HTTP/1.1 and HTTP/2 with keys of OpenSSL, Python's own `http.client`.
//!
//! Without curl the stories are skipped; CI must have it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use multaqa_demo::figures;
use multaqa_tests::World;
use multaqa_tests::record::Record;
use multaqa_tests::refusals::tabled;
use serde_json::{Value, json};

use crate::clients::{PORT, request, text};
use crate::{foreign, home, world};

const JSON: [&str; 2] = ["-H", "content-type: application/json"];

/// A system with curl.
struct Curl {
    endpoint: String,
    certificate: PathBuf,
    ca: String,
    scratch: PathBuf,
}

/// What it was answered.
struct Reply {
    status: u16,
    version: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Curl {
    /// A system of Jordan's with these scopes; none where the machine lacks openssl or curl.
    fn add(world: &mut World, name: &str, scopes: &[&str]) -> Option<(Self, Value)> {
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

    fn run(&self, args: &[&str], target: &str) -> Output {
        let mut command = Command::new("curl");
        command.args(["-sS", "--globoff", "--path-as-is", "--max-time", "60", "--cacert", &self.ca, "--cert"]);
        command.arg(&self.certificate).arg("--key").arg(self.certificate.with_extension("key"));
        command.args(["-w", "\n%{http_code} %{http_version}", "-D"]).arg(self.heads());
        command.args(args).arg(format!("https://{}{target}", self.endpoint)).output().unwrap()
    }

    fn heads(&self) -> PathBuf {
        self.scratch.join("curl.heads")
    }

    fn ask(&self, args: &[&str], target: &str) -> Reply {
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

    fn get(&self, target: &str) -> Value {
        let reply = self.ask(&[], target);
        assert_eq!(reply.status, 200, "{target}: {}", reply.body);
        reply.json()
    }

    /// A refusal as a problem, which the table has.
    fn refused(&self, args: &[&str], target: &str, status: u16, code: &str) -> Value {
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

    fn ids(&self, target: &str) -> Vec<String> {
        let listed = self.get(target);
        listed["objects"].as_array().unwrap().iter().map(|object| text(object, "/id").to_owned()).collect()
    }
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or_else(|| panic!("no {name}: {:?}", self.headers), String::as_str)
    }
}

#[test]
fn a_member_system_reads_and_publishes_with_curl() {
    let mut world = world(&["JO", "SA"]);
    world.publish("SA", &[Record::organisation("SA", "open", "Open"), Record::organisation("SA", "other", "Other")]);
    world.node("JO").publish(&figures::files_of("JO").unwrap()).unwrap();
    world.settle();
    let scopes = ["read:organisation", "read:service", "publish:organisation"];
    let Some((curl, issued)) = Curl::add(&mut world, "portal", &scopes) else { return };
    the_line_that_is_printed_works(&issued);
    for protocol in ["--http1.1", "--http2"] {
        it_reads_over(&curl, protocol);
    }
    lists_are_paged_and_cut(&curl);
    it_finds_filters_and_counts(&mut world, &curl);
    what_it_has_is_not_sent_again_in_whatever_coding(&curl);
    problems_are_told_in_arabic(&curl);
    it_publishes_and_reads_its_own_write(&mut world, &curl);
    records_that_break_rules_are_refused_and_checked(&curl);
    bad_input_is_a_problem_each_time(&curl);
    plain_http_is_told_to_speak_tls(&curl);
    python_reads_with_what_it_has(&curl);
    its_next_request_after_a_revocation_is_refused(&world, &curl);
}

/// The line for `curl` as it is printed, in a shell.
fn the_line_that_is_printed_works(issued: &Value) {
    let output = Command::new("sh").args(["-c", text(issued, "/commands/curl")]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(listed["objects"].as_array().is_some_and(|objects| !objects.is_empty()), "{listed}");
}

fn it_reads_over(curl: &Curl, protocol: &str) {
    let listed = curl.ask(&[protocol], "/v1/organisations?country=SA");
    let version = if protocol == "--http2" { "2" } else { "1.1" };
    assert_eq!((listed.status, listed.version.as_str()), (200, version));
    assert!(["live", "stale"].contains(&listed.header("multaqa-state")));
    assert!(listed.header("multaqa-position").parse::<u64>().unwrap() > 0);
    assert!(listed.header("multaqa-as-of").ends_with('Z') && listed.header("vary").contains("accept-language"));
    assert_eq!(
        (listed.header("content-type"), listed.header("cache-control")),
        ("application/json", "private, no-cache")
    );
    let objects = listed.json()["objects"].clone();
    let ids: Vec<&str> = objects.as_array().unwrap().iter().map(|object| text(object, "/id")).collect();
    assert_eq!(ids, ["SA:organisation:open", "SA:organisation:other"]);

    let one = curl.ask(&[protocol], "/v1/organisations/SA:organisation:open");
    let object = one.json();
    assert_eq!((text(&object, "/payload/name/en"), text(&object, "/member")), ("Open", "SA"));
    assert_eq!((text(&object, "/record_id").len(), &object["withdrawn"]), (64, &json!(false)));
    assert!(text(&object, "/accepted_at").ends_with('Z'), "{object}");
    let head = curl.ask(&[protocol, "--head"], "/v1/organisations/SA:organisation:open");
    assert_eq!((head.status, head.header("etag")), (200, one.header("etag")));

    let known = curl
        .ask(&[protocol, "-H", &format!("if-none-match: {}", one.header("etag"))], "/v1/records/SA:organisation:open");
    assert_eq!((known.status, known.body.as_str()), (304, ""), "under both its collections it is the same");
    assert!(known.headers.contains_key("multaqa-position") && known.header("etag") == one.header("etag"));
    let history = curl.ask(&[protocol], "/v1/organisations/SA:organisation:open/history").json();
    assert_eq!((text(&history, "/revisions/0/state"), text(&history, "/revisions/0/writer")), ("valid", "SA/gw1"));
    let kinds = curl.ask(&[protocol], "/v1/kinds").json();
    let organisation = kinds["kinds"].as_array().unwrap().iter().find(|kind| kind["kind"] == "organisation").unwrap();
    assert_eq!((&organisation["collection"], &organisation["may_publish"]), (&json!("organisations"), &json!(true)));
    assert_eq!(text(&curl.ask(&[protocol], "/v1/status").json(), "/member"), "JO");
    curl.refused(&[protocol], "/v1/datasets", 403, "CLIENT_DENIED");
}

fn lists_are_paged_and_cut(curl: &Curl) {
    let first = curl.get("/v1/organisations?pageSize=1&country=SA");
    let token = text(&first, "/next_page_token").to_owned();
    assert_eq!(text(&first, "/objects/0/id"), "SA:organisation:open");
    assert_eq!(first["objects"][0].get("payload"), None, "no payloads were asked for");
    let second = curl.get(&format!("/v1/organisations?pageSize=1&country=SA&pageToken={token}"));
    assert_eq!(text(&second, "/objects/0/id"), "SA:organisation:other");
    curl.refused(&[], &format!("/v1/services?pageToken={token}"), 400, "PAGE_TOKEN_BAD");
    let cut = curl.get("/v1/organisations?country=SA&fields=id,accepted_at,payload.name.en");
    let object = &cut["objects"][0];
    assert_eq!(object.as_object().unwrap().keys().collect::<Vec<_>>(), ["accepted_at", "id", "payload"]);
    assert_eq!(object["payload"], json!({ "name": { "en": "Open" } }));
    let whole = curl.get("/v1/organisations?country=SA&payloads=true");
    assert_eq!(text(&whole, "/objects/1/payload/name/en"), "Other");
}

fn it_finds_filters_and_counts(world: &mut World, curl: &Curl) {
    let position = curl.ask(&[], "/v1/kinds").header("multaqa-position").to_owned();
    world.eventually("the index has come as far", |_| {
        curl.ask(&[], &format!("/v1/search?q=open&minPosition={position}")).status == 200
    });
    let found = curl.get("/v1/search?q=open&country=SA&facets=kind,country");
    assert_eq!((text(&found, "/hits/0/object/id"), &found["total"]), ("SA:organisation:open", &json!(1)));
    let pieces = found["hits"][0]["highlights"][0]["pieces"].as_array().unwrap();
    assert!(pieces.iter().any(|piece| piece["marked"] == true && piece["text"] == "Open"), "{found}");
    assert_eq!((text(&found, "/facets/1/facet"), text(&found, "/facets/1/values/0/value")), ("country", "SA"));
    let titles = curl.get("/v1/suggest?q=ope");
    assert_eq!(text(&titles, "/titles/0/id"), "SA:organisation:open");
    let status = curl.get("/v1/services?status=production&facets=status&total=true&orderBy=accepted_at%20desc");
    let listed = status["objects"].as_array().unwrap().len();
    assert!(listed > 0 && status["total"].as_u64() == Some(listed as u64), "{status}");
    assert_eq!(curl.ids("/v1/services?status=no-such-status"), [""; 0]);
    curl.refused(&[], "/v1/services?facets=colour", 400, "SEARCH_FACET_UNKNOWN");
    let quoted = curl.ask(&[], "/v1/search?q=%22%28%5B*%5E%20OR%20AND%20-");
    assert_eq!(quoted.status, 200, "any text is a query: {}", quoted.body);
}

fn what_it_has_is_not_sent_again_in_whatever_coding(curl: &Curl) {
    let plain = curl.ask(&[], "/v1/organisations?payloads=true");
    let mut tags = vec![plain.header("etag").to_owned()];
    for coding in ["gzip", "zstd"] {
        let coded =
            curl.ask(&["--compressed", "-H", &format!("accept-encoding: {coding}")], "/v1/organisations?payloads=true");
        assert_eq!((coded.header("content-encoding"), &coded.body), (coding, &plain.body));
        tags.push(coded.header("etag").to_owned());
    }
    assert!(tags[0] != tags[1] && tags[1] != tags[2], "{tags:?}");
    for tag in &tags {
        let again = curl.ask(&["-H", &format!("if-none-match: \"x\", {tag}")], "/v1/organisations?payloads=true");
        assert_eq!(again.status, 304, "{tag}");
    }
}

fn problems_are_told_in_arabic(curl: &Curl) {
    let ask =
        |asked: &str| curl.ask(&["-H", &format!("accept-language: {asked}")], "/v1/organisations/JO:organisation:none");
    let arabic = ask("fr;q=0.3, ar-JO;q=0.9, en;q=0.5");
    assert_eq!((arabic.status, arabic.header("content-language")), (404, "ar"));
    let problem = arabic.json();
    assert_eq!((text(&problem, "/code"), text(&problem, "/args/id")), ("OBJECT_UNKNOWN", "JO:organisation:none"));
    assert!(text(&problem, "/detail").contains("لا توجد") && text(&problem, "/help").contains('`'), "{problem}");
    assert_eq!(text(&problem, "/instance"), "/v1/organisations/JO:organisation:none");
    assert_eq!(ask("fr").header("content-language"), "fr");
    assert_eq!(ask("de").header("content-language"), "en");
}

fn it_publishes_and_reads_its_own_write(world: &mut World, curl: &Curl) {
    let mof = Record::organisation("JO", "mof", "Finance");
    let both = json!([mof.json(), Record::organisation("JO", "moi", "Interior").json()]).to_string();
    let publish = || curl.ask(&[&JSON[..], &["-d", &both]].concat(), "/v1/records");
    let published = publish();
    assert_eq!(published.status, 202, "{}", published.body);
    let records = published.json()["records"].clone();
    assert_eq!((text(&records, "/0/id"), text(&records, "/1/state")), (mof.id(), "queued"));
    let index = || {
        let queue = curl.get("/v1/queue?all=true&pageSize=500");
        let own = queue["records"].as_array().unwrap().iter().find(|record| record["id"] == mof.id()).cloned();
        own.and_then(|own| own["index"].as_u64())
    };
    world.eventually("the record has its place", |_| index().is_some());
    let own = curl.ask(&[], &format!("/v1/organisations/{}?minPosition={}", mof.id(), index().unwrap() + 1));
    assert_eq!((own.status, text(&own.json(), "/payload/name/en")), (200, "Finance"));
    assert!(own.header("multaqa-position").parse::<u64>().unwrap() > index().unwrap());
    let again = publish();
    assert_eq!((again.status, text(&again.json(), "/records/0/state")), (200, "unchanged"));
    let never = curl.ask(&[], &format!("/v1/organisations/{}?minPosition=9007199254740991", mof.id()));
    assert_eq!((never.status, never.json()["code"].as_str()), (409, Some("POSITION_NOT_REACHED")));
    assert!(never.header("retry-after").parse::<u64>().is_ok());

    let reason = "/v1/organisations/JO:organisation:moi?reasonAr=%D8%AE%D8%B7%D8%A3&reasonEn=wrong";
    let turned = "/v1/organisations/JO:organisation:moi?reasonEn=%E2%80%AEwrong";
    let problem = curl.refused(&["-X", "DELETE"], turned, 400, "TEXT_BIDI_CONTROL");
    assert_eq!(text(&problem, "/at"), "reasonEn", "{problem}");
    let withdrawn = curl.ask(&["-X", "DELETE"], reason);
    assert_eq!((withdrawn.status, text(&withdrawn.json(), "/record/state")), (202, "queued"));
    world.eventually("it is gone", |_| !curl.ids("/v1/organisations").contains(&"JO:organisation:moi".to_owned()));
    assert!(curl.ids("/v1/organisations?withdrawn=true").contains(&"JO:organisation:moi".to_owned()));
    assert_eq!(curl.get("/v1/organisations/JO:organisation:moi")["payload"], Value::Null);
}

fn records_that_break_rules_are_refused_and_checked(curl: &Curl) {
    let good = Record::organisation("JO", "good", "Good").json();
    let bad = json!({ "id": "JO:organisation:bad", "payload": { "name": { "en": "Bad" }, "typ": "agency" } });
    let both = json!([good, bad]).to_string();
    let column = bad.to_string().find("\"typ\"").unwrap() + 1;
    let args = [&JSON[..], &["-d", &both, "-H", "accept-language: fr"]].concat();
    let problem = curl.refused(&args, "/v1/records", 400, "RECORDS_REFUSED");
    let broken = problem["errors"].as_array().unwrap().iter().find(|error| error["code"] == "FIELD_UNKNOWN").cloned();
    let broken = broken.unwrap_or_else(|| panic!("{problem}"));
    assert_eq!((text(&broken, "/record"), text(&broken, "/at")), ("records[1]", "payload.typ"));
    assert_eq!((&broken["line"], &broken["column"]), (&json!(1), &json!(column)));
    assert!(!text(&broken, "/detail").is_empty());
    let checked = curl.ask(&args, "/v1/records:check").json();
    assert_eq!((&checked["documents"], checked["findings"].as_array().unwrap().is_empty()), (&json!(2), false));
    assert!(!curl.ids("/v1/organisations").contains(&"JO:organisation:good".to_owned()), "one of the two was signed");
    let service = std::fs::read_to_string(figures::sample_of("JO").unwrap()).unwrap();
    let id = figures::id_of(&figures::sample_of("JO").unwrap()).unwrap();
    assert!(service.contains(&id));
    let denied = json!([{ "id": id, "payload": {} }]).to_string();
    let denied = curl.refused(&[&JSON[..], &["-d", &denied]].concat(), "/v1/records:check", 403, "CLIENT_DENIED");
    assert_eq!(text(&denied, "/args/rule"), "publish:service");
}

fn bad_input_is_a_problem_each_time(curl: &Curl) {
    let long = format!("/v1/organisations?pageToken={}", "x".repeat(9_000));
    let wide = format!("cookie: {}", "x".repeat(20_000));
    let large = curl.scratch.join("large.json");
    std::fs::write(&large, format!("\"{}\"", "x".repeat(5 * 1024 * 1024))).unwrap();
    let large = format!("@{}", large.display());
    let deep = "[".repeat(100) + &"]".repeat(100);
    let (get, post): (&[&str], _) = (&[], |body| [&JSON[..], &["-d", body]].concat());
    for protocol in ["--http1.1", "--http2"] {
        for (args, target, status, code) in [
            (get, "/v1/nothing/at/all/here", 404, "ROUTE_UNKNOWN"),
            (get, "/v1/%ff%fe", 404, "ROUTE_UNKNOWN"),
            (get, "/v1/poems", 404, "COLLECTION_UNKNOWN"),
            (&["-X", "PUT"], "/v1/organisations", 405, "METHOD_NOT_ALLOWED"),
            (get, "/v1/organisations?colour=red", 400, "PARAMETER_UNKNOWN"),
            (get, "/v1/organisations?pageSize=-1", 400, "PARAMETER_WRONG"),
            (get, "/v1/organisations?pageSize=1&pageSize=2", 400, "PARAMETER_REPEATED"),
            (&["-H", "accept: image/png"], "/v1/organisations", 406, "MEDIA_NOT_OFFERED"),
            (&["-H", "content-type: text/yaml", "-d", "id: x"], "/v1/records", 415, "MEDIA_UNSUPPORTED"),
            (&post("{"), "/v1/records", 400, "BODY_MALFORMED"),
            (&post(&deep), "/v1/records", 400, "BODY_MALFORMED"),
            (&post(&large), "/v1/records", 413, "MESSAGE_TOO_LARGE"),
            (get, &long, 414, "TARGET_TOO_LONG"),
            (&["-H", &wide], "/v1/organisations", 431, "HEADERS_TOO_LARGE"),
            (get, "/v1/organisations/none", 400, "ID_MALFORMED"),
        ] {
            curl.refused(&[&[protocol], args].concat(), target, status, code);
        }
    }
    let options = curl.ask(&["-X", "OPTIONS"], "/v1/records");
    assert_eq!((options.status, options.header("allow")), (204, "GET, POST, HEAD, OPTIONS"));
}

fn plain_http_is_told_to_speak_tls(curl: &Curl) {
    let output =
        Command::new("curl").args(["-sS", "-i", &format!("http://{}/v1/kinds", curl.endpoint)]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.starts_with("HTTP/1.1 400 ") && said.contains("https://"), "{said}");
}

/// What every Python has: `http.client` over `ssl`.
fn python_reads_with_what_it_has(curl: &Curl) {
    let script = home().join("tests/foreign/rest.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(&curl.endpoint).arg(&curl.certificate);
    let Some(output) = foreign(command.arg(curl.certificate.with_extension("key")).arg(&curl.ca)) else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(read["ids"], json!(curl.ids("/v1/organisations")));
    assert_eq!((&read["alpn"], &read["again"], &read["problem"]), (&Value::Null, &json!(304), &json!("ROUTE_UNKNOWN")));
}

fn its_next_request_after_a_revocation_is_refused(world: &World, curl: &Curl) {
    let revoked = world.json("JO", &["client", "revoke", "mof/portal"]);
    assert!(revoked["client"]["revoked_ms"].is_i64());
    let output = curl.run(&[], "/v1/kinds");
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("revoked") || said.contains("reset") || said.contains("alert"), "{said}");
}

/// A stream of server-sent events.
struct Events {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

/// An event as it came.
#[derive(Debug, Default)]
struct Event {
    id: String,
    name: String,
    data: String,
    comment: String,
}

impl Events {
    fn open(curl: &Curl, args: &[&str], target: &str) -> Self {
        let mut command = Command::new("curl");
        command.args(["-sSN", "--max-time", "120", "--cacert", &curl.ca, "--cert"]).arg(&curl.certificate);
        command.arg("--key").arg(curl.certificate.with_extension("key")).args(args);
        let mut child = command
            .arg(format!("https://{}{target}", curl.endpoint))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next event, a heartbeat too; none where the stream is over.
    fn next(&mut self) -> Option<Event> {
        let mut event = Event::default();
        loop {
            let line = self.lines.next()?.ok()?;
            let (field, value) = match line.split_once(':') {
                Some((field, value)) => (field, value.strip_prefix(' ').unwrap_or(value)),
                None if line.is_empty() => return Some(event),
                None => panic!("{line:?}"),
            };
            match field {
                "id" => value.clone_into(&mut event.id),
                "event" => value.clone_into(&mut event.name),
                "data" => value.clone_into(&mut event.data),
                "" => value.clone_into(&mut event.comment),
                other => panic!("{other}: {line:?}"),
            }
        }
    }

    /// The next that is no heartbeat.
    fn told(&mut self) -> (Event, Value) {
        let event =
            std::iter::from_fn(|| self.next()).find(|event| event.comment.is_empty()).expect("the stream goes on");
        let data = serde_json::from_str(&event.data).unwrap_or_else(|error| panic!("{error}: {event:?}"));
        (event, data)
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[test]
fn events_come_and_go_on_where_they_were_cut() {
    let mut world = world(&["JO", "SA"]);
    let Some((curl, _)) = Curl::add(&mut world, "portal", &["read:organisation"]) else { return };
    let organisation = |slug: &str| Record::organisation("SA", slug, slug);
    let mut events = Events::open(&curl, &["--http1.1"], "/v1/events?kind=organisation&country=SA&payloads=true");
    assert_eq!(events.next().unwrap().comment, "heartbeat", "from now on");
    world.publish("SA", &[organisation("one")]);
    let (one, data) = events.told();
    assert_eq!((one.name.as_str(), text(&data, "/object/id")), ("put", "SA:organisation:one"));
    assert_eq!(text(&data, "/object/payload/name/en"), "one");
    drop(events);

    // While nobody listens.
    world.publish("SA", &[organisation("two"), organisation("three")]);
    world.settle();
    let last = format!("last-event-id: {}", one.id);
    let mut events = Events::open(&curl, &["--http2", "-H", &last], "/v1/events?fields=id");
    let ids: Vec<String> = (0..2).map(|_| text(&events.told().1, "/object/id").to_owned()).collect();
    assert_eq!(ids, ["SA:organisation:two", "SA:organisation:three"], "neither gap nor double");
    let (id, slug) = ("SA:organisation:one", &["withdraw", "SA:organisation:one", "--reason", "over"]);
    world.node("SA").cli(slug).unwrap().ok().unwrap();
    let (withdrawn, data) = events.told();
    assert_eq!((withdrawn.name.as_str(), &data["object"]), ("withdrawn", &json!({ "id": id })));

    // From a position, by number.
    let from = format!("/v1/events?from={}", data["position"].as_u64().unwrap() - 1);
    assert_eq!(Events::open(&curl, &[], &from).told().0.name, "withdrawn");
    let ahead = Events::open(&curl, &["-H", "last-event-id: 9007199254740991"], "/v1/events").told();
    assert_eq!(ahead.0.name, "resync", "{ahead:?}");
    let wrong = curl.ask(&["-H", "last-event-id: nothing"], "/v1/events");
    assert_eq!((wrong.status, text(&wrong.json(), "/at")), (400, "Last-Event-ID"));

    let mut quiet = Events::open(&curl, &[], "/v1/events");
    assert_eq!(quiet.next().unwrap().comment, "heartbeat");
    let revoked = world.json("JO", &["client", "revoke", "mof/portal"]);
    assert!(revoked["client"]["revoked_ms"].is_i64());
    assert!(std::iter::from_fn(|| quiet.next()).all(|event| event.name != "put"), "the stream is over");
}

#[test]
fn reads_over_http_go_on_and_say_so_while_the_hub_is_away() {
    let mut world = world(&["JO"]);
    world.publish("JO", &[Record::organisation("JO", "known", "Known")]);
    world.settle();
    let Some((curl, _)) = Curl::add(&mut world, "portal", &["read:*", "publish:*"]) else { return };
    world.eventually("it is live", |_| curl.ask(&[], "/v1/kinds").header("multaqa-state") == "live");
    world.hub_mut().stop().unwrap();
    world.eventually("it is offline", |_| curl.ask(&[], "/v1/kinds").header("multaqa-state") == "offline");
    let read = curl.ask(&[], "/v1/organisations/JO:organisation:known");
    assert_eq!((read.status, text(&read.json(), "/payload/name/en")), (200, "Known"));
    assert_eq!(read.header("multaqa-state"), "offline");
    let unknown = curl.ask(&[], "/v1/organisations/JO:organisation:none");
    assert_eq!((unknown.status, unknown.header("multaqa-state")), (404, "offline"));
    let waiting = Record::organisation("JO", "waiting", "Waiting").json().to_string();
    let queued = curl.ask(&[&JSON[..], &["-d", &waiting]].concat(), "/v1/records");
    assert_eq!((queued.status, queued.header("multaqa-state")), (202, "offline"));
    assert_eq!(text(&curl.get("/v1/queue"), "/records/0/state"), "queued");
}
