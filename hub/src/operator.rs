//! The operators' side of the line: acts are records, signed here with the operator's key and submitted like any other.
//!
//! In scope: the connection to the hub, the operator's chain, signing an act and handing it in. Out of scope: which acts there
//! are (`cli`, one verb a file), whether they take effect (the fold; [`Operator::took_effect`] asks for it).
//!
//! An operator's chain may never fork, or it proves that the key was used twice. So the head is written to `chain.json`
//! together with the signed record *before* that is submitted. After a crash, or an answer that was lost, the same bytes are
//! submitted again; nothing is signed a second time. A hub whose newest record of this chain is behind `chain.json` was
//! restored or hides records: nothing is signed for it.

pub mod chain;
pub mod dir;
pub(crate) mod line;
pub mod problem;

use std::collections::HashMap;

use multaqa_certs::random;
use multaqa_proto::hash::RecordId;
use multaqa_proto::id::{FEDERATION_CODE, FederationName, IdError, MemberCode, ObjectId, OperatorName, Writer};
use multaqa_proto::kind::Kind;
use multaqa_proto::log::succession::{Decision, SignedDecision};
use multaqa_proto::number::LeafIndex;
use multaqa_proto::record::audience::{Audience, Part};
use multaqa_proto::record::content::{Body, Content};
use multaqa_proto::record::{ChainPlace, Draft, Parsed, Received, sign};
use multaqa_proto::wire::hub as wire;
use multaqa_proto::wire::hub::operator_service_client::OperatorServiceClient;
use multaqa_proto::wire::hub::sync_service_client::SyncServiceClient;
use multaqa_proto::wire::record::SignedDecision as SignedDecisionMessage;
use multaqa_runtime::clock::Clock;
use prost::Message;

use chain::{Chain, Next};
use dir::{OperatorDir, Profile};
pub(crate) use line::{Line, address};
use problem::Problem;

use crate::store::Store;

/// Largest directory that a hub gives an operator, bytes.
pub(crate) const DIRECTORY_MAX: usize = 16 * 1024 * 1024;

/// What an operator does: one control record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    kind: &'static str,
    slug: String,
    payload: Vec<u8>,
    replaces: Vec<RecordId>,
}

impl Act {
    /// A new object of a control kind.
    #[must_use]
    pub fn new(kind: &'static str, slug: impl Into<String>, payload: &impl Message) -> Self {
        Self { kind, slug: slug.into(), payload: payload.encode_to_vec(), replaces: Vec::new() }
    }
    /// The same as the next revision of its object.
    #[must_use]
    pub fn replacing(self, revisions: Vec<RecordId>) -> Self {
        Self { replaces: revisions, ..self }
    }
}

/// An act on the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Its record.
    pub record_id: RecordId,
    /// Where it stands.
    pub index: LeafIndex,
}

/// What became of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It is in force.
    InForce,
    /// It waits for approvals.
    Pending {
        /// Who approved, the author first.
        approved_by: Vec<String>,
        /// How many approvals are needed.
        needed: u32,
    },
}

/// An operator, connected to the hub.
pub struct Operator {
    dir: OperatorDir,
    profile: Profile,
    genesis: Parsed,
    place: ChainPlace,
    sync: SyncServiceClient<Line>,
    service: OperatorServiceClient<Line>,
    clock: Clock,
    hubs: Vec<String>,
}

impl Operator {
    /// Connects, checks the hub's word on the chain, and hands in again what was not answered.
    ///
    /// # Errors
    /// Where the directory is damaged, the hub cannot be reached, or what it says of the chain does not hold.
    pub async fn connect(dir: OperatorDir, hub: Option<String>, clock: Clock) -> Result<Self, Problem> {
        match Self::connect_to_look(dir, hub, clock).await? {
            (operator, None) => Ok(operator),
            (_, Some(problem)) => Err(problem),
        }
    }

    /// As [`Operator::connect`], for who only looks: a hub that was restored lacks acts of the operator, and is the very one to be
    /// looked at. What keeps the operator from acting is given beside it.
    ///
    /// # Errors
    /// Where the hub cannot be reached or is another federation's.
    pub async fn connect_to_look(
        dir: OperatorDir,
        hub: Option<String>,
        clock: Clock,
    ) -> Result<(Self, Option<Problem>), Problem> {
        let profile = dir.profile()?;
        let hubs = hub.map_or_else(|| profile.hubs.clone(), |hub| vec![hub]);
        let channel = line::channel(&dir, &hubs, &clock).await?;
        let sync = SyncServiceClient::new(channel.clone());
        let mut service = OperatorServiceClient::new(channel).max_decoding_message_size(DIRECTORY_MAX);
        let wire::GetChainResponse { newest, genesis } =
            service.get_chain(wire::GetChainRequest {}).await?.into_inner();
        let genesis = parse(genesis.ok_or_else(|| Problem::hub_answer("no genesis"))?)?;
        if genesis.record_id != profile.genesis {
            return Err(Problem::new(
                "GENESIS_OTHER",
                &[("expected", &profile.genesis), ("found", &genesis.record_id)],
            ));
        }
        let newest = newest.map(parse).transpose()?;
        let key = dir.record_key()?;
        let own = dir.chain()?;
        let next = chain::next(own.as_ref(), newest.as_ref(), profile.genesis, &profile.writer(), &key);
        let place = chain::place(newest.as_ref(), profile.genesis, &profile.writer());
        let mut operator = Self { dir, profile, genesis, place, sync, service, clock, hubs };
        let problem = match next {
            Ok(Next::Resend(record)) => operator.resend(record).await.err(),
            Ok(_) => None,
            Err(refused) => Some(refused.into()),
        };
        Ok((operator, problem))
    }

