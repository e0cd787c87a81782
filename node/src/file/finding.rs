//! A rule that a file breaks, and where.
//!
//! Out of scope: the rules (`tree`, `matching`, `csv`, `document`), the texts (`messages`).

use std::fmt::Display;

use multaqa_proto::check::Violation;

/// Longest value that a message repeats, characters.
const SHOWN_MAX: usize = 80;
/// Stands for the nearest name where none is near.
pub const NONE_NEAR: &str = "none";

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1; 0 for the line as a whole.
    pub column: usize,
}

impl Place {
    /// A line as a whole.
    #[must_use]
    pub const fn line(line: usize) -> Self {
        Self { line, column: 0 }
    }
}

/// What is wrong, and where.
pub(super) type Fault = (Place, Violation);

/// A rule that a file breaks, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Name of the file.
    pub file: String,
    /// Where in it; none for the file as a whole.
    pub place: Option<Place>,
    /// The rule. Its path is that of the file: `payload.title.ar`.
    pub violation: Violation,
}

/// A violation with its arguments, of which the first is the path and long ones are cut.
pub(crate) fn violation(code: &'static str, path: &str, args: &[(&'static str, &dyn Display)]) -> Violation {
    let shown = |value: &dyn Display| value.to_string().chars().take(SHOWN_MAX).collect::<String>();
    let args = std::iter::once(("path", path.to_owned())).chain(args.iter().map(|(name, v)| (*name, shown(*v))));
    Violation { path: path.to_owned(), code, args: args.collect() }
}
