//! The node's services over gRPC: each call is a method of `Api` by the same name, asked by the request's caller.
//!
//! How fresh an answer is goes along as its extension too, which becomes metadata (`fresh`). Out of scope: what the methods do (`read`, `watch`,
//! `outbox`, `status`, `clients`), what refusals look like (`error`), the listeners (`local`, `port`). Map: `watch`: the one stream; `error`: refusals.

pub mod error;
pub(crate) mod watch;

use multaqa_proto::wire::node as wire;
use multaqa_proto::wire::node::client_service_server::ClientService;
use multaqa_proto::wire::node::outbox_service_server::OutboxService;
use multaqa_proto::wire::node::replica_service_server::ReplicaService;
use multaqa_proto::wire::node::search_service_server::SearchService;
use multaqa_proto::wire::node::status_service_server::StatusService;
use tonic::{Request, Response, Status};

use super::gate;
use crate::api::Api;

/// One service: its methods with their messages, and the field of an answer that says how fresh it is, where it has one.
macro_rules! service {
    ($service:ident { $($method:ident($request:ident) -> $response:ident $([$fresh:ident])?;)* }) => {
        #[tonic::async_trait]
        impl $service for Api {
            $(async fn $method(
                &self,
                request: Request<wire::$request>,
            ) -> Result<Response<wire::$response>, Status> {
                let caller = gate::caller(request.extensions())?;
                let answer = Api::$method(self, &caller, request.into_inner()).await?;
                #[allow(unused_mut, reason = "of some answers nothing is said but what they hold")]
                let mut response = Response::new(answer);
                $(if let Some(fresh) = response.get_ref().$fresh.clone() {
                    response.extensions_mut().insert(fresh);
                })?
                Ok(response)
            })*
        }
    };
}

service! { ReplicaService {
    list(ListRequest) -> ListResponse [freshness];
    get(GetRequest) -> GetResponse [freshness];
    history(HistoryRequest) -> HistoryResponse [freshness];
    observations(ObservationsRequest) -> ObservationsResponse [freshness];
    proof(ProofRequest) -> ProofResponse [freshness];
} }

service! { SearchService {
    search(SearchRequest) -> SearchResponse [freshness];
    suggest(SuggestRequest) -> SuggestResponse [freshness];
} }

service! { OutboxService {
    publish(PublishRequest) -> PublishResponse [freshness];
    check(CheckRequest) -> CheckResponse [freshness];
    batch_publish(BatchPublishRequest) -> BatchPublishResponse [freshness];
    batch_check(BatchCheckRequest) -> BatchCheckResponse [freshness];
    withdraw(WithdrawRequest) -> WithdrawResponse [freshness];
    approve(ApproveRequest) -> ApproveResponse [freshness];
    queue(QueueRequest) -> QueueResponse [freshness];
} }

service! { StatusService {
    get_status(GetStatusRequest) -> GetStatusResponse [freshness];
    retry_alarm(RetryAlarmRequest) -> RetryAlarmResponse;
} }

service! { ClientService {
    add_client(AddClientRequest) -> AddClientResponse;
    renew_client(RenewClientRequest) -> RenewClientResponse;
    allow_client(AllowClientRequest) -> AllowClientResponse;
    revoke_client(RevokeClientRequest) -> RevokeClientResponse;
    list_clients(ListClientsRequest) -> ListClientsResponse;
    get_client(GetClientRequest) -> GetClientResponse;
    get_issuer(GetIssuerRequest) -> GetIssuerResponse;
    renew_issuer(RenewIssuerRequest) -> RenewIssuerResponse;
    retire_issuer(RetireIssuerRequest) -> RetireIssuerResponse;
} }
