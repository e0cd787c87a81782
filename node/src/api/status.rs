//! `StatusService`: the node at a glance.

use multaqa_proto::alarm::CLOCKS_MS;
use multaqa_proto::directory::Directory;
use multaqa_proto::directory::approval::Pending;
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::{MemberCode, ObjectId};
use multaqa_proto::log::witness::{FRESH_MS, Standing, millis};
use multaqa_proto::message::begun::successions;
use multaqa_proto::message::contradiction::equivocations;
use multaqa_proto::message::witnessing::witnessing;
use multaqa_proto::number::{LeafIndex, TreeSize};
use multaqa_proto::wire::node as wire;
use multaqa_proto::wire::record::Witnessing;

use super::refusal::Refusal;
use super::{Api, caller};
use crate::clients::authorise::{Allowed, Asked, Caller, readable};
use crate::code;
use crate::link::{LinkState, LinkStatus};
use crate::replica::Starting;
use crate::replica::Unerased;
use crate::store::StoreError;
use crate::witness::Others;

impl Api {
    pub(crate) async fn get_status(
        &self,
        caller: &Caller,
        _request: wire::GetStatusRequest,
    ) -> Result<wire::GetStatusResponse, Refusal> {
        caller::may(caller, &Asked::Common)?;
        let mut status = self.status().await?;
        if !matches!(caller, Caller::Local) {
            cut(&mut status, readable(caller, "status").ok().as_ref());
        }
        Ok(status)
    }

    #[expect(clippy::unused_async, reason = "called as every method is")]
    pub(crate) async fn retry_alarm(
        &self,
        caller: &Caller,
        _request: wire::RetryAlarmRequest,
    ) -> Result<wire::RetryAlarmResponse, Refusal> {
        caller::may(caller, &Asked::Own { resource: "RetryAlarm" })?;
        let alarm = match &self.parts.link.borrow().state {
            LinkState::Alarm(cause) => cause.code.clone(),
            LinkState::LineDown(_)
            | LinkState::HubRefusing(_)
            | LinkState::LogFrozen(_)
            | LinkState::Behind { .. }
            | LinkState::Unwitnessed { .. }
            | LinkState::Live => String::new(),
        };
        // Only whoever stands still is woken: no permit is kept for the next alarm.
        self.parts.retry_alarm.notify_waiters();
        Ok(wire::RetryAlarmResponse { alarm })
    }
}

