//! Filters, orders and counts of lists and searches over HTTP: each facet is a parameter of its own, named as the facet is.
//!
//! A facet stands as often as it has values to let pass: `?status=production&status=pilot&sector=07.1` lets pass what has one of
//! the two and that sector. An entry with [`FACET`] in its parameters has all facets. In scope: reading them. Out of scope:
//! which facets there are (`proto::kind::facet`, `search`), filtering (`search`).

use std::sync::LazyLock;

use multaqa_proto::kind::facet;
use multaqa_proto::wire::node as wire;

use super::call::Call;
use super::route::{Form, Many, Parameter};

/// Every facet, of which each is a parameter.
pub(crate) const FACET: Parameter = Parameter::query(
    "{facet}",
    Form::Facet,
    "Only what has one of these values. Values are codes as in the payload; `GET /v1/kinds` says which facets a kind has.",
    "production",
)
.many(Many::Repeated);

/// What the answer counts.
pub(crate) const FACETS: Parameter = Parameter::query(
    "facets",
    Form::Text { max: 60 },
    "Facets of which the answer counts the values, over all pages.",
    "sector,country",
)
.many(Many::Commas);

/// Whether the answer says how many there are.
pub(crate) const TOTAL: Parameter =
    Parameter::query("total", Form::Flag, "Whether the answer says how many there are, over all pages.", "true");

/// Orders of hits; those of a list are the same without the first.
pub(crate) const ORDERS: &[&str] = &[
    "relevance",
    "id",
    "id desc",
    "title.ar",
    "title.ar desc",
    "title.en",
    "title.en desc",
    "title.fr",
    "title.fr desc",
    "authored_at",
    "authored_at desc",
    "accepted_at",
    "accepted_at desc",
];

/// The order of a list.
pub(crate) const ORDER_BY: Parameter = Parameter::query(
    "orderBy",
    Form::OneOf(ORDERS.split_at(1).1),
    "The order, with ` desc` for the greatest first; by `id` where it is left out. What is equal stands in the order of ids.",
    "accepted_at desc",
);

/// What every object has, whatever its kind.
const COMMON: [&str; 4] = ["kind", "country", "language", "year"];

/// Names of all facets.
#[must_use]
pub(crate) fn facets() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let mut names: Vec<_> = COMMON.into_iter().chain(facet::FACETS.iter().map(|facet| facet.name)).collect();
        names.sort_unstable();
        names.dedup();
        names
    });
    &NAMES
}

/// Names of the facets of a kind.
pub(super) fn facets_of(kind: &str) -> impl Iterator<Item = &'static str> {
    let own = facet::FACETS.iter().filter(move |facet| facet.kind == kind).map(|facet| facet.name);
    facets().iter().copied().filter(move |name| COMMON.contains(name) || own.clone().any(|own| own == *name))
}

/// The parameters that an entry's parameter stands for: one for each facet, or itself.
pub(crate) fn each(parameter: &Parameter) -> Vec<Parameter> {
    if parameter.form != Form::Facet {
        return vec![*parameter];
    }
    let example = |facet: &str| match facet {
        "kind" => "service",
        "country" => "JO",
        "language" => "ar",
        "year" => "2025",
        "sector" => "07.1",
        "status" => "production",
        _ => "",
    };
    facets().iter().map(|name| Parameter { name, example: example(name), ..*parameter }).collect()
}

/// The filters of a request.
pub(super) fn filters(call: &Call) -> Vec<wire::Filter> {
    let filter = |facet: &&str| {
        let values: Vec<String> = call.values(facet).map(ToOwned::to_owned).collect();
        (!values.is_empty()).then(|| wire::Filter { facet: (*facet).to_owned(), values })
    };
    facets().iter().filter_map(filter).collect()
}

/// The order of a request, by the names of the schema.
pub(super) fn order_by(call: &Call) -> String {
    let (name, rest) = call.value("orderBy").map_or(("", ""), |order| order.split_once(' ').unwrap_or((order, "")));
    format!("{} {rest}", super::json::path_in_schema(super::json::OBJECT, name)).trim().to_owned()
}

/// The same list filtered, ordered and counted as the request says. A list of one member needs no index.
pub(super) fn with_filters(call: &Call, request: wire::ListRequest) -> wire::ListRequest {
    let mut filters = filters(call);
    let one = filters.iter().position(|filter| filter.facet == "country" && filter.values.len() == 1);
    let member = one.map(|at| filters.remove(at)).and_then(|mut filter| filter.values.pop()).unwrap_or_default();
    wire::ListRequest {
        member,
        filters,
        order_by: order_by(call),
        facets: call.values("facets").map(ToOwned::to_owned).collect(),
        total: call.flag("total"),
        ..request
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::testing::TestNode;

    #[tokio::test]
    async fn the_facets_are_those_of_the_index() {
        let node = TestNode::of("JO").await;
        let known: Vec<&str> = node.parts.search.facets().into_iter().map(crate::search::Facet::name).collect();
        assert_eq!(facets(), known);
        assert!(
            facets_of("service").any(|name| name == "sector") && !facets_of("dataset").any(|name| name == "sector")
        );
    }
}
