//! The member's systems that the node lets in: their scopes and certificates, one transaction for each change.
//!
//! Out of scope: what scopes mean, who is let in (`clients`).

use std::collections::BTreeMap;

use multaqa_certs::serials::Serial;

use super::{CLIENT, CLIENT_CERTIFICATE, Journal};
use crate::store::{Cells, Key, StoreError, change};

/// A system as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredClient {
    /// `<org>/<name>`.
    pub(crate) name: String,
    /// Its scopes as text.
    pub(crate) scopes: Vec<String>,
    /// When it was added, milliseconds since 1970 UTC.
    pub(crate) added_ms: i64,
    /// When it was revoked; none while it may come in.
    pub(crate) revoked_ms: Option<i64>,
    /// Certificates that hold, newest first.
    pub(crate) certificates: Vec<StoredCertificate>,
}

/// A certificate of a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredCertificate {
    pub(crate) serial: Serial,
    /// DER.
    pub(crate) certificate: Vec<u8>,
    pub(crate) issued_ms: i64,
    pub(crate) not_after_ms: i64,
}

impl Journal {
    /// All systems, by name.
    pub(crate) async fn clients(&self) -> Result<Vec<StoredClient>, StoreError> {
        let mut tx = self.store.read("read_clients").await?;
        let at = tx.at;
        let mut certificates: BTreeMap<String, Vec<StoredCertificate>> = BTreeMap::new();
        let rows = sqlx::query(
            "SELECT serial, name, certificate, issued_ms, not_after_ms FROM client_certificate \
             ORDER BY issued_ms DESC, serial",
        )
        .fetch_all(tx.conn())
        .await
        .map_err(|e| at.failed(e))?;
        for row in &rows {
            let cells = Cells { table: CLIENT_CERTIFICATE.table, row };
            let certificate = StoredCertificate {
                serial: cells.parsed("serial")?,
                certificate: cells.get("certificate")?,
                issued_ms: cells.get("issued_ms")?,
                not_after_ms: cells.get("not_after_ms")?,
            };
            certificates.entry(cells.get("name")?).or_default().push(certificate);
        }
        let rows = sqlx::query("SELECT name, scopes, added_ms, revoked_ms FROM client ORDER BY name")
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let mut client = |row| {
            let cells = Cells { table: CLIENT.table, row };
            let name: String = cells.get("name")?;
            Ok(StoredClient {
                scopes: cells.json("scopes")?,
                added_ms: cells.get("added_ms")?,
                revoked_ms: cells.get("revoked_ms")?,
                certificates: certificates.remove(&name).unwrap_or_default(),
                name,
            })
        };
        rows.iter().map(&mut client).collect()
    }

    /// Stores a system as a whole: what it was before is gone, its certificates that are not named here too.
    pub(crate) async fn put_client(&self, client: &StoredClient) -> Result<(), StoreError> {
        let StoredClient { name, scopes, added_ms, revoked_ms, certificates } = client;
        let mut tx = self.store.begin("put_client").await?;
        let at = tx.at;
        let write = sqlx::query(
            "INSERT INTO client (name, scopes, added_ms, revoked_ms) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (name) DO UPDATE SET scopes = ?2, added_ms = ?3, revoked_ms = ?4",
        )
        .bind(name.clone())
        .bind(serde_json::json!(scopes).to_string())
        .bind(*added_ms)
        .bind(*revoked_ms);
        change(&mut tx, CLIENT, Key::Text(name), write).await?;
        let stored: Vec<String> = sqlx::query_scalar("SELECT serial FROM client_certificate WHERE name = ?")
            .bind(name.clone())
            .fetch_all(tx.conn())
            .await
            .map_err(|e| at.failed(e))?;
        let kept: Vec<String> = certificates.iter().map(|certificate| certificate.serial.to_string()).collect();
        for gone in stored.iter().filter(|serial| !kept.contains(serial)) {
            let write = sqlx::query("DELETE FROM client_certificate WHERE serial = ?").bind(gone.clone());
            change(&mut tx, CLIENT_CERTIFICATE, Key::Text(gone), write).await?;
        }
        for certificate in certificates {
            let StoredCertificate { serial, certificate, issued_ms, not_after_ms } = certificate;
            let serial = serial.to_string();
            if stored.contains(&serial) {
                continue;
            }
            let write = sqlx::query(
                "INSERT INTO client_certificate (serial, name, certificate, issued_ms, not_after_ms) \
                 VALUES (?, ?, ?, ?, ?)",
            )
            .bind(serial.clone())
            .bind(name.clone())
            .bind(certificate.clone())
            .bind(*issued_ms)
            .bind(*not_after_ms);
            change(&mut tx, CLIENT_CERTIFICATE, Key::Text(&serial), write).await?;
        }
        tx.commit().await
    }
}

/// One of each sort: in force with two certificates, and revoked.
#[cfg(test)]
pub(crate) fn samples_of_clients() -> [StoredClient; 2] {
    let client = |name: &str, revoked_ms, certificates| StoredClient {
        name: name.to_owned(),
        scopes: vec!["read:*".to_owned()],
        added_ms: 1,
        revoked_ms,
        certificates,
    };
    [
        client("mof/budget", None, vec![tests::certificate(2), tests::certificate(1)]),
        client("mof/old", Some(5), Vec::new()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::testing::TestLog;

    pub(super) fn certificate(n: u8) -> StoredCertificate {
        let serial = Serial::from_random([n; 16]);
        StoredCertificate { serial, certificate: vec![n; 3], issued_ms: i64::from(n), not_after_ms: 9 }
    }

    #[tokio::test]
    async fn a_client_is_stored_as_a_whole_and_bound() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = TestLog::with_states(&[]);
        log.admit("JO");
        let (identity, key_record, index) = log.join("JO");
        let path = dir.path().join("journal.db");
        let journal = Journal::create(&path, identity, &key_record, index).await.unwrap();
        let [mut client, _] = samples_of_clients();
        journal.put_client(&client).await.unwrap();
        client.certificates = vec![certificate(3), certificate(2)];
        journal.put_client(&client).await.unwrap();
        journal.close().await;
        let journal = Journal::open(&path).await.unwrap();
        assert_eq!(journal.clients().await.unwrap(), [client.clone()]);
        assert!(journal.findings().await.unwrap().is_empty());
        let (revoked_ms, certificates) = (Some(7), Vec::new());
        journal.put_client(&StoredClient { revoked_ms, certificates, ..client }).await.unwrap();
        assert_eq!(journal.clients().await.unwrap()[0].revoked_ms, Some(7));

        let mut tx = journal.store.begin("break").await.unwrap();
        sqlx::query("UPDATE client SET revoked_ms = NULL").execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
        let findings = journal.findings().await.unwrap();
        assert_eq!(findings.iter().map(|found| found.code).collect::<Vec<_>>(), [crate::code::STORE_ROW_WRONG]);
    }
}
