//! Who may take part: the 22 states, with their names as the United Nations and the Arab League write them, and the
//! technical secretariat. Data, not code: `members.csv`.

use crate::failure::Failure;

const TABLE: &str = include_str!("../members.csv");

/// A member as an operator admits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Code: ISO alpha-2 for a state.
    pub code: String,
    /// Class.
    pub class: String,
    /// Name by language: ar, en, fr.
    pub names: [(&'static str, String); 3],
    /// Sub-regional groups that it belongs to.
    pub groups: Vec<String>,
}

/// All members of the table, in its order.
///
/// # Errors
/// [`Failure::Disk`] where the table cannot be read, which a test excludes.
pub fn all() -> Result<Vec<Member>, Failure> {
    let unreadable = |why: csv::Error| Failure::Disk { path: "members.csv".into(), why: why.to_string() };
    csv::Reader::from_reader(TABLE.as_bytes()).deserialize().map(|row| Ok(member(row.map_err(unreadable)?))).collect()
}

/// The member with this code.
///
/// # Errors
/// [`Failure::MemberUnknown`].
pub fn find(code: &str) -> Result<Member, Failure> {
    let unknown = || Failure::MemberUnknown { member: code.to_owned() };
    all()?.into_iter().find(|member| member.code == code).ok_or_else(unknown)
}

type Row = (String, String, String, String, String, String);

fn member((code, class, ar, en, fr, groups): Row) -> Member {
    let groups = groups.split_whitespace().map(str::to_owned).collect();
    Member { code, class, names: [("ar", ar), ("en", en), ("fr", fr)], groups }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_states_and_their_secretariat() {
        let members = all().unwrap();
        assert_eq!(members.iter().filter(|member| member.class == "state").count(), 22);
        assert_eq!(find("x-escwa").unwrap().class, "secretariat");
        assert_eq!(members.iter().filter(|member| member.groups == ["gcc"]).count(), 6);
        assert_eq!(find("XX").unwrap_err().code(), "DEMO_MEMBER_UNKNOWN");
    }
}
