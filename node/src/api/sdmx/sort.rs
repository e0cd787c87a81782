//! `sort=series_key+TIME_PERIOD:desc`: components in the order in which they count, `*` for all dimensions, `series_key` for those of a series,
//! each ascending or descending (SDMX REST, "Data queries").
//!
//! Figures are sorted within their dataflow. Periods go by when they begin, then by when they end; values as decimals, missing ones first;
//! all else as text.

use std::cmp::Ordering;

use super::component::{ALL, Component, DIMENSIONS};
use super::data::Figure;
use super::decimal;
use super::period::span;
use super::refused;
use crate::api::refusal::Refusal;

/// Components in the order in which they count, each with whether it descends; none where the order of the store is as good as any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Sort(Vec<(Component, bool)>);

impl Sort {
    /// Reads an order, of figures with this dimension at the observation.
    ///
    /// # Errors
    /// `SDMX_COMPONENT_UNKNOWN`, `SDMX_MALFORMED`.
    pub(super) fn parse(text: &str, at_observation: Option<Component>) -> Result<Self, Refusal> {
        let mut order: Vec<(Component, bool)> = Vec::new();
        for one in text.split('+') {
            let (id, descends) = match one.split_once(':') {
                None | Some((_, "asc")) => (one.split(':').next().unwrap_or_default(), false),
                Some((id, "desc")) => (id, true),
                Some(_) => {
                    return Err(refused::malformed("sort", text, "series_key+TIME_PERIOD:desc, * for all dimensions"));
                }
            };
            let components: Vec<Component> = match id {
                "*" => DIMENSIONS.to_vec(),
                "series_key" => DIMENSIONS.into_iter().filter(|dimension| Some(*dimension) != at_observation).collect(),
                id => vec![Component::of(id, &ALL)?],
            };
            // What was named before counts more.
            let news: Vec<_> = components.into_iter().filter(|c| order.iter().all(|(known, _)| known != c)).collect();
            order.extend(news.into_iter().map(|component| (component, descends)));
        }
        Ok(Self(order))
    }

    /// Whether it says anything.
    pub(super) const fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Sorts figures; what it does not tell apart stays as it is.
    pub(super) fn sort(&self, figures: &mut [Figure]) {
        figures.sort_by(|a, b| {
            let each = self.0.iter().map(|(component, descends)| {
                let ordering = compare(*component, a.get(*component), b.get(*component));
                if *descends { ordering.reverse() } else { ordering }
            });
            each.fold(Ordering::Equal, Ordering::then)
        });
    }
}

fn compare(component: Component, a: Option<&str>, b: Option<&str>) -> Ordering {
    let both = a.zip(b);
    let special = match component {
        Component::TimePeriod => {
            both.and_then(|(a, b)| span(a).zip(span(b))).map(|(a, b)| (a.first, a.last).cmp(&(b.first, b.last)))
        }
        Component::ObsValue => both.and_then(|(a, b)| decimal::compare(a, b)),
        Component::Freq
        | Component::Indicator
        | Component::RefArea
        | Component::Sex
        | Component::Age
        | Component::Disability
        | Component::Place
        | Component::Provider
        | Component::ObsStatus
        | Component::UnitMeasure
        | Component::Dataset => None,
    };
    special.unwrap_or_else(|| a.cmp(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(area: &str, period: &str, value: Option<&str>) -> Figure {
        let dimensions = ["A", "EGDI", area, "_T", "_T", "_T", "_T", "x-escwa", period].map(str::to_owned);
        Figure { dimensions, value: value.map(str::to_owned), ..Figure::default() }
    }

    fn sorted(sort: &str, at_observation: Option<Component>) -> Vec<String> {
        let mut figures = vec![
            figure("JO", "2020", Some("9.5")),
            figure("EG", "2022", Some("10")),
            figure("EG", "2021-Q4", None),
            figure("JO", "2021", Some("-1")),
        ];
        Sort::parse(sort, at_observation).unwrap().sort(&mut figures);
        figures.iter().map(|figure| format!("{} {}", figure.dimensions[2], figure.dimensions[8])).collect()
    }

    #[test]
    fn figures_are_sorted_as_the_standard_writes_it() {
        let time = Some(Component::TimePeriod);
        for (sort, expected) in [
            ("TIME_PERIOD:desc", ["EG 2022", "EG 2021-Q4", "JO 2021", "JO 2020"]),
            ("series_key:asc+TIME_PERIOD:desc", ["EG 2022", "EG 2021-Q4", "JO 2021", "JO 2020"]),
            ("series_key:desc+TIME_PERIOD", ["JO 2020", "JO 2021", "EG 2021-Q4", "EG 2022"]),
            ("REF_AREA+TIME_PERIOD", ["EG 2021-Q4", "EG 2022", "JO 2020", "JO 2021"]),
            ("*", ["EG 2021-Q4", "EG 2022", "JO 2020", "JO 2021"]),
            ("OBS_VALUE", ["EG 2021-Q4", "JO 2021", "JO 2020", "EG 2022"]),
            ("TIME_PERIOD:desc+*:asc", ["EG 2022", "EG 2021-Q4", "JO 2021", "JO 2020"]),
        ] {
            assert_eq!(sorted(sort, time), expected, "{sort}");
        }
        assert_eq!(sorted("series_key", None), sorted("*", None));
    }

    #[test]
    fn what_is_no_order_is_refused() {
        for (sort, code) in [
            ("", "SDMX_COMPONENT_UNKNOWN"),
            ("COLOUR", "SDMX_COMPONENT_UNKNOWN"),
            ("REF_AREA:up", "SDMX_MALFORMED"),
            ("REF_AREA+", "SDMX_COMPONENT_UNKNOWN"),
        ] {
            assert_eq!(Sort::parse(sort, None).unwrap_err().code, code, "{sort}");
        }
    }
}
