//! Services whose texts do not compress: what the wire takes is then what was written, and a plain reference moves about a
//! kilobyte a record too.
//!
//! Random printable characters carry 6.6 of 8 bits, so that Huffman coding takes a sixth off and matching finds nothing.

use multaqa_proto::hash::Hash;
use multaqa_proto::wire::kind::Service;

use super::text;

/// Characters of each of both descriptions.
const NOISE: usize = 400;

/// The service of this number, with noise in place of its descriptions.
pub(super) fn service(member: &str, number: usize) -> Service {
    let mut service = text::service(member, number);
    for (lang, text) in &mut service.description {
        *text = noise(&format!("{member}/{number}/{lang}"));
    }
    service
}

fn noise(seed: &str) -> String {
    let blocks = (0_u32..).flat_map(|block| Hash::of_parts(&[seed.as_bytes(), &block.to_be_bytes()]).0);
    // Bytes beyond a multiple of the printable characters would make some of them likelier.
    blocks.filter(|byte| *byte < 188).map(|byte| char::from(b'!' + byte % 94)).take(NOISE).collect()
}

#[cfg(test)]
mod tests {
    use multaqa_proto::kind::Kind;
    use prost::Message as _;

    use super::*;

    #[test]
    fn noise_keeps_the_rules_and_does_not_compress() {
        let payloads: Vec<Vec<u8>> = (0..64).map(|number| service("JO", number).encode_to_vec()).collect();
        let kind = Kind::find("service").unwrap();
        assert!(payloads.iter().all(|payload| kind.check(payload).is_empty()));
        let block = payloads.concat();
        let percent = zstd::bulk::compress(&block, 1).unwrap().len() * 100 / block.len();
        assert!(percent > 65, "{percent} %");
    }
}
