//! `dataset`: observations of one indicator from one provider.
//!
//! An observation is keyed by (indicator, area, period, breakdown, provider); the provider is the record's member, so a
//! national figure and an international one stand side by side. No value is not a zero: it says with its status why.

use std::collections::BTreeSet;

use super::{Class, Kind, Payload, Publisher, Superseded, ordered, read};
use crate::check::Need::{Optional, Required};
use crate::check::{Check, form};
use crate::kind::{Observation, Projection};
use crate::record::audience::Part;
use crate::text::TextRule;
use crate::wire::kind::{Dataset, dataset};

pub(super) const KIND: Kind = Kind {
    name: "dataset",
    collection: Some("datasets"),
    class: Class::Data,
    publishers: &[Publisher::State, Publisher::Secretariat],
    superseded: Superseded::Kept,
    message_name: "multaqa.kind.v1.Dataset",
    default_audience: Some(Part::States),
    payload: Payload::Data(|payload| read(payload, check).map(project)),
};

/// Most observations in a record; larger sets are split by period.
const OBSERVATIONS_MAX: usize = 5000;
/// Status of an observation that names none (SDMX CL_OBS_STATUS).
const NORMAL: &str = "A";
/// Statuses that say that there is no value: missing holiday, exists but not collected, cannot exist, missing, suppressed.
const WITHOUT_VALUE: [&str; 5] = ["H", "L", "M", "O", "Q"];

fn check(c: &mut Check, d: &Dataset) {
    c.object("indicator", &d.indicator, "indicator", Required);
    c.texts("title", &d.title, TextRule::NAME.required());
    c.code("unit", &d.unit, Required);
    c.plain("source", &d.source, TextRule::PROSE.required());
    c.url("source_url", &d.source_url);
    c.plain("provenance", &d.provenance, TextRule::PROSE.required());
    c.plain("licence", &d.licence, TextRule::NAME);
    c.not_empty("observations", &d.observations);
    let mut seen = BTreeSet::new();
    c.list("observations", &d.observations, OBSERVATIONS_MAX, |c, o| {
        check_observation(c, o);
        c.unique(&mut seen, key(o), &format_args!("{} {}", o.ref_area, o.time_period));
    });
}

fn check_observation(c: &mut Check, o: &dataset::Observation) {
    c.formed("ref_area", &o.ref_area, Required, "AREA_MALFORMED", form::is_area);
    c.formed("time_period", &o.time_period, Required, "PERIOD_MALFORMED", form::is_period);
    c.decimal("value", o.value.as_deref());
    c.code("obs_status", &o.obs_status, Optional);
    let status = status(o);
    let says_none = WITHOUT_VALUE.contains(&status);
    match &o.value {
        Some(_) if says_none => c.field("value", |c| c.report("VALUE_CONTRADICTS_STATUS", &[("status", &status)])),
        None if status == NORMAL => c.field("obs_status", |c| c.report("STATUS_REQUIRED", &[])),
        Some(_) | None => {}
    }
    for (name, value) in breakdown(o) {
        if let Some(value) = value {
            c.code(name, value, Required);
        }
    }
}

fn status(o: &dataset::Observation) -> &str {
    if o.obs_status.is_empty() { NORMAL } else { &o.obs_status }
}

