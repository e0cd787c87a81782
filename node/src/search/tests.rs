//! A node's log, replica and index, and what is asked of them.

mod asking;
mod broken;
mod following;

use std::collections::HashMap;
use std::path::PathBuf;

use multaqa_proto::hash::RecordId;
use multaqa_proto::text::Lang;
use multaqa_proto::wire::kind::{Service, service};
use prost::Message as _;

use super::index::IndexError;
use super::*;
use crate::publish::testing::TestNode;

/// Texts by language.
type Texts<'a> = &'a [(&'a str, &'a str)];

struct Stand {
    node: TestNode,
    search: Search,
    indexer: Option<Indexer>,
    /// Revisions of each object.
    revisions: HashMap<String, Vec<RecordId>>,
}

impl Stand {
    async fn new() -> Self {
        Self::over(TestNode::of("JO").await)
    }

    fn over(node: TestNode) -> Self {
        let search = Search::new();
        Self { node, search, indexer: None, revisions: HashMap::new() }
    }

    fn dir(&self) -> PathBuf {
        self.node.dir.path().join("search")
    }

    /// Puts a record on the log; the replica has it with the next turn.
    fn publish(&mut self, id: &str, payload: &impl prost::Message) {
        let replaces = self.revisions.entry(id.to_owned()).or_default();
        let own = self.node.log.publish(id, &["states"], replaces, payload.encode_to_vec());
        replaces.push(own.record_id);
    }

    fn withdraw(&mut self, id: &str) {
        self.node.log.withdraw(id, &["states"], &self.revisions[id]);
    }

    /// What a process does that was started anew: the index is as the last one left it.
    fn restart(&mut self) {
        self.indexer = None;
        self.search = Search::new();
    }

    /// Brings the replica to the log, and the index to the replica.
    async fn turn(&mut self) -> Result<(), IndexError> {
        self.node.follow().await;
        let (search, replica, dir) = (self.search.clone(), self.node.parts.replica.clone(), self.dir());
        self.indexer.get_or_insert_with(|| Indexer::new(search, replica, dir)).turn().await
    }

    async fn find(&self, query: SearchQuery) -> Found {
        self.search.find(query).await.unwrap()
    }

    async fn ids(&self, text: &str) -> Vec<String> {
        self.find(asked(text)).await.hits.into_iter().map(|hit| hit.id).collect()
    }

    /// The index answers as one does that is made from the replica alone.
    async fn must_be_as_fresh(&self, case: &str) {
        let dir = tempfile::tempdir().unwrap();
        let fresh = Search::new();
        let replica = self.node.parts.replica.clone();
        let cursor = replica.cursor().unwrap();
        Indexer::new(fresh.clone(), replica, dir.path().join("search")).turn().await.unwrap();
        let (found, expected) = (answers(&self.search).await, answers(&fresh).await);
        assert_eq!(found[0].position, Position::from(&*cursor), "{case}");
        assert_eq!(found, expected, "{case}");
    }
}

/// All that can be asked of an index: objects with their facets, and what words find.
async fn answers(search: &Search) -> Vec<Found> {
    let mut answers = Vec::new();
    for text in ["", "هوية", "identity", "service*", "-identity"] {
        let query = SearchQuery { facets: search.facets(), withdrawn: text.is_empty(), ..asked(text) };
        let mut found = search.find(query).await.unwrap();
        // Scores depend on documents that are deleted and not yet merged away.
        found.hits.iter_mut().for_each(|hit| hit.score = 0.0);
        found.hits.sort_by(|a, b| a.id.cmp(&b.id));
        answers.push(found);
    }
    answers
}

fn asked(text: &str) -> SearchQuery {
    let order = Order { by: By::Relevance, descending: true };
    SearchQuery { text: text.to_owned(), order, highlight: true, ..SearchQuery::default() }
}

fn texts(of: Texts<'_>) -> HashMap<String, String> {
    of.iter().map(|(lang, text)| ((*lang).to_owned(), (*text).to_owned())).collect()
}

/// A service with this title and description.
fn service(title: Texts<'_>, description: Texts<'_>) -> Service {
    Service {
        title: texts(title),
        description: texts(description),
        provider: "JO:organisation:modee".to_owned(),
        service_type: "verification".to_owned(),
        status: "production".to_owned(),
        ..Default::default()
    }
}

fn with_keyword(mut service: Service, keyword: Texts<'_>) -> Service {
    service.keywords.push(service::Keyword { label: texts(keyword) });
    service
}

fn in_sectors(service: Service, sectors: &[&str]) -> Service {
    Service { sectors: sectors.iter().map(ToString::to_string).collect(), ..service }
}

fn by(by: By, descending: bool) -> SearchQuery {
    SearchQuery { order: Order { by, descending }, lang: Lang::Ar, ..SearchQuery::default() }
}
