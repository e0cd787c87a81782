//! `multaqa-hub policy operators add|remove|required`: which operators there are, and how many have to agree.
//!
//! One operator alone can do all that operators may do, until a policy asks for two. In scope: the proposal. Out of scope: whether
//! it takes effect (the fold), the new operator's directory (`cli::operator`).

use std::collections::BTreeMap;

use clap::Subcommand;
use multaqa_proto::hash::unhex;
use multaqa_proto::id::OperatorName;
use multaqa_proto::key::PublicKey;
use multaqa_proto::wire::kind;
use multaqa_runtime::boot::Exit;

use super::super::Call;
use super::{in_force, propose};
use crate::operator::Operator;
use crate::operator::problem::Problem;

#[derive(Debug, Subcommand)]
pub(super) enum Change {
    /// Propose another operator, or another key for one
    Add {
        /// Its name and public record key, as `multaqa-hub operator new` prints them
        #[arg(value_name = "NAME=KEY", required = true, value_parser = parse)]
        operators: Vec<Named>,
        /// How many operators have to agree from then on; as many as before otherwise
        #[arg(long, value_name = "M")]
        required: Option<u32>,
    },
    /// Propose that an operator is one no longer
    Remove {
        /// Names of the operators
        #[arg(required = true)]
        names: Vec<OperatorName>,
        /// How many operators have to agree from then on; as many as before otherwise
        #[arg(long, value_name = "M")]
        required: Option<u32>,
    },
    /// Propose how many operators have to agree
    Required {
        /// How many
        #[arg(value_name = "M")]
        required: u32,
    },
}

/// An operator and its public record key.
#[derive(Debug, Clone)]
pub(super) struct Named {
    name: OperatorName,
    key: PublicKey,
}

pub(super) async fn change(operator: &mut Operator, call: &Call, change: Change) -> Result<Exit, Problem> {
    let before = in_force(operator.policy().await?)?;
    let after = changed(before.clone(), change)?;
    if after == (kind::Policy { number: after.number, ..before }) {
        return Err(Problem::new("POLICY_UNCHANGED", &[]));
    }
    propose(operator, call, &after).await
}

/// The next policy, with operators in the order of their names.
fn changed(policy: kind::Policy, change: Change) -> Result<kind::Policy, Problem> {
    let mut keys: BTreeMap<String, Vec<u8>> =
        policy.operators.into_iter().map(|operator| (operator.name, operator.record_key)).collect();
    let required = match change {
        Change::Add { operators, required } => {
            keys.extend(operators.into_iter().map(|Named { name, key }| (name.to_string(), key.as_bytes().to_vec())));
            required
        }
        Change::Remove { names, required } => {
            for name in names {
                if keys.remove(name.as_str()).is_none() {
                    return Err(Problem::new("OPERATOR_UNKNOWN", &[("operator", &name)]));
                }
            }
            required
        }
        Change::Required { required } => Some(required),
    };
    let operators = keys.into_iter().map(|(name, record_key)| kind::Operator { name, record_key }).collect();
    let operators_required = required.unwrap_or(policy.operators_required);
    Ok(kind::Policy { number: policy.number + 1, operators, operators_required, ..policy })
}

fn parse(text: &str) -> Result<Named, String> {
    let (name, key) = text.split_once('=').ok_or("a name, = and a key of 64 hexadecimal digits")?;
    let name = name.parse().map_err(|error| format!("the name: {error}"))?;
    let key = unhex(key).and_then(|key| PublicKey::from_slice(&key));
    Ok(Named { name, key: key.ok_or("the key has 64 hexadecimal digits, as `multaqa-hub operator new` prints it")? })
}

#[cfg(test)]
mod tests {
    use multaqa_proto::hash::hex;

    use super::*;

    fn key(n: u8) -> PublicKey {
        PublicKey::of(&ed25519_dalek::SigningKey::from_bytes(&[n; 32]))
    }

    #[test]
    fn operators_come_and_go_and_more_have_to_agree() {
        let first = kind::Operator { name: "first".to_owned(), record_key: key(1).as_bytes().to_vec() };
        let policy =
            kind::Policy { number: 4, operators: vec![first], operators_required: 1, ..kind::Policy::default() };
        let named = parse(&format!("another={}", hex(key(2).as_bytes()))).unwrap();
        let two = changed(policy, Change::Add { operators: vec![named], required: Some(2) }).unwrap();
        let listed: Vec<&str> = two.operators.iter().map(|operator| operator.name.as_str()).collect();
        assert_eq!((two.number, two.operators_required, listed), (5, 2, vec!["another", "first"]));
        let unknown = Change::Remove { names: vec!["third".parse().unwrap()], required: None };
        assert_eq!(changed(two.clone(), unknown).unwrap_err().code, "OPERATOR_UNKNOWN");
        let one = Change::Remove { names: vec!["another".parse().unwrap()], required: Some(1) };
        let one = changed(two, one).unwrap();
        assert_eq!((one.operators.len(), one.operators_required), (1, 1));
    }

    #[test]
    fn a_key_is_32_bytes_in_hexadecimal() {
        for text in ["first", "first=", "first=07", "First Second=07", &format!("first={}", "zz".repeat(32))] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
