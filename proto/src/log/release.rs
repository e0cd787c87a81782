//! The notice by which an operator lets a restored log go on, though not all who may hold more of it were asked.
//!
//! It is the first record that is ordered then, and what shows everybody that accepted records may be lost from a size on: a hub that
//! drops one cannot call it a restoration without it. In scope: its id. Out of scope: writing it (`hub`), what a node
//! makes of it (`node`).

use crate::id::{FEDERATION_CODE, ObjectId};
use crate::number::TreeSize;

/// What the slug begins with; the size follows.
const PREFIX: &str = "released-";

/// The notice's slug.
#[must_use]
pub fn slug(size: TreeSize) -> String {
    format!("{PREFIX}{size}")
}

/// The size at which the log went on, where this is the id of such a notice.
#[must_use]
pub fn size_of(id: &ObjectId) -> Option<TreeSize> {
    let size = id.slug().strip_prefix(PREFIX).filter(|_| id.kind() == "notice")?;
    let size = TreeSize(size.parse().ok()?);
    // One spelling.
    (id.code().as_str() == FEDERATION_CODE && id.slug() == slug(size)).then_some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_at_which_size_a_log_went_on_in_one_spelling() {
        let of = |id: &str| size_of(&id.parse().unwrap());
        assert_eq!(of(&format!("{FEDERATION_CODE}:notice:{}", slug(TreeSize(57)))), Some(TreeSize(57)));
        for other in ["x-federation:notice:released-057", "JO:notice:released-57", "x-federation:group:released-57"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
