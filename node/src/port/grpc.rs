//! The node's services over gRPC: each call is a method of `Api` by the same name, asked by the request's caller.
//!
//! Out of scope: what the methods do (`read`, `watch`, `outbox`, `status`, `clients`), what refusals look like (`error`), the listeners
//! (`local`, `port`). Map: `watch`: the one stream; `error`: refusals.

pub mod error;
pub(crate) mod watch;

use multaqa_proto::wire::node as wire;
use multaqa_proto::wire::node::client_service_server::ClientService;
use multaqa_proto::wire::node::outbox_service_server::OutboxService;
use multaqa_proto::wire::node::replica_service_server::ReplicaService;
use multaqa_proto::wire::node::search_service_server::SearchService;
use multaqa_proto::wire::node::status_service_server::StatusService;
use tonic::{Request, Response, Status};

use crate::api::{Api, caller};

/// One service: its methods with their messages.
macro_rules! service {
    ($service:ident { $($method:ident($request:ident) -> $response:ident;)* }) => {
        #[tonic::async_trait]
        impl $service for Api {
            $(async fn $method(
                &self,
                request: Request<wire::$request>,
            ) -> Result<Response<wire::$response>, Status> {
                let caller = caller::of(request.extensions())?;
                Ok(Response::new(Api::$method(self, &caller, request.into_inner()).await?))
            })*
        }
    };
}

service! { ReplicaService {
    list(ListRequest) -> ListResponse;
    get(GetRequest) -> GetResponse;
    history(HistoryRequest) -> HistoryResponse;
    observations(ObservationsRequest) -> ObservationsResponse;
    proof(ProofRequest) -> ProofResponse;
} }

service! { SearchService {
    search(SearchRequest) -> SearchResponse;
    suggest(SuggestRequest) -> SuggestResponse;
} }

service! { OutboxService {
    publish(PublishRequest) -> PublishResponse;
    check(CheckRequest) -> CheckResponse;
    batch_publish(BatchPublishRequest) -> BatchPublishResponse;
    batch_check(BatchCheckRequest) -> BatchCheckResponse;
    withdraw(WithdrawRequest) -> WithdrawResponse;
    approve(ApproveRequest) -> ApproveResponse;
    queue(QueueRequest) -> QueueResponse;
} }

service! { StatusService {
    get_status(GetStatusRequest) -> GetStatusResponse;
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