    /// The operator's writer.
    #[must_use]
    pub fn writer(&self) -> Writer {
        self.profile.writer()
    }
    /// The federation.
    #[must_use]
    pub const fn federation(&self) -> &FederationName {
        &self.profile.federation
    }
    /// The addresses of the hub that it was told, for join keys.
    #[must_use]
    pub fn hubs(&self) -> &[String] {
        &self.hubs
    }
    /// The genesis record.
    #[must_use]
    pub const fn genesis(&self) -> &Parsed {
        &self.genesis
    }
    /// The clock.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Members, nodes, groups, and what waits for approvals.
    ///
    /// # Errors
    /// Where the hub does not answer.
    pub async fn directory(&mut self) -> Result<wire::GetDirectoryResponse, Problem> {
        Ok(self.service.get_directory(wire::GetDirectoryRequest {}).await?.into_inner())
    }

    /// The policy in force, and how far its witnesses vouch for the log.
    ///
    /// # Errors
    /// Where the hub does not answer.
    pub async fn policy(&mut self) -> Result<wire::GetPolicyResponse, Problem> {
        Ok(self.service.get_policy(wire::GetPolicyRequest {}).await?.into_inner())
    }

    /// The hub's health.
    ///
    /// # Errors
    /// Where the hub does not answer.
    pub async fn status(&mut self) -> Result<wire::GetStatusResponse, Problem> {
        Ok(self.service.get_status(wire::GetStatusRequest {}).await?.into_inner())
    }

    /// The operator's name.
    #[must_use]
    pub const fn name(&self) -> &OperatorName {
        &self.profile.name
    }

    /// How the log stands.
    ///
    /// # Errors
    /// Where the hub does not answer.
    pub async fn log(&mut self) -> Result<wire::LogStanding, Problem> {
        standing(self.service.get_log(wire::GetLogRequest {}).await?.into_inner().log)
    }

    /// Begins to close the log; how it stands then.
    ///
    /// # Errors
    /// Where the hub refuses or does not answer.
    pub async fn close_log(&mut self, force: bool) -> Result<wire::LogStanding, Problem> {
        standing(self.service.close_log(wire::CloseLogRequest { force }).await?.into_inner().log)
    }

    /// Signs a decision on closing the log and hands it in; how the log stands then.
    ///
    /// # Errors
    /// Where the disk or the hub refuses.
    pub async fn succeed_log(&mut self, decision: &Decision) -> Result<wire::LogStanding, Problem> {
        let SignedDecision { bytes, signature } = decision.sign(&self.dir.record_key()?);
        let decision = Some(SignedDecisionMessage { decision: bytes, signature });
        standing(self.service.succeed_log(wire::SucceedLogRequest { decision }).await?.into_inner().log)
    }

    /// Signs an act and submits it.
    ///
    /// # Errors
    /// Every rule that the payload breaks, before anything is signed; where the disk or the hub refuses.
    pub async fn submit(&mut self, act: Act) -> Result<Done, Problem> {
        check(&act)?;
        let draft = draft_of(&self.profile, &self.clock, act)?;
        let key = self.dir.record_key()?;
        let signed = sign(&self.place, &[draft], &key);
        let Some((record_id, record)) = signed.into_iter().next() else {
            return Err(Problem::hub_answer("nothing was signed"));
        };
        let chain =
            Chain { seq: self.place.seq, record_id, previous: self.place.previous, unanswered: Some(record.clone()) };
        self.dir.write_chain(&chain)?;
        self.hand_in(chain, record).await
    }

    /// Whether an act of this operator is in force or waits.
    ///
    /// # Errors
    /// `ACT_WITHOUT_EFFECT` where it is neither: it is void. Otherwise where the hub does not answer.
    pub async fn took_effect(&mut self, done: Done) -> Result<(Effect, wire::GetDirectoryResponse), Problem> {
        let directory = self.directory().await?;
        let id = done.record_id.to_vec();
        if let Some(pending) = directory.pending.iter().find(|pending| pending.record_id == id) {
            let (approved_by, needed) = (pending.approved_by.clone(), pending.needed);
            return Ok((Effect::Pending { approved_by, needed }, directory));
        }
        let members = directory.members.iter().flat_map(|member| &member.revisions);
        let groups = directory.groups.iter().flat_map(|group| &group.revisions);
        let invitations = directory.members.iter().flat_map(|member| &member.nodes).map(|node| &node.invitation);
        if members.chain(groups).chain(invitations).any(|found| *found == id) {
            return Ok((Effect::InForce, directory));
        }
        Err(Problem::new("ACT_WITHOUT_EFFECT", &[("record", &done.record_id), ("index", &done.index)]))
    }

