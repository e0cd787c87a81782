//! A catch-up by runs: a fast start.
//!
//! The hub chooses where it ends: at the newest sealed checkpoint that is STABLE by the policy at its own size. Where there is
//! none the stream ends at once, and the reader fetches the whole log. A reader that goes on with a start names its end itself, and
//! is shown what it would have been. In scope: the stream's events. Out of scope: what makes a checkpoint STABLE (`witnesses`), what
//! is shown (`fanout::sparse`).

use multaqa_proto::number::TreeSize;
use multaqa_proto::wire::hub::catch_up_response::Event;

use super::super::Refusal;
use super::super::tail::Reader;
use crate::fanout::sparse::Shown;

/// Where a start is.
pub(super) enum Start {
    /// Nothing was said so far.
    Unsaid,
    /// To this end, which the reader knows.
    To(TreeSize),
    /// Under way.
    Going(Shown),
}

impl Start {
    /// The next event; none at the end.
    pub(super) async fn next(&mut self, reader: &mut Reader) -> Result<Option<Event>, Refusal> {
        loop {
            match self {
                Self::Unsaid => {
                    let Some((end, offer)) = reader.hub().witnesses.offer().await? else { return Ok(None) };
                    tracing::info!(member = %reader.member(), %end, "a fast start is offered");
                    *self = Self::To(end);
                    return Ok(Some(Event::Start(offer)));
                }
                Self::To(end) => {
                    let shown = reader.hub().fanout.shown(reader.member(), reader.cursor, *end).await?;
                    *self = Self::Going(shown);
                }
                Self::Going(shown) => {
                    let state = reader.judge()?;
                    let next = reader.hub().fanout.sparse(shown, reader.member(), reader.cursor, &state).await?;
                    if let Some(frame) = &next {
                        reader.cursor = TreeSize(frame.first + frame.count);
                    }
                    return Ok(next.map(Event::Frame));
                }
            }
        }
    }
}
