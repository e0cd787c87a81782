//! Systems as people read them, and as JSON.

use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::wire::node as wire;
use multaqa_runtime::output::{self, Table};
use serde_json::{Value, json};

/// Where systems find the node, and the CA by which they know it.
pub(super) fn reached(screen: Screen<'_>, port: &wire::ClientPort) -> String {
    let wire::ClientPort { endpoint, ca: _, ca_path } = port;
    let at = if endpoint.is_empty() {
        screen.word("say-client-port-off")
    } else {
        screen.text(&Line::new("say-client-port").with("endpoint", endpoint))
    };
    at + "\n" + &screen.text(&Line::new("say-client-ca").with("path", ca_path)) + "\n"
}

pub(super) fn table(screen: Screen<'_>, clients: &[wire::Client]) -> String {
    let mut table = Table::new(screen.words(["head-client", "head-state", "head-until", "head-scopes"]));
    for client in clients {
        let until = client.certificates.first().map(|newest| output::instant(newest.not_after_ms)).unwrap_or_default();
        table.row([&client.name, &state(screen, client), &until, &client.scopes.join(" ")]);
    }
    table.render()
}

fn state(screen: Screen<'_>, client: &wire::Client) -> String {
    screen.word(if client.revoked_ms.is_some() { "word-revoked" } else { "word-let-in" })
}

pub(super) fn shown(screen: Screen<'_>, client: &wire::Client) -> String {
    let wire::Client { name, identity, scopes, added_ms, revoked_ms, certificates, denials, denied_ms } = client;
    let mut table = Table::new([name.as_str(), identity.as_str()]);
    table.row([screen.word("row-state"), state(screen, client)]);
    table.row([screen.word("row-scopes"), scopes.join(" ")]);
    table.row([screen.word("row-added"), output::instant(*added_ms)]);
    if let Some(revoked_ms) = revoked_ms {
        table.row([screen.word("row-revoked"), output::instant(*revoked_ms)]);
    }
    for wire::ClientCertificate { serial, certificate: _, issued_ms: _, not_after_ms } in certificates {
        table.row([screen.word("row-certificate"), format!("{} ({serial})", output::instant(*not_after_ms))]);
    }
    if let Some(denied_ms) = denied_ms {
        let line = Line::new("say-client-denied").with("times", denials).with("last", output::instant(*denied_ms));
        table.row([screen.word("row-denied"), screen.text(&line)]);
    }
    table.render() + &calls_nothing(screen, scopes)
}

/// That scopes for calls allow nothing, where a system has some: a line with its end.
pub(super) fn calls_nothing(screen: Screen<'_>, scopes: &[String]) -> String {
    let calls = scopes.iter().any(|scope| scope.starts_with("call:"));
    if calls { screen.word("say-client-calls-nothing") + "\n" } else { String::new() }
}

pub(super) fn value(client: &wire::Client) -> Value {
    let wire::Client { name, identity, scopes, added_ms, revoked_ms, certificates, denials, denied_ms } = client;
    let certificates: Vec<Value> = certificates
        .iter()
        .map(|wire::ClientCertificate { serial, certificate, issued_ms, not_after_ms }| {
            json!({
                "serial": serial,
                "certificate": certificate,
                "issued_ms": issued_ms,
                "not_after_ms": not_after_ms,
            })
        })
        .collect();
    json!({
        "name": name,
        "identity": identity,
        "scopes": scopes,
        "added_ms": added_ms,
        "revoked_ms": revoked_ms,
        "certificates": certificates,
        "denials": denials,
        "denied_ms": denied_ms,
    })
}

pub(super) fn port_value(port: &wire::ClientPort) -> Value {
    let wire::ClientPort { endpoint, ca, ca_path } = port;
    json!({ "endpoint": endpoint, "ca": ca, "ca_path": ca_path })
}

#[cfg(test)]
mod tests {
    use multaqa_proto::text::Lang;

    use super::super::screen::screen;
    use super::*;

    fn client() -> wire::Client {
        let certificate = wire::ClientCertificate { not_after_ms: 86_400_000, ..Default::default() };
        wire::Client {
            name: "mof/budget".to_owned(),
            scopes: vec!["read:*".to_owned(), "publish:dataset".to_owned()],
            certificates: vec![certificate],
            ..Default::default()
        }
    }

    #[test]
    fn a_system_is_shown_with_what_it_was_refused_and_what_its_scopes_do_not_allow() {
        let plain = shown(screen(Lang::En), &client());
        assert!(!plain.contains("refused") && !plain.contains("call:"), "{plain}");
        let scopes = vec!["call:SA:service:absher".to_owned()];
        let refused = wire::Client { denials: 12, denied_ms: Some(86_400_000), scopes, ..client() };
        for (lang, times, nothing) in [
            (Lang::En, "12 times since the node started, last 1970-01-02T00:00:00", "allow nothing yet"),
            (Lang::Ar, "12", "لا تتيح شيئًا"),
            (Lang::Fr, "12 fois depuis le démarrage du nœud", "n'autorisent rien"),
        ] {
            let text = shown(screen(lang), &refused);
            assert!(text.contains(times) && text.contains(nothing), "{text}");
        }
        assert_eq!((&value(&refused)["denials"], &value(&client())["denied_ms"]), (&json!(12), &Value::Null));
    }

    #[test]
    fn the_list_shows_each_systems_state_end_and_scopes() {
        let revoked = wire::Client { revoked_ms: Some(1), certificates: Vec::new(), ..client() };
        let text = table(screen(Lang::En), &[client(), revoked]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].starts_with("mof/budget  let in"), "{text}");
        assert!(lines[1].contains("1970-01-02") && lines[1].ends_with("read:* publish:dataset"), "{text}");
        assert!(lines[2].starts_with("mof/budget  revoked"), "{text}");
    }
}