impl Api {
    async fn status(&self) -> Result<wire::GetStatusResponse, Refusal> {
        let identity = self.parts.journal.identity();
        let counts = self.parts.journal.counts().await?;
        let blocked = self.parts.journal.block().await?;
        let (blocked, blocked_args) = blocked.map(|block| (block.code, block.args)).unwrap_or_default();
        // Looked at first: what is said of the replica besides is then not older.
        let link = self.parts.link.borrow().clone();
        let cursor = self.parts.replica.cursor();
        let freshness = self.freshness_over(cursor.as_deref(), &link);
        let fast_start = self.fast_start().await?;
        let going = fast_start.as_ref().is_some_and(|start| !start.over);
        let objects = if going { Vec::new() } else { self.parts.replica.counts().await? };
        let unerased = self.parts.replica.unerased().await?;
        let seq = self.parts.journal.newest_seq().await?;
        let cosigned = self.parts.journal.last_cosigned().await?;
        let issuer_not_after_ms = self.parts.clients.issuer_not_after_ms().await?;
        let (standing, now_ms) = (self.parts.standing.borrow().clone(), self.parts.clock.now_ms());
        let intake = self.parts.intake.load_full();
        let directory = intake.directory();
        let newest = LeafIndex(intake.size().0.saturating_sub(1));
        let member = directory.and_then(|directory| directory.member(&identity.member));
        let members = directory.map_or(0, |d| d.members().filter(|(_, member)| member.active_at(newest)).count());
        let found = witnessing(&standing, intake.size(), now_ms);
        let early = now_ms - self.started_ms <= FRESH_MS && !matches!(link.state, LinkState::Unwitnessed { .. });
        Ok(wire::GetStatusResponse {
            federation: directory.map(|directory| directory.federation().to_string()).unwrap_or_default(),
            member: identity.member.to_string(),
            member_class: member.map(|member| member.class.to_string()).unwrap_or_default(),
            node: identity.node.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_ms: self.started_ms,
            now_ms,
            freshness: Some(freshness),
            root: cursor.map(|cursor| cursor.root.0.to_vec()).unwrap_or_default(),
            genesis: identity.genesis.to_vec(),
            epoch: identity.epoch.0,
            seq: seq.0,
            waiting: counts.queued,
            failed: counts.rejected + counts.void,
            objects: objects.into_iter().collect(),
            members: u32::try_from(members).unwrap_or(u32::MAX),
            approvals: directory.map(|directory| approvals(directory, &identity.member)).unwrap_or_default(),
            blocked,
            blocked_args: blocked_args.into_iter().collect(),
            certificate_not_after_ms: self.parts.life.borrow().not_after_ms,
            evidence: self.parts.evidence.list().iter().map(|path| path.display().to_string()).collect(),
            equivocations: directory.map(equivocations).unwrap_or_default(),
            witnessing: Some(if early { as_known(found) } else { found }),
            cosigned: cosigned.map(|last| wire::Cosigned { size: last.sealed.size.0, time_ms: millis(last.time_s) }),
            line: Some(wire::Line {
                clock: clock(link.skew_ms, &standing, &identity.member, now_ms).to_owned(),
                ..line(link, intake.size())
            }),
            begun: directory.map(successions).unwrap_or_default(),
            fast_start,
            search: Some(self.search_index()),
            issuer_not_after_ms,
            unerased: unerased.into_iter().map(|Unerased { id, records }| wire::Unerased { id, records }).collect(),
        })
    }

    fn search_index(&self) -> wire::SearchIndex {
        let position = *self.parts.search.watch().borrow();
        match (position, self.parts.search.rebuilding()) {
            (Some(position), None) => wire::SearchIndex { size: position.size.0, rebuilding: false },
            (_, made) => wire::SearchIndex { size: made.map_or(0, |(done, _)| done), rebuilding: true },
        }
    }

    async fn fast_start(&self) -> Result<Option<wire::FastStart>, StoreError> {
        let replica = &self.parts.replica;
        if let Some(Starting { size, end }) = replica.starting() {
            return Ok(Some(wire::FastStart { end: end.0, over: false, taken: size.0, leaves_from: size.0 }));
        }
        let Some(end) = replica.started_at().await? else { return Ok(None) };
        let leaves_from = replica.leaves_from().await?.0;
        Ok(Some(wire::FastStart { end: end.0, over: true, taken: end.0, leaves_from }))
    }
}

/// The hub forwards the newest cosignatures at once and all of them within minutes: of a state that was not heard of, a node to
/// which enough others vouch for the log cannot say so early that it is silent.
fn as_known(mut found: Witnessing) -> Witnessing {
    for witness in found.witnesses.iter_mut().filter(|witness| witness.time_ms == 0) {
        witness.silent = false;
    }
    found
}

/// What a system is told: nothing that is for the member's own people, and of objects only what it may read.
fn cut(status: &mut wire::GetStatusResponse, readable: Option<&Allowed>) {
    let may_read = |kind: &str| readable.is_some_and(|readable| readable.holds(kind));
    // Paths of this machine are of no use to another, and no system approves anything.
    status.evidence.clear();
    status.approvals.clear();
    status.objects.retain(|kind, _| may_read(kind));
    status.unerased.retain(|unerased| unerased.id.parse::<ObjectId>().is_ok_and(|id| may_read(id.kind())));
}

