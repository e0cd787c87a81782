//! XLSX (ISO/IEC 29500): one sheet with a heading in the language asked for, right to left for Arabic.
//!
//! Texts are written as texts, so nothing is ever a formula; decimals are numbers where a spreadsheet holds them exactly, with the
//! digits as published. Names and texts come from `table`, headings from `label`.

use multaqa_proto::text::Lang;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::item::Item;
use super::table::{self, Cell, Column};
use super::{DOWNLOAD_BYTES_MAX, DOWNLOAD_ROWS_MAX, Listing, label, too_large};
use crate::api::refusal::Refusal;
use crate::code;

/// Longest text of a cell, UTF-16 units, as spreadsheets allow.
const TEXT_MAX: usize = 32_767;
/// Narrowest and widest column, characters.
const WIDTH: (usize, usize) = (8, 60);
/// Most digits that a spreadsheet's number holds exactly.
const DIGITS_MAX: usize = 15;

/// A list that is being written.
pub(in crate::port) struct Xlsx {
    sheet: Worksheet,
    columns: Vec<Column>,
    widths: Vec<usize>,
    lang: Lang,
    /// When the newest of its items came, milliseconds since 1970 UTC.
    newest_ms: i64,
    rows: u32,
    bytes: usize,
}

impl Xlsx {
    /// Its heading.
    ///
    /// # Errors
    /// `DOWNLOAD_FAILED` where the writer refuses.
    pub(in crate::port) fn new(listing: &Listing) -> Result<Self, Refusal> {
        let columns = table::columns(listing);
        let headings: Vec<_> =
            columns.iter().map(|column| label::heading(column, listing.of.name(listing.kind), listing.lang)).collect();
        let widths = headings.iter().map(|heading| heading.chars().count()).collect();
        let sheet = sheet(listing, &headings).map_err(|error| failed(&error))?;
        Ok(Self { sheet, columns, widths, lang: listing.lang, newest_ms: 0, rows: 0, bytes: 0 })
    }

    /// One more row.
    ///
    /// # Errors
    /// `DOWNLOAD_TOO_LARGE` where it would be one too many.
    pub(in crate::port) fn push(&mut self, item: &Item) -> Result<(), Refusal> {
        self.rows += 1;
        self.newest_ms = self.newest_ms.max(item.at_ms);
        let cells = table::row(&self.columns, item, self.lang);
        for (at, (cell, width)) in (0_u16..).zip(cells.into_iter().zip(&mut self.widths)) {
            let (length, bytes) = write(&mut self.sheet, self.rows, at, cell).map_err(|error| failed(&error))?;
            self.bytes += bytes;
            *width = length.max(*width);
        }
        let full = usize::try_from(self.rows).is_ok_and(|rows| rows > DOWNLOAD_ROWS_MAX);
        if full || self.bytes > DOWNLOAD_BYTES_MAX { Err(too_large()) } else { Ok(()) }
    }

    /// The file.
    ///
    /// # Errors
    /// `DOWNLOAD_FAILED` where the writer refuses.
    pub(in crate::port) fn finish(self) -> Result<Vec<u8>, Refusal> {
        self.close().map_err(|error| failed(&error))
    }

    fn close(mut self) -> Result<Vec<u8>, XlsxError> {
        for (at, width) in (0_u16..).zip(&self.widths) {
            let width = u16::try_from((*width).clamp(WIDTH.0, WIDTH.1) + 2).unwrap_or(u16::MAX);
            self.sheet.set_column_width(at, width)?;
        }
        let last = u16::try_from(self.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        self.sheet.autofilter(0, 0, self.rows, last)?;
        let mut book = Workbook::new();
        // The time of the data, not of the download: the same list gives the same bytes.
        let made = ExcelDateTime::from_timestamp(self.newest_ms / 1_000)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&made));
        book.push_worksheet(self.sheet);
        book.save_to_buffer()
    }
}

fn sheet(listing: &Listing, headings: &[String]) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(label::sheet(listing.of, listing.kind, listing.lang))?;
    sheet.set_right_to_left(listing.lang == Lang::Ar);
    sheet.set_freeze_panes(1, 1)?;
    sheet.set_repeat_rows(0, 0)?;
    let bold = Format::new().set_bold().set_align(FormatAlign::Top).set_text_wrap();
    for (at, heading) in (0_u16..).zip(headings) {
        sheet.write_string_with_format(0, at, heading, &bold)?;
    }
    Ok(sheet)
}

/// Writes a cell; how wide it is, characters, and how large, bytes.
fn write(sheet: &mut Worksheet, row: u32, at: u16, cell: Cell) -> Result<(usize, usize), XlsxError> {
    match cell {
        Cell::Empty => return Ok((0, 0)),
        Cell::Boolean(truth) => {
            sheet.write_boolean(row, at, truth)?;
        }
        Cell::Number(number) => match u32::try_from(number) {
            Ok(number) => {
                sheet.write_number(row, at, number)?;
            }
            Err(_) => {
                sheet.write_string(row, at, number.to_string())?;
            }
        },
        Cell::Decimal(text) => {
            let width = text.len();
            if let Some((number, format)) = exact(&text) {
                sheet.write_number_with_format(row, at, number, &format)?;
            } else {
                sheet.write_string(row, at, cut(text))?;
            }
            return Ok((width, width));
        }
        Cell::Text(text) => {
            let text = cut(text);
            let (width, bytes) = (text.chars().count(), text.len());
            sheet.write_string(row, at, text)?;
            return Ok((width, bytes));
        }
    }
    Ok((8, 8))
}

/// A decimal as a number that shows as many places, where it is held exactly.
fn exact(text: &str) -> Option<(f64, Format)> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
    let number = text.parse::<f64>().ok().filter(|_| plain && digits <= DIGITS_MAX)?;
    let places = text.split_once('.').map_or(0, |(_, places)| places.len());
    let format = if places == 0 { "0".to_owned() } else { format!("0.{}", "0".repeat(places)) };
    Some((number, Format::new().set_num_format(format)))
}

/// A text that fits a cell; one that was cut ends with an ellipsis.
fn cut(text: String) -> String {
    if text.encode_utf16().count() <= TEXT_MAX {
        return text;
    }
    let mut left = TEXT_MAX - 1;
    let fits = |c: &char| {
        left.checked_sub(c.len_utf16()).is_some_and(|rest| {
            left = rest;
            true
        })
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    cut.push('…');
    cut
}

fn failed(error: &XlsxError) -> Refusal {
    Refusal::new(code::DOWNLOAD_FAILED, [("detail", error.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_numbers_only_where_none_of_their_digits_is_lost() {
        for (text, number) in [("0.7500", 0.75), ("-3", -3.0), ("0", 0.0)] {
            assert_eq!(exact(text).unwrap().0.to_bits(), f64::to_bits(number));
        }
        for text in ["1e9", "NaN", "inf", "0.1234567890123456", "", "1-"] {
            assert!(exact(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_too_long_for_a_cell_says_so() {
        let long = cut("😀".repeat(20_000));
        assert!(long.ends_with("😀…") && long.encode_utf16().count() <= TEXT_MAX);
        assert_eq!(cut("قصير".to_owned()), "قصير");
    }
}
