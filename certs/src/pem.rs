//! PEM armour (RFC 7468).
//!
//! In scope: writing a section, reading the sections that we use. Out of scope: files (`store`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, CertificateSigningRequestDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

/// One PEM section. The text holds whatever `der` holds: it is wiped when dropped.
#[must_use]
pub fn encode(label: &str, der: &[u8]) -> Zeroizing<String> {
    let body = Zeroizing::new(STANDARD.encode(der));
    // Sized at once: a text that grows leaves copies of a key behind.
    let mut out = Zeroizing::new(String::with_capacity(body.len() + body.len() / 64 + 2 * label.len() + 40));
    out.push_str("-----BEGIN ");
    out.push_str(label);
    out.push_str("-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = tail;
    }
    out.push_str("-----END ");
    out.push_str(label);
    out.push_str("-----\n");
    out
}

/// All certificates of a text, in order; none where a section is damaged or there is no certificate.
#[must_use]
pub fn certificates(text: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(text).collect::<Result<_, _>>().ok()?;
    (!chain.is_empty()).then_some(chain)
}

/// The first PKCS#8 private key of a text.
#[must_use]
pub fn private_key(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = PrivatePkcs8KeyDer::from_pem_slice(text).ok()?;
    Some(Zeroizing::new(key.secret_pkcs8_der().to_vec()))
}

/// The first enrolment request (PKCS#10) of a text.
#[must_use]
pub fn request(text: &[u8]) -> Option<Vec<u8>> {
    Some(CertificateSigningRequestDer::from_pem_slice(text).ok()?.as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for length in [1, 47, 48, 49, 200] {
            let der = vec![7_u8; length];
            let text = format!("{}{}", &*encode("CERTIFICATE", &der), &*encode("PRIVATE KEY", &der));
            assert_eq!(certificates(text.as_bytes()).unwrap()[0].as_ref(), der.as_slice());
            assert_eq!(private_key(text.as_bytes()).unwrap().as_slice(), der.as_slice());
        }
        assert!(certificates(b"nothing").is_none());
    }
}