fn line(link: LinkStatus, held: TreeSize) -> wire::Line {
    let LinkStatus { state, since_ms, heard_ms, hub_size, skew_ms, hub, copy_refused_ms } = link;
    let cause = state.cause();
    wire::Line {
        state: state.as_str().to_owned(),
        since_ms,
        code: cause.map(|cause| cause.code.clone()).unwrap_or_default(),
        args: cause.map(|cause| cause.args.clone().into_iter().collect()).unwrap_or_default(),
        behind: hub_size.unwrap_or_default().0.saturating_sub(held.0),
        heard_ms: heard_ms.unwrap_or_default(),
        hub: hub.unwrap_or_default(),
        skew_ms: skew_ms.unwrap_or_default(),
        copy_refused_ms: copy_refused_ms.unwrap_or_default(),
        clock: String::new(),
    }
}

/// Which clock is wrong, by those of other states; empty where hub and node agree.
fn clock(skew_ms: Option<i64>, standing: &Standing, me: &MemberCode, now_ms: i64) -> &'static str {
    let Some(skew_ms) = skew_ms.filter(|skew_ms| skew_ms.unsigned_abs() > CLOCKS_MS.unsigned_abs()) else { return "" };
    let at = |now_ms| Others::of(standing, me, now_ms);
    match (at(now_ms), at(now_ms.saturating_add(skew_ms))) {
        (Others::Agree, _) => code::HUB_CLOCK_WRONG,
        (Others::Ahead | Others::Unknown, Others::Agree) => code::OWN_CLOCK_WRONG,
        (Others::Ahead | Others::Unknown, Others::Ahead | Others::Unknown) => code::CLOCKS_DIFFER,
    }
}

/// Records that wait for this member's approval.
fn approvals(directory: &Directory, me: &MemberCode) -> Vec<wire::WaitingApproval> {
    let waiting = |found| waiting(directory, found);
    let mine = |pending: &Pending| pending.electorate.contains(me) && !pending.states.contains(me);
    directory.pending().filter(|(_, pending)| mine(pending)).map(waiting).collect()
}

fn waiting(directory: &Directory, (record_id, pending): (&RecordId, &Pending)) -> wire::WaitingApproval {
    wire::WaitingApproval {
        record_id: record_id.to_vec(),
        id: pending.id.to_string(),
        approved_by: pending.states.iter().map(ToString::to_string).collect(),
        needed: u32::try_from(pending.states_needed).unwrap_or(u32::MAX),
        proposal: Some(directory.proposal(pending)),
    }
}

#[cfg(test)]
mod tests {
    use multaqa_proto::wire::record::Witness;

    use super::*;

    #[test]
    fn a_system_is_told_of_objects_what_it_may_read_and_of_decisions_nothing() {
        let unerased = |id: &str| wire::Unerased { id: id.to_owned(), records: 1 };
        let status = || wire::GetStatusResponse {
            objects: [("service".to_owned(), 3), ("dataset".to_owned(), 4)].into(),
            unerased: vec![unerased("JO:service:a"), unerased("JO:dataset:b")],
            approvals: vec![wire::WaitingApproval::default()],
            evidence: vec!["/var/lib".to_owned()],
            waiting: 7,
            ..wire::GetStatusResponse::default()
        };
        let shown = |readable: Option<Allowed>| {
            let mut status = status();
            cut(&mut status, readable.as_ref());
            assert_eq!((status.approvals.len(), status.evidence.len(), status.waiting), (0, 0, 7));
            let ids: Vec<String> = status.unerased.into_iter().map(|unerased| unerased.id).collect();
            (status.objects.len(), ids.join(" "))
        };
        assert_eq!(shown(None), (0, String::new()));
        assert_eq!(shown(Some(Allowed::Kinds(vec!["service".to_owned()]))), (1, "JO:service:a".to_owned()));
        assert_eq!(shown(Some(Allowed::All)), (2, "JO:service:a JO:dataset:b".to_owned()));
    }

    #[test]
    fn only_of_a_state_that_was_heard_of_is_said_early_that_it_is_silent() {
        let witness = |time_ms| Witness { state: "EG".to_owned(), size: 0, time_ms, silent: true };
        let known = as_known(Witnessing { witnesses: vec![witness(0), witness(7)], ..Witnessing::default() });
        assert_eq!(known.witnesses.iter().map(|witness| witness.silent).collect::<Vec<_>>(), [false, true]);
    }
}
