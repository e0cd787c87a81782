//! `watch`: what changes in the replica, as it changes.

use std::io::{self, ErrorKind, Write as _};

use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::wire::node::{ObjectSummary, WatchRequest, WatchResponse};
use multaqa_runtime::fault::Fault;
use multaqa_runtime::output::Table;
use serde_json::{Value, json};

use super::client::Node;
use super::failure::Failure;
use super::list::{summary_value, title};
use super::{Call, freshness};

/// Print what changes in the replica, as it changes, until interrupted
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  multaqa-node watch
  multaqa-node watch --kind service --lang ar
  multaqa-node watch --from 0 --json | jq -r '.object.id'")]
pub(crate) struct Args {
    /// Only records of this kind; may be repeated
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
    /// Only records of this member; may be repeated
    #[arg(long = "country", value_name = "CODE")]
    members: Vec<String>,
    /// What changed from this position on too: the number of entries that `status` and `list` show [default: from here on]
    #[arg(long, value_name = "POSITION", conflicts_with = "resume")]
    from: Option<u64>,
    /// From where another watch ended: the `id` of its last event in JSON
    #[arg(long, value_name = "ID")]
    resume: Option<String>,
}

impl Args {
    pub(crate) async fn run(self, call: &Call) -> Result<(), Failure> {
        let Self { kinds, members, from, resume } = self;
        let resume = resume.unwrap_or_default();
        let request = WatchRequest { kinds, members, from_position: from, resume, ..Default::default() };
        let node = Node::connect(&call.dir()).await?;
        let mut events = node.watch().watch(request).await?.into_inner();
        while let Some(event) = events.message().await? {
            let shown = if call.common.json {
                value(&event).map(|value| value.to_string() + "\n")
            } else {
                line(call.screen, &event)
            };
            let Some(shown) = shown else { continue };
            match write(&shown) {
                // Nobody reads any more.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                Err(error) => {
                    return Err(Fault::new(multaqa_runtime::code::OUTPUT_FAILED).with("detail", error).into());
                }
                Ok(()) => {}
            }
        }
        Ok(())
    }
}

fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Nothing for a heartbeat.
fn line(screen: Screen<'_>, event: &WatchResponse) -> Option<String> {
    let position = event.position.to_string();
    match (event.event.as_str(), &event.object) {
        ("resync", _) => Some(screen.text(&Line::new("say-resync").with("position", position)) + "\n"),
        (what, Some(object)) => {
            let ObjectSummary { id, revision, .. } = object;
            let word = if what == "withdrawn" { screen.word("word-withdrawn") } else { revision.to_string() };
            Some(Table::new([&position, id, &word, &title(object, screen.lang())]).render())
        }
        _ => None,
    }
}

fn value(event: &WatchResponse) -> Option<Value> {
    let WatchResponse { id, position, event, object, freshness } = event;
    if event == "heartbeat" {
        return None;
    }
    let object = object.as_ref().map(summary_value);
    let freshness = freshness::value(freshness.as_ref());
    Some(json!({ "id": id, "position": position, "event": event, "object": object, "freshness": freshness }))
}

#[cfg(test)]
mod tests {
    use multaqa_proto::text::Lang;

    use super::super::screen::screen;
    use super::*;

    #[test]
    fn a_line_shows_what_and_where_and_a_heartbeat_nothing() {
        let object = ObjectSummary {
            id: "JO:service:sanad".to_owned(),
            revision: 2,
            title: [("en".to_owned(), "Sanad".to_owned())].into(),
            ..Default::default()
        };
        let put = WatchResponse { event: "put".to_owned(), position: 8, object: Some(object), ..Default::default() };
        assert_eq!(line(screen(Lang::En), &put).unwrap(), "8  JO:service:sanad  2  Sanad\n");
        let withdrawn = WatchResponse { event: "withdrawn".to_owned(), ..put.clone() };
        assert!(line(screen(Lang::En), &withdrawn).unwrap().contains("withdrawn"));
        let beat = WatchResponse { event: "heartbeat".to_owned(), object: None, ..put.clone() };
        assert_eq!((line(screen(Lang::En), &beat), value(&beat)), (None, None));
        let resync = WatchResponse { event: "resync".to_owned(), object: None, ..put };
        for lang in Lang::ALL {
            assert!(line(screen(lang), &resync).unwrap().contains('8'), "{lang}");
        }
        assert_eq!(value(&resync).unwrap()["event"], "resync");
    }
}
