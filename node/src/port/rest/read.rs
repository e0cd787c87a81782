//! Reading over HTTP: kinds, lists, objects, history, proofs, figures.
//!
//! Out of scope: what is read (`api::read`, `api::proof`), other formats of lists (`render`).

use multaqa_proto::kind::KINDS;
use multaqa_proto::wire::node as wire;
use multaqa_proto::wire::node::proof_request::Of;
use serde_json::json;

use super::answer::{Answer, Tag};
use super::call::{self, Call};
use super::download::{self, List};
use super::filter::{self, FACET, FACETS, ORDER_BY, TOTAL};
use super::json::{FIGURE, Kept, REVISION};
use super::limits::FIGURES_MAX;
use super::listed::{Body, Unread};
use super::render::item::Item;
use super::route::{
    COLLECTION, FIELDS, FIELDS_OF_FIGURE, FIELDS_OF_REVISION, Form, Gives, ID, JSON, MIN_POSITION, PAGE_SIZE,
    PAGE_TOKEN, Parameter, Route, Shape, Verb,
};
use crate::api::list::Reading;
use crate::api::refusal::Refusal;
use crate::clients::authorise::{Asked, authorise};
use crate::code;

const WITHDRAWN: Parameter =
    Parameter::query("withdrawn", Form::Flag, "Withdrawn objects too; they have no payload.", "true");

const PAYLOADS: Parameter = Parameter::query(
    "payloads",
    Form::Flag,
    "Each object with its payload. A page then ends early where its payloads are larger than 8 MiB together.",
    "true",
);

/// What a list may be asked; that of all kinds has no collection, the first.
const LISTING: &[Parameter] = &[
    COLLECTION,
    FACET,
    ORDER_BY,
    WITHDRAWN,
    PAYLOADS,
    FIELDS,
    FACETS,
    TOTAL,
    PAGE_SIZE,
    PAGE_TOKEN,
    MIN_POSITION,
    download::FORMAT,
    download::LANG,
    download::MARK,
];

/// The list of a collection.
const LIST: Route = Route {
    method: Verb::Get,
    path: "/v1/{collection}",
    operation: "listRecords",
    tag: "records",
    summary: "List the objects of a collection",
    description: "The newest state of each object, page by page. Orders, filters, facets and totals are answered from the search \
                  index, which is at most a moment behind the replica.",
    parameters: LISTING,
    takes: None,
    gives: &[
        Gives::json("multaqa.node.v1.ListResponse", "A page of objects."),
        download::gives("csv"),
        download::gives("xlsx"),
        download::gives("atom"),
        download::gives("jsonld"),
    ],
    refusals: &[
        code::COLLECTION_UNKNOWN,
        "MEMBER_UNKNOWN",
        "ID_MALFORMED",
        code::PAGE_TOKEN_BAD,
        code::FIELD_PATH_UNKNOWN,
        code::SEARCH_FACET_UNKNOWN,
        code::SEARCH_VALUE_UNKNOWN,
        code::LIST_KIND_UNKNOWN,
        code::SEARCH_FILTERS_TOO_MANY,
        code::SEARCH_REBUILDING,
        code::SEARCH_FAILED,
        code::POSITION_NOT_REACHED,
        code::REPLICA_STARTING,
        code::DOWNLOAD_TOO_LARGE,
        code::DOWNLOADS_TOO_MANY,
        code::DOWNLOAD_FAILED,
        code::FORMAT_NOT_OF_KIND,
    ],
    scope: Some("read:KIND"),
    handler: |call| Box::pin(list(call)),
};

