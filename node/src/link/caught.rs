//! A rule that the hub broke, with what shows it to others: the reader's state before, and what was sent.
//!
//! Out of scope: the rules (`proto::alarm`), what is made of it (`sync::evidence`).

use std::sync::Arc;

use multaqa_proto::alarm::Alarm;
use multaqa_proto::evidence::Sent;
use multaqa_proto::sync::intake::Intake;

use super::Ended;

/// See the module.
#[derive(Debug)]
pub(crate) struct Caught {
    /// The rule.
    pub(crate) alarm: Alarm,
    /// What shows it; none where the alarm holds that itself, or nothing does.
    pub(crate) shown: Option<Box<Shown>>,
}

/// What shows an alarm.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The state before.
    pub(crate) intake: Arc<Intake>,
    /// What was sent.
    pub(crate) sent: Sent,
}

impl Caught {
    /// The end of a session by an alarm that this shows.
    pub(crate) fn at(alarm: Alarm, intake: &Arc<Intake>, sent: Sent) -> Ended {
        Ended::Alarm(Self { alarm, shown: Some(Box::new(Shown { intake: Arc::clone(intake), sent })) })
    }
    /// The same for a checkpoint.
    pub(crate) fn by_note(alarm: Alarm, intake: &Arc<Intake>, note: &str) -> Ended {
        Self::at(alarm, intake, Sent::Checkpoints { notes: vec![note.to_owned()], prefix: None })
    }
}

impl From<Alarm> for Ended {
    fn from(alarm: Alarm) -> Self {
        Self::Alarm(Caught { alarm, shown: None })
    }
}
