//! Events as they are sent: written once for all watchers that asked for the same.
//!
//! Of an object there are as many forms as protocols, masks and labels are asked for; each is written when the first watcher
//! needs it, and shared by the others. What a batch keeps so is bounded (`ROOM`, `FORMS`); beyond, a form is written each time. In
//! scope: keeping them. Out of scope: writing (`api::watch`).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use multaqa_proto::hash::Hash;
use multaqa_proto::log::witness::Label;

/// Bytes of events that a batch keeps.
const ROOM: usize = 1024 * 1024;
/// Forms of one object.
const FORMS: usize = 16;

/// What is left of what a batch may keep.
#[derive(Debug)]
pub(crate) struct Room(AtomicUsize);

impl Default for Room {
    fn default() -> Self {
        Self(AtomicUsize::new(ROOM))
    }
}

impl Room {
    fn take(&self, bytes: usize) -> bool {
        self.0.try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }
}

/// The event of one object in its forms.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<Vec<(Hash, Label, Bytes)>>);

impl Told {
    /// The event as whoever asked for `form` is sent it; written where nobody was before.
    ///
    /// # Errors
    /// As `write`.
    pub(crate) fn once<E>(
        &self,
        (form, standing): (Hash, Label),
        room: &Room,
        write: impl FnOnce() -> Result<Bytes, E>,
    ) -> Result<Bytes, E> {
        // Whoever else needs it waits, and finds it.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., event)) = kept.iter().find(|(of, label, _)| *of == form && *label == standing) {
            return Ok(event.clone());
        }
        let event = write()?;
        if kept.len() < FORMS && room.take(event.len()) {
            kept.push((form, standing, event.clone()));
        }
        Ok(event)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn each_form_is_written_once_while_there_is_room() {
        let (told, room, written) = (Told::default(), Room::default(), Cell::new(0));
        let ask = |form: &[u8], standing, length: usize| {
            let write = || {
                written.set(written.get() + 1);
                Ok::<_, Infallible>(Bytes::from(vec![0; length]))
            };
            told.once((Hash::of(form), standing), &room, write).unwrap().len()
        };
        for _ in 0..3 {
            assert_eq!((ask(b"a", Label::Accepted, 5), ask(b"b", Label::Accepted, 6)), (5, 6));
            assert_eq!(ask(b"a", Label::Stable, 7), 7);
        }
        assert_eq!(written.get(), 3);
        for _ in 0..2 {
            assert_eq!(ask(b"large", Label::Accepted, ROOM), ROOM);
        }
        assert_eq!(written.get(), 5, "what there is no room for is written each time");
        for n in 0..=u8::try_from(FORMS).unwrap() {
            ask(&[n], Label::Accepted, 1);
        }
        assert!(told.0.lock().unwrap().len() <= FORMS);
    }
}
