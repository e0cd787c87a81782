//! Server-sent events, read by curl.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use multaqa_tests::record::Record;
use serde_json::{Value, json};

use super::curl::Curl;
use crate::clients::text;
use crate::world;

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
        command.args(["-sSN", "--max-time", "300", "--cacert", &curl.ca, "--cert"]).arg(&curl.certificate);
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
