//! Documents on their way to the thread that makes a segment of them.
//!
//! Tantivy takes ten thousand of them before it makes whoever brings more wait. A document holds every word of its texts, so that
//! these would be a hundred megabytes while a segment is written to a slow disk. Here who brings one more waits for room.
//!
//! Out of scope: what is in them (`document`).

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tantivy::TantivyDocument;
use tantivy::schema::document::Document;

/// Documents that wait at the most.
const MOST: usize = 16;

/// Room for documents that wait. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Room(Arc<Waiting>);

#[derive(Default)]
struct Waiting {
    documents: Mutex<usize>,
    fewer: Condvar,
}

/// A document that waits; the thread that makes segments drops it when it has read it, as does a writer that breaks off.
pub(super) struct OnItsWay {
    document: TantivyDocument,
    _place: Place,
}

struct Place(Room);

impl Room {
    /// Waits until there is room for a document.
    pub(super) fn take(&self, document: TantivyDocument) -> OnItsWay {
        let documents = self.0.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.fewer.wait_while(documents, |documents| *documents >= MOST);
        *waited.unwrap_or_else(PoisonError::into_inner) += 1;
        OnItsWay { document, _place: Place(self.clone()) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Waiting { documents, fewer } = &*self.0.0;
        *documents.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        fewer.notify_one();
    }
}

impl Document for OnItsWay {
    type Value<'a> = <TantivyDocument as Document>::Value<'a>;
    type FieldsValuesIter<'a> = <TantivyDocument as Document>::FieldsValuesIter<'a>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        self.document.iter_fields_and_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_brings_more_than_there_is_room_for_waits() {
        let room = Room::default();
        let waiting = room.clone();
        let (bring, brought) = std::sync::mpsc::channel();
        let bringing = std::thread::spawn(move || {
            for _ in 0..20 * MOST {
                bring.send(room.take(TantivyDocument::new())).unwrap();
            }
        });
        let count = || *waiting.0.documents.lock().unwrap();
        for document in brought {
            assert!(count() <= MOST);
            drop(document);
        }
        bringing.join().unwrap();
        assert_eq!(count(), 0);
    }
}
