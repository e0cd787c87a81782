//! Which figures there are: the values of each dimension among the figures of a selection, and how many there are.
//!
//! SDMX-JSON 2.0 has a data constraint of the role `Actual` for it, with the counts as annotations.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use multaqa_proto::text::Lang;
use serde_json::{Value, json};

use super::super::Api;
use super::super::refusal::Refusal;
use super::catalogue::{Catalogue, Flow};
use super::component::{Component, DIMENSIONS};
use super::data::{Batch, Groups, Keep};
use super::message::{Data, Message, identified};
use super::query::Ids;
use super::refused;
use super::request::{AvailabilityQuery, Context};
use super::structure::artefact::{AGENCY, STRUCTURE, Type, headers, urn};
use super::version::VERSION;

/// What there is of one dataflow, or of the data structure.
#[derive(Default)]
struct Found {
    values: BTreeMap<Component, BTreeSet<String>>,
    figures: usize,
    series: usize,
}

impl Found {
    fn add(&mut self, batch: &Batch) {
        let mut series = HashSet::new();
        for figure in &batch.figures {
            for (dimension, value) in DIMENSIONS.into_iter().zip(&figure.dimensions) {
                let values = self.values.entry(dimension).or_default();
                if !values.contains(value) {
                    values.insert(value.clone());
                }
            }
            series.insert(figure.series(Component::TimePeriod));
        }
        self.figures += batch.figures.len();
        self.series += series.len();
    }
}

impl Api {
    /// The constraints that a query finds.
    ///
    /// # Errors
    /// `SDMX_NOTHING_FOUND`, `SDMX_NOT_IMPLEMENTED`, or what reading the replica runs into.
    pub(super) async fn availability(&self, query: AvailabilityQuery, lang: Lang) -> Result<Message, Refusal> {
        let AvailabilityQuery { selection, components, references, available } = query;
        if available {
            return Err(refused::not_implemented("mode=available"));
        }
        let catalogue = self.catalogue().await?;
        let against = selection.context;
        let source = self.source(selection, &catalogue)?;
        // Whole areas, so that every series is counted once.
        let keep = Keep { at_observation: Some(Component::TimePeriod), ..Keep::default() };
        let mut groups = Groups::new(source, keep, true);
        let mut found: Vec<(Arc<Flow>, Found)> = Vec::new();
        while let Some(batch) = groups.next().await? {
            let goes_on = |flow: &Flow| against == Context::DataStructure || flow.object == batch.flow.object;
            if !found.last().is_some_and(|(flow, _)| goes_on(flow)) {
                found.push((Arc::clone(&batch.flow), Found::default()));
            }
            if let Some((_, found)) = found.last_mut() {
                found.add(&batch);
            }
        }
        if found.is_empty() {
            return Err(refused::nothing("figures"));
        }
        let data_constraints =
            found.iter().map(|(flow, found)| constraint(flow, found, against, &components, lang)).collect();
        let mut data = Data { data_constraints, ..Data::default() };
        self.refer(&references, &found, &catalogue, lang, &mut data).await?;
        Ok(self.message(data, lang))
    }

    /// Puts what the constraints refer to, of code lists the codes that occur.
    async fn refer(
        &self,
        references: &[String],
        found: &[(Arc<Flow>, Found)],
        catalogue: &Catalogue,
        lang: Lang,
        data: &mut Data,
    ) -> Result<(), Refusal> {
        let wanted = |kind: &str| references.iter().any(|reference| reference == kind || reference == "all");
        for header in headers(catalogue) {
            let kind = match header.kind {
                Type::AgencyScheme => continue,
                Type::ConceptScheme => "conceptscheme",
                Type::Codelist => "codelist",
                Type::DataStructure => "datastructure",
                Type::Dataflow => "dataflow",
            };
            let flow = |flow: &Flow| flow.agency == header.agency && flow.id == header.id;
            if !wanted(kind) || (header.kind == Type::Dataflow && !found.iter().any(|(found, _)| flow(found))) {
                continue;
            }
            let values = header.component.filter(|component| component.is_dimension()).map(|component| {
                let values = found.iter().filter_map(|(_, found)| found.values.get(&component)).flatten();
                Ids::these(values.cloned())
            });
            self.put(&header, values.as_ref(), catalogue, lang, data).await?;
        }
        Ok(())
    }
}

fn constraint(flow: &Flow, found: &Found, against: Context, components: &[Component], lang: Lang) -> Value {
    let (agency, id) =
        if against == Context::DataStructure { (AGENCY, STRUCTURE) } else { (flow.agency.as_str(), flow.id.as_str()) };
    let names = flow.names();
    let mut constraint =
        identified(&format!("{id}-available"), Some(&names).filter(|_| against != Context::DataStructure), lang);
    let attachment = if against == Context::DataStructure {
        json!({ "dataStructures": [urn(Type::DataStructure, agency, id)] })
    } else {
        json!({ "dataflows": [urn(Type::Dataflow, agency, id)] })
    };
    let count = |id: &str, count: usize| json!({ "id": id, "type": "sdmx_metrics", "title": count.to_string() });
    let more = [
        ("agencyID", json!(agency)),
        ("version", json!(VERSION)),
        ("role", json!("Actual")),
        ("constraintAttachment", attachment),
        ("annotations", json!([count("obs_count", found.figures), count("series_count", found.series)])),
        ("cubeRegions", json!([{ "include": true, "keyValues": key_values(found, components) }])),
    ];
    constraint.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
    Value::Object(constraint)
}

fn key_values(found: &Found, components: &[Component]) -> Vec<Value> {
    let of = |component: &Component| {
        let values = found.values.get(component)?;
        if *component == Component::TimePeriod {
            let (first, last) = values.first().zip(values.last())?;
            let end = |period: &String| json!({ "period": period, "isInclusive": true });
            return Some(
                json!({ "id": component.id(), "timeRange": { "startPeriod": end(first), "endPeriod": end(last) } }),
            );
        }
        let values: Vec<Value> = values.iter().map(|value| json!({ "value": value })).collect();
        Some(json!({ "id": component.id(), "values": values }))
    };
    components.iter().filter_map(of).collect()
}
