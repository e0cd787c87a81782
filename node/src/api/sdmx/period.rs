//! Periods as spans of days, so that a year, a quarter and a day can be compared (SDMX TIME_PERIOD), and how often they come.

use jiff::civil::{Date, ISOWeekDate, Weekday};

/// First and last day of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: Date,
    pub(super) last: Date,
}

/// How often periods of this form come (SDMX CL_FREQ): the letter of a reporting period, else from the length.
pub(super) fn frequency(period: &str) -> &'static str {
    match (period.len(), period.as_bytes().get(5)) {
        (_, Some(b'A')) | (4, _) => "A",
        (_, Some(b'S')) => "S",
        (_, Some(b'T')) => "T",
        (_, Some(b'Q')) => "Q",
        (_, Some(b'W')) => "W",
        (_, Some(b'D')) | (10, _) => "D",
        _ => "M",
    }
}

/// The days of a period, or of a moment's day; none where the text is neither.
pub(super) fn span(text: &str) -> Option<Span> {
    if let Some((day, time)) = text.split_once('T').filter(|(day, _)| day.len() == 10) {
        // A moment stands for its day: no figure is of less.
        let formed = time.bytes().all(|b| b.is_ascii_digit() || b":.Z+-".contains(&b)) && time.len() >= 5;
        return if formed { span(day) } else { None };
    }
    let year: i16 = text.get(..4).filter(|year| year.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    let rest = text.get(4..)?;
    let Some(rest) = rest.strip_prefix('-') else { return if rest.is_empty() { months(year, 1, 12) } else { None } };
    match rest.as_bytes() {
        [b'0'..=b'9', _] => months(year, number(rest)?, 1),
        [b'0'..=b'9', ..] if rest.len() == 5 => {
            let (month, day) = rest.split_once('-')?;
            let day = Date::new(year, number(month)?, number(day)?).ok()?;
            Some(Span { first: day, last: day })
        }
        [b'A', b'1'] => months(year, 1, 12),
        [b'S', _] => part(year, &rest[1..], 6),
        [b'T', _] => part(year, &rest[1..], 4),
        [b'Q', _] => part(year, &rest[1..], 3),
        [b'M', _, _] => part(year, rest.get(1..)?, 1),
        [b'W', _, _] => week(year, number(rest.get(1..)?)?),
        [b'D', _, _, _] => {
            let nth: i64 = rest.get(1..)?.parse().ok().filter(|nth| *nth >= 1)?;
            let day = Date::new(year, 1, 1).ok()?.checked_add(jiff::Span::new().days(nth - 1)).ok()?;
            (day.year() == year).then_some(Span { first: day, last: day })
        }
        _ => None,
    }
}

fn number(text: &str) -> Option<i8> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The nth part of a year, of so many months.
fn part(year: i16, nth: &str, length: i8) -> Option<Span> {
    let nth = number(nth).filter(|nth| (1..=12 / length).contains(nth))?;
    months(year, (nth - 1) * length + 1, length)
}

fn months(year: i16, first: i8, count: i8) -> Option<Span> {
    let last = Date::new(year, first.checked_add(count)?.checked_sub(1)?, 1).ok()?.last_of_month();
    Some(Span { first: Date::new(year, first, 1).ok()?, last })
}

fn week(year: i16, nth: i8) -> Option<Span> {
    let day = |weekday| ISOWeekDate::new(year, nth, weekday).ok().map(ISOWeekDate::date);
    Some(Span { first: day(Weekday::Monday)?, last: day(Weekday::Sunday)? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn periods_are_spans() {
        for (text, first, last, frequency_) in [
            ("2024", "2024-01-01", "2024-12-31", "A"),
            ("2024-A1", "2024-01-01", "2024-12-31", "A"),
            ("2024-S2", "2024-07-01", "2024-12-31", "S"),
            ("2024-T2", "2024-05-01", "2024-08-31", "T"),
            ("2024-Q1", "2024-01-01", "2024-03-31", "Q"),
            ("2024-02", "2024-02-01", "2024-02-29", "M"),
            ("2024-M02", "2024-02-01", "2024-02-29", "M"),
            ("2024-W01", "2024-01-01", "2024-01-07", "W"),
            ("2024-D060", "2024-02-29", "2024-02-29", "D"),
            ("2024-05-31", "2024-05-31", "2024-05-31", "D"),
        ] {
            let span = span(text).unwrap();
            assert_eq!(
                (span.first.to_string(), span.last.to_string(), frequency(text)),
                (first.into(), last.into(), frequency_),
                "{text}"
            );
        }
        assert_eq!(span("2024-05-31T10:00:00+03:00"), span("2024-05-31"));
        for text in [
            "",
            "24",
            "2024-",
            "2024-13",
            "2024-Q5",
            "2024-W54",
            "2024-D367",
            "2024-02-30",
            "2024-05-31Tx",
            "20é4",
            "2024-é",
        ] {
            assert_eq!(span(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_a_span_or_none(text in ".{0,12}") {
            let _ = (span(&text), frequency(&text));
        }
    }
}
