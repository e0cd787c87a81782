//! What command lines print to standard output: tables, JSON, times.
//!
//! Text may come from other countries' records: control and direction characters are replaced, and a cell with
//! right-to-left text is isolated (UAX #9) from the cells after it, so that neither changes how its neighbours look.
//! Out of scope: words, ages and errors, which the binaries render in the reader's language; colours, of which there are
//! none.

use std::io::{self, ErrorKind, IsTerminal, Write};

use serde::Serialize;
use unicode_width::UnicodeWidthChar as _;

use crate::code;
use crate::fault::Fault;

const GAP: &str = "  ";
const ISOLATE: &str = "\u{2068}";
const END_OF_ISOLATE: &str = "\u{2069}";

/// Prints text as it is. A reader that has gone away is no fault.
pub fn print(text: &str) -> Result<(), Fault> {
    forgive(write_all(&mut io::stdout().lock(), text))
}

/// Prints a value as JSON: indented on a terminal, one line otherwise.
pub fn print_json(value: &impl Serialize) -> Result<(), Fault> {
    let text =
        if io::stdout().is_terminal() { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    let text = text.map_err(|error| Fault::new(code::OUTPUT_FAILED).with("detail", error))?;
    print(&format!("{text}\n"))
}

fn write_all(to: &mut impl Write, text: &str) -> io::Result<()> {
    to.write_all(text.as_bytes())?;
    to.flush()
}

fn forgive(result: io::Result<()>) -> Result<(), Fault> {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Fault::new(code::OUTPUT_FAILED).with("detail", error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Rows under headings, in columns that are as wide as they look.
#[derive(Debug, Clone)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings and no rows.
    #[must_use]
    pub fn new(headings: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut table = Self { rows: Vec::new() };
        table.row(headings);
        table
    }

    /// Adds a row; missing cells are empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl AsRef<str>>) {
        let cells = cells.into_iter().map(|text| text.as_ref().chars().map(visible).collect());
        self.rows.push(cells.collect());
    }

    /// The text, with a line end after each row and no spaces before it.
    #[must_use]
    pub fn render(&self) -> String {
        let longest = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..longest).map(|column| self.width(column)).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            let last = row.iter().rposition(|cell| !cell.is_empty()).unwrap_or(0);
            for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
                if at < last && cell.chars().any(is_right_to_left) {
                    line.extend([ISOLATE, cell.as_str(), END_OF_ISOLATE]);
                } else {
                    line.push_str(cell);
                }
                line.push_str(&" ".repeat(width - columns(cell)));
                line.push_str(GAP);
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| columns(cell)).max().unwrap_or(0)
    }
}

/// The columns that a terminal gives to a text: it lays its grid out character by character. Lam and alef, which stand as one
/// sign in print, take two cells there; the width of the text as a whole would count one.
fn columns(text: &str) -> usize {
    text.chars().filter_map(char::width).sum()
}

/// Line ends become spaces; other characters that steer the terminal or the direction become U+FFFD.
fn visible(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        _ if char::width(c).is_none() => '\u{fffd}',
        _ => c,
    }
}

/// The blocks of the right-to-left scripts.
fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{08ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
        || matches!(c, '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// A time as RFC 3339 in UTC, to the second; a time that no calendar holds as its number of milliseconds.
#[must_use]
pub fn instant(unix_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(unix_ms)
        .map_or_else(|_| format!("{unix_ms} ms"), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A time as [`instant`], to the millisecond.
#[must_use]
pub fn moment(unix_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(unix_ms)
        .map_or_else(|_| format!("{unix_ms} ms"), |time| time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_display_width() {
        let mut table = Table::new(["MEMBER", "NAME", "RECORDS"]);
        table.row(["jo", "Jordan", "12"]);
        table.row(["eg", "مِصْر", "7"]);
        table.row(["x-escwa"]);
        table.row(["ye", "اليمن", ""]);
        assert_eq!(
            table.render(),
            "MEMBER   NAME    RECORDS\n\
             jo       Jordan  12\n\
             eg       \u{2068}مِصْر\u{2069}     7\n\
             x-escwa\n\
             ye       اليمن\n"
        );
    }

    #[test]
    fn lam_and_alef_are_two_cells() {
        let mut table = Table::new(["الأعضاء", "1"]);
        table.row(["السجل", "2"]);
        let text = table.render();
        let at = |line: &str, c: char| {
            let before = line.split(c).next().unwrap().chars().filter(|c| !matches!(*c, '\u{2068}' | '\u{2069}'));
            before.count()
        };
        let (first, second) = text.split_once('\n').unwrap();
        assert_eq!((at(first, '1'), at(second, '2')), (9, 9), "{text}");
    }

    #[test]
    fn a_cell_cannot_steer_the_terminal_or_the_direction() {
        let mut table = Table::new(["A"]);
        table.row(["x\u{1b}[2Jy\nz\u{202e}"]);
        assert_eq!(table.render(), "A\nx\u{fffd}[2Jy z\u{fffd}\n");
    }

    #[test]
    fn a_closed_pipe_is_forgiven_and_a_full_disk_is_not() {
        assert_eq!(forgive(Err(ErrorKind::BrokenPipe.into())), Ok(()));
        let fault = forgive(Err(ErrorKind::StorageFull.into())).unwrap_err();
        assert_eq!(fault.code, code::OUTPUT_FAILED);
    }

    #[test]
    fn times_read_well() {
        assert_eq!(instant(1_700_000_000_999), "2023-11-14T22:13:20Z");
        assert_eq!(instant(i64::MAX), format!("{} ms", i64::MAX));
    }
}
