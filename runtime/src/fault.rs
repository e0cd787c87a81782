//! The error type of this room: a stable code and named arguments.
//!
//! Out of scope: texts. The binaries look the code up in [`crate::code::MESSAGES`].

use std::fmt;

/// What went wrong: one of [`crate::code::CODES`] and the values its text mentions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The stable code, SCREAMING_SNAKE.
    pub code: &'static str,
    /// Names and values for the text's placeholders, in the order they were given.
    pub args: Vec<(&'static str, String)>,
}

impl Fault {
    /// A fault without arguments yet.
    #[must_use]
    pub fn new(code: &'static str) -> Self {
        Self { code, args: Vec::new() }
    }

    /// Adds one named value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }

    /// The value of one argument.
    #[must_use]
    pub fn arg(&self, name: &str) -> Option<&str> {
        self.args.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)?;
        self.args.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_its_code_and_arguments() {
        let fault = Fault::new("CODE").with("file", "a.toml").with("limit", 3_u8);
        assert_eq!(fault.to_string(), "CODE file=a.toml limit=3");
        assert_eq!(fault.arg("limit"), Some("3"));
        assert_eq!(fault.arg("other"), None);
    }
}
