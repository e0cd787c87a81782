//! The one decision in the words of the wire.
//!
//! Out of scope: the decision itself (`clients::authorise`), who asks (`port::gate`).

use super::refusal::Refusal;
use crate::clients::authorise::{Allowed, Asked, Caller, Denied, authorise, publishable, readable};
use crate::code;

/// Refuses what the caller may not do.
///
/// # Errors
/// The denial.
pub(crate) fn may(caller: &Caller, asked: &Asked<'_>) -> Result<(), Refusal> {
    authorise(caller, asked).map_err(|why| denied(caller, why))
}

/// Kinds that a list without a kind shows to the caller.
///
/// # Errors
/// The denial, where it may read none.
pub(crate) fn may_read_of(caller: &Caller, resource: &str) -> Result<Allowed, Refusal> {
    readable(caller, resource).map_err(|why| denied(caller, why))
}

/// Kinds of which the caller sees what became of records.
///
/// # Errors
/// The denial, where it may publish none.
pub(crate) fn may_publish_of(caller: &Caller, resource: &str) -> Result<Allowed, Refusal> {
    publishable(caller, resource).map_err(|why| denied(caller, why))
}

/// The denial on the wire, and in the log as far as the log does not say it already.
fn denied(caller: &Caller, denied: Denied) -> Refusal {
    let Denied { identity, resource, missing } = denied;
    let rule = missing.as_deref().unwrap_or("the node's own socket");
    let times = match caller {
        Caller::Local => Some(1),
        Caller::System(client) => client.denied(rule),
    };
    if let Some(times) = times {
        tracing::warn!(%identity, %resource, rule, times, "a system asked for what it may not have");
    }
    let args = [("identity", identity), ("resource", resource)];
    match missing {
        Some(rule) => Refusal::new(code::CLIENT_DENIED, args.into_iter().chain([("rule", rule)])),
        None => Refusal::new(code::CLIENT_LOCAL_ONLY, args),
    }
}

#[cfg(test)]
mod tests {
    use super::super::refusal::Category;
    use super::*;

    #[test]
    fn a_denial_names_identity_resource_and_the_missing_rule() {
        let refusal = denied(
            &Caller::Local,
            Denied {
                identity: "system/JO/mof/budget".to_owned(),
                resource: "JO:service:sanad".to_owned(),
                missing: Some("read:service".to_owned()),
            },
        );
        assert_eq!(refusal.category(), Category::Denied);
        let text = refusal.told(multaqa_proto::text::Lang::En).text;
        for named in ["system/JO/mof/budget", "JO:service:sanad", "read:service"] {
            assert!(text.contains(named), "{named}: {text}");
        }
    }
}
