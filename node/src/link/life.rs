//! From when to when the certificate in use holds.
//!
//! Out of scope: renewing it (`renew`).

use multaqa_certs::store::TlsIdentity;

/// From when to when the certificate in use holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// First moment, milliseconds since 1970 UTC.
    pub not_before_ms: i64,
    /// Last moment, milliseconds since 1970 UTC.
    pub not_after_ms: i64,
}

impl Life {
    /// The life of an identity's certificate; none where it cannot be read.
    pub(crate) fn of(identity: &TlsIdentity) -> Option<Self> {
        let (not_before, not_after) = identity.life()?;
        let ms = |seconds: u64| i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX);
        Some(Self { not_before_ms: ms(not_before), not_after_ms: ms(not_after) })
    }
}
