//! Whether a record may be given an index: pure checks, before anything is ordered.
//!
//! In scope: form, size, whose certificate brought it, whose object it names, then federation, chain, key and signature at
//! its place. Out of scope: whether it holds (kinds, stale revisions, audiences): the fold judges that at the index, and a
//! void record keeps its place. Two things are refused here though only the fold decides them, as a courtesy: a `key` record
//! or an operator's that would be void (it would burn an epoch or an invitation) or proposes what waits already, and what would harm readers who cannot refuse it
//! (an operator's record that is not control, a log key that this hub does not hold).

use multaqa_proto::directory::apply::ControlVerdict;
use multaqa_proto::directory::{Directory, Void};
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::Writer;
use multaqa_proto::kind::is_control;
use multaqa_proto::log::state::{LogState, NotNext};
use multaqa_proto::record::batch::VerifiedRoots;
use multaqa_proto::record::content::{CONTENT_MAX, Content};
use multaqa_proto::record::form::FormError;
use multaqa_proto::record::{Parsed, Received, lane};

/// Why a record is never ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Code of the broken rule.
    pub(crate) code: &'static str,
    /// Arguments of the code's message.
    pub(crate) args: Vec<(&'static str, String)>,
}

/// A record whose form holds, brought by its own writer.
#[derive(Debug, Clone)]
pub(crate) struct Admitted {
    pub(crate) record: Parsed,
    pub(crate) content: Content,
}

impl Admitted {
    pub(crate) fn record_id(&self) -> RecordId {
        self.record.record_id
    }
    /// Bytes of its parts.
    pub(crate) fn bytes(&self) -> usize {
        self.record.bytes.bytes()
    }
    pub(crate) fn is_control(&self) -> bool {
        is_control(self.content.kind())
    }
}

/// What can be said of a record without the log.
pub(crate) fn form(peer: &Writer, received: Received) -> Result<Admitted, Refusal> {
    let Some(content) = &received.content else {
        return Err(refuse("CONTENT_MISSING", []));
    };
    // Before it is hashed.
    if content.len() > CONTENT_MAX {
        return Err(FormError::TooLarge { field: "content", max: CONTENT_MAX, found: content.len() }.into());
    }
    let content = Content::parse(content)?;
    let record = received.parse()?;
    let writer = &record.statement.writer;
    if writer != peer {
        return Err(refuse("WRITER_NOT_PEER", [("writer", writer.to_string()), ("peer", peer.to_string())]));
    }
    if !is_control(content.kind()) && !lane::opens(&record.statement, &content) {
        // Readers would take what is for others to be kept back from them.
        return Err(refuse("LANE_WRONG", [("writer", writer.to_string())]));
    }
    match writer.member() {
        Some(member) if content.id.code() != member => {
            Err(refuse("OBJECT_FOREIGN", [("id", content.id.to_string()), ("writer", writer.to_string())]))
        }
        None if !is_control(content.kind()) => Err(refuse(
            "PUBLISHER_NOT_ALLOWED",
            [("kind", content.kind().to_owned()), ("class", "operator".to_owned())],
        )),
        _ => Ok(Admitted { record, content }),
    }
}

/// Whether the record may stand next.
pub(crate) fn place(state: &LogState, admitted: &Admitted, roots: &mut VerifiedRoots) -> Result<(), Refusal> {
    let Admitted { record, content } = admitted;
    state.check(record, roots)?;
    if !enrolled_or_enrolling(state.directory(), admitted) {
        let writer = record.statement.writer.to_string();
        return Err(refuse("KEY_UNKNOWN", [("writer", writer)]));
    }
    if matches!(record.statement.writer, Writer::Operator(_))
        && let Some((same, pending)) = state.directory().same_pending(content)
    {
        return Err(refuse("PROPOSAL_PENDING", [("id", pending.id.to_string()), ("record", same.to_string())]));
    }
    // What a node's own approval finds is the fold's to say: an approval that comes too late is void and spoils nothing.
    let courtesy = content.kind() == "key" || matches!(record.statement.writer, Writer::Operator(_));
    match courtesy.then(|| state.foresee(record, content)).flatten() {
        Some(ControlVerdict::Void(Void { code, args })) => Err(Refusal { code, args }),
        Some(ControlVerdict::Valid | ControlVerdict::Pending) | None => Ok(()),
    }
}

/// The one-time key of an invitation signs the `key` record that redeems it and nothing else: any other record would take
/// that record's place in the chain.
fn enrolled_or_enrolling(directory: &Directory, admitted: &Admitted) -> bool {
    let statement = &admitted.record.statement;
    let Writer::Node(..) = &statement.writer else { return true };
    admitted.content.kind() == "key"
        || directory.keys(&statement.writer).iter().any(|keys| keys.epoch == statement.epoch)
}

fn refuse<const N: usize>(code: &'static str, args: [(&'static str, String); N]) -> Refusal {
    Refusal { code, args: args.into() }
}

impl From<FormError> for Refusal {
    fn from(form: FormError) -> Self {
        Self { code: form.code(), args: form.args() }
    }
}
impl From<NotNext> for Refusal {
    fn from(refused: NotNext) -> Self {
        Self { code: refused.code(), args: refused.args() }
    }
}
