//! How old an answer is: the line under every read, and the object in every JSON.

use multaqa_proto::wire::node::Freshness;
use multaqa_runtime::output;
use serde_json::{Value, json};

/// `as of 3 min ago (log 1, 512 entries), stale; hub line down since 2026-05-01T10:00:00Z (DIAL_FAILED)`.
pub(crate) fn line(freshness: Option<&Freshness>, now_ms: i64) -> String {
    let Some(Freshness { as_of_ms, log, size, state, line_down_since_ms, line_code, alarm }) = freshness else {
        return String::new();
    };
    let position = if *size == 0 {
        "no log received yet".to_owned()
    } else {
        format!("as of {} (log {log}, {size} entries), {state}", output::age(now_ms, *as_of_ms))
    };
    let down = line_down_since_ms.map(|since| {
        let why = if line_code.is_empty() { String::new() } else { format!(": {line_code}") };
        format!("; hub line down since {} ({}){why}", output::instant(since), output::age(now_ms, since))
    });
    let alarm = if alarm.is_empty() { String::new() } else { format!("; ALARM {alarm}: nothing newer is applied") };
    format!("{position}{}{alarm}\n", down.unwrap_or_default())
}

/// The same as a JSON object.
pub(crate) fn value(freshness: Option<&Freshness>) -> Value {
    let Some(Freshness { as_of_ms, log, size, state, line_down_since_ms, line_code, alarm }) = freshness else {
        return Value::Null;
    };
    json!({
        "as_of_ms": as_of_ms,
        "log": log,
        "size": size,
        "state": state,
        "line_down_since_ms": line_down_since_ms,
        "line_code": line_code,
        "alarm": alarm,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_age_position_and_since_when_the_hub_is_away() {
        let now = 1_700_000_600_000;
        let live = Freshness { as_of_ms: now - 500, log: 1, size: 12, state: "live".to_owned(), ..Default::default() };
        assert_eq!(line(Some(&live), now), "as of just now (log 1, 12 entries), live\n");
        let offline = Freshness {
            as_of_ms: now - 180_000,
            state: "offline".to_owned(),
            line_down_since_ms: Some(now - 120_000),
            line_code: "DIAL_FAILED".to_owned(),
            alarm: "ROOT_WRONG".to_owned(),
            ..live
        };
        assert_eq!(
            line(Some(&offline), now),
            "as of 3 min ago (log 1, 12 entries), offline; hub line down since 2023-11-14T22:21:20Z (2 min ago): \
             DIAL_FAILED; ALARM ROOT_WRONG: nothing newer is applied\n"
        );
        assert_eq!(line(Some(&Freshness::default()), now), "no log received yet\n");
    }
}
