//! Runs at their places between the entries, and what made the log STABLE where the fast start ended.

use multaqa_proto::sync::intake::start::stable;

use super::super::run::{self, Started};
use super::{CHUNK, Checker};
use crate::code;
use crate::store::{StoreError, Tx};

/// How far runs were looked at.
#[derive(Debug, Default)]
pub(super) struct Runs {
    next: i64,
    started: Option<Started>,
}

impl Checker<'_> {
    /// Reads where the fast start ended.
    pub(super) async fn start(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        self.runs.started = run::started(tx).await?;
        if self.runs.started.is_none() && run::any(tx).await? {
            self.report_at(code::REPLICA_CURSOR_WRONG, ("started", None), None, &"runs without a fast start");
        }
        Ok(())
    }

    /// Adds the runs that stand before an index to the state.
    pub(super) async fn runs_below(&mut self, tx: &mut Tx, index: i64) -> Result<(), StoreError> {
        if self.state.as_ref().is_some_and(|state| state.size().to_i64() >= index) {
            return Ok(());
        }
        loop {
            let roots = run::read(tx, self.runs.next, index, CHUNK).await?;
            let Some(last) = roots.last() else { return Ok(()) };
            self.runs.next = last.subtree.first().to_i64().saturating_add(1);
            for root in roots {
                let follows = self.state.as_mut().is_some_and(|state| state.push_subtree(root));
                if !follows {
                    let first = root.subtree.first();
                    let detail = "does not begin where what stands before it ends";
                    self.report_at(code::REPLICA_ENTRY_WRONG, ("run", Some(first.to_string())), Some(first), &detail);
                }
            }
        }
    }

    /// Where the state is at the end of the fast start: that holds, and chains have no gaps from here on.
    pub(super) fn start_ends(&mut self) {
        let Some(state) = &mut self.state else { return };
        let Some(Started { offer, .. }) = self.runs.started.take_if(|started| started.size == state.size()) else {
            return;
        };
        state.end_runs();
        let (directory, size, root) = (state.directory().clone(), state.size(), state.root());
        if let Err(alarm) = stable(&offer, &directory, size, root) {
            self.report_at(code::REPLICA_CURSOR_WRONG, ("started", None), None, &alarm);
        }
    }

    /// Where the state never was at the end of the fast start.
    pub(super) fn start_is_over(&mut self) {
        if let Some(Started { size, .. }) = self.runs.started.take() {
            let detail = format!("no entry ends at {size}, where the fast start did");
            self.report_at(code::REPLICA_CURSOR_WRONG, ("started", None), None, &detail);
        }
    }
}
