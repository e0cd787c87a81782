//! What operating systems and databases say, which is English everywhere: in the reader's language, with the words of the
//! machine beside it.
//!
//! In scope: the common causes. They arrive as text, from here or over the network, and are known by the number that Rust and
//! SQLite put into it. Out of scope: causes that are not known, which are shown as they came.

use std::io::{Error, ErrorKind};

/// Kinds of an operating system's errors and the texts for them.
const KINDS: [(ErrorKind, &str); 16] = [
    (ErrorKind::NotFound, "cause-not-found"),
    (ErrorKind::PermissionDenied, "cause-permission"),
    (ErrorKind::AlreadyExists, "cause-exists"),
    (ErrorKind::AddrInUse, "cause-address-in-use"),
    (ErrorKind::AddrNotAvailable, "cause-address-foreign"),
    (ErrorKind::ConnectionRefused, "cause-refused"),
    (ErrorKind::ConnectionReset, "cause-line-lost"),
    (ErrorKind::ConnectionAborted, "cause-line-lost"),
    (ErrorKind::BrokenPipe, "cause-line-lost"),
    (ErrorKind::HostUnreachable, "cause-unreachable"),
    (ErrorKind::NetworkUnreachable, "cause-unreachable"),
    (ErrorKind::TimedOut, "cause-timed-out"),
    (ErrorKind::StorageFull, "cause-no-space"),
    (ErrorKind::ReadOnlyFilesystem, "cause-read-only"),
    (ErrorKind::IsADirectory, "cause-directory"),
    (ErrorKind::NotADirectory, "cause-no-directory"),
];

/// SQLite's result codes (its documentation, "Result and Error Codes") and the texts for them.
const SQLITE: [(u32, &str); 8] = [
    (5, "cause-locked"),
    (6, "cause-locked"),
    (8, "cause-read-only"),
    (10, "cause-disk"),
    (11, "cause-damaged"),
    (13, "cause-no-space"),
    (14, "cause-not-opened"),
    (26, "cause-no-database"),
];

/// What a resolver's failure begins with in Rust's standard library.
const LOOKUP: &str = "failed to lookup address information";

/// The id of the text for a cause, where it is a common one.
pub(super) fn known(raw: &str) -> Option<&'static str> {
    let of_kind = |kind: ErrorKind| KINDS.iter().find(|(known, _)| *known == kind).map(|(_, id)| *id);
    if let Some(number) = number(raw, "(os error ") {
        return of_kind(Error::from_raw_os_error(i32::try_from(number).ok()?).kind());
    }
    if let Some(extended) = number(raw, "(code: ") {
        // The lowest byte of an extended code is the plain one.
        return SQLITE.iter().find(|(known, _)| *known == extended & 0xff).map(|(_, id)| *id);
    }
    if raw.contains(LOOKUP) {
        return Some("cause-name-unknown");
    }
    KINDS.iter().find(|(kind, _)| kind.to_string() == raw).map(|(_, id)| *id)
}

/// The number behind a mark, up to its bracket.
fn number(raw: &str, mark: &str) -> Option<u32> {
    let (_, rest) = raw.rsplit_once(mark)?;
    rest.split_once(')')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Catalogue;
    use crate::message::screen::Screen;
    use crate::text::Lang;

    #[test]
    fn common_causes_are_known_by_their_numbers() {
        for (raw, id) in [
            ("No such file or directory (os error 2)", "cause-not-found"),
            ("tcp connect error: Connection refused (os error 111)", "cause-refused"),
            ("No space left on device (os error 28)", "cause-no-space"),
            ("Read-only file system (os error 30)", "cause-read-only"),
            ("error returned from database: (code: 5) database is locked", "cause-locked"),
            ("(code: 1032) attempt to write a readonly database", "cause-read-only"),
            ("failed to lookup address information: Name or service not known", "cause-name-unknown"),
            ("timed out", "cause-timed-out"),
        ] {
            assert_eq!(known(raw), Some(id), "{raw}");
        }
        for raw in ["", "x (os error 77777)", "(code: 1) no such table", "(os error ", "a rule"] {
            assert_eq!(known(raw), None, "{raw}");
        }
    }

    #[test]
    fn a_cause_is_said_in_the_readers_language_beside_the_machines_words() {
        let texts: [(&str, &str); 3] =
            ["ar", "en", "fr"].map(|lang| (lang, "X = { $why }\n    .act = hub\n    .next = { $path }\n"));
        let catalogue = Catalogue::new(&[&texts]);
        let raw = "Permission denied (os error 13)";
        let said = Lang::ALL.map(|lang| {
            let args = [("why", raw.to_owned()), ("path", "/x".to_owned())];
            Screen::new(&catalogue, lang).rendered("X", &args).text
        });
        assert_eq!(said[0], format!("لا تسمح الأذونات بذلك ({raw})"));
        assert_eq!(said[1], raw);
        assert_eq!(said[2], format!("droits insuffisants ({raw})"));
    }
}
