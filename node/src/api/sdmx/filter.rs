//! Filters by component, `c[TIME_PERIOD]=ge:2018+le:2024`: alternatives by commas, conditions of each by `+`, operators before a colon.
//!
//! Periods are compared as spans of days, values as decimals, all else as text. A missing value meets no condition.

use super::component::{ALL, Component};
use super::decimal::decimal;
use super::period::{Span, span};
use super::refused;
use crate::api::refusal::Refusal;

/// Filters, all of which have to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Filters(Vec<Filter>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Filter {
    component: Component,
    /// One of these has to hold, with all its conditions.
    alternatives: Vec<Vec<Condition>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    operator: Operator,
    value: String,
    /// Of a period.
    span: Option<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Contains,
    ContainsNot,
    StartsWith,
    EndsWith,
}

const OPERATORS: [(&str, Operator); 10] = [
    ("eq", Operator::Equal),
    ("ne", Operator::NotEqual),
    ("lt", Operator::Less),
    ("le", Operator::AtMost),
    ("gt", Operator::Greater),
    ("ge", Operator::AtLeast),
    ("co", Operator::Contains),
    ("nc", Operator::ContainsNot),
    ("sw", Operator::StartsWith),
    ("ew", Operator::EndsWith),
];

impl Filters {
    /// Adds the filter of a parameter `c[COMPONENT]`.
    ///
    /// # Errors
    /// `SDMX_COMPONENT_UNKNOWN`, `PARAMETER_REPEATED` where the component has one already, `SDMX_MALFORMED`.
    pub(super) fn add(&mut self, name: &str, text: &str) -> Result<(), Refusal> {
        let id = name.strip_prefix("c[").and_then(|rest| rest.strip_suffix(']')).unwrap_or_default();
        let component = Component::of(id, &ALL)?;
        if self.0.iter().any(|filter| filter.component == component) {
            return Err(refused::repeated(name));
        }
        let malformed =
            || refused::malformed(name, text, "eq:A,B or ge:2018+le:2024, with eq, ne, lt, le, gt, ge, co, nc, sw, ew");
        let alternative =
            |text: &str| text.split('+').map(|text| condition(component, text)).collect::<Option<Vec<_>>>();
        let alternatives = text.split(',').map(alternative).collect::<Option<Vec<_>>>().ok_or_else(malformed)?;
        self.0.push(Filter { component, alternatives });
        Ok(())
    }

    /// Whether a figure, by what each component of it is, is wanted.
    pub(super) fn hold<'a>(&self, value_of: impl Fn(Component) -> Option<&'a str>) -> bool {
        self.0.iter().all(|filter| {
            let Some(value) = value_of(filter.component) else { return false };
            filter.alternatives.iter().any(|all| all.iter().all(|c| c.holds(filter.component, value)))
        })
    }

    /// All values that a component may have; none where a filter does not name them.
    pub(super) fn values(&self, component: Component) -> Option<Vec<&str>> {
        let filter = self.0.iter().find(|filter| filter.component == component)?;
        let named = |all: &'_ Vec<Condition>| all.iter().position(|c| c.operator == Operator::Equal);
        let each = filter.alternatives.iter().map(|all| named(all).map(|at| all[at].value.as_str()));
        each.collect()
    }

    /// Whether a component is narrowed.
    pub(super) fn narrow(&self, component: Component) -> bool {
        self.0.iter().any(|filter| filter.component == component)
    }

    /// Whether any other component than these is narrowed.
    pub(super) fn narrow_beyond(&self, components: &[Component]) -> bool {
        self.0.iter().any(|filter| !components.contains(&filter.component))
    }

    /// Whether all of them do no more than name values, so that these are exactly those that are wanted.
    pub(super) fn plain(&self) -> bool {
        let is_one = |all: &Vec<Condition>| matches!(all.as_slice(), [one] if one.operator == Operator::Equal);
        self.0.iter().all(|filter| filter.alternatives.iter().all(is_one))
    }

    /// Takes any value of a component.
    pub(super) fn widen(&mut self, component: Component) {
        self.0.retain(|filter| filter.component != component);
    }
}

fn condition(component: Component, text: &str) -> Option<Condition> {
    let (operator, value) = match text.split_once(':') {
        Some((name, value)) if name.len() == 2 && name.bytes().all(|b| b.is_ascii_lowercase()) => {
            (OPERATORS.iter().find(|(known, _)| *known == name)?.1, value)
        }
        _ => (Operator::Equal, text),
    };
    let spoken = !value.is_empty() && !value.chars().any(char::is_control);
    let formed = spoken
        && (is_textual(operator)
            || (component != Component::TimePeriod || span(value).is_some())
                && (component != Component::ObsValue || decimal(value).is_some()));
    formed.then(|| Condition { operator, value: value.to_owned(), span: span(value) })
}

const fn is_textual(operator: Operator) -> bool {
    matches!(operator, Operator::Contains | Operator::ContainsNot | Operator::StartsWith | Operator::EndsWith)
}

