//! `ClientService`: which systems the node lets in. On the node's own socket alone.
//!
//! Out of scope: what is done (`clients`).

use std::sync::Arc;

use multaqa_certs::pem;
use multaqa_proto::wire::node as wire;

use super::refusal::Refusal;
use super::{Api, caller};
use crate::clients::authorise::{Asked, Caller};
use crate::clients::{Client, Issuer};
use crate::journal::{StoredCertificate, StoredClient};

impl Api {
    pub(crate) async fn add_client(
        &self,
        caller: &Caller,
        request: wire::AddClientRequest,
    ) -> Result<wire::AddClientResponse, Refusal> {
        own(caller)?;
        let wire::AddClientRequest { name, request, scopes, days } = request;
        let added = self.parts.clients.add(&name, &request, &scopes, days).await?;
        let port = Some(self.client_port().await?);
        Ok(wire::AddClientResponse { client: Some(client(&added)), port })
    }

    pub(crate) async fn renew_client(
        &self,
        caller: &Caller,
        request: wire::RenewClientRequest,
    ) -> Result<wire::RenewClientResponse, Refusal> {
        own(caller)?;
        let wire::RenewClientRequest { name, request, days } = request;
        let renewed = self.parts.clients.renew(&name, &request, days).await?;
        let port = Some(self.client_port().await?);
        Ok(wire::RenewClientResponse { client: Some(client(&renewed)), port })
    }

    pub(crate) async fn allow_client(
        &self,
        caller: &Caller,
        request: wire::AllowClientRequest,
    ) -> Result<wire::AllowClientResponse, Refusal> {
        own(caller)?;
        let wire::AllowClientRequest { name, scopes } = request;
        let allowed = self.parts.clients.allow(&name, &scopes).await?;
        Ok(wire::AllowClientResponse { client: Some(client(&allowed)) })
    }

    pub(crate) async fn revoke_client(
        &self,
        caller: &Caller,
        request: wire::RevokeClientRequest,
    ) -> Result<wire::RevokeClientResponse, Refusal> {
        own(caller)?;
        let revoked = self.parts.clients.revoke(&request.name).await?;
        Ok(wire::RevokeClientResponse { client: Some(client(&revoked)) })
    }

    pub(crate) async fn list_clients(
        &self,
        caller: &Caller,
        _request: wire::ListClientsRequest,
    ) -> Result<wire::ListClientsResponse, Refusal> {
        own(caller)?;
        let clients = self.parts.clients.list().iter().map(client).collect();
        Ok(wire::ListClientsResponse { clients, port: Some(self.client_port().await?) })
    }

    pub(crate) async fn get_client(
        &self,
        caller: &Caller,
        request: wire::GetClientRequest,
    ) -> Result<wire::GetClientResponse, Refusal> {
        own(caller)?;
        let found = self.parts.clients.get(&request.name)?;
        let port = Some(self.client_port().await?);
        Ok(wire::GetClientResponse { client: Some(client(&found)), port })
    }
}

impl Api {
    pub(crate) async fn get_issuer(
        &self,
        caller: &Caller,
        _request: wire::GetIssuerRequest,
    ) -> Result<wire::GetIssuerResponse, Refusal> {
        own(caller)?;
        Ok(wire::GetIssuerResponse { issuer: Some(issuer(self.parts.clients.issuer().await?)) })
    }

    pub(crate) async fn renew_issuer(
        &self,
        caller: &Caller,
        _request: wire::RenewIssuerRequest,
    ) -> Result<wire::RenewIssuerResponse, Refusal> {
        own(caller)?;
        Ok(wire::RenewIssuerResponse { issuer: Some(issuer(self.parts.clients.renew_issuer().await?)) })
    }

    pub(crate) async fn retire_issuer(
        &self,
        caller: &Caller,
        _request: wire::RetireIssuerRequest,
    ) -> Result<wire::RetireIssuerResponse, Refusal> {
        own(caller)?;
        Ok(wire::RetireIssuerResponse { issuer: Some(issuer(self.parts.clients.retire_issuer().await?)) })
    }

    async fn client_port(&self) -> Result<wire::ClientPort, Refusal> {
        let ca = self.parts.clients.ca().await?;
        Ok(wire::ClientPort {
            endpoint: self.parts.clients.endpoint(),
            ca: ca.to_pem(),
            ca_path: ca.certificate_path().display().to_string(),
        })
    }
}

fn own(caller: &Caller) -> Result<(), Refusal> {
    caller::may(caller, &Asked::Own { resource: "ClientService" })
}

fn issuer(issuer: Issuer) -> wire::ClientIssuer {
    let Issuer { not_after_ms, ca_path, previous_not_after_ms, left } = issuer;
    wire::ClientIssuer { not_after_ms, ca_path, previous_not_after_ms, left }
}

fn client(client: &Arc<Client>) -> wire::Client {
    let (Client { identity, stored, .. }, denials) = (client.as_ref(), client.denials());
    let StoredClient { name, scopes, added_ms, revoked_ms, certificates } = stored.clone();
    wire::Client {
        name,
        identity: identity.to_string(),
        scopes,
        added_ms,
        revoked_ms,
        certificates: certificates.into_iter().map(certificate).collect(),
        denials: denials.times,
        denied_ms: (denials.times > 0).then_some(denials.last_ms),
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
