//! The node's services over gRPC: each call is a method of `Api` by the same name, asked by the request's caller.
//!
//! Out of scope: what the methods do (`read`, `watch`, `outbox`, `status`, `clients`), what refusals look like (`error`), the listeners
//! (`local`, `port`).

pub mod error;

use multaqa_proto::wire::node as wire;
use multaqa_proto::wire::node::client_service_server::ClientService;
use multaqa_proto::wire::node::outbox_service_server::OutboxService;
use multaqa_proto::wire::node::replica_service_server::ReplicaService;
use multaqa_proto::wire::node::search_service_server::SearchService;
use multaqa_proto::wire::node::status_service_server::StatusService;
use multaqa_proto::wire::node::watch_service_server::WatchService;
use tokio_stream::StreamExt as _;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};

use super::refusal::Refusal;
use super::rest::negotiate;
use super::{Api, caller};
use crate::clients::authorise::Caller;

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
} }

#[tonic::async_trait]
impl WatchService for Api {
    type WatchStream = BoxStream<wire::WatchResponse>;

    async fn watch(&self, request: Request<wire::WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let caller = caller::of(request.extensions())?;
        let lang = negotiate::language(request.metadata().as_ref());
        let events = Api::watch(self, &caller, request.into_inner()).await?;
        // The end of a stream does not pass the gate any more, which tells a system more than a program of this machine.
        let told = move |refusal: Refusal| match caller {
            Caller::Local => Status::from(refusal),
            Caller::System(_) => error::for_system(&refusal.into(), lang),
        };
        Ok(Response::new(Box::pin(events.map(move |event| event.map_err(&told)))))
    }
}
