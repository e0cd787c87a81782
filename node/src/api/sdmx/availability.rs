//! Which figures there are: the values of each dimension among the figures of a selection, and how many there are.
//!
//! SDMX-JSON 2.0 has a data constraint of the role `Actual` for it, with the counts as annotations. With `mode=available` a dimension that the
//! selection narrows has the values that could be added to it: those that figures have where nothing narrows this dimension alone. The counts
//! are of what is selected in either mode.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use multaqa_proto::text::Lang;
use serde_json::{Value, json};

use super::super::Api;
use super::super::refusal::Refusal;
use super::catalogue::{Catalogue, Flow};
use super::component::{Component, DIMENSIONS};
use super::data::{Action, Batch, Groups, Keep};
use super::message::{Data, Message, identified};
use super::query::Ids;
use super::refused;
use super::request::availability::AvailabilityQuery;
use super::request::selection::{Context, Selection};
use super::structure::artefact::{AGENCY, STRUCTURE, Shown, Type, headers, urn};
use super::version::VERSION;
use crate::clients::authorise::Caller;

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
            // Of what was taken away by a partial key nobody knows the other values.
            let known = DIMENSIONS.into_iter().zip(&figure.dimensions).filter(|(_, value)| !value.is_empty());
            for (dimension, value) in known {
                let values = self.values.entry(dimension).or_default();
                if !values.contains(value) {
                    values.insert(value.clone());
                }
            }
            series.insert(figure.series(Component::TimePeriod));
        }
        if batch.action != Action::Delete {
            self.figures += batch.figures.len();
            self.series += series.len();
        }
    }
}

impl Api {
    /// The constraints that a query finds.
    ///
    /// # Errors
    /// `SDMX_NOTHING_FOUND`, or what reading the replica runs into.
    pub(super) async fn availability(
        &self,
        caller: &Caller,
        query: AvailabilityQuery,
        lang: Lang,
    ) -> Result<Message, Refusal> {
        let AvailabilityQuery { selection, components, references, available } = query;
        let catalogue = self.catalogue(caller).await?;
        let against = selection.context;
        let mut found = self.available(selection.clone(), &catalogue).await?;
        let narrowed = components.iter().filter(|dimension| available && selection.narrows(**dimension));
        for dimension in narrowed {
            let wider = self.available(selection.without(*dimension), &catalogue).await?;
            for (flow, wider) in wider {
                let same = found
                    .iter_mut()
                    .find(|(known, _)| against == Context::DataStructure || known.object == flow.object);
                let values = wider.values.get(dimension).cloned().unwrap_or_default();
                match same {
                    Some((_, found)) => found.values.entry(*dimension).or_default().extend(values),
                    None => found.push((flow, Found { values: [(*dimension, values)].into(), ..Found::default() })),
                }
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

    /// What there is of each dataflow, or of the data structure.
    async fn available(&self, selection: Selection, catalogue: &Catalogue) -> Result<Vec<(Arc<Flow>, Found)>, Refusal> {
        let against = selection.context;
        let source = self.source(selection, catalogue, true).await?;
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
        Ok(found)
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
            if header.kind == Type::Codelist && header.component().is_none() {
                continue;
            }
            let values = header.component().filter(|component| component.is_dimension()).map(|component| {
                let values = found.iter().filter_map(|(_, found)| found.values.get(&component)).flatten();
                let wider = |value: &String| catalogue.wider(component, value);
                Ids::these(values.flat_map(|value| std::iter::once(value.clone()).chain(wider(value))))
            });
            self.put(&header, Shown::Whole, values.as_ref(), catalogue, lang, data).await?;
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
