//! CSV (RFC 4180): UTF-8, CRLF, a heading of field names that is the same in every language.
//!
//! A spreadsheet that opens such a file runs what looks like a formula, so a cell that begins like one has an apostrophe before
//! it, which spreadsheets take for "this is text". Plain numbers are left alone, negative ones too.

use multaqa_proto::text::Lang;

use super::item::Item;
use super::table::{self, Cell, Column};
use super::{DOWNLOAD_BYTES_MAX, DOWNLOAD_ROWS_MAX, Listing, too_large};
use crate::api::refusal::Refusal;
use crate::code;

/// What makes spreadsheets read UTF-8 as such.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A list that is being written.
pub(in crate::port) struct Csv {
    writer: ::csv::Writer<Vec<u8>>,
    columns: Vec<Column>,
    lang: Lang,
    rows: usize,
    bytes: usize,
}

impl Csv {
    /// Its heading. `mark` asks for the byte order mark that spreadsheets need to know UTF-8.
    ///
    /// # Errors
    /// `DOWNLOAD_FAILED` never in memory.
    pub(in crate::port) fn new(listing: &Listing, mark: bool) -> Result<Self, Refusal> {
        let into = if mark { BYTE_ORDER_MARK.as_bytes().to_vec() } else { Vec::new() };
        let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(into);
        let columns = table::columns(listing);
        writer.write_record(columns.iter().map(Column::name)).map_err(failed)?;
        Ok(Self { writer, columns, lang: listing.lang, rows: 0, bytes: 0 })
    }

    /// One more row.
    ///
    /// # Errors
    /// `DOWNLOAD_TOO_LARGE` where it would be one too many.
    pub(in crate::port) fn push(&mut self, item: &Item) -> Result<(), Refusal> {
        let cells: Vec<_> = table::row(&self.columns, item, self.lang).into_iter().map(shown).collect();
        self.rows += 1;
        self.bytes += cells.iter().map(|cell| cell.len() + 3).sum::<usize>();
        if self.rows > DOWNLOAD_ROWS_MAX || self.bytes > DOWNLOAD_BYTES_MAX {
            return Err(too_large());
        }
        self.writer.write_record(&cells).map_err(failed)
    }

    /// The file.
    ///
    /// # Errors
    /// `DOWNLOAD_FAILED` never in memory.
    pub(in crate::port) fn finish(self) -> Result<Vec<u8>, Refusal> {
        self.writer.into_inner().map_err(failed)
    }
}

fn failed(error: impl std::fmt::Display) -> Refusal {
    Refusal::new(code::DOWNLOAD_FAILED, [("detail", error.to_string())])
}

fn shown(cell: Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Number(number) => number.to_string(),
        Cell::Boolean(truth) => truth.to_string(),
        Cell::Text(text) | Cell::Decimal(text) => guarded(text),
    }
}

/// A text that no spreadsheet takes for a formula.
fn guarded(text: String) -> String {
    let first = text.trim_start().chars().next();
    let begins = text.starts_with(['\t', '\r', '\n']) || first.is_some_and(|c| "=+-@＝＋－＠".contains(c));
    if begins && !is_number(&text) { format!("'{text}") } else { text }
}

/// `-0.25`: digits, one point at most, a minus at most.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let mut parts = digits.split('.');
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next().is_some_and(plain) && parts.next().is_none_or(plain) && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_formula_is_guarded_and_numbers_are_not() {
        for formula in
            ["=1+1", "+962 6", "-1+1", "@SUM(A1)", "\t=1", " =1", "＝1", "--1", "-", "+96265300222", "-1.2.3"]
        {
            assert_eq!(guarded(formula.to_owned()), format!("'{formula}"));
        }
        for plain in ["", "-0.25", "-7", "0.7500", "a=b", "خدمة", "2024-05"] {
            assert_eq!(guarded(plain.to_owned()), plain);
        }
    }
}
