//! What the member may read, from the replica: `ReplicaService` for whoever asks.
//!
//! One conversion from the replica's types to those of the schema, in which all protocols ask and are answered. Out of scope: the queries
//! (`replica`), lists (`list`), proofs (`proof`), protocols (`grpc`).

use multaqa_proto::id::{IdError, MemberCode, ObjectId};
use multaqa_proto::log::witness::Label;
use multaqa_proto::record::content::Content;
use multaqa_proto::wire::node as wire;

use super::mask::{Mask, Of, PAYLOAD, TOMBSTONE, kept};
use super::refusal::Refusal;
use super::{Api, caller, json, page};
use crate::clients::authorise::{Asked, Caller, authorise};
use crate::code;
use crate::replica::{ObservationQuery, ObservationRow, Step, Summary};

/// The kind that figures are of.
const INDICATOR: &str = "indicator";

impl Api {
    pub(crate) async fn get(&self, caller: &Caller, request: wire::GetRequest) -> Result<wire::GetResponse, Refusal> {
        self.must_serve()?;
        let wire::GetRequest { id, read_mask, min_position } = request;
        let id = object_id(&id)?;
        may_read(caller, &id)?;
        let mask = Mask::of(read_mask.as_ref(), Of::Objects(Some(id.kind())))?;
        self.reached(min_position).await?;
        let found = self.parts.replica.get(&id).await?.ok_or_else(|| unknown(&id))?;
        let withdrawn = found.summary.withdrawn;
        let mut object = self.object(found, mask.as_ref());
        let payload_json = std::mem::take(&mut object.payload_json);
        let unerased = if withdrawn { self.parts.replica.own_records(&id).await?.len() as u64 } else { 0 };
        Ok(wire::GetResponse { object: Some(object), payload_json, freshness: Some(self.served()?), unerased })
    }

    pub(crate) async fn history(
        &self,
        caller: &Caller,
        request: wire::HistoryRequest,
    ) -> Result<wire::HistoryResponse, Refusal> {
        self.must_serve()?;
        let query =
            wire::HistoryRequest { page_size: 0, page_token: String::new(), min_position: 0, ..request.clone() };
        let pages = self.parts.pages.of("History", &query);
        let wire::HistoryRequest { id, page_size, page_token, min_position, newest_first, read_mask } = request;
        let id = object_id(&id)?;
        may_read(caller, &id)?;
        let mask = Mask::of(read_mask.as_ref(), Of::Revisions(id.kind()))?;
        let passed = pages.place::<u64>(&page_token)?.map(multaqa_proto::number::LeafIndex);
        self.reached(min_position).await?;
        let limit = page::size(page_size, 50, 500);
        let (steps, more) = if newest_first {
            self.parts.replica.history_before(&id, passed, limit).await?
        } else {
            self.parts.replica.history_after(&id, passed, limit).await?
        };
        if steps.is_empty() && passed.is_none() {
            return Err(unknown(&id));
        }
        let next = steps.last().filter(|_| more).map(|step| step.index);
        Ok(wire::HistoryResponse {
            revisions: steps.into_iter().map(|step| revision(step, &id, mask.as_ref())).collect(),
            next_page_token: pages.token(next),
            freshness: Some(self.served()?),
        })
    }

    pub(crate) async fn observations(
        &self,
        caller: &Caller,
        request: wire::ObservationsRequest,
    ) -> Result<wire::ObservationsResponse, Refusal> {
        self.must_serve()?;
        let query =
            wire::ObservationsRequest { page_size: 0, page_token: String::new(), min_position: 0, ..request.clone() };
        let pages = self.parts.pages.of("Observations", &query);
        let wire::ObservationsRequest {
            indicator,
            ref_area,
            period_from,
            period_to,
            provider,
            page_size,
            page_token,
            min_position,
            read_mask,
        } = request;
        let id = object_id(&indicator)?;
        // Figures are what datasets hold.
        let resource = format!("{id}/observations");
        caller::may(caller, &Asked::Read { kind: Some("dataset"), resource: &resource })?;
        let mask = Mask::of(read_mask.as_ref(), Of::Figures)?;
        let query = ObservationQuery {
            indicator: id.to_string(),
            area: given(ref_area),
            period_from: given(period_from),
            period_to: given(period_to),
            provider: given(provider),
            after: pages.place(&page_token)?,
            limit: page::size(page_size, 200, 1000),
        };
        self.reached(min_position).await?;
        let found = self.parts.replica.observations(&query).await?;
        if found.items.is_empty() && query.after.is_none() && !self.is_indicator(caller, &id).await? {
            return Err(unknown(&id));
        }
        Ok(wire::ObservationsResponse {
            observations: found.items.into_iter().map(|row| observed(row, mask.as_ref())).collect(),
            next_page_token: pages.token(found.next),
            freshness: Some(self.served()?),
        })
    }
}

