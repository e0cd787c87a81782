//! Figures from an SDMX-CSV file.
//!
//! Columns by name, in any order: INDICATOR, REF_AREA, TIME_PERIOD, OBS_VALUE, OBS_STATUS, and where there are breakdowns
//! SEX, AGE, DISABILITY, PLACE. STRUCTURE, STRUCTURE_ID and ACTION (SDMX-CSV 2.0) are read past, save that rows which delete
//! are refused. One file holds one indicator. All faults are reported with their line. Out of scope: the form of areas,
//! periods and values (`proto::kind`).

use std::fmt::Display;

use multaqa_proto::check::Violation;
use multaqa_runtime::near::nearest;
use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, ReflectMessage as _, Value};

use super::finding::{Fault, NONE_NEAR, Place, violation};
use crate::code;

/// Most rows: what a dataset may hold.
pub const ROWS_MAX: usize = 5000;

/// Columns that must be there.
const NEEDED: [&str; 5] = ["INDICATOR", "REF_AREA", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS"];
/// Columns that may be there, beside those of the message.
const PASSED: [&str; 3] = ["STRUCTURE", "STRUCTURE_ID", "ACTION"];
/// Columns and the fields that they fill; an empty cell leaves the field out.
const FIELDS: [(&str, &str); 8] = [
    ("REF_AREA", "ref_area"),
    ("TIME_PERIOD", "time_period"),
    ("OBS_VALUE", "value"),
    ("OBS_STATUS", "obs_status"),
    ("SEX", "sex"),
    ("AGE", "age"),
    ("DISABILITY", "disability"),
    ("PLACE", "place"),
];

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// The code that the INDICATOR column has in every row; none without rows.
    pub indicator: Option<String>,
    /// One a row: field and value.
    pub observations: Vec<Vec<(&'static str, String)>>,
    /// Line of each row.
    pub lines: Vec<Place>,
}

/// Sets the observations of a dataset's message.
pub fn fill(dataset: &mut DynamicMessage, observations: Vec<Vec<(&'static str, String)>>) {
    let Some(field) = dataset.descriptor().get_field_by_name("observations") else { return };
    let Kind::Message(descriptor) = field.kind() else { return };
    let messages = observations.into_iter().map(|fields| Value::Message(observation(&descriptor, fields))).collect();
    dataset.set_field(&field, Value::List(messages));
}

fn observation(descriptor: &MessageDescriptor, fields: Vec<(&'static str, String)>) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    for (name, value) in fields {
        message.set_field_by_name(name, Value::String(value));
    }
    message
}

/// Reads a file.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(text: &str) -> Result<Figures, Vec<Fault>> {
    if let Some(line) = unclosed(text) {
        let detail = "a quotation mark is not closed";
        return Err(vec![(Place::line(line), violation(code::CSV_MALFORMED, "", &[("detail", &detail)]))]);
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return Err(vec![malformed(&error)]),
    };
    let faults = header_faults(&header);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut rows = Rows { header, figures: empty(), faults: Vec::new() };
    let mut lines = Lines { text, at: 0, line: 1 };
    for record in reader.records() {
        match record {
            Ok(record) if rows.figures.lines.len() == ROWS_MAX => {
                rows.report(lines.place(&record), code::CSV_TOO_LONG, &[("max", &ROWS_MAX)]);
                break;
            }
            Ok(record) => rows.row(&record, lines.place(&record)),
            Err(error) => {
                rows.faults.push(malformed(&error));
                break;
            }
        }
    }
    if rows.faults.is_empty() { Ok(rows.figures) } else { Err(rows.faults) }
}

/// The first line with half a pair of quotation marks, where the file as a whole has half a pair: all rows behind would
/// silently be one cell. Quotation marks come in pairs (RFC 4180, section 2), also within a cell.
fn unclosed(text: &str) -> Option<usize> {
    let halves = |text: &str| text.bytes().filter(|byte| *byte == b'"').count() % 2;
    if halves(text) == 0 { None } else { text.lines().position(|line| halves(line) == 1).map(|at| at + 1) }
}

fn empty() -> Figures {
    Figures { indicator: None, observations: Vec::new(), lines: Vec::new() }
}

fn header_faults(header: &csv::StringRecord) -> Vec<Fault> {
    let known = || NEEDED.into_iter().chain(PASSED).chain(FIELDS.map(|(column, _)| column));
    let missing = NEEDED.into_iter().filter(|needed| !header.iter().any(|column| column == *needed));
    let missing = missing.map(|column| at_header(violation(code::CSV_COLUMN_MISSING, "", &[("column", &column)])));
    let unknown = header.iter().filter(|column| !known().any(|k| k == *column)).map(|column| {
        let near = nearest(column, known()).unwrap_or(NONE_NEAR);
        at_header(violation(code::CSV_COLUMN_UNKNOWN, "", &[("column", &column), ("nearest", &near)]))
    });
    let doubled = header.iter().enumerate().filter(|(at, column)| header.iter().take(*at).any(|c| c == *column));
    let doubled =
        doubled.map(|(_, column)| at_header(violation(code::CSV_COLUMN_DUPLICATE, "", &[("column", &column)])));
    missing.chain(unknown).chain(doubled).collect()
}

fn at_header(violation: Violation) -> Fault {
    (Place::line(1), violation)
}

struct Rows {
    header: csv::StringRecord,
    figures: Figures,
    faults: Vec<Fault>,
}

impl Rows {
    fn row(&mut self, record: &csv::StringRecord, place: Place) {
        if record.len() != self.header.len() {
            let (expected, found) = (self.header.len(), record.len());
            self.report(place, code::CSV_ROW_WIDTH, &[("expected", &expected), ("found", &found)]);
            return;
        }
        let cell = |column: &str| {
            let at = self.header.iter().position(|name| name == column)?;
            record.get(at).filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let action = cell("ACTION").filter(|action| !["I", "A", "R", "M"].contains(&action.as_str()));
        let indicator = cell("INDICATOR").unwrap_or_default();
        let fields = FIELDS.iter().filter_map(|(column, field)| cell(column).map(|value| (*field, value)));
        self.figures.observations.push(fields.collect());
        self.figures.lines.push(place);
        if let Some(action) = action {
            self.report(place, code::CSV_ACTION_REFUSED, &[("value", &action)]);
        }
        match self.figures.indicator.clone() {
            None => self.figures.indicator = Some(indicator),
            Some(first) if first != indicator => {
                self.report(place, code::CSV_INDICATOR_MIXED, &[("expected", &first), ("found", &indicator)]);
            }
            Some(_) => {}
        }
    }

    fn report(&mut self, place: Place, code: &'static str, args: &[(&'static str, &dyn Display)]) {
        self.faults.push((place, violation(code, "", args)));
    }
}

