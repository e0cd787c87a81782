//! What the hub serves, behind the handshake: one endpoint a file.
//!
//! In scope: what the endpoints share, who may call which service, sizes of messages. Out of scope: the listener and its
//! limits (`app`), who may connect (`registry`).
//!
//! | service | for | largest request |
//! |---|---|---|
//! | EnrolService | holders of an open invitation; nodes, `Renew` only | 16 KiB |
//! | SyncService | nodes; `Submit` operators too | 1 MiB |
//! | OperatorService | operators | 1 KiB |
//! | health, reflection | nodes and operators | 4 KiB |
//!
//! A node whose certificate is past its life may call `EnrolService.Renew` and nothing else.
//!
//! A peer's identity comes from its connection ([`Caller`] in the request's extensions), never from a message.

mod catchup;
mod certificate;
mod cosign;
mod enrol;
mod hello;
mod operator;
mod proof;
mod refill;
mod refusal;
mod renew;
mod submit;
mod succession;
mod tail;
#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use multaqa_certs::authority::Issuer;
use multaqa_certs::name::PeerIdentity;
use multaqa_certs::server::Acceptor;
use multaqa_proto::directory::Directory;
use multaqa_proto::id::{MemberCode, OperatorName, Writer};
use multaqa_proto::number::LeafIndex;
use multaqa_proto::sync::UNPACKED_MAX;
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::enrol_service_server::{EnrolService, EnrolServiceServer};
use multaqa_proto::wire::hub::operator_service_server::{OperatorService, OperatorServiceServer};
use multaqa_proto::wire::hub::sync_service_server::{SyncService, SyncServiceServer};
use multaqa_runtime::clock::Clock;
use multaqa_runtime::lifecycle::Shutdown;
use tonic::service::Routes;
use tonic::service::interceptor::InterceptedService;
use tonic::{Request, Response, Status, Streaming};

use crate::fanout::Fanout;
use crate::log::Log;
use crate::operator::DIRECTORY_MAX;
use crate::registry::{Caller, Registry, StreamSlot};
use crate::store::Store;
use crate::witnesses::Witnesses;
use refusal::Refusal;

const ENROL: &str = "EnrolService";
/// Largest request of EnrolService, bytes.
const ENROL_MAX: usize = 16 * 1024;
/// Largest request of SyncService, bytes: what one commit can hold. Two bytes suffice for an empty record, which takes a
/// hundred when decoded, before anything can be counted: this bounds what a request costs.
const SUBMIT_MAX: usize = 1024 * 1024;
/// Largest request of OperatorService, bytes; its requests are empty.
const OPERATOR_MAX: usize = 1024;
/// Largest answer of SyncService, bytes: a frame of one commit that unpacks to the most that a node takes.
const FRAME_ANSWER_MAX: usize = UNPACKED_MAX + 64 * 1024;

/// What the endpoints share.
#[derive(Debug)]
pub(crate) struct Hub {
    /// The store.
    pub(crate) store: Store,
    /// The log.
    pub(crate) log: Log,
    /// What readers are sent.
    pub(crate) fanout: Fanout,
    /// Who is connected.
    pub(crate) registry: Registry,
    /// What witnesses cosigned.
    pub(crate) witnesses: Witnesses,
    /// The nodes' issuing CA.
    pub(crate) issuer: Issuer,
    /// The hub's own certificate.
    pub(crate) acceptor: Acceptor,
    /// The clock.
    pub(crate) clock: Clock,
    /// Streams end when it drains.
    pub(crate) shutdown: Shutdown,
    /// Records that one Submit stream may have unanswered.
    pub(crate) records_in_flight: usize,
    /// Pause after which a tail's heartbeat is sent.
    pub(crate) heartbeat: Duration,
    /// When the process started, milliseconds since 1970 UTC.
    pub(crate) started_ms: i64,
}

impl Hub {
    /// One more stream of this node or operator.
    fn stream_slot(&self, peer: &Writer) -> Result<StreamSlot, Refusal> {
        self.registry.stream(peer).ok_or_else(|| Refusal::too_many_streams(peer))
    }
}

/// Refuses a node that is not in force: streams outlive a suspension by no frame.
fn check_in_force(directory: &Directory, member: &MemberCode, node: &Writer) -> Result<(), Refusal> {
    if !directory.member(member).is_some_and(|m| m.active_at(LeafIndex(u64::MAX))) {
        return Err(Refusal::member_suspended(member));
    }
    if directory.keys(node).last().is_none_or(|keys| keys.suspended.is_some()) {
        return Err(Refusal::key_suspended(node));
    }
    Ok(())
}

