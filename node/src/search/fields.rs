//! The index's schema: which fields a document has.
//!
//! In scope: the fields, and the number of the rules by which they are filled. Out of scope: filling them (`document`).
//!
//! | field | holds | for |
//! |---|---|---|
//! | `id`, `version` | the object and what its document was made from | finding and replacing it, order |
//! | `norm`, `stem` | all words of all texts in two columns, those of titles and keywords too; keywords several times | what matches |
//! | `pair` | stems of each two words that stand one after the other | phrases |
//! | `title_norm`, `title_stem` | the words of titles | rank |
//! | `facet_…` | one for each facet | filters, counts |
//! | `order_…` | titles by language, times | order |
//! | `withdrawn` | whether only the mark is left | lists of what was withdrawn |
//! | `texts` | the texts as they were published | highlights |

use multaqa_proto::text::Lang;
use tantivy::schema::{
    BytesOptions, FAST, Field, INDEXED, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

use super::ask::{Facet, facets};

/// Raised whenever a document of the same object would differ: an index by other rules is made anew.
pub(super) const RULES: u32 = 2;

/// The fields.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) schema: Schema,
    pub(super) id: Field,
    pub(super) version: Field,
    pub(super) norm: Field,
    pub(super) stem: Field,
    pub(super) pair: Field,
    pub(super) title_norm: Field,
    pub(super) title_stem: Field,
    pub(super) authored: Field,
    pub(super) accepted: Field,
    pub(super) withdrawn: Field,
    pub(super) texts: Field,
    titles: [Field; 3],
    facets: Vec<(Facet, Field)>,
}

impl Fields {
    pub(super) fn new() -> Self {
        let mut schema = Schema::builder();
        let code = || TextOptions::default().set_indexing_options(indexing(IndexRecordOption::Basic, false));
        let words = |record| TextOptions::default().set_indexing_options(indexing(record, true));
        let column = || TextOptions::default().set_fast("raw");
        let number = || NumericOptions::default().set_fast();
        let id = schema.add_text_field("id", code().set_fast("raw"));
        let version = schema.add_u64_field("version", number());
        let norm = schema.add_text_field("norm", words(IndexRecordOption::WithFreqs));
        let stem = schema.add_text_field("stem", words(IndexRecordOption::WithFreqs));
        let pair = schema.add_text_field("pair", words(IndexRecordOption::WithFreqsAndPositions));
        let title_norm = schema.add_text_field("title_norm", words(IndexRecordOption::WithFreqs));
        let title_stem = schema.add_text_field("title_stem", words(IndexRecordOption::WithFreqs));
        let authored = schema.add_i64_field("authored", number());
        let accepted = schema.add_i64_field("accepted", number());
        let withdrawn = schema.add_bool_field("withdrawn", FAST | INDEXED);
        let texts = schema.add_bytes_field("texts", BytesOptions::default().set_stored());
        let titles = Lang::ALL.map(|lang| schema.add_text_field(&title_name(lang), column()));
        let facets = facets();
        let facets =
            facets.into_iter().map(|facet| (facet, schema.add_text_field(&facet_name(facet), code().set_fast("raw"))));
        let facets = facets.collect();
        let schema = schema.build();
        Self {
            schema,
            id,
            version,
            norm,
            stem,
            pair,
            title_norm,
            title_stem,
            authored,
            accepted,
            withdrawn,
            texts,
            titles,
            facets,
        }
    }

    /// The column by which titles are ordered for askers in this language.
    pub(super) fn titles(&self) -> impl Iterator<Item = (Lang, Field)> + '_ {
        Lang::ALL.into_iter().zip(self.titles)
    }

    /// The field of a facet; none where another version has it.
    pub(super) fn facet(&self, facet: Facet) -> Option<Field> {
        self.facets.iter().find(|(known, _)| *known == facet).map(|(_, field)| *field)
    }
}

/// Two stems as one term.
pub(super) fn pair(first: &str, second: &str) -> String {
    format!("{first} {second}")
}

/// Name of the column of a facet.
pub(super) fn facet_name(facet: Facet) -> String {
    format!("facet_{facet}")
}

/// Name of the column of titles by which askers in this language order.
pub(super) fn title_name(lang: Lang) -> String {
    format!("order_title_{lang}")
}

/// Words are made by `analysis`, and values are taken as they are.
fn indexing(record: IndexRecordOption, lengths: bool) -> TextFieldIndexing {
    TextFieldIndexing::default().set_tokenizer("raw").set_index_option(record).set_fieldnorms(lengths)
}
