//! The codes of this room's faults, and their texts in three languages.
//!
//! Out of scope: choosing the language and rendering the texts, which the binaries do.

/// Declares each code as a constant that is its own text, and the list of all.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        $($(#[$doc])* pub const $name: &str = stringify!($name);)*
        /// Every code of this crate.
        pub const CODES: &[&str] = &[$($name),*];
    };
}

codes! {
    /// A configuration file or drop-in cannot be read. Arguments: `file`, `detail`.
    CONFIG_FILE_UNREADABLE,
    /// A configuration file is larger than the limit. Arguments: `file`, `limit` (bytes).
    CONFIG_FILE_TOO_LARGE,
    /// A configuration file is not TOML. Arguments: `file`, `detail`.
    CONFIG_SYNTAX,
    /// A file or flag sets a key that does not exist. Arguments: `origin`, `key`, `nearest` (or `none`).
    CONFIG_UNKNOWN_KEY,
    /// A `MULTAQA_*` variable names no key. Arguments: `variable`, `key`, `nearest` (or `none`).
    CONFIG_UNKNOWN_VARIABLE,
    /// A value has the wrong type or breaks the key's rule. Arguments: `origin`, `key`, `detail`.
    CONFIG_BAD_VALUE,
    /// The log filter cannot be parsed. Arguments: `filter`, `detail`.
    CONFIG_BAD_LOG_FILTER,
    /// The admin listener's address is not a loopback address. Arguments: `address`.
    CONFIG_ADMIN_NOT_LOOPBACK,
    /// A secret's file cannot be read. Arguments: `path`, `detail`.
    SECRET_UNREADABLE,
    /// A secret's file can be read by others. Arguments: `path`, `mode` (octal).
    SECRET_TOO_OPEN,
    /// A secret's file is larger than the limit. Arguments: `path`, `limit` (bytes).
    SECRET_TOO_LARGE,
    /// A secret that must be text is not UTF-8. Arguments: `path`.
    SECRET_NOT_TEXT,
    /// A credential's name is empty or holds a path. Arguments: `name`.
    SECRET_BAD_NAME,
    /// A credential is named but there is no credential directory. Arguments: `name`.
    SECRET_NO_DIRECTORY,
    /// The async runtime did not start. Arguments: `detail`.
    RUNTIME_NOT_STARTED,
    /// Signal handlers could not be installed. Arguments: `detail`.
    SIGNALS_UNAVAILABLE,
    /// A log subscriber or metrics recorder is installed already. Arguments: `detail`.
    TELEMETRY_NOT_STARTED,
    /// An address or socket path cannot be bound. Arguments: `address`, `detail`.
    LISTEN_FAILED,
    /// Another process serves this Unix socket. Arguments: `path`.
    LISTEN_SOCKET_IN_USE,
    /// A supervised task panicked. Arguments: `task`, `detail`.
    TASK_PANICKED,
    /// A supervised task returned before it was told to stop. Arguments: `task`.
    TASK_ENDED_EARLY,
    /// Tasks had to be ended because the drain deadline passed. Arguments: `tasks`, `seconds`.
    DRAIN_TOO_SLOW,
    /// A second signal ended the process before the drain was done. Arguments: `tasks`.
    DRAIN_ABORTED,
    /// Standard output cannot be written. Arguments: `detail`.
    OUTPUT_FAILED,
    /// There is something where a backup is to be made. Arguments: `path`.
    BACKUP_EXISTS,
    /// The disk refused while a backup was made or read. Arguments: `path`, `detail`.
    BACKUP_FAILED,
    /// There is no backup. Arguments: `path`.
    BACKUP_MISSING,
    /// A backup's manifest cannot be understood. Arguments: `path`, `detail`.
    BACKUP_MANIFEST_BAD,
    /// A backup is another program's. Arguments: `path`, `found`, `expected`.
    BACKUP_OF_OTHER,
    /// A file of a backup is missing or is not what the manifest says. Arguments: `path`, `file`, `detail`.
    BACKUP_FILE_CHANGED,
    /// What a backup holds does not check out. Arguments: `path`, `count`.
    BACKUP_UNSOUND,
    /// Something is where a backup is to be put. Arguments: `path`.
    RESTORE_TARGET_USED,
}

/// The texts of [`CODES`]: language tag and Fluent source.
pub const MESSAGES: [(&str, &str); 3] = [
    ("ar", include_str!("../messages/ar.ftl")),
    ("en", include_str!("../messages/en.ftl")),
    ("fr", include_str!("../messages/fr.ftl")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_text_who_acts_and_what_next_in_each_language() {
        for (language, source) in MESSAGES {
            for code in CODES {
                let start =
                    source.find(&format!("{code} = ")).unwrap_or_else(|| panic!("{code} is missing in {language}"));
                let entry: Vec<&str> = source[start..].lines().take_while(|line| !line.is_empty()).collect();
                let [.., act, next] = entry[..] else { panic!("{code} in {language} is too short") };
                assert_eq!(act, "    .act = operator", "{code} in {language}");
                assert!(
                    next.starts_with("    .next = ") && next.contains('`'),
                    "{code} in {language} names no command"
                );
            }
            let entries = source.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase())).count();
            assert_eq!(entries, CODES.len(), "entries in {language} without a code");
        }
    }
}
