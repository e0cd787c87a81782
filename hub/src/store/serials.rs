//! The allow-list's durable part: which certificates were issued, to whom, and where they stand.
//!
//! Out of scope: who decides and cutting connections (`registry`, `multaqa_certs::serials`).

use multaqa_certs::name::PeerIdentity;
use multaqa_certs::serials::Serial;
use multaqa_proto::hash::{RecordId, hex};

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::error::touched;
use super::kept::{Key, SERIAL, change};
use super::{Store, StoreError};

/// Where an issued certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SerialStatus {
    /// Issued, not used so far.
    Pending,
    /// In use.
    Active,
    /// Never to be accepted again.
    Revoked,
}

/// An issued certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedSerial {
    /// Serial number.
    pub serial: Serial,
    /// Whom it names.
    pub identity: PeerIdentity,
    /// Where it stands.
    pub status: SerialStatus,
    /// End of its life, milliseconds since 1970 UTC.
    pub not_after_ms: i64,
    /// Leaf and issuing certificate, DER, in this order.
    pub chain: Vec<Vec<u8>>,
    /// The `key` record for which it was issued; none for an operator's or the hub's own.
    pub key_record: Option<RecordId>,
}

impl SerialStatus {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Revoked => "revoked",
        }
    }
    fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Active, Self::Revoked].into_iter().find(|status| status.as_str() == text)
    }
}

impl Store {
    /// Adds an issued certificate.
    ///
    /// # Errors
    /// Where the store fails, or the serial is there already.
    pub async fn add_serial(&self, issued: &IssuedSerial) -> Result<(), StoreError> {
        let write = sqlx::query(
            "INSERT INTO serial (serial, identity, status, not_after_ms, chain, key_record) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(issued.serial.as_bytes().to_vec())
        .bind(issued.identity.to_string())
        .bind(issued.status.as_str())
        .bind(issued.not_after_ms)
        .bind(pack(&issued.chain))
        .bind(issued.key_record.map(RecordId::to_vec));
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let done = change(&mut tx, SERIAL, Key::Blob(issued.serial.as_bytes()), write).await?;
        touched("serial", 1, done)?;
        Ok(tx.commit().await?)
    }
    /// Moves a certificate to another status; false where there is none with this serial.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn set_serial_status(&self, serial: &Serial, status: SerialStatus) -> Result<bool, StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let done = set_status(&mut tx, serial.as_bytes(), status).await?;
        tx.commit().await?;
        Ok(done == 1)
    }
    /// All certificates that are not revoked.
    ///
    /// # Errors
    /// Where the store fails or a row is bad.
    pub async fn serials(&self) -> Result<Vec<IssuedSerial>, StoreError> {
        let rows = sqlx::query(
            "SELECT serial, identity, status, not_after_ms, chain, key_record FROM serial WHERE status <> 'revoked'",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(issued).collect()
    }
    /// The certificates issued for a `key` record that are not revoked; what ends first comes first.
    ///
    /// # Errors
    /// Where the store fails or a row is bad.
    pub async fn serials_of_key_record(&self, key_record: &RecordId) -> Result<Vec<IssuedSerial>, StoreError> {
        let rows = sqlx::query(
            "SELECT serial, identity, status, not_after_ms, chain, key_record FROM serial
             WHERE key_record = ? AND status <> 'revoked' ORDER BY not_after_ms, serial",
        )
        .bind(key_record.to_vec())
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(issued).collect()
    }
    /// Puts a pending certificate in use and revokes all others of its `key` record, in one step; false where it is not
    /// pending any more: then nothing changes.
    ///
    /// # Errors
    /// Where the store fails.
    pub async fn put_in_use(&self, serial: &Serial, key_record: &RecordId) -> Result<bool, StoreError> {
        let mut tx = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let of_record: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT serial FROM serial WHERE key_record = ?2 AND status <> 'revoked'
               AND EXISTS (SELECT 1 FROM serial WHERE serial = ?1 AND key_record = ?2 AND status <> 'revoked')",
        )
        .bind(serial.as_bytes().to_vec())
        .bind(key_record.to_vec())
        .fetch_all(&mut *tx)
        .await?;
        for other in &of_record {
            let used = other == serial.as_bytes();
            set_status(&mut tx, other, if used { SerialStatus::Active } else { SerialStatus::Revoked }).await?;
        }
        tx.commit().await?;
        Ok(!of_record.is_empty())
    }
}

