//! What is asked: the path and the query string of each resource, with the defaults of SDMX REST 2.2.

pub(super) mod availability;
pub(super) mod data;
pub(super) mod selection;

use super::filter::Filters;
use super::query::{parameters, parts};
use super::refused;
use super::schema::SchemaQuery;
use super::structure::query::StructureQuery;
use crate::api::refusal::Refusal;
use availability::AvailabilityQuery;
use data::DataQuery;

/// A request.
#[derive(Debug)]
pub(super) enum Request {
    /// Structures.
    Structure(StructureQuery),
    /// What figures are made of.
    Schema(SchemaQuery),
    /// Figures.
    Data(DataQuery),
    /// Which figures there are.
    Availability(AvailabilityQuery),
}

/// Reads a request: the path after `/sdmx/`, and the query string.
///
/// # Errors
/// What SDMX REST answers with 400, 404 and 501.
pub(super) fn read(path: &str, query: Option<&str>) -> Result<Request, Refusal> {
    let parts = parts(path)?;
    let parameters = Parameters(parameters(query.unwrap_or_default())?);
    let (resource, parts) = parts.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    match resource {
        "structure" => StructureQuery::read(parts, parameters).map(Request::Structure),
        "schema" => SchemaQuery::read(parts, parameters).map(Request::Schema),
        "data" => DataQuery::read(parts, parameters).map(Request::Data),
        "availability" => AvailabilityQuery::read(parts, parameters).map(Request::Availability),
        "metadata" | "registration" => Err(refused::not_implemented(resource)),
        _ => Err(refused::nothing(&format!("/sdmx/{resource}"))),
    }
}

/// Parameters that were not read so far.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Takes the value of a parameter.
    ///
    /// # Errors
    /// `PARAMETER_REPEATED` where it stands twice.
    pub(super) fn take(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        let Some(place) = self.0.iter().position(|(found, _)| found == name) else { return Ok(None) };
        let (_, value) = self.0.remove(place);
        if self.0.iter().any(|(found, _)| found == name) {
            return Err(refused::repeated(name));
        }
        Ok(Some(value))
    }

    /// Refuses what nobody took.
    ///
    /// # Errors
    /// `PARAMETER_UNKNOWN`.
    pub(super) fn end(self, known: &str) -> Result<(), Refusal> {
        self.0.first().map_or(Ok(()), |(name, _)| Err(refused::unknown_parameter(name, known)))
    }

    /// Takes a whole number.
    ///
    /// # Errors
    /// `SDMX_MALFORMED` where it is none, or less than the least.
    fn count(&mut self, name: &str, least: usize) -> Result<Option<usize>, Refusal> {
        let Some(text) = self.take(name)? else { return Ok(None) };
        let count = text.parse().ok().filter(|count| *count >= least && text.bytes().all(|b| b.is_ascii_digit()));
        count.map(Some).ok_or_else(|| refused::malformed(name, &text, "a positive whole number"))
    }

    fn filters(&mut self) -> Result<Filters, Refusal> {
        let mut filters = Filters::default();
        for (name, value) in self.0.extract_if(.., |(name, _)| name.starts_with("c[") || name == "c") {
            filters.add(&name, &value)?;
        }
        Ok(filters)
    }

    /// Refuses parameters of the standard that are not there.
    ///
    /// # Errors
    /// `SDMX_NOT_IMPLEMENTED`.
    fn not_there(&mut self, names: &[&str]) -> Result<(), Refusal> {
        for name in names {
            if self.take(name)?.is_some() {
                return Err(refused::not_implemented(name));
            }
        }
        Ok(())
    }
}

/// The part of a path at a place, where it is not left out.
pub(super) fn part(parts: &[String], place: usize) -> Option<&str> {
    parts.get(place).map(String::as_str)
}

#[cfg(test)]
mod tests;