fn breakdown(o: &dataset::Observation) -> [(&'static str, Option<&str>); 4] {
    [
        ("sex", o.sex.as_deref()),
        ("age", o.age.as_deref()),
        ("disability", o.disability.as_deref()),
        ("place", o.place.as_deref()),
    ]
}

fn key(o: &dataset::Observation) -> [Option<&str>; 6] {
    let [(_, sex), (_, age), (_, disability), (_, place)] = breakdown(o);
    [Some(&o.ref_area), Some(&o.time_period), sex, age, disability, place]
}

fn project(d: Dataset) -> Projection {
    let title = ordered(d.title);
    let indicator = d.indicator;
    Projection {
        observations: d
            .observations
            .into_iter()
            .map(|o| Observation {
                indicator: indicator.clone(),
                unit: d.unit.clone(),
                obs_status: status(&o).to_owned(),
                ref_area: o.ref_area,
                time_period: o.time_period,
                value: o.value,
                sex: o.sex,
                age: o.age,
                disability: o.disability,
                place: o.place,
            })
            .collect(),
        title,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use prost::Message as _;

    use super::*;

    fn observation(area: &str, period: &str, value: Option<&str>, status: &str) -> dataset::Observation {
        dataset::Observation {
            ref_area: area.to_owned(),
            time_period: period.to_owned(),
            value: value.map(str::to_owned),
            obs_status: status.to_owned(),
            ..Default::default()
        }
    }

    fn dataset(observations: Vec<dataset::Observation>) -> Dataset {
        Dataset {
            indicator: "x-escwa:indicator:egdi".to_owned(),
            title: HashMap::from([("ar".to_owned(), "مؤشر تنمية الحكومة الإلكترونية".to_owned())]),
            unit: "INDEX".to_owned(),
            source: "UN DESA".to_owned(),
            provenance: "EGOV_DATA.csv".to_owned(),
            observations,
            ..Default::default()
        }
    }

    fn found(observations: Vec<dataset::Observation>) -> Vec<(String, &'static str)> {
        KIND.check(&dataset(observations).encode_to_vec()).into_iter().map(|v| (v.path, v.code)).collect()
    }

    #[test]
    fn figures_keep_their_digits_and_say_their_status() {
        let projection =
            project(dataset(vec![observation("JO", "2024", Some("0.7500"), ""), observation("PS", "2024", None, "O")]));
        let [jo, ps] = projection.observations.as_slice() else { panic!("two observations") };
        assert_eq!((jo.value.as_deref(), jo.obs_status.as_str(), jo.unit.as_str()), (Some("0.7500"), "A", "INDEX"));
        assert_eq!((ps.value.as_deref(), ps.obs_status.as_str()), (None, "O"));
        assert_eq!((ps.indicator.as_str(), ps.ref_area.as_str()), ("x-escwa:indicator:egdi", "PS"));
    }

    #[test]
    fn a_missing_value_is_no_zero() {
        assert_eq!(found(vec![observation("SO", "2003", None, "O")]), []);
        assert_eq!(found(vec![observation("SO", "2003", Some("0"), "")]), []);
        assert_eq!(
            found(vec![observation("SO", "2003", Some("0"), "O")]),
            [("observations[0].value".to_owned(), "VALUE_CONTRADICTS_STATUS")]
        );
        assert_eq!(
            found(vec![observation("SO", "2003", None, "")]),
            [("observations[0].obs_status".to_owned(), "STATUS_REQUIRED")]
        );
    }

    #[test]
    fn a_key_stands_once_and_breakdowns_are_part_of_it() {
        let women = dataset::Observation { sex: Some("F".to_owned()), ..observation("JO", "2024", Some("1"), "") };
        let all = observation("JO", "2024", Some("2"), "P");
        assert_eq!(found(vec![women.clone(), all.clone()]), []);
        assert_eq!(found(vec![women.clone(), all, women]), [("observations[2]".to_owned(), "KEY_DUPLICATE")]);
    }

    #[test]
    fn the_first_and_the_fourth_figure_are_both_reported() {
        let good = observation("JO", "2024", Some("1"), "");
        let wrong = [
            observation("Jordan", "2024", Some("1"), ""),
            good,
            observation("EG", "2024", Some("1"), ""),
            observation("SA", "24", Some("0,7"), "a b"),
        ];
        let expected = [
            ("observations[0].ref_area", "AREA_MALFORMED"),
            ("observations[3].time_period", "PERIOD_MALFORMED"),
            ("observations[3].value", "DECIMAL_MALFORMED"),
            ("observations[3].obs_status", "CODE_MALFORMED"),
        ];
        assert_eq!(found(wrong.into()), expected.map(|(path, code)| (path.to_owned(), code)));
    }

    #[test]
    fn an_empty_set_is_no_set() {
        assert_eq!(found(vec![]), [("observations".to_owned(), "FIELD_REQUIRED")]);
    }
}
