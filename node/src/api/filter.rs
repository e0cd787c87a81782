//! Filters and counts of lists and searches, as they are asked and as the index takes them.
//!
//! One rule for every filter, wherever it stands and however many values it has: a value that no record can have is a mistake and is
//! named, with the values that there are or the way to see them; a value that none has at the moment finds nothing. Members are those of
//! the directory, kinds those of this version, all else is held to what the facet's field may be (`proto::kind::facet`). Out of scope:
//! filtering and counting (`search`).

use multaqa_proto::kind::facet::{FACETS, Values};
use multaqa_proto::wire::node as wire;
use multaqa_runtime::near::nearest;

use super::Api;
use super::list::listed;
use super::refusal::Refusal;
use crate::code;
use crate::file::NONE_NEAR;
use crate::search::{Counts, Facet};

/// What filters name as the writer of records.
const COUNTRY: &str = "country";

impl Api {
    /// Filters as the index takes them, with that by a member.
    ///
    /// # Errors
    /// `SEARCH_FACET_UNKNOWN`, `SEARCH_VALUE_UNKNOWN`, `LIST_KIND_UNKNOWN`, `MEMBER_UNKNOWN`, `ID_MALFORMED`.
    pub(crate) fn filtered(
        &self,
        filters: Vec<wire::Filter>,
        member: Option<String>,
    ) -> Result<Vec<(Facet, Vec<String>)>, Refusal> {
        let member = member.map(|code| wire::Filter { facet: COUNTRY.to_owned(), values: vec![code] });
        let filtered = |wire::Filter { facet, values }| {
            let facet = self.parts.search.facet(&facet)?;
            values.iter().try_for_each(|value| self.known(facet, value))?;
            Ok((facet, values))
        };
        filters.into_iter().chain(member).map(filtered).collect()
    }

    /// Facets as the index takes them, each once.
    ///
    /// # Errors
    /// `SEARCH_FACET_UNKNOWN`.
    pub(crate) fn facets(&self, names: &[String]) -> Result<Vec<Facet>, Refusal> {
        let mut facets = Vec::new();
        for name in names {
            let facet = self.parts.search.facet(name)?;
            if !facets.contains(&facet) {
                facets.push(facet);
            }
        }
        Ok(facets)
    }

    fn known(&self, facet: Facet, value: &str) -> Result<(), Refusal> {
        match facet.name() {
            COUNTRY => self.member(value).map(drop),
            "kind" => listed(value.to_owned()).map(drop),
            name => {
                let values = values_of(name);
                if values.is_none_or(|values| values.hold(value)) { Ok(()) } else { Err(unknown(name, value)) }
            }
        }
    }
}

/// What the values of a facet may be; none where that is not for the schema to say.
pub(crate) fn values_of(facet: &str) -> Option<Values> {
    if facet == "language" {
        return Some(Values::Language);
    }
    FACETS.iter().find(|known| known.name == facet).map(|known| known.values)
}

fn unknown(facet: &str, value: &str) -> Refusal {
    let closed = match values_of(facet) {
        Some(Values::Closed(values)) => values,
        Some(Values::Code | Values::Language | Values::SdgTarget | Values::Area | Values::Year | Values::Object(_))
        | None => &[],
    };
    let near = nearest(value, closed.iter().copied()).unwrap_or(NONE_NEAR).to_owned();
    let known = if closed.is_empty() { NONE_NEAR.to_owned() } else { closed.join(", ") };
    let value = value.chars().take(80).collect();
    let args = [("facet", facet.to_owned()), ("value", value), ("nearest", near), ("known", known)];
    Refusal::new(code::SEARCH_VALUE_UNKNOWN, args)
}

/// Counts on the wire.
pub(crate) fn counts(counts: Counts) -> wire::FacetCounts {
    let Counts { facet, values } = counts;
    let values = values.into_iter().map(|(value, count)| wire::FacetValue { value, count }).collect();
    wire::FacetCounts { facet: facet.name().to_owned(), values }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::testing::TestNode;

    #[tokio::test]
    async fn a_value_that_no_record_can_have_is_named_wherever_it_stands() {
        let node = TestNode::of("JO").await;
        let api = Api::without_patience(node.parts.clone());
        let refused = |facet: &str, values: &[&str]| {
            let values = values.iter().map(ToString::to_string).collect();
            let found = api.filtered(vec![wire::Filter { facet: facet.to_owned(), values }], None);
            found.err().map(|refusal| (refusal.code, refusal.args))
        };
        for (facet, good, bad, code) in [
            ("country", "JO", "ZZ", "MEMBER_UNKNOWN"),
            ("country", "JO", "Jordan", "ID_MALFORMED"),
            ("kind", "service", "servce", "LIST_KIND_UNKNOWN"),
            ("status", "pilot", "pilto", "SEARCH_VALUE_UNKNOWN"),
            ("sector", "07.1", "health care", "SEARCH_VALUE_UNKNOWN"),
            ("language", "ar", "Arabic", "SEARCH_VALUE_UNKNOWN"),
            ("year", "2025", "25", "SEARCH_VALUE_UNKNOWN"),
            ("provider", "JO:organisation:nobody", "modee", "SEARCH_VALUE_UNKNOWN"),
        ] {
            assert_eq!(refused(facet, &[good]), None, "{facet}={good}");
            for values in [&[bad][..], &[good, bad], &[bad, good]] {
                let (found, args) = refused(facet, values).unwrap_or_else(|| panic!("{facet} {values:?}"));
                assert_eq!(found, code, "{facet} {values:?}");
                assert!(args.iter().any(|(_, value)| value == bad), "{args:?}");
            }
        }
        let (_, args) = refused("status", &["pilto"]).unwrap();
        assert_eq!((args[2].1.as_str(), args[3].1.contains("production")), ("pilot", true));
    }
}