/// All services, for the listener's router.
///
/// # Errors
/// Where the schema's descriptors cannot be served.
pub(crate) fn routes(hub: &Arc<Hub>) -> Result<Routes, tonic_reflection::server::Error> {
    let (health, health_service) = tonic_health::server::health_reporter();
    report_health(hub, health);
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(multaqa_proto::wire::DESCRIPTORS)
        .build_v1()?
        .max_decoding_message_size(4 * 1024);
    let enrol = EnrolServiceServer::new(Endpoints(Arc::clone(hub))).max_decoding_message_size(ENROL_MAX);
    let sync = SyncServiceServer::new(Endpoints(Arc::clone(hub)))
        .max_decoding_message_size(SUBMIT_MAX)
        .max_encoding_message_size(FRAME_ANSWER_MAX);
    let operator = OperatorServiceServer::new(Endpoints(Arc::clone(hub)))
        .max_decoding_message_size(OPERATOR_MAX)
        .max_encoding_message_size(DIRECTORY_MAX);
    let known = [Role::Node, Role::Operator];
    Ok(Routes::new(InterceptedService::new(enrol, only(ENROL, &[Role::Invited, Role::Node])))
        .add_service(InterceptedService::new(sync, only("SyncService", &[Role::Node, Role::Operator])))
        .add_service(InterceptedService::new(operator, only("OperatorService", &[Role::Operator])))
        .add_service(InterceptedService::new(
            health_service.max_decoding_message_size(4 * 1024),
            only("grpc.health", &known),
        ))
        .add_service(InterceptedService::new(reflection, only("grpc.reflection", &known))))
}

/// Serving from here on; not serving once the drain begins.
fn report_health(hub: &Arc<Hub>, health: tonic_health::server::HealthReporter) {
    let shutdown = hub.shutdown.clone();
    tokio::spawn(async move {
        health.set_serving::<EnrolServiceServer<Endpoints>>().await;
        health.set_serving::<SyncServiceServer<Endpoints>>().await;
        health.set_serving::<OperatorServiceServer<Endpoints>>().await;
        shutdown.draining().await;
        health.set_not_serving::<EnrolServiceServer<Endpoints>>().await;
        health.set_not_serving::<SyncServiceServer<Endpoints>>().await;
        health.set_not_serving::<OperatorServiceServer<Endpoints>>().await;
    });
}

/// What a peer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Invited,
    Node,
    Operator,
}

impl Role {
    const fn of(identity: &PeerIdentity) -> Option<Self> {
        match identity {
            PeerIdentity::Invited(_) => Some(Self::Invited),
            PeerIdentity::Node(..) => Some(Self::Node),
            PeerIdentity::Operator(_) => Some(Self::Operator),
            PeerIdentity::Hub(_) | PeerIdentity::System { .. } => None,
        }
    }
}

/// Lets only these roles call a service.
fn only<const N: usize>(
    service: &'static str,
    roles: &[Role; N],
) -> impl Fn(Request<()>) -> Result<Request<()>, Status> + Clone + use<N> {
    let roles = *roles;
    move |request| {
        let caller = caller(&request)?;
        // `Hello` and `Refill` alone are for those whose certificate is not on the list, and the others refuse them.
        if !caller.proven() && service != "SyncService" {
            return Err(Refusal::unproven(caller).into());
        }
        // `Renew` alone is for those past their life, and refuses everybody else's calls itself.
        if caller.past_life() && service != ENROL {
            return Err(Refusal::past_life(caller).into());
        }
        if Role::of(caller.identity()).is_some_and(|role| roles.contains(&role)) {
            Ok(request)
        } else {
            tracing::warn!(peer = %caller.identity(), service, "a peer called a service that is not for it");
            Err(Refusal::caller_not_allowed(caller, service).into())
        }
    }
}

/// The peer of the request's connection.
fn caller<T>(request: &Request<T>) -> Result<&Caller, Refusal> {
    request.extensions().get().ok_or_else(Refusal::no_caller)
}

/// The operator of the request's connection.
fn operator_of<T>(request: &Request<T>) -> Result<OperatorName, Refusal> {
    let caller = caller(request)?;
    caller.operator().cloned().ok_or_else(|| Refusal::caller_not_allowed(caller, "OperatorService"))
}

/// The node of the request's connection, whose certificate is on the list.
fn node_of<T>(request: &Request<T>) -> Result<(Caller, MemberCode, Writer), Refusal> {
    let caller = caller(request)?;
    if caller.proven() { any_node_of(request) } else { Err(Refusal::unproven(caller)) }
}

/// The node of the request's connection, also where it still has to show that its certificate is its own.
fn any_node_of<T>(request: &Request<T>) -> Result<(Caller, MemberCode, Writer), Refusal> {
    let caller = caller(request)?;
    let (member, node) = caller.node().ok_or_else(|| Refusal::caller_not_allowed(caller, "a node's calls"))?;
    Ok((caller.clone(), member.clone(), node))
}

/// The generated traits, handed on to the endpoints.
#[derive(Debug, Clone)]
struct Endpoints(Arc<Hub>);

/// A stream of answers.
type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl EnrolService for Endpoints {
    async fn get_genesis(
        &self,
        request: Request<wire::GetGenesisRequest>,
    ) -> Result<Response<wire::GetGenesisResponse>, Status> {
        let caller = caller(&request)?;
        if caller.past_life() {
            return Err(Refusal::past_life(caller).into());
        }
        Ok(Response::new(enrol::genesis(&self.0)))
    }

    async fn redeem(&self, request: Request<wire::RedeemRequest>) -> Result<Response<wire::RedeemResponse>, Status> {
        let caller = caller(&request)?.clone();
        Ok(Response::new(enrol::redeem(&self.0, &caller, request.into_inner()).await?))
    }

    async fn renew(&self, request: Request<wire::RenewRequest>) -> Result<Response<wire::RenewResponse>, Status> {
        let (caller, member, node) = node_of(&request)?;
        Ok(Response::new(renew::renew(&self.0, &caller, &member, &node, request.into_inner()).await?))
    }
}