/// Lines of rows: a row's position is where the one before it ended, line ends and empty lines still before it.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn place(&mut self, record: &csv::StringRecord) -> Place {
        let position = record.position().map_or(0, csv::Position::byte);
        let position = usize::try_from(position).unwrap_or(usize::MAX).min(self.text.len());
        let bytes = self.text.as_bytes();
        let ends = bytes[position..].iter().take_while(|byte| [b'\r', b'\n'].contains(byte)).count();
        let start = (position + ends).max(self.at);
        self.line += self.text.get(self.at..start).unwrap_or_default().matches('\n').count();
        self.at = start;
        Place::line(self.line)
    }
}

fn malformed(error: &csv::Error) -> Fault {
    let line = error.position().map_or(1, csv::Position::line);
    (
        Place::line(usize::try_from(line).unwrap_or(usize::MAX)),
        violation(code::CSV_MALFORMED, "", &[("detail", &error)]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<(usize, &'static str, String)> {
        let found = read(text).unwrap_err().into_iter();
        found.map(|(place, v)| (place.line, v.code, v.args.last().unwrap().1.clone())).collect()
    }

    #[test]
    fn columns_stand_in_any_order_and_digits_stay() {
        let text = "STRUCTURE,OBS_STATUS,SEX,OBS_VALUE,TIME_PERIOD,REF_AREA,INDICATOR,ACTION\r\n\
                    dataflow,A,F, 0.7500 ,2024,JO,EGDI,I\r\n\r\n,O,,,2024,PS,EGDI,\r\n";
        let figures = read(text).unwrap();
        assert_eq!(figures.indicator.as_deref(), Some("EGDI"));
        assert_eq!(figures.lines, [Place::line(2), Place::line(4)]);
        let texts = |row: &[(&'static str, &str)]| row.iter().map(|(f, v)| (*f, (*v).to_owned())).collect::<Vec<_>>();
        let first =
            [("ref_area", "JO"), ("time_period", "2024"), ("value", "0.7500"), ("obs_status", "A"), ("sex", "F")];
        let second = [("ref_area", "PS"), ("time_period", "2024"), ("obs_status", "O")];
        assert_eq!(figures.observations, [texts(&first), texts(&second)]);
    }

    #[test]
    fn a_wrong_header_names_every_column() {
        let expected = [
            (1, "CSV_COLUMN_MISSING", "OBS_STATUS".to_owned()),
            (1, "CSV_COLUMN_UNKNOWN", "OBS_STATUS".to_owned()),
            (1, "CSV_COLUMN_DUPLICATE", "REF_AREA".to_owned()),
        ];
        assert_eq!(faults("INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATS,REF_AREA\n"), expected);
        assert_eq!(faults("INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,CITY\n")[0].2, "none");
        assert_eq!(faults("").len(), 5);
        assert_eq!(faults("INDICATOR;REF_AREA;TIME_PERIOD;OBS_VALUE;OBS_STATUS\n").len(), 6);
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_swallows_no_rows() {
        let header = "INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,OBS_COMMENT\n";
        let rows = "EGDI,JO,2024,0.75,A,\"pre\"\"liminary\"\nEGDI,JO,2022,0.70,A,\"open\nEGDI,JO,2020,0.60,A,x\n";
        let found = faults(&format!("{header}{rows}"));
        assert_eq!((found.len(), found[0].0, found[0].1), (1, 3, "CSV_MALFORMED"));
    }

    #[test]
    fn every_wrong_row_has_its_line() {
        let text = "INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS,ACTION\n\
                    EGDI,JO,2024,0.75,A,I\n\
                    EGDI,EG,2024,0.69\n\
                    EPI,SA,2024,0.95,A,I\n\
                    EGDI,\"Q\nA\",2024,0.9,A,I\n\
                    EGDI,AE,2024,0.95,A,D\n";
        let expected = [
            (3, "CSV_ROW_WIDTH", "4".to_owned()),
            (4, "CSV_INDICATOR_MIXED", "EPI".to_owned()),
            (7, "CSV_ACTION_REFUSED", "D".to_owned()),
        ];
        assert_eq!(faults(text), expected);
    }

    #[test]
    fn rows_are_bounded() {
        let row = |n: usize| format!("EGDI,JO,{n},1,A\n");
        let head = "INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n".to_owned();
        let full = (0..ROWS_MAX).fold(head, |text, n| text + &row(n));
        assert_eq!(read(&full).unwrap().lines.len(), ROWS_MAX);
        assert_eq!(faults(&(full + &row(9))), [(ROWS_MAX + 2, "CSV_TOO_LONG", ROWS_MAX.to_string())]);
    }
}
