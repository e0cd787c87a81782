//! What the verbs say, in the language asked for: the node's own texts (`screen/*.ftl`) and those of all codes.

use std::sync::LazyLock;

use multaqa_proto::message::Catalogue;
use multaqa_proto::message::screen::Screen;
use multaqa_proto::text::Lang;

use crate::code;

const TEXTS: [(&str, &str); 3] = [
    ("ar", include_str!("../../screen/ar.ftl")),
    ("en", include_str!("../../screen/en.ftl")),
    ("fr", include_str!("../../screen/fr.ftl")),
];

/// States of records, as `queue`, `publish` and `history` know them.
pub(super) const RECORD_STATES: [(&str, &str); 8] = [
    ("queued", "word-queued"),
    ("accepted", "word-accepted"),
    ("rejected", "word-rejected"),
    ("unchanged", "word-unchanged"),
    ("valid", "word-valid"),
    ("withdrawn", "word-withdrawn"),
    ("void", "word-void"),
    ("unjudged", "word-unjudged"),
];

/// The texts in this language.
pub(crate) fn screen(lang: Lang) -> Screen<'static> {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
        Catalogue::new(&[
            &multaqa_proto::code::MESSAGES,
            &multaqa_runtime::code::MESSAGES,
            &multaqa_certs::code::MESSAGES,
            &code::MESSAGES,
            &TEXTS,
        ])
    });
    Screen::new(&CATALOGUE, lang).of("node")
}

#[cfg(test)]
mod tests {
    use multaqa_proto::message::screen::review;

    use super::*;

    #[test]
    fn every_text_is_used_and_there_in_each_language() {
        let home = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let verbs = std::fs::read_dir(home.join("cli")).unwrap().map(|entry| entry.unwrap().path());
        let sources = verbs.chain([home.join("cli.rs")]).map(|path| std::fs::read_to_string(path).unwrap());
        assert_eq!(review(&TEXTS, &sources.collect::<Vec<_>>()), [""; 0]);
    }
}