#[tonic::async_trait]
impl SyncService for Endpoints {
    type SubmitStream = Answers<wire::SubmitResponse>;
    type TailStream = Answers<wire::TailResponse>;
    type CatchUpStream = Answers<wire::CatchUpResponse>;
    type RefillStream = Answers<wire::RefillResponse>;

    async fn hello(&self, request: Request<wire::HelloRequest>) -> Result<Response<wire::HelloResponse>, Status> {
        let (caller, member, node) = any_node_of(&request)?;
        Ok(Response::new(hello::hello(&self.0, &caller, &member, &node, request.into_inner()).await?))
    }

    async fn submit(
        &self,
        request: Request<Streaming<wire::SubmitRequest>>,
    ) -> Result<Response<Self::SubmitStream>, Status> {
        let caller = caller(&request)?.clone();
        let writer = caller.writer().ok_or_else(|| Refusal::caller_not_allowed(&caller, "SyncService"))?;
        if !caller.proven() {
            return Err(Refusal::unproven(&caller).into());
        }
        Ok(Response::new(Box::pin(submit::open(&self.0, caller, writer, request.into_inner())?)))
    }

    async fn tail(&self, request: Request<wire::TailRequest>) -> Result<Response<Self::TailStream>, Status> {
        let (caller, member, node) = node_of(&request)?;
        Ok(Response::new(Box::pin(tail::open(&self.0, caller, member, node, &request.into_inner())?)))
    }

    async fn refill(
        &self,
        request: Request<Streaming<wire::RefillRequest>>,
    ) -> Result<Response<Self::RefillStream>, Status> {
        let (caller, _, node) = any_node_of(&request)?;
        Ok(Response::new(Box::pin(refill::open(&self.0, caller, node, request.into_inner())?)))
    }

    async fn catch_up(&self, request: Request<wire::CatchUpRequest>) -> Result<Response<Self::CatchUpStream>, Status> {
        let (caller, member, node) = node_of(&request)?;
        Ok(Response::new(Box::pin(catchup::open(&self.0, caller, member, node, &request.into_inner())?)))
    }

    async fn proof(&self, request: Request<wire::ProofRequest>) -> Result<Response<wire::ProofResponse>, Status> {
        let caller = caller(&request)?.clone();
        Ok(Response::new(proof::proof(&self.0, &caller, request.into_inner()).await?))
    }

    async fn cosign(&self, request: Request<wire::CosignRequest>) -> Result<Response<wire::CosignResponse>, Status> {
        let (_, member, node) = node_of(&request)?;
        Ok(Response::new(cosign::cosign(&self.0, &member, &node, request.into_inner()).await?))
    }
}

#[tonic::async_trait]
impl OperatorService for Endpoints {
    async fn get_chain(
        &self,
        request: Request<wire::GetChainRequest>,
    ) -> Result<Response<wire::GetChainResponse>, Status> {
        Ok(Response::new(operator::chain(&self.0, &operator_of(&request)?).await?))
    }

    async fn get_directory(
        &self,
        _: Request<wire::GetDirectoryRequest>,
    ) -> Result<Response<wire::GetDirectoryResponse>, Status> {
        Ok(Response::new(operator::directory(&self.0)))
    }

    async fn get_policy(
        &self,
        _: Request<wire::GetPolicyRequest>,
    ) -> Result<Response<wire::GetPolicyResponse>, Status> {
        Ok(Response::new(operator::policy(&self.0)))
    }

    async fn get_status(
        &self,
        _: Request<wire::GetStatusRequest>,
    ) -> Result<Response<wire::GetStatusResponse>, Status> {
        Ok(Response::new(operator::status(&self.0).await?))
    }

    async fn get_log(&self, _: Request<wire::GetLogRequest>) -> Result<Response<wire::GetLogResponse>, Status> {
        Ok(Response::new(wire::GetLogResponse { log: Some(succession::standing(&self.0).await?) }))
    }

    async fn close_log(
        &self,
        request: Request<wire::CloseLogRequest>,
    ) -> Result<Response<wire::CloseLogResponse>, Status> {
        let name = operator_of(&request)?;
        let log = succession::close(&self.0, &name, request.get_ref()).await?;
        Ok(Response::new(wire::CloseLogResponse { log: Some(log) }))
    }

    async fn succeed_log(
        &self,
        request: Request<wire::SucceedLogRequest>,
    ) -> Result<Response<wire::SucceedLogResponse>, Status> {
        let name = operator_of(&request)?;
        let log = succession::succeed(&self.0, &name, request.into_inner()).await?;
        Ok(Response::new(wire::SucceedLogResponse { log: Some(log) }))
    }
}
