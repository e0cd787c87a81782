//! The text of a file, and the names of files beside it.

use std::path::Path;

/// Largest file, bytes.
pub const FILE_MAX: usize = 8 * 1024 * 1024;

/// Why a file has no text.
pub(super) enum Unreadable {
    /// It is larger than [`FILE_MAX`].
    TooLarge,
    /// It is no UTF-8 from this line on.
    NotUtf8(usize),
}

/// The text of a file, without the byte order mark that editors add.
pub(super) fn text_of(bytes: &[u8]) -> Result<&str, Unreadable> {
    if bytes.len() > FILE_MAX {
        return Err(Unreadable::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        Unreadable::NotUtf8(before.matches('\n').count() + 1)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// A name without a directory.
pub(super) fn is_plain_name(name: &str) -> bool {
    Path::new(name).file_name().is_some_and(|plain| plain == name) && !name.contains(['/', '\\'])
}

/// The name of a file in the same directory as another.
pub(super) fn beside(file: &str, name: &str) -> String {
    Path::new(file).with_file_name(name).to_string_lossy().into_owned()
}
