//! What the verbs say, in the language asked for: this room's own texts (`screen/*.ftl`) and those of all codes.

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

/// The texts in this language.
pub(super) fn screen(lang: Lang) -> Screen<'static> {
    static CATALOGUE: LazyLock<Catalogue> =
        LazyLock::new(|| Catalogue::new(&[&multaqa_proto::code::MESSAGES, &code::MESSAGES, &TEXTS]));
    Screen::new(&CATALOGUE, lang).of("certs")
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