/// The routes of this file.
pub(super) static ROUTES: &[Route] = &[
    Route {
        method: Verb::Get,
        path: "/v1/kinds",
        operation: "listKinds",
        tag: "records",
        summary: "List the kinds of records",
        description: "Each kind that this node knows, with its collection, the message of its payload, its facets, and what the asking system \
                      may do with it.",
        parameters: &[download::FORMAT_OF_TABLE, download::LANG, download::MARK],
        takes: None,
        gives: &[
            Gives { status: 200, media: JSON, format: "json", shape: Shape::Named("Kinds"), description: "The kinds." },
            download::gives("csv"),
            download::gives("xlsx"),
        ],
        refusals: &[code::DOWNLOAD_FAILED],
        scope: None,
        handler: |call| Box::pin(kinds(call)),
    },
    LIST,
    // Its path is also that of publishing, so it has an entry of its own.
    Route {
        path: "/v1/records",
        operation: "listAllRecords",
        summary: "List the objects of all kinds",
        parameters: LISTING.split_at(1).1,
        scope: Some("read:KIND"),
        ..LIST
    },
    Route {
        method: Verb::Get,
        path: "/v1/{collection}/{id}",
        operation: "getRecord",
        tag: "records",
        summary: "Read an object with its payload",
        description: "The newest state of an object. A withdrawn object has no payload.",
        parameters: &[COLLECTION, ID, FIELDS, MIN_POSITION, download::FORMAT_OF_ONE],
        takes: None,
        gives: &[Gives::json("multaqa.node.v1.ObjectSummary", "The object."), download::gives("jsonld")],
        refusals: &[
            code::COLLECTION_UNKNOWN,
            code::OBJECT_UNKNOWN,
            "ID_MALFORMED",
            code::FIELD_PATH_UNKNOWN,
            code::POSITION_NOT_REACHED,
            code::REPLICA_STARTING,
            code::FORMAT_NOT_OF_KIND,
        ],
        scope: Some("read:KIND"),
        handler: |call| Box::pin(get(call)),
    },
    Route {
        method: Verb::Get,
        path: "/v1/{collection}/{id}/history",
        operation: "listRevisions",
        tag: "records",
        summary: "List the revisions of an object",
        description: "All revisions that reached this node, oldest first, void ones too, each with its payload where it is held.",
        parameters: &[
            COLLECTION,
            ID,
            FIELDS_OF_REVISION,
            PAGE_SIZE,
            PAGE_TOKEN,
            MIN_POSITION,
            download::FORMAT_OF_ITEMS,
            download::LANG,
            download::MARK,
        ],
        takes: None,
        gives: &[
            Gives::json("multaqa.node.v1.HistoryResponse", "A page of revisions."),
            download::gives("csv"),
            download::gives("xlsx"),
            download::gives("atom"),
        ],
        refusals: &[
            code::COLLECTION_UNKNOWN,
            code::OBJECT_UNKNOWN,
            "ID_MALFORMED",
            code::PAGE_TOKEN_BAD,
            code::FIELD_PATH_UNKNOWN,
            code::POSITION_NOT_REACHED,
            code::REPLICA_STARTING,
            code::DOWNLOAD_TOO_LARGE,
            code::DOWNLOADS_TOO_MANY,
            code::DOWNLOAD_FAILED,
        ],
        scope: Some("read:KIND"),
        handler: |call| Box::pin(history(call)),
    },
    Route {
        method: Verb::Get,
        path: "/v1/{collection}/{id}/proof",
        operation: "getProof",
        tag: "records",
        summary: "Prove a record to somebody who trusts neither node nor hub",
        description: "The newest valid record of the object with everything by which somebody with nothing but the genesis decides \
                      offline whether it stands on the log. `file` is the same as the text of a file, which \
                      `multaqa-certs verify-record` reads.",
        parameters: &[COLLECTION, ID],
        takes: None,
        gives: &[Gives {
            status: 200,
            media: JSON,
            format: "json",
            shape: Shape::Message { name: "multaqa.node.v1.ProofResponse", without: &["freshness", "proof"] },
            description: "The proof.",
        }],
        refusals: &[
            code::COLLECTION_UNKNOWN,
            code::OBJECT_UNKNOWN,
            "ID_MALFORMED",
            code::PROOF_NOT_SEALED,
            code::PROOF_TOO_LARGE,
            code::REPLICA_EMPTY,
            code::REPLICA_STARTING,
        ],
        scope: Some("read:KIND"),
        handler: |call| Box::pin(proof(call)),
    },
    Route {
        method: Verb::Get,
        path: "/v1/indicators/{id}/observations",
        operation: "listObservations",
        tag: "records",
        summary: "List the figures of an indicator",
        description: "Figures of an indicator from all members that publish them, page by page. SDMX has them too.",
        parameters: &[
            ID,
            Parameter::query("refArea", Form::Text { max: 40 }, "The area that figures are of.", "JO"),
            Parameter::query("periodFrom", Form::Text { max: 40 }, "The first period, inclusive.", "2020"),
            Parameter::query("periodTo", Form::Text { max: 40 }, "The last period, inclusive.", "2025"),
            Parameter::query("provider", Form::Text { max: 40 }, "The member that published them.", "JO"),
            FIELDS_OF_FIGURE,
            Parameter::query(
                "pageSize",
                Form::Whole { min: 1, max: FIGURES_MAX },
                "Most figures in the answer; 200 where it is left out.",
                "500",
            ),
            PAGE_TOKEN,
            MIN_POSITION,
            download::FORMAT_OF_TABLE,
            download::LANG,
            download::MARK,
        ],
        takes: None,
        gives: &[
            Gives::json("multaqa.node.v1.ObservationsResponse", "A page of figures."),
            download::gives("csv"),
            download::gives("xlsx"),
        ],
        refusals: &[
            code::OBJECT_UNKNOWN,
            "ID_MALFORMED",
            code::PAGE_TOKEN_BAD,
            code::FIELD_PATH_UNKNOWN,
            code::POSITION_NOT_REACHED,
            code::REPLICA_STARTING,
            code::DOWNLOAD_TOO_LARGE,
            code::DOWNLOADS_TOO_MANY,
            code::DOWNLOAD_FAILED,
        ],
        scope: Some("read:dataset"),
        handler: |call| Box::pin(observations(call)),
    },
];