impl Api {
    /// Whether there is an indicator, as far as the caller may know: one who may read indicators knows those that the replica holds,
    /// anybody those of which there are figures.
    async fn is_indicator(&self, caller: &Caller, id: &ObjectId) -> Result<bool, Refusal> {
        let knows = authorise(caller, &Asked::Read { kind: Some(INDICATOR), resource: INDICATOR }).is_ok();
        if knows && id.kind() == INDICATOR && self.parts.replica.get(id).await?.is_some() {
            return Ok(true);
        }
        let any = ObservationQuery { indicator: id.to_string(), limit: 1, ..ObservationQuery::default() };
        Ok(!self.parts.replica.observations(&any).await?.items.is_empty())
    }

    /// The code of a member that the directory has.
    pub(crate) fn member(&self, text: &str) -> Result<String, Refusal> {
        let code: MemberCode = text.parse().map_err(malformed)?;
        let intake = self.parts.intake.load();
        // A replica without a directory holds nothing of anybody.
        let unknown = intake.directory().is_some_and(|directory| directory.member(&code).is_none());
        if unknown {
            return Err(Refusal::new("MEMBER_UNKNOWN", [("member", code.to_string())]));
        }
        Ok(code.to_string())
    }

    pub(crate) fn summary(&self, summary: Summary) -> wire::ObjectSummary {
        let standing = self.parts.standing.borrow().label(summary.index);
        summarised(summary, standing, None)
    }
}

/// An object on the wire as far as a mask goes, without its payload.
pub(crate) fn summarised(summary: Summary, standing: Label, mask: Option<&Mask>) -> wire::ObjectSummary {
    let Summary {
        id,
        kind,
        country,
        revision,
        record_id,
        index,
        audience,
        authored_at_ms,
        accepted_at_ms,
        title,
        withdrawn,
    } = summary;
    let langs = mask.and_then(|mask| mask.below("title"));
    let title = title.into_iter().filter(|(lang, _)| langs.is_none_or(|langs| langs.holds(lang)));
    wire::ObjectSummary {
        id: kept(mask, "id", id),
        kind: kept(mask, "kind", kind),
        member: kept(mask, "member", country),
        revision: kept(mask, "revision", revision),
        record_id: kept(mask, "record_id", record_id.to_vec()),
        title: kept(mask, "title", title.collect()),
        audience: kept(mask, "audience", audience),
        authored_at_ms: kept(mask, "authored_at_ms", authored_at_ms),
        accepted_at_ms: kept(mask, "accepted_at_ms", accepted_at_ms),
        index: kept(mask, "index", index.0),
        withdrawn: kept(mask, "withdrawn", withdrawn),
        standing: kept(mask, "standing", standing.as_str().to_owned()),
        payload_json: String::new(),
    }
}

/// Refuses an object of a kind that the caller may not read, whether or not there is one.
pub(crate) fn may_read(caller: &Caller, id: &ObjectId) -> Result<(), Refusal> {
    caller::may(caller, &Asked::Read { kind: Some(id.kind()), resource: &id.to_string() })
}

/// The id of an object.
pub(crate) fn object_id(text: &str) -> Result<ObjectId, Refusal> {
    text.parse().map_err(malformed)
}

fn malformed(IdError { what, value, rule }: IdError) -> Refusal {
    let args = [("what", what.to_owned()), ("value", value), ("rule", rule.to_owned())];
    Refusal::new("ID_MALFORMED", args)
}

pub(crate) fn unknown(id: &ObjectId) -> Refusal {
    Refusal::new(code::OBJECT_UNKNOWN, [("id", id.to_string())])
}