    async fn resend(&mut self, record: Received) -> Result<(), Problem> {
        let parsed = record.clone().parse().map_err(Problem::from)?;
        let chain = Chain {
            seq: parsed.statement.seq,
            record_id: parsed.record_id,
            previous: parsed.statement.previous,
            unanswered: Some(record.clone()),
        };
        match self.hand_in(chain, record).await {
            Ok(done) => {
                tracing::info!(record = %done.record_id, "an act that was not answered before is on the log");
                Ok(())
            }
            Err(problem) => Err(problem),
        }
    }

    /// Submits a signed record whose place `chain.json` holds, and notes the answer there.
    async fn hand_in(&mut self, chain: Chain, record: Received) -> Result<Done, Problem> {
        let request = wire::SubmitRequest { records: vec![record.into()] };
        let answers = self.sync.submit(futures::stream::iter([request])).await?.into_inner().message().await?;
        let answer = answers.and_then(|response| response.answers.into_iter().next());
        let answer = answer.ok_or_else(|| Problem::hub_answer("no answer to a record"))?;
        let outcome = answer.outcome();
        let wire::Answer { outcome: _, record_id, index, log: _, code, args } = answer;
        if record_id != chain.record_id.to_vec() {
            return Err(Problem::hub_answer("an answer to another record"));
        }
        match outcome {
            wire::Outcome::Accepted | wire::Outcome::Duplicate => {
                let Chain { seq, record_id, .. } = chain;
                self.dir.write_chain(&Chain { unanswered: None, ..chain })?;
                self.place.seq = seq.next();
                self.place.previous = Some(record_id);
                Ok(Done { record_id, index: LeafIndex(index) })
            }
            wire::Outcome::Rejected => {
                self.dir.step_back(&chain)?;
                Err(Problem::rejected(code, args))
            }
            wire::Outcome::Unspecified => Err(Problem::hub_answer("an outcome that is none")),
        }
    }
}

impl std::fmt::Debug for Operator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operator").field("writer", &self.writer()).finish_non_exhaustive()
    }
}

/// Signs an act for a hub that does not run, by what its store holds of the operator's chain; with what was signed before and not
/// answered. It is written to `chain.json` like any other, before anything else is done with it.
///
/// # Errors
/// Where the store and the own chain do not fit together, or a disk refuses.
pub(crate) async fn offline(
    dir: &OperatorDir,
    store: &Store,
    act: Act,
    clock: &Clock,
) -> Result<Vec<Received>, Problem> {
    check(&act)?;
    let (profile, key) = (dir.profile()?, dir.record_key()?);
    let writer = profile.writer();
    let mut newest = store.newest_of(&writer).await?.map(|(_, record)| record.parse()).transpose()?;
    let mut records = Vec::new();
    if let Next::Resend(record) = chain::next(dir.chain()?.as_ref(), newest.as_ref(), profile.genesis, &writer, &key)? {
        newest = Some(record.clone().parse()?);
        records.push(record);
    }
    let place = chain::place(newest.as_ref(), profile.genesis, &writer);
    let draft = draft_of(&profile, clock, act)?;
    for (record_id, record) in sign(&place, &[draft], &key) {
        let unanswered = Some(record.clone());
        dir.write_chain(&Chain { seq: place.seq, record_id, previous: place.previous, unanswered })?;
        records.push(record);
    }
    Ok(records)
}

fn draft_of(profile: &Profile, clock: &Clock, act: Act) -> Result<Draft, Problem> {
    let Act { kind, slug, payload, replaces } = act;
    let code: MemberCode = FEDERATION_CODE.parse()?;
    let content = Content {
        salt: random::bytes()?,
        id: ObjectId::new(&code, kind, &slug)?,
        revision: replaces.len() as u64 + 1,
        replaces,
        audience: Audience::new([Part::Members])?,
        authored_at_ms: clock.now_ms(),
        seen: None,
        body: Body::Payload(payload.into()),
    };
    Ok(Draft { content, lane: profile.lane })
}

fn standing(log: Option<wire::LogStanding>) -> Result<wire::LogStanding, Problem> {
    log.ok_or_else(|| Problem::hub_answer("nothing of the log"))
}

/// Every rule that a payload breaks by itself.
fn check(act: &Act) -> Result<(), Problem> {
    let violations = Kind::find(act.kind).map(|kind| kind.check(&act.payload)).unwrap_or_default();
    Problem::of_violations(violations)
}

fn parse(record: multaqa_proto::wire::record::SignedRecord) -> Result<Parsed, Problem> {
    Ok(Received::from(record).parse()?)
}

/// A code as it stands in an object's slug.
///
/// # Errors
/// Where it is no member's code.
pub fn slug_of(code: &str) -> Result<String, IdError> {
    code.parse::<MemberCode>().map(|code| code.as_str().to_ascii_lowercase())
}

/// Names by language, as records carry them.
#[must_use]
pub fn names(names: &[(String, String)]) -> HashMap<String, String> {
    names.iter().cloned().collect()
}
