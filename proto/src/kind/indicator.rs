//! `indicator`: what a figure means.

use std::collections::BTreeSet;

use super::{Class, Kind, Payload, Publisher, Superseded, ordered, read};
use crate::check::Need::{Optional, Required};
use crate::check::{Check, form};
use crate::kind::Projection;
use crate::record::audience::Part;
use crate::text::TextRule;
use crate::wire::kind::Indicator;

pub(super) const KIND: Kind = Kind {
    name: "indicator",
    collection: Some("indicators"),
    class: Class::Data,
    publishers: &[Publisher::Secretariat],
    superseded: Superseded::Kept,
    message_name: "multaqa.kind.v1.Indicator",
    default_audience: Some(Part::States),
    payload: Payload::Data(|payload| read(payload, check).map(project)),
};

const DIRECTIONS: &[&str] = &["higher-is-better", "lower-is-better", "neutral"];
/// Most components, most breaks.
const PARTS_MAX: usize = 100;

fn check(c: &mut Check, i: &Indicator) {
    c.code("code", &i.code, Required);
    c.texts("name", &i.name, TextRule::NAME.required());
    c.texts("definition", &i.definition, TextRule::PROSE.required());
    c.code("unit", &i.unit, Required);
    let minimum = c.decimal("minimum", i.minimum.as_deref());
    let maximum = c.decimal("maximum", i.maximum.as_deref());
    if minimum.zip(maximum).is_some_and(|(minimum, maximum)| minimum > maximum) {
        let (minimum, maximum) = (i.minimum.as_deref().unwrap_or_default(), i.maximum.as_deref().unwrap_or_default());
        c.field("maximum", |c| c.report("RANGE_REVERSED", &[("min", &minimum), ("max", &maximum)]));
    }
    c.closed("direction", &i.direction, DIRECTIONS, Required);
    c.code("periodicity", &i.periodicity, Optional);
    c.plain("source", &i.source, TextRule::PROSE.required());
    c.url("source_url", &i.source_url);
    c.texts("method", &i.method, TextRule::PROSE);
    let mut seen = BTreeSet::new();
    c.list("components", &i.components, PARTS_MAX, |c, component| {
        c.object("indicator", &component.indicator, "indicator", Required);
        c.field("indicator", |c| c.unique(&mut seen, component.indicator.clone(), &component.indicator));
        let weight = Some(component.weight.as_str()).filter(|w| !w.is_empty());
        c.decimal_within("weight", weight, 0, 100);
    });
    c.list("breaks", &i.breaks, PARTS_MAX, |c, b| {
        c.formed("time_period", &b.time_period, Required, "PERIOD_MALFORMED", form::is_period);
        c.texts("description", &b.description, TextRule::PROSE.required());
    });
}

fn project(i: Indicator) -> Projection {
    Projection { title: ordered(i.name), observations: Vec::new() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use prost::Message as _;

    use super::*;
    use crate::wire::kind::indicator::{Break, Component};

    fn sample() -> Indicator {
        let text = |text: &str| HashMap::from([("en".to_owned(), text.to_owned())]);
        Indicator {
            code: "EGDI".to_owned(),
            name: text("E-Government Development Index"),
            definition: text("Mean of three parts"),
            unit: "INDEX".to_owned(),
            minimum: Some("0".to_owned()),
            maximum: Some("1".to_owned()),
            direction: "higher-is-better".to_owned(),
            periodicity: "A2".to_owned(),
            source: "UN DESA".to_owned(),
            components: vec![Component { indicator: "x-escwa:indicator:osi".to_owned(), weight: "0.3333".to_owned() }],
            breaks: vec![Break { time_period: "2008".to_owned(), description: text("Weights 0.34, 0.33, 0.33") }],
            ..Default::default()
        }
    }

    fn found(indicator: &Indicator) -> Vec<(String, &'static str)> {
        KIND.check(&indicator.encode_to_vec()).into_iter().map(|v| (v.path, v.code)).collect()
    }

    #[test]
    fn a_full_indicator_passes() {
        assert_eq!(found(&sample()), []);
    }

    #[test]
    fn ranges_and_breaks_have_to_make_sense() {
        let mut wrong = sample();
        wrong.minimum = Some("1.5".to_owned());
        wrong.components[0].weight = "a third".to_owned();
        wrong.breaks[0].time_period = "in 2008".to_owned();
        let expected = [
            ("maximum", "RANGE_REVERSED"),
            ("components[0].weight", "DECIMAL_MALFORMED"),
            ("breaks[0].time_period", "PERIOD_MALFORMED"),
        ];
        assert_eq!(found(&wrong), expected.map(|(path, code)| (path.to_owned(), code)));
    }
}
