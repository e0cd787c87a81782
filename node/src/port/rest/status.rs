//! The node at a glance, over HTTP.

use multaqa_proto::wire::node as wire;

use super::answer::Answer;
use super::call::Call;
use super::json::{self, Kept};
use super::route::{Gives, JSON, Route, Shape, Verb};
use crate::api::refusal::Refusal;

/// The routes of this file.
pub(super) static ROUTES: &[Route] = &[Route {
    method: Verb::Get,
    path: "/v1/status",
    operation: "getStatus",
    tag: "node",
    summary: "Show how the node is",
    description: "Position and age of the replica, the line to the hub, what waits. It changes with every moment, so it has no tag.",
    parameters: &[],
    takes: None,
    gives: &[Gives {
        status: 200,
        media: JSON,
        format: "json",
        shape: Shape::Message { name: "multaqa.node.v1.GetStatusResponse", without: &[] },
        description: "The node's state.",
    }],
    refusals: &[],
    scope: None,
    handler: |call| Box::pin(status(call)),
}];

async fn status(call: Call) -> Result<Answer, Refusal> {
    let status = call.api.get_status(&call.caller, wire::GetStatusRequest {}).await?;
    let body = json::render(call.gives.shape, &status, &Kept::All)?;
    Ok(Answer::untagged(JSON, body, status.freshness))
}
