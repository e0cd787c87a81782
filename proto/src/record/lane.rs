//! Lanes: the name under which a writer's statements for one audience set run.
//!
//! `lane = SHA-256("multaqa/lane/v1" || 0 || writer || 0 || key || audience)`, its first 16 bytes; the key is 16 random bytes that
//! the writer chose for the audience set, and stands in the first half of the salt of every content of the lane. Whoever reads
//! one content of a lane knows whom the lane is for, and a writer cannot open one lane to two audiences; outsiders see that
//! two statements are of one lane and learn nothing else. The other half of the salt is random for each content.
//!
//! In scope: making and opening. Out of scope: who keeps keys (`node`), what a stub in a known lane means (`sync::withheld`).

use super::content::Content;
use super::statement::Statement;
use crate::hash::Hash;
use crate::id::Writer;

/// Bytes of a lane, and of its key.
const SIZE: usize = 16;

/// Puts a key into a content that is still to be signed; its lane.
#[must_use]
pub fn bind(writer: &Writer, key: [u8; SIZE], content: &mut Content) -> [u8; SIZE] {
    content.salt[..SIZE].copy_from_slice(&key);
    lane(writer, content)
}

/// Whether a statement's lane is the one that its content opens.
#[must_use]
pub fn opens(statement: &Statement, content: &Content) -> bool {
    statement.lane == lane(&statement.writer, content)
}

fn lane(writer: &Writer, content: &Content) -> [u8; SIZE] {
    let (writer, audience) = (writer.to_string(), content.audience.to_string());
    let key = &content.salt[..SIZE];
    let hash = Hash::of_parts(&[b"multaqa/lane/v1\0", writer.as_bytes(), b"\0", key, audience.as_bytes()]);
    let mut lane = [0; SIZE];
    lane.copy_from_slice(&hash.0[..SIZE]);
    lane
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{Epoch, Seq};
    use crate::record::audience::Audience;
    use crate::record::content::Body;

    fn content(audience: &[&str]) -> Content {
        Content {
            salt: [7; 32],
            id: "JO:organisation:a".parse().unwrap(),
            revision: 1,
            replaces: Vec::new(),
            audience: Audience::parse(audience).unwrap(),
            authored_at_ms: 0,
            seen: None,
            body: Body::Sealed,
        }
    }

    #[test]
    fn a_lane_opens_to_its_own_audience_and_writer_only() {
        let writer: Writer = "JO/gw1".parse().unwrap();
        let mut open = content(&["states"]);
        let lane = bind(&writer, [1; 16], &mut open);
        assert_eq!((&open.salt[..16], &open.salt[16..]), (&[1; 16][..], &[7; 16][..]));
        let statement = |lane, writer: &str| Statement {
            federation: None,
            writer: writer.parse().unwrap(),
            epoch: Epoch(1),
            seq: Seq(1),
            previous: None,
            lane,
            content_hash: Hash::of(b"content"),
        };
        assert!(opens(&statement(lane, "JO/gw1"), &open));
        assert!(!opens(&statement(lane, "JO/gw2"), &open) && !opens(&statement([0; 16], "JO/gw1"), &open));
        let narrower = Content { salt: open.salt, ..content(&["member:JO"]) };
        assert!(!opens(&statement(lane, "JO/gw1"), &narrower), "the same key for another audience is another lane");
        // Whatever else a content holds, it runs in the same lane.
        let mut another = Content { authored_at_ms: 9, ..content(&["states"]) };
        assert_eq!(bind(&writer, [1; 16], &mut another), lane);
        assert_ne!(bind(&writer, [2; 16], &mut another), lane);
    }
}
