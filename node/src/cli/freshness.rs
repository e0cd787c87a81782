//! How old an answer is: the line under every read, and the object in every JSON.

use multaqa_proto::message::screen::{Line, Screen};
use multaqa_proto::wire::node::Freshness;
use multaqa_runtime::output;
use serde_json::{Value, json};

/// `as of 3 min ago (log 1, 512 entries), stale; hub line down since 2026-05-01T10:00:00Z (2 min ago): DIAL_FAILED`.
pub(crate) fn line(screen: Screen<'_>, freshness: Option<&Freshness>, now_ms: i64) -> String {
    let Some(found) = freshness else { return String::new() };
    let Freshness {
        as_of_ms,
        log,
        size,
        state,
        line_down_since_ms,
        line_code,
        alarm,
        frozen,
        unwitnessed_since_ms,
        fills: _,
    } = found;
    let position = if *size == 0 {
        Line::new("say-no-log")
    } else {
        let line = Line::new("say-as-of").with("age", screen.age(now_ms, *as_of_ms)).with("log", log);
        line.with("size", size).with("state", screen.freshness(state))
    };
    let down = line_down_since_ms.map(|since| {
        let line = if line_code.is_empty() {
            Line::new("say-line-down")
        } else {
            Line::new("say-line-down-why").with("code", line_code)
        };
        line.with("since", output::instant(since)).with("age", screen.age(now_ms, since))
    });
    let alarm = (!alarm.is_empty()).then(|| Line::new("say-alarm").with("code", alarm));
    let frozen = (!frozen.is_empty()).then(|| Line::new("say-frozen").with("code", frozen));
    let unwitnessed = unwitnessed_since_ms.map(|since| {
        Line::new("say-unwitnessed").with("since", output::instant(since)).with("age", screen.age(now_ms, since))
    });
    let clauses =
        [Some(position), down, alarm, frozen, unwitnessed].into_iter().flatten().map(|clause| screen.text(&clause));
    clauses.collect::<String>() + "\n"
}

/// The same as a JSON object.
pub(crate) fn value(freshness: Option<&Freshness>) -> Value {
    let Some(found) = freshness else { return Value::Null };
    let Freshness {
        as_of_ms,
        log,
        size,
        state,
        line_down_since_ms,
        line_code,
        alarm,
        frozen,
        unwitnessed_since_ms,
        fills,
    } = found;
    json!({
        "as_of_ms": as_of_ms,
        "log": log,
        "size": size,
        "state": state,
        "line_down_since_ms": line_down_since_ms,
        "line_code": line_code,
        "alarm": alarm,
        "frozen": frozen,
        "unwitnessed_since_ms": unwitnessed_since_ms,
        "fills": fills,
    })
}

#[cfg(test)]
mod tests {
    use multaqa_proto::text::Lang;

    use super::super::screen::screen;
    use super::*;

    #[test]
    fn the_line_says_age_position_and_since_when_the_hub_is_away() {
        let said = |freshness: &Freshness, now| line(screen(Lang::En), Some(freshness), now);
        let now = 1_700_000_600_000;
        let live = Freshness { as_of_ms: now - 500, log: 1, size: 12, state: "live".to_owned(), ..Default::default() };
        assert_eq!(said(&live, now), "as of just now (log 1, 12 entries), live\n");
        let offline = Freshness {
            as_of_ms: now - 180_000,
            state: "offline".to_owned(),
            line_down_since_ms: Some(now - 120_000),
            line_code: "DIAL_FAILED".to_owned(),
            alarm: "ROOT_WRONG".to_owned(),
            ..live
        };
        assert_eq!(
            said(&offline, now),
            "as of 3 min ago (log 1, 12 entries), offline; hub line down since 2023-11-14T22:21:20Z (2 min ago): \
             DIAL_FAILED; ALARM ROOT_WRONG: nothing newer is applied\n"
        );
        assert_eq!(said(&Freshness::default(), now), "no log received yet\n");
    }

    #[test]
    fn the_line_is_said_in_arabic_and_french() {
        let now = 1_700_000_600_000;
        let (as_of_ms, state) = (now - 180_000, "offline".to_owned());
        let since = Some(now - 120_000);
        let old = Freshness { as_of_ms, log: 1, size: 12, state, line_down_since_ms: since, ..Default::default() };
        assert_eq!(
            line(screen(Lang::Ar), Some(&old), now),
            "حداثة البيانات: منذ 3 دقائق (السجل 1، 12 قيدًا)، غير متصل؛ الخط إلى المنصة المركزية مقطوع منذ \
             2023-11-14T22:21:20Z (منذ دقيقتين)\n"
        );
        assert_eq!(
            line(screen(Lang::Fr), Some(&Freshness { line_down_since_ms: None, size: 1, ..old }), now),
            "fraîcheur des données\u{202f}: il y a 3 min (journal 1, 1 entrée), hors ligne\n"
        );
    }
}
