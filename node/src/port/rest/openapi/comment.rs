//! The comments of the schema, which are the descriptions of its messages and fields.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use multaqa_proto::kind::descriptor_pool;
use prost_reflect::{FieldDescriptor, MessageDescriptor};

/// Comments by the file's name and the place in it (`SourceCodeInfo.Location.path` of descriptor.proto).
type Comments = BTreeMap<(String, Vec<i32>), String>;

static COMMENTS: LazyLock<Comments> = LazyLock::new(|| {
    let mut comments = Comments::new();
    for file in descriptor_pool().files() {
        for location in file.file_descriptor_proto().source_code_info.iter().flat_map(|info| &info.location) {
            if let Some(comment) = &location.leading_comments {
                let text = comment.lines().map(str::trim).collect::<Vec<_>>().join(" ");
                comments.insert((file.name().to_owned(), location.path.clone()), text.trim().to_owned());
            }
        }
    }
    comments
});

/// What the schema says of a message.
pub(super) fn of_message(message: &MessageDescriptor) -> &'static str {
    find(message.parent_file().name(), message.path())
}

/// What the schema says of a field.
pub(super) fn of_field(field: &FieldDescriptor) -> &'static str {
    find(field.parent_message().parent_file().name(), field.path())
}

fn find(file: &str, path: &[i32]) -> &'static str {
    COMMENTS.get(&(file.to_owned(), path.to_vec())).map(String::as_str).unwrap_or_default()
}

/// The first value that a comment quotes: `"live", "stale" or "offline"` gives `live`; none where it quotes a pattern.
pub(super) fn quoted(comment: &str) -> Option<&str> {
    let value = comment.split('"').nth(1)?;
    let plain = !value.is_empty() && !value.contains(['<', '{', ' ', ':']) && value.is_ascii();
    plain.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comments_of_the_schema_are_there() {
        let message = descriptor_pool().get_message_by_name("multaqa.kind.v1.Service.Channel").unwrap();
        assert_eq!(of_message(&message), "A way to reach the service.");
        assert_eq!(of_field(&message.get_field_by_name("url").unwrap()), "Web address.");
        assert_eq!(quoted(r#"Code: "web", "office" and others."#), Some("web"));
        assert_eq!((quoted(r#""<code>:<kind>""#), quoted("none")), (None, None));
    }
}
