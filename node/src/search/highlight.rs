//! Where the words of a query stand in the texts of a hit: parts of the texts as they were published, in pieces.
//!
//! Titles are shown whole; of longer texts the part around the most words of the query. A text in the asker's language comes before the same
//! field in another. In scope: choosing and cutting. Out of scope: which words are the query's (`plan`).

use multaqa_proto::text::Lang;

use super::analysis::{Analysis, Token};
use super::ask::{Highlight, Piece};
use super::plan::Marks;
use super::texts::{Text, Weight};

/// Most parts of a hit.
const PARTS: usize = 3;
/// Longest part of a text, bytes.
const PART_MAX: usize = 320;

/// The parts of a hit's texts.
pub(super) fn highlights(texts: &[Text], marks: &Marks, lang: Lang, analysis: &mut Analysis) -> Vec<Highlight> {
    if marks.is_empty() {
        return Vec::new();
    }
    let mut order: Vec<&Text> = texts.iter().collect();
    order.sort_by_key(|text| (text.weight, text.lang != lang.as_str()));
    let mut shown: Vec<Highlight> = Vec::new();
    for text in order {
        if shown.len() >= PARTS {
            break;
        }
        if shown.iter().any(|highlight| highlight.path == text.path) {
            continue;
        }
        let tokens = analysis.tokens(&text.text, text.lang.parse().ok());
        let marked: Vec<&Token> = tokens.iter().filter(|token| marks.hold(token)).collect();
        if !marked.is_empty() {
            shown.push(part(text, &tokens, &marked));
        }
    }
    shown
}

fn part(text: &Text, tokens: &[Token], marked: &[&Token]) -> Highlight {
    let whole = &text.text;
    let (from, to) = if text.weight == Weight::Title { (0, whole.len()) } else { window(whole.len(), tokens, marked) };
    let mut pieces = Vec::new();
    let mut at = from;
    let mut push = |from: usize, to: usize, marked| {
        // Words that one character stands for lie at one place.
        if let Some(text) = whole.get(from..to).filter(|text| !text.is_empty()) {
            pieces.push(Piece { text: text.to_owned(), marked });
        }
    };
    for token in marked.iter().filter(|token| token.from >= from && token.to <= to) {
        if token.from < at {
            continue;
        }
        push(at, token.from, false);
        push(token.from, token.to, true);
        at = token.to;
    }
    push(at, to, false);
    Highlight {
        path: text.path.clone(),
        lang: text.lang.clone(),
        pieces,
        cut_before: from > 0,
        cut_after: to < whole.len(),
    }
}

/// The part with the most marked words, from the beginning of a word to the end of one.
fn window(len: usize, tokens: &[Token], marked: &[&Token]) -> (usize, usize) {
    if len <= PART_MAX {
        return (0, len);
    }
    let within = |from: usize| marked.iter().filter(|token| token.from >= from && token.to <= from + PART_MAX).count();
    // Some words before the first marked one make it readable; the first of the best parts is taken.
    let starts = marked.iter().map(|token| token.from.saturating_sub(PART_MAX / 4));
    let best = starts.rev().max_by_key(|start| within(*start)).unwrap_or_default();
    let from = tokens.iter().find(|token| token.from >= best).map_or(0, |token| token.from);
    let from = if tokens.first().is_some_and(|first| first.from == from) { 0 } else { from };
    let ends = tokens.iter().filter(|token| token.from >= from && token.to <= from + PART_MAX);
    let to = ends.map(|token| token.to).max().unwrap_or(len);
    let to = if tokens.last().is_some_and(|last| last.to == to) { len } else { to };
    (from, to)
}

/// The first word of these texts that is written like a normalised one, as it was published and without vowel signs.
pub(super) fn as_published(texts: &[Text], norm: &str, analysis: &mut Analysis) -> Option<String> {
    texts.iter().find_map(|text| {
        let tokens = analysis.tokens(&text.text, text.lang.parse().ok());
        let token = tokens.into_iter().find(|token| token.norm == norm)?;
        let is_sign = |c: char| matches!(c, '\u{640}' | '\u{64B}'..='\u{652}' | '\u{670}' | '\u{200B}'..='\u{200F}');
        text.text.get(token.from..token.to).map(|word| word.replace(is_sign, ""))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(weight: Weight, path: &str, lang: &str, text: &str) -> Text {
        Text { weight, path: path.to_owned(), lang: lang.to_owned(), text: text.to_owned() }
    }

    fn shown(highlight: &Highlight) -> String {
        let piece = |piece: &Piece| if piece.marked { format!("[{}]", piece.text) } else { piece.text.clone() };
        highlight.pieces.iter().map(piece).collect()
    }

    fn marks(query: &str) -> Marks {
        Marks::of(&Analysis::new().tokens(query, None))
    }

    #[test]
    fn words_are_marked_as_they_were_published() {
        let texts = [
            text(Weight::Title, "title", "en", "Digital identity"),
            text(Weight::Title, "title", "ar", "الهُوِيّة الرقمية"),
            text(Weight::Prose, "description", "ar", "تتيح خدمة الهوية للمواطنين"),
        ];
        let found = highlights(&texts, &marks("هوية خدمات"), Lang::Ar, &mut Analysis::new());
        assert_eq!(found.iter().map(shown).collect::<Vec<_>>(), ["[الهُوِيّة] الرقمية", "تتيح [خدمة] [الهوية] للمواطنين"]);
        assert!(highlights(&texts, &Marks::default(), Lang::Ar, &mut Analysis::new()).is_empty());
    }

    #[test]
    fn of_a_long_text_the_part_with_the_words_is_shown() {
        let long = format!("{} identity and digital identity {}", "before ".repeat(100), "after ".repeat(100));
        let texts = [text(Weight::Prose, "description", "en", &long)];
        let found = highlights(&texts, &marks("identity"), Lang::En, &mut Analysis::new());
        let part = shown(&found[0]);
        assert!(part.starts_with("before") && part.contains("[identity] and digital [identity]"), "{part}");
        assert!(part.len() <= PART_MAX + 4 && found[0].cut_before && found[0].cut_after);
    }
}