async fn set_status(tx: &mut SqliteConnection, serial: &[u8], status: SerialStatus) -> Result<u64, StoreError> {
    let write =
        sqlx::query("UPDATE serial SET status = ? WHERE serial = ?").bind(status.as_str()).bind(serial.to_vec());
    change(tx, SERIAL, Key::Blob(serial), write).await
}

fn issued(row: &SqliteRow) -> Result<IssuedSerial, StoreError> {
    let serial: Vec<u8> = row.try_get(0)?;
    let bad = |column| StoreError::RowBad { table: "serial", column, row: hex(&serial) };
    let key_record = |bytes: Vec<u8>| RecordId::from_slice(&bytes).ok_or(bad("key_record"));
    Ok(IssuedSerial {
        serial: Serial::from_slice(&serial).ok_or(bad("serial"))?,
        identity: row.try_get::<String, _>(1)?.parse().map_err(|_| bad("identity"))?,
        status: SerialStatus::parse(&row.try_get::<String, _>(2)?).ok_or(bad("status"))?,
        not_after_ms: row.try_get(3)?,
        chain: unpack(&row.try_get::<Vec<u8>, _>(4)?).ok_or(bad("chain"))?,
        key_record: row.try_get::<Option<Vec<u8>>, _>(5)?.map(key_record).transpose()?,
    })
}

/// Certificates one after the other, each behind its length (4 bytes, big endian).
fn pack(chain: &[Vec<u8>]) -> Vec<u8> {
    let length = |der: &[u8]| u32::try_from(der.len()).unwrap_or(u32::MAX).to_be_bytes();
    chain.iter().flat_map(|der| length(der).into_iter().chain(der.iter().copied())).collect()
}

fn unpack(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut chain = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (der, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        chain.push(der.to_vec());
        bytes = rest;
    }
    Some(chain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::Federation;

    #[tokio::test]
    async fn a_certificate_is_found_until_it_is_revoked() {
        let world = Federation::new().await;
        let store = world.store().await;
        let serial = Serial::from_random([1; 16]);
        let issued = IssuedSerial {
            serial,
            identity: "node/JO/gw1".parse().unwrap(),
            status: SerialStatus::Pending,
            not_after_ms: 7,
            chain: vec![vec![1, 2, 3], vec![], vec![4; 300]],
            key_record: Some(RecordId::of(b"key")),
        };
        store.add_serial(&issued).await.unwrap();
        assert!(store.add_serial(&issued).await.is_err());
        assert_eq!(
            store.serials_of_key_record(&RecordId::of(b"key")).await.unwrap().as_slice(),
            std::slice::from_ref(&issued)
        );
        assert!(store.set_serial_status(&serial, SerialStatus::Active).await.unwrap());
        assert_eq!(store.serials().await.unwrap(), [IssuedSerial { status: SerialStatus::Active, ..issued }]);
        assert!(store.set_serial_status(&serial, SerialStatus::Revoked).await.unwrap());
        assert_eq!(store.serials().await.unwrap(), []);
        assert_eq!(store.serials_of_key_record(&RecordId::of(b"key")).await.unwrap(), []);
        assert!(!store.set_serial_status(&Serial::from_random([2; 16]), SerialStatus::Active).await.unwrap());
    }

    #[tokio::test]
    async fn of_a_key_record_one_certificate_is_in_use() {
        let world = Federation::new().await;
        let store = world.store().await;
        let issued = |n: u8, key_record: &[u8]| IssuedSerial {
            serial: Serial::from_random([n; 16]),
            identity: "node/JO/gw1".parse().unwrap(),
            status: SerialStatus::Pending,
            not_after_ms: 10 - i64::from(n),
            chain: Vec::new(),
            key_record: Some(RecordId::of(key_record)),
        };
        for n in 1..=3 {
            store.add_serial(&issued(n, b"key")).await.unwrap();
        }
        store.add_serial(&issued(4, b"another")).await.unwrap();
        let of_key = async || store.serials_of_key_record(&RecordId::of(b"key")).await.unwrap();
        assert_eq!(of_key().await, [issued(3, b"key"), issued(2, b"key"), issued(1, b"key")]);
        let used = async |n: u8| store.put_in_use(&issued(n, b"key").serial, &RecordId::of(b"key")).await.unwrap();
        assert!(used(2).await);
        // Who was told that it failed asks again.
        assert!(used(2).await);
        // One that was retired meanwhile neither comes back nor retires its successor.
        assert!(!used(1).await);
        assert_eq!(of_key().await, [IssuedSerial { status: SerialStatus::Active, ..issued(2, b"key") }]);
        assert_eq!(store.serials().await.unwrap().len(), 2);
    }
}
