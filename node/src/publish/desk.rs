//! Where records are read, rehearsed and signed: on threads for such work, a few at a time, so that megabytes of records of one system
//! hold up nobody else's answers.
//!
//! What waits for a place here holds no thread; what has one keeps it to the end of the work, which nobody who gives a request up can stop.
//! A rehearsal asks the journal for a lane now and then, which is not for such a thread: the work then stops at that record, and goes on
//! from there (`Work`). Out of scope: what is done (`rehearsal`, `file`), one publication at a time (`publish`).

use std::collections::BTreeMap;
use std::sync::Arc;

use multaqa_certs::random;
use multaqa_proto::record::audience::Audience;
use multaqa_runtime::clock::Clock;
use tokio::sync::Semaphore;

use super::rehearsal::{Rehearsal, Stamp};
use super::{Broken, PublishError, Published, located, other_indicators, published, same_message};
use crate::code;
use crate::file::{Document, Finding};

/// Pieces of such work at the same time.
const PLACES: usize = 2;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Desk(Arc<Semaphore>);

impl Desk {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(PLACES)))
    }

    /// Does what takes its time, when there is a place for it.
    ///
    /// # Errors
    /// `NODE_ENDS` where it was not begun before the process ends.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PublishError> {
        let ends = || Broken { code: code::NODE_ENDS, args: Vec::new() };
        let place = Arc::clone(&self.0).acquire_owned().await.map_err(|_| ends())?;
        let working = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        match working.await {
            Ok(done) => Ok(done),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(ends().into()),
        }
    }

    /// Takes no more work: what comes is refused.
    #[cfg(test)]
    pub(super) fn close(&self) {
        self.0.close();
    }
}

/// A rehearsal of the records of a call, in their order.
pub(super) struct Work {
    pub(super) rehearsal: Rehearsal,
    documents: std::vec::IntoIter<Document>,
    /// Keys of the lanes that are known.
    lanes: BTreeMap<Audience, [u8; 16]>,
    clock: Clock,
    pub(super) published: Vec<Published>,
    pub(super) findings: Vec<Finding>,
}

impl Work {
    pub(super) fn new(
        rehearsal: Rehearsal,
        documents: Vec<Document>,
        mut findings: Vec<Finding>,
        clock: Clock,
    ) -> Self {
        findings.extend(other_indicators(&documents, &rehearsal));
        let (published, lanes) = (Vec::with_capacity(documents.len()), BTreeMap::new());
        Self { rehearsal, documents: documents.into_iter(), lanes, clock, published, findings }
    }

    /// Goes on up to the end, or up to a record of an audience whose lane is not known: then that audience.
    ///
    /// # Errors
    /// Where there is no randomness.
    pub(super) fn go_on(&mut self) -> Result<Option<Audience>, PublishError> {
        while let Some(document) = self.documents.as_slice().first() {
            let audience = self.rehearsal.audience(&document.id, document.audience.as_ref(), document.kind);
            let lane = audience.as_ref().map(|audience| self.lanes.get(audience).copied());
            if lane == Some(None) {
                return Ok(audience);
            }
            if let (Some(document), Some(audience), Some(Some(lane))) = (self.documents.next(), audience, lane) {
                self.revise(&document, audience, lane)?;
            }
        }
        self.findings.sort_by(|a, b| (&a.file, a.place).cmp(&(&b.file, b.place)));
        Ok(None)
    }

    /// Makes the lane of an audience known.
    pub(super) fn know(&mut self, audience: Audience, lane: [u8; 16]) {
        self.lanes.insert(audience, lane);
    }

    fn revise(&mut self, document: &Document, audience: Audience, lane: [u8; 16]) -> Result<(), PublishError> {
        let stamp = Stamp { salt: random::bytes()?, lane, authored_at_ms: self.clock.now_ms() };
        let same = |before: &[u8], after: &[u8]| same_message(document.kind, before, after);
        match self.rehearsal.revise(&document.id, audience, document.payload.clone(), stamp, same) {
            Ok(outcome) => self.published.push(published(document.file(), &document.id, &outcome)),
            Err(broken) => self.findings.push(document.finding(located(broken))),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_holds_up_nobody_and_has_its_places() {
        let desk = Desk::new();
        let begin = || {
            let ((begun, has_begun), (go_on, may_go_on)) = (oneshot::channel(), mpsc::channel::<()>());
            let desk = desk.clone();
            let working = tokio::spawn(async move {
                let work = move || {
                    begun.send(()).unwrap();
                    may_go_on.recv_timeout(Duration::from_mins(1)).unwrap();
                };
                desk.work(work).await.unwrap();
            });
            (working, has_begun, go_on)
        };
        let (first, second, mut third) = (begin(), begin(), begin());
        // One thread runs this test: it comes here because the work has others.
        first.1.await.unwrap();
        second.1.await.unwrap();
        assert!(third.1.try_recv().is_err(), "there are two places");
        first.2.send(()).unwrap();
        third.1.await.unwrap();
        second.2.send(()).unwrap();
        third.2.send(()).unwrap();
        for working in [first.0, second.0, third.0] {
            working.await.unwrap();
        }
    }
}
