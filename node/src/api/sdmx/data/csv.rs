//! SDMX-CSV 2.0: one row a figure, columns by component; on demand names in columns of their own, or with the ids in one cell.
//!
//! Cells hold what a figure's code is, also where that is text with commas or quotation marks: those are quoted (RFC 4180).

use std::sync::Arc;

use multaqa_proto::text::{Lang, LanguageMap, pick};

use super::super::accept::Labels;
use super::super::catalogue::{Catalogue, Flow};
use super::super::component::{Component, DIMENSIONS};
use super::super::names;
use super::super::request::selection::Context;
use super::super::structure::artefact::{AGENCY, STRUCTURE};
use super::super::version::VERSION;
use super::Pack;
use super::figure::Figure;
use super::source::{Action, Batch};

/// See the module.
pub(super) struct Csv {
    pack: Pack,
    columns: Vec<Component>,
    labels: Labels,
    lang: Lang,
    catalogue: Arc<Catalogue>,
}

impl Csv {
    /// Begins with the row of headings.
    pub(super) fn begin(pack: Pack, labels: Labels, lang: Lang, catalogue: Arc<Catalogue>, out: &mut Vec<u8>) -> Self {
        let value = pack.measures.then_some(Component::ObsValue);
        let columns: Vec<Component> =
            DIMENSIONS.into_iter().chain(value).chain(pack.attributes.iter().copied()).collect();
        let csv = Self { pack, columns, labels, lang, catalogue };
        let mut row = Row::default();
        row.plain("STRUCTURE");
        row.plain("STRUCTURE_ID");
        if labels == Labels::Name {
            row.plain("STRUCTURE_NAME");
        }
        row.plain("ACTION");
        for column in &csv.columns {
            let name = names::of("CONCEPTS", column.id()).cloned();
            csv.cell(&mut row, column.id(), name.as_ref());
        }
        row.put(out);
        csv
    }

    /// Writes figures.
    pub(super) fn put(&self, batch: &Batch, out: &mut Vec<u8>) {
        for figure in &batch.figures {
            self.row(&batch.flow, batch.action, figure).put(out);
        }
    }

    fn row(&self, flow: &Flow, action: Action, figure: &Figure) -> Row {
        let mut row = Row::default();
        if self.pack.against == Context::DataStructure {
            row.plain("datastructure");
            self.cell(&mut row, &format!("{AGENCY}:{STRUCTURE}({VERSION})"), names::of("STRUCTURES", STRUCTURE));
        } else {
            row.plain("dataflow");
            self.cell(&mut row, &format!("{}:{}({VERSION})", flow.agency, flow.id), Some(&flow.names()));
        }
        row.plain(match action {
            Action::Information => "I",
            Action::Replace => "R",
            Action::Delete => "D",
        });
        let deletes = action == Action::Delete;
        let left_out = self.pack.at_observation.filter(|_| self.pack.keys_only() && !deletes);
        for column in &self.columns {
            // Where only the key stands, the whole figure goes.
            let stands = Some(*column) != left_out && (column.is_dimension() || !deletes);
            let value = figure.get(*column).filter(|_| stands).unwrap_or_default();
            let name = Some(value).filter(|_| self.labels != Labels::Id && column.list().is_some());
            let name = name.and_then(|value| self.catalogue.name(*column, value));
            self.cell(&mut row, value, name.as_ref());
        }
        row
    }

    fn cell(&self, row: &mut Row, id: &str, name: Option<&LanguageMap>) {
        let name = name.and_then(|names| pick(names, self.lang)).map(|(_, name)| name);
        match (self.labels, name) {
            (Labels::Id, _) | (Labels::Both, None) => row.plain(id),
            (Labels::Both, Some(name)) => row.plain(&format!("{id}: {name}")),
            (Labels::Name, name) => {
                row.plain(id);
                row.plain(name.unwrap_or_default());
            }
        }
    }
}

/// The cells of a row.
#[derive(Default)]
struct Row(csv::StringRecord);

impl Row {
    fn plain(&mut self, cell: &str) {
        self.0.push_field(cell);
    }

    fn put(&self, out: &mut Vec<u8>) {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        // A vector takes everything.
        let _whole = writer.write_record(&self.0).and_then(|()| Ok(writer.flush()?));
    }
}