/// A filter; none where it is empty.
pub(crate) fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn revision(step: Step, id: &ObjectId, mask: Option<&Mask>) -> wire::Revision {
    let Step { index, record_id, writer, accepted_at_ms, content_id, content, verdict } = step;
    let tombstone = content_id != id.to_string();
    let (state, code) = match verdict {
        None => ("unjudged", String::new()),
        Some(verdict) if verdict == "VALID" && content.is_none() => ("withdrawn", String::new()),
        Some(verdict) if verdict == "VALID" => ("valid", String::new()),
        Some(code) => ("void", code),
    };
    let shown = mask.is_none_or(|mask| mask.holds(PAYLOAD));
    let payload = content.as_ref().filter(|_| shown).and_then(Content::payload).map(|payload| {
        let kind = if tombstone { TOMBSTONE } else { id.kind() };
        json::payload_within(kind, payload, mask.and_then(|mask| mask.below(PAYLOAD)))
    });
    let (revision, authored_at_ms) = content.as_ref().map_or((0, 0), |c| (c.revision, c.authored_at_ms));
    wire::Revision {
        revision: kept(mask, "revision", revision),
        record_id: kept(mask, "record_id", record_id.to_vec()),
        index: kept(mask, "index", index.0),
        writer: kept(mask, "writer", writer),
        authored_at_ms: kept(mask, "authored_at_ms", authored_at_ms),
        accepted_at_ms: kept(mask, "accepted_at_ms", accepted_at_ms),
        audience: kept(mask, "audience", content.map(|content| content.audience.to_strings()).unwrap_or_default()),
        state: kept(mask, "state", state.to_owned()),
        code: kept(mask, "code", code),
        payload_json: payload.unwrap_or_default(),
        tombstone: kept(mask, "tombstone", tombstone),
    }
}

fn observed(row: ObservationRow, mask: Option<&Mask>) -> wire::ObservedValue {
    let ObservationRow { observation, provider, dataset, index: _ } = row;
    let multaqa_proto::kind::Observation {
        indicator,
        ref_area,
        time_period,
        value,
        obs_status,
        unit,
        sex,
        age,
        disability,
        place,
    } = observation;
    wire::ObservedValue {
        indicator: kept(mask, "indicator", indicator),
        ref_area: kept(mask, "ref_area", ref_area),
        time_period: kept(mask, "time_period", time_period),
        value: kept(mask, "value", value),
        obs_status: kept(mask, "obs_status", obs_status),
        unit: kept(mask, "unit", unit),
        sex: kept(mask, "sex", sex),
        age: kept(mask, "age", age),
        disability: kept(mask, "disability", disability),
        place: kept(mask, "place", place),
        dataset: kept(mask, "dataset", dataset),
        provider: kept(mask, "provider", provider),
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::hash::Hash;
    use multaqa_proto::kind::Observation;
    use multaqa_proto::number::LeafIndex;
    use prost_types::FieldMask;

    use super::*;

    fn mask(paths: &[&str], of: Of<'_>) -> Mask {
        let paths = paths.iter().map(ToString::to_string).collect();
        Mask::of(Some(&FieldMask { paths }), of).unwrap().unwrap()
    }

    #[test]
    fn of_an_object_what_is_not_asked_for_is_not_set() {
        let summary = Summary {
            id: "JO:service:x".to_owned(),
            kind: "service".to_owned(),
            country: "JO".to_owned(),
            revision: 7,
            record_id: Hash([1; 32]),
            index: LeafIndex(9),
            audience: vec!["states".to_owned()],
            authored_at_ms: 1,
            accepted_at_ms: 2,
            title: [("ar".to_owned(), "a".to_owned()), ("en".to_owned(), "b".to_owned())].into(),
            withdrawn: false,
        };
        let cut = summarised(
            summary,
            Label::Witnessed,
            Some(&mask(&["id", "title.ar", "payload.status"], Of::Objects(None))),
        );
        let title = [("ar".to_owned(), "a".to_owned())].into();
        assert_eq!(cut, wire::ObjectSummary { id: "JO:service:x".to_owned(), title, ..Default::default() });
    }

    #[test]
    fn of_a_revision_and_a_figure_what_is_not_asked_for_is_not_set() {
        let id: ObjectId = "JO:service:x".parse().unwrap();
        let step = Step {
            index: LeafIndex(9),
            record_id: Hash([1; 32]),
            writer: "JO/gw1".to_owned(),
            accepted_at_ms: 2,
            content_id: id.to_string(),
            content: None,
            verdict: Some("SIGNATURE_BAD".to_owned()),
        };
        let cut = revision(step, &id, Some(&mask(&["state", "payload.title"], Of::Revisions("service"))));
        assert_eq!(cut, wire::Revision { state: "void".to_owned(), ..Default::default() });
        let [sex, age, disability, place] = [(); 4].map(|()| Some("x".to_owned()));
        let text = || "x".to_owned();
        let (indicator, ref_area, time_period, obs_status, unit) = (text(), text(), text(), text(), text());
        let value = Some("1".to_owned());
        let observation =
            Observation { indicator, ref_area, time_period, value, obs_status, unit, sex, age, disability, place };
        let (provider, dataset) = ("JO".to_owned(), "JO:dataset:x".to_owned());
        let row = ObservationRow { observation, provider, dataset, index: LeafIndex(1) };
        let cut = observed(row, Some(&mask(&["value"], Of::Figures)));
        assert_eq!(cut, wire::ObservedValue { value: Some("1".to_owned()), ..Default::default() });
    }
}
