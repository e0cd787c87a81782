//! Record files for stories: small organisations, of which only name and audience matter.

use serde_json::{Value, json};

/// A record as a person writes it into a file.
#[derive(Debug, Clone)]
pub struct Record {
    id: String,
    name: String,
    audience: Vec<String>,
}

impl Record {
    /// An organisation of a member, with this name, for the kind's usual audience (states).
    #[must_use]
    pub fn organisation(member: &str, slug: &str, name: &str) -> Self {
        Self { id: format!("{member}:organisation:{slug}"), name: name.to_owned(), audience: Vec::new() }
    }

    /// The same, for this audience.
    #[must_use]
    pub fn for_audience(mut self, part: &str) -> Self {
        self.audience.push(part.to_owned());
        self
    }

    /// Object id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The file's content.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut record = json!({ "id": self.id, "payload": { "name": { "en": self.name }, "type": "agency" } });
        if !self.audience.is_empty() {
            record["audience"] = json!(self.audience);
        }
        record
    }
}

/// So many organisations with long names that do not compress away, 200 characters each.
#[must_use]
pub fn many(member: &str, slug: &str, count: usize) -> Vec<Record> {
    (0..count)
        .map(|number| {
            let seed = multaqa_proto::hash::Hash::of(format!("{member} {slug} {number}").as_bytes());
            let name: String = (0..6)
                .map(|turn| multaqa_proto::hash::Hash::of(&[&seed.0[..], &[turn]].concat()).to_string())
                .collect();
            Record::organisation(member, &format!("{slug}-{number}"), &name[..200])
        })
        .collect()
}
