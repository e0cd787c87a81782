//! The steps that make the demo's federation, each with the line that tells of it.

use crate::failure::Failure;
use crate::federation::{Federation, NAME};
use crate::node::Node;
use crate::wait::DEADLINE;
use crate::{figures, json};

use super::screen::Line;

/// Members of the demo, in the order in which they are numbered.
pub(super) const MEMBERS: [&str; 5] = ["x-escwa", "JO", "EG", "MA", "SA"];
/// States of them whose nodes witness.
const WITNESSES: [&str; 4] = ["JO", "EG", "MA", "SA"];
/// The group for which one of the samples is published, and its member.
const GROUP: (&str, &str) = ("gcc", "SA");
/// A member system, and the member at whose node it asks.
pub(super) const SYSTEM: (&str, &str) = ("mof/budget", "JO");

/// A step: does it and tells of it.
pub(super) type Step = fn(&mut Federation) -> Result<Line, Failure>;

/// All steps, in their order.
pub(super) const STEPS: [Step; 9] =
    [make_ca, init_hub, start_hub, admit, admit_system, make_group, publish, settle, witness];

/// Ends all processes in good order: nodes first.
pub(super) fn stop(federation: &mut Federation) -> Result<(), Failure> {
    federation.with_each_node(Node::stop)?;
    federation.hub_mut().stop()
}

fn make_ca(federation: &mut Federation) -> Result<Line, Failure> {
    federation.hub().make_ca(NAME)?;
    Ok(Line::new("step-ca").with("path", federation.hub().ca_dir().display()))
}

fn init_hub(federation: &mut Federation) -> Result<Line, Failure> {
    federation.hub().init_witnessed(NAME, &WITNESSES)?;
    Ok(Line::new("step-hub").with("path", federation.hub().dir().display()))
}

fn start_hub(federation: &mut Federation) -> Result<Line, Failure> {
    let address = federation.hub_mut().start()?;
    Ok(Line::new("step-serve").with("address", address))
}

fn admit(federation: &mut Federation) -> Result<Line, Failure> {
    federation.admit(&MEMBERS)?;
    Ok(Line::new("step-join").with("members", MEMBERS.join(", ")))
}

fn admit_system(federation: &mut Federation) -> Result<Line, Failure> {
    let (system, member) = SYSTEM;
    federation.node_mut(member)?.admit_system(system)?;
    Ok(Line::new("step-system").with("system", system).with("member", member))
}

fn make_group(federation: &mut Federation) -> Result<Line, Failure> {
    federation.hub().create_group(GROUP.0, "full", &[GROUP.1])?;
    federation.settle(DEADLINE)?;
    Ok(Line::new("step-group").with("group", GROUP.0).with("member", GROUP.1))
}

fn publish(federation: &mut Federation) -> Result<Line, Failure> {
    federation.with_each_node(|node| node.publish(&figures::files_of(node.member())?))?;
    let counts: Result<Vec<usize>, Failure> =
        MEMBERS.iter().map(|member| Ok(figures::files_of(member)?.len())).collect();
    Ok(Line::new("step-publish").with("files", counts?.iter().sum::<usize>()))
}

fn settle(federation: &mut Federation) -> Result<Line, Failure> {
    let size = federation.settle(DEADLINE)?;
    Ok(Line::new("step-settle").with("size", size))
}

fn witness(federation: &mut Federation) -> Result<Line, Failure> {
    let stable = federation.until_stable(DEADLINE)?;
    let policy = federation.hub().policy()?;
    let quorum = json::number(&policy, "/witnessing/quorum")?;
    Ok(Line::new("step-stable").with("stable", stable).with("quorum", quorum).with("witnesses", WITNESSES.join(", ")))
}

/// The name of a member's node by the member's number, from 1, or by its code.
pub(super) fn member(asked: &str) -> Result<&'static str, Failure> {
    let by_number = asked.parse::<usize>().ok().and_then(|number| MEMBERS.get(number.checked_sub(1)?));
    let found = by_number.or_else(|| MEMBERS.iter().find(|code| code.eq_ignore_ascii_case(asked)));
    found.copied().ok_or_else(|| Failure::MemberUnknown { member: asked.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_by_number_and_by_code() {
        assert_eq!(member("2").unwrap(), "JO");
        assert_eq!(member("ma").unwrap(), "MA");
        for wrong in ["0", "6", "", "XX"] {
            assert!(member(wrong).is_err());
        }
    }
}