impl Condition {
    fn holds(&self, component: Component, value: &str) -> bool {
        let textual = match self.operator {
            Operator::Contains => Some(value.contains(&self.value)),
            Operator::ContainsNot => Some(!value.contains(&self.value)),
            Operator::StartsWith => Some(value.starts_with(&self.value)),
            Operator::EndsWith => Some(value.ends_with(&self.value)),
            Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::AtMost
            | Operator::Greater
            | Operator::AtLeast => None,
        };
        if let Some(holds) = textual {
            return holds;
        }
        if component == Component::TimePeriod {
            return span(value).zip(self.span).is_some_and(|(found, wanted)| within(self.operator, found, wanted));
        }
        let ordering = if component == Component::ObsValue {
            let (Some(found), Some(wanted)) = (decimal(value), decimal(&self.value)) else { return false };
            found.compare(&wanted)
        } else {
            value.cmp(&self.value)
        };
        match self.operator {
            Operator::Equal => ordering.is_eq(),
            Operator::NotEqual => ordering.is_ne(),
            Operator::Less => ordering.is_lt(),
            Operator::AtMost => ordering.is_le(),
            Operator::Greater => ordering.is_gt(),
            Operator::AtLeast => ordering.is_ge(),
            Operator::Contains | Operator::ContainsNot | Operator::StartsWith | Operator::EndsWith => false,
        }
    }
}

/// `ge` counts from where the period begins, `le` to where it ends: May 2024 is within 2024.
fn within(operator: Operator, found: Span, wanted: Span) -> bool {
    match operator {
        Operator::Equal => found == wanted,
        Operator::NotEqual => found != wanted,
        Operator::Less => found.last < wanted.first,
        Operator::AtMost => found.last <= wanted.last,
        Operator::Greater => found.first > wanted.last,
        Operator::AtLeast => found.first >= wanted.first,
        Operator::Contains | Operator::ContainsNot | Operator::StartsWith | Operator::EndsWith => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holds(name: &str, text: &str, value: &str) -> bool {
        let mut filters = Filters::default();
        filters.add(name, text).unwrap();
        filters.hold(|_| Some(value))
    }

    #[test]
    fn filters_hold_as_the_standard_has_them() {
        for (name, text, value, expected) in [
            ("c[TIME_PERIOD]", "ge:2018+le:2024", "2020", true),
            ("c[TIME_PERIOD]", "ge:2018+le:2024", "2017", false),
            ("c[TIME_PERIOD]", "ge:2018+le:2024", "2024-Q4", true),
            ("c[TIME_PERIOD]", "le:2024-05", "2024", false),
            ("c[TIME_PERIOD]", "2020,2022", "2022", true),
            ("c[TIME_PERIOD]", "lt:2020", "2019-12-31", true),
            ("c[TIME_PERIOD]", "gt:2020", "2020-Q4", false),
            ("c[TIME_PERIOD]", "eq:2024", "2024-A1", true),
            ("c[TIME_PERIOD]", "sw:202", "2024", true),
            ("c[REF_AREA]", "JO,EG", "EG", true),
            ("c[REF_AREA]", "ne:JO+ne:EG", "EG", false),
            ("c[REF_AREA]", "ne:JO,EG", "EG", true),
            ("c[REF_AREA]", "sw:x-", "x-escwa", true),
            ("c[REF_AREA]", "nc:x", "JO", true),
            ("c[OBS_VALUE]", "ge:0.75", "0.7500", true),
            ("c[OBS_VALUE]", "eq:0.75", "0.7500", true),
            ("c[OBS_VALUE]", "gt:9", "10", true),
            ("c[OBS_VALUE]", "lt:-1", "-1.5", true),
            ("c[OBS_VALUE]", "eq:0", "-0.00", true),
            ("c[OBS_VALUE]", "lt:0", "-0", false),
            ("c[DATASET]", "x-escwa:dataset:a", "x-escwa:dataset:a", true),
        ] {
            assert_eq!(holds(name, text, value), expected, "{name}={text} {value}");
        }
    }

    #[test]
    fn a_missing_value_meets_no_condition() {
        let mut filters = Filters::default();
        filters.add("c[OBS_VALUE]", "ne:1").unwrap();
        assert!(!filters.hold(|_| None));
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        for (name, text, code) in [
            ("c[FREK]", "A", "SDMX_COMPONENT_UNKNOWN"),
            ("c[]", "A", "SDMX_COMPONENT_UNKNOWN"),
            ("c", "A", "SDMX_COMPONENT_UNKNOWN"),
            ("c[FREQ]", "", "SDMX_MALFORMED"),
            ("c[FREQ]", "xx:A", "SDMX_MALFORMED"),
            ("c[FREQ]", "A,", "SDMX_MALFORMED"),
            ("c[TIME_PERIOD]", "ge:soon", "SDMX_MALFORMED"),
            ("c[OBS_VALUE]", "ge:much", "SDMX_MALFORMED"),
        ] {
            assert_eq!(Filters::default().add(name, text).unwrap_err().code, code, "{name}={text}");
        }
        let mut twice = Filters::default();
        twice.add("c[FREQ]", "A").unwrap();
        assert_eq!(twice.add("c[FREQ]", "A").unwrap_err().code, "PARAMETER_REPEATED");
    }

    #[test]
    fn filters_by_name_say_which_values_there_may_be() {
        let mut filters = Filters::default();
        filters.add("c[REF_AREA]", "JO,eq:EG").unwrap();
        filters.add("c[SEX]", "ne:F").unwrap();
        assert_eq!(filters.values(Component::RefArea), Some(vec!["JO", "EG"]));
        assert_eq!((filters.values(Component::Sex), filters.values(Component::Age)), (None, None));
    }

    proptest! {
        #[test]
        fn any_filter_is_one_or_refused(id in "(TIME_PERIOD|OBS_VALUE|SEX)", text in ".{0,30}", value in ".{0,12}") {
            let mut filters = Filters::default();
            if filters.add(&format!("c[{id}]"), &text).is_ok() {
                filters.hold(|_| Some(value.as_str()));
            }
        }
    }
}
