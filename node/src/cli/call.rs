//! What all verbs are given.

use std::path::PathBuf;

use multaqa_proto::message::screen::Screen;
use multaqa_runtime::boot::Common;

use crate::config::DIRECTORY;

/// What all verbs are given.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) common: Common,
    pub(crate) dir_given: Option<PathBuf>,
    pub(crate) screen: Screen<'static>,
}

impl Call {
    pub(crate) fn dir(&self) -> PathBuf {
        self.dir_given.clone().unwrap_or_else(|| PathBuf::from(DIRECTORY))
    }
}