async fn kinds(call: Call) -> Result<Answer, Refusal> {
    let may = |asked: Asked<'_>| authorise(&call.caller, &asked).is_ok();
    let known = KINDS.iter().filter_map(|kind| Some((kind, kind.collection?)));
    let kinds: Vec<_> = known
        .map(|(kind, collection)| {
            json!({
                "kind": kind.name,
                "collection": collection,
                "message": kind.message_name,
                "facets": filter::facets_of(kind.name).collect::<Vec<_>>(),
                "may_read": may(Asked::Read { kind: Some(kind.name), resource: kind.name }),
                "may_publish": may(Asked::Publish { kind: kind.name, resource: kind.name }),
            })
        })
        .collect();
    if call.gives.format != "json" {
        return download::kinds(&call, kinds.into_iter().map(Item::bare).collect()).await;
    }
    Ok(Answer::of(JSON, json!({ "kinds": kinds }).to_string(), None))
}

async fn list(call: Call) -> Result<Answer, Refusal> {
    let (read_mask, _) = call.fields(Kept::All);
    let request = wire::ListRequest {
        kind: call.kind().map(|kind| kind.name.to_owned()).unwrap_or_default(),
        page_size: call.page_size(),
        page_token: call.text("pageToken"),
        withdrawn: call.flag("withdrawn"),
        payloads: call.flag("payloads"),
        read_mask,
        min_position: call.min_position(),
        ..wire::ListRequest::default()
    };
    let request = filter::with_filters(&call, request);
    if call.gives.format != "json" {
        return download::list(&call, List::Objects(request)).await;
    }
    let payloads = request.payloads || request.read_mask.is_some();
    if let Some(held) = call::none_match(&call.headers).filter(|_| payloads) {
        let listed = call.api.page(&call.caller, request.clone(), Reading::Bare, &mut Unread).await?;
        let tag = Tag::from_bytes(&listed.tag);
        if tag.is_in(&held) {
            return Ok(Answer::unchanged(tag, Some(listed.freshness)));
        }
    }
    let mut body = Body::default();
    let listed = call.api.page(&call.caller, request, Reading::Whole, &mut body).await?;
    let tag = Tag::from_bytes(&listed.tag);
    let body = body.end(&listed);
    Ok(Answer::tagged(JSON, body, tag, Some(listed.freshness)))
}

async fn get(call: Call) -> Result<Answer, Refusal> {
    let one = call.gives.format != "json";
    let (read_mask, kept) = if one { (None, Kept::All) } else { call.fields(Kept::All) };
    let request = wire::GetRequest { id: call.id()?, read_mask, min_position: call.min_position() };
    let wire::GetResponse { object, payload_json, freshness, unerased: _ } =
        call.api.get(&call.caller, request).await?;
    let object = wire::ObjectSummary { payload_json, ..object.unwrap_or_default() };
    if one {
        return download::object(&call, object, freshness).await;
    }
    call.json_within(&object, &kept, freshness)
}

async fn history(call: Call) -> Result<Answer, Refusal> {
    let (read_mask, kept) = call.fields_of(REVISION, Kept::All);
    let request = wire::HistoryRequest {
        id: call.id()?,
        page_size: call.page_size(),
        page_token: call.text("pageToken"),
        min_position: call.min_position(),
        newest_first: false,
        read_mask,
    };
    if call.gives.format != "json" {
        return download::list(&call, List::Revisions(request)).await;
    }
    let history = call.api.history(&call.caller, request).await?;
    call.json_within(&history, &kept, history.freshness.clone())
}

async fn proof(call: Call) -> Result<Answer, Refusal> {
    let request = wire::ProofRequest { of: Some(Of::Id(call.id()?)) };
    let proven = call.api.proof(&call.caller, request).await?;
    call.json_of(&proven, proven.freshness.clone())
}

async fn observations(call: Call) -> Result<Answer, Refusal> {
    let (read_mask, kept) = call.fields_of(FIGURE, Kept::All);
    let request = wire::ObservationsRequest {
        indicator: call.text("id"),
        ref_area: call.text("refArea"),
        period_from: call.text("periodFrom"),
        period_to: call.text("periodTo"),
        provider: call.text("provider"),
        page_size: call.page_size(),
        page_token: call.text("pageToken"),
        min_position: call.min_position(),
        read_mask,
    };
    if call.gives.format != "json" {
        return download::list(&call, List::Figures(request)).await;
    }
    let found = call.api.observations(&call.caller, request).await?;
    call.json_within(&found, &kept, found.freshness.clone())
}
