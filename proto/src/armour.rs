//! Files to hand on: one canonical message as text, between a line that says what it is and one that ends it.
//!
//! The text has one spelling for each message: standard base64 with padding in lines of 64 characters, line feeds only, one at
//! the end. Whatever differs from that by a byte is refused. In scope: the text. Out of scope: the messages (`record_proof`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

/// Characters of a full line.
const LINE: usize = 64;
/// Largest text that is read, bytes.
pub const TEXT_MAX: usize = 32 * 1024 * 1024;

/// A text that is not in this form (its code is its reader's).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct ArmourBad(pub &'static str);

/// The text of a message; `label` says what it is, in capital letters.
#[must_use]
pub fn armour(label: &str, message: &[u8]) -> String {
    let body = STANDARD.encode(message);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = body.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(LINE.min(rest.len()));
        text.push_str(line);
        text.push('\n');
        rest = tail;
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

/// The message of a text: only of the one spelling that [`armour`] gives.
///
/// # Errors
/// [`ArmourBad`] says what is wrong.
pub fn open(label: &str, text: &[u8]) -> Result<Vec<u8>, ArmourBad> {
    if text.len() > TEXT_MAX {
        return Err(ArmourBad("larger than 32 MiB"));
    }
    let text = std::str::from_utf8(text).map_err(|_| ArmourBad("not text"))?;
    let (begin, end) = (format!("-----BEGIN {label}-----\n"), format!("-----END {label}-----\n"));
    let body = text.strip_prefix(&begin).ok_or(ArmourBad("does not begin as such a file does"))?;
    let body = body.strip_suffix(&end).ok_or(ArmourBad("does not end as such a file does"))?;
    let message = STANDARD.decode(body.replace('\n', "")).map_err(|_| ArmourBad("its base64 is damaged"))?;
    if armour(label, &message) == text { Ok(message) } else { Err(ArmourBad("is not spelled as such a file is")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_has_one_text_and_no_other_is_read() {
        for len in [0, 1, 2, 47, 48, 49, 200] {
            let message = vec![0xa5; len];
            let text = armour("MULTAQA TEST", &message);
            assert_eq!(open("MULTAQA TEST", text.as_bytes()).unwrap(), message);
            assert!(text.lines().all(|line| line.len() <= LINE), "{text}");
            for at in 0..text.len() {
                for bit in 0..8 {
                    let mut altered = text.clone().into_bytes();
                    altered[at] ^= 1 << bit;
                    assert_ne!(open("MULTAQA TEST", &altered), Ok(message.clone()), "{len} {at} {bit}");
                }
            }
        }
        let text = armour("MULTAQA TEST", &[1; 100]);
        let (first, rest) = text.split_at(80);
        let rewrapped =
            [text.replacen("AQEB", "AQ\nEB", 1), format!("{first}\n{rest}"), text.replacen("EB\n", "EB", 1)];
        for altered in [text.replace('\n', "\r\n"), text.trim_end().to_owned(), format!("{text}\n"), format!(" {text}")]
            .into_iter()
            .chain(rewrapped)
        {
            assert_ne!(altered, text);
            assert!(open("MULTAQA TEST", altered.as_bytes()).is_err(), "{altered:?}");
        }
        assert!(open("MULTAQA OTHER", text.as_bytes()).is_err());
    }
}
