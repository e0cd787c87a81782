//! `ClientService`: which systems the node lets in. On the node's own socket alone.
//!
//! Out of scope: what is done (`clients`).

use std::sync::Arc;

use multaqa_certs::pem;
use multaqa_proto::wire::node as wire;
use multaqa_proto::wire::node::client_service_server::ClientService;
use tonic::{Request, Response, Status};

use super::error::{self, Reason};
use super::{Api, caller};
use crate::clients::authorise::Asked;
use crate::clients::{Client, ClientError};
use crate::journal::{StoredCertificate, StoredClient};

#[tonic::async_trait]
impl ClientService for Api {
    async fn add_client(
        &self,
        request: Request<wire::AddClientRequest>,
    ) -> Result<Response<wire::AddClientResponse>, Status> {
        own(&request)?;
        let wire::AddClientRequest { name, request, scopes, days } = request.into_inner();
        let added = self.parts.clients.add(&name, &request, &scopes, days).await.map_err(refused)?;
        let port = Some(self.client_port().await?);
        Ok(Response::new(wire::AddClientResponse { client: Some(client(&added)), port }))
    }

    async fn renew_client(
        &self,
        request: Request<wire::RenewClientRequest>,
    ) -> Result<Response<wire::RenewClientResponse>, Status> {
        own(&request)?;
        let wire::RenewClientRequest { name, request, days } = request.into_inner();
        let renewed = self.parts.clients.renew(&name, &request, days).await.map_err(refused)?;
        let port = Some(self.client_port().await?);
        Ok(Response::new(wire::RenewClientResponse { client: Some(client(&renewed)), port }))
    }

    async fn allow_client(
        &self,
        request: Request<wire::AllowClientRequest>,
    ) -> Result<Response<wire::AllowClientResponse>, Status> {
        own(&request)?;
        let wire::AllowClientRequest { name, scopes } = request.into_inner();
        let allowed = self.parts.clients.allow(&name, &scopes).await.map_err(refused)?;
        Ok(Response::new(wire::AllowClientResponse { client: Some(client(&allowed)) }))
    }

    async fn revoke_client(
        &self,
        request: Request<wire::RevokeClientRequest>,
    ) -> Result<Response<wire::RevokeClientResponse>, Status> {
        own(&request)?;
        let revoked = self.parts.clients.revoke(&request.into_inner().name).await.map_err(refused)?;
        Ok(Response::new(wire::RevokeClientResponse { client: Some(client(&revoked)) }))
    }

    async fn list_clients(
        &self,
        request: Request<wire::ListClientsRequest>,
    ) -> Result<Response<wire::ListClientsResponse>, Status> {
        own(&request)?;
        let clients = self.parts.clients.list().iter().map(client).collect();
        Ok(Response::new(wire::ListClientsResponse { clients, port: Some(self.client_port().await?) }))
    }

    async fn get_client(
        &self,
        request: Request<wire::GetClientRequest>,
    ) -> Result<Response<wire::GetClientResponse>, Status> {
        own(&request)?;
        let found = self.parts.clients.get(&request.into_inner().name).map_err(refused)?;
        let port = Some(self.client_port().await?);
        Ok(Response::new(wire::GetClientResponse { client: Some(client(&found)), port }))
    }
}

impl Api {
    async fn client_port(&self) -> Result<wire::ClientPort, Status> {
        let ca = self.parts.clients.ca().await.map_err(refused)?;
        Ok(wire::ClientPort {
            endpoint: self.parts.clients.endpoint(),
            ca: pem::encode("CERTIFICATE", ca.der()).to_string(),
            ca_path: ca.certificate_path().display().to_string(),
        })
    }
}

fn own<T>(request: &Request<T>) -> Result<(), Status> {
    caller::may(&caller::of(request)?, &Asked::Own { resource: "ClientService" })
}

#[expect(clippy::needless_pass_by_value, reason = "it stands behind map_err")]
fn refused(error: ClientError) -> Status {
    if let ClientError::Store(error) = &error {
        return error::store(error);
    }
    error::status(&Reason::new(error.code(), error.args()))
}

fn client(client: &Arc<Client>) -> wire::Client {
    let Client { identity, stored, .. } = client.as_ref();
    let StoredClient { name, scopes, added_ms, revoked_ms, certificates } = stored.clone();
    wire::Client {
        name,
        identity: identity.to_string(),
        scopes,
        added_ms,
        revoked_ms,
        certificates: certificates.into_iter().map(certificate).collect(),
    }
}

fn certificate(certificate: StoredCertificate) -> wire::ClientCertificate {
    let StoredCertificate { serial, certificate, issued_ms, not_after_ms } = certificate;
    wire::ClientCertificate {
        serial: serial.to_string(),
        certificate: pem::encode("CERTIFICATE", &certificate).to_string(),
        issued_ms,
        not_after_ms,
    }
}
