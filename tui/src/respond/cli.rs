//! One AWS CLI command, quoted so that a shell and the CLI take each value for what it is.

use std::fmt::Write as _;

use super::{About, Command};
use crate::widget::text;

/// A command that is being written.
#[derive(Debug)]
pub(super) struct Cli {
    /// None once a value can't be passed safely.
    line: Option<String>,
}

impl Cli {
    /// `service operation`, our own words.
    pub(super) fn new(operation: &str) -> Self {
        Self { line: Some(format!("aws {operation}")) }
    }

    /// Adds an option with a value from the alert. Without the value there is no command.
    pub(super) fn with(self, option: &str, value: Option<&str>) -> Self {
        let value = value.filter(|value| !value.is_empty() && !is_file(value)).map(quoted);
        let line = self.line.zip(value).map(|(line, value)| {
            // A value that begins with a dash would be taken for an option.
            let between = if value.trim_start_matches(['\'', '$', '"']).starts_with('-') { "=" } else { " " };
            format!("{line} --{option}{between}{value}")
        });
        Self { line }
    }

    /// Adds text of our own, as it is.
    pub(super) fn raw(self, text: &str) -> Self {
        Self { line: self.line.map(|line| format!("{line} {text}")) }
    }

    /// The region, where the record tells it; else the CLI's own.
    pub(super) fn region(self, region: Option<&str>) -> Self {
        match region {
            Some(region) => self.with("region", Some(region)),
            None => self,
        }
    }

    pub(super) fn done(self, why: &'static str) -> Option<Command> {
        self.line.map(|line| Command { about: About::Event, why, line })
    }
}

/// The AWS CLI reads such a value from a file of the machine it runs on.
fn is_file(value: &str) -> bool {
    value.starts_with("file:") || value.starts_with("fileb:")
}

/// For a POSIX shell. What can't be seen is written as bash's `$'…'` has it: the value stays what it
/// is, and the line holds nothing that acts.
pub(super) fn quoted(value: &str) -> String {
    if value.chars().all(text::is_safe)
        && let Ok(quoted) = shlex::try_quote(value)
    {
        return quoted.into_owned();
    }
    let mut out = "$'".to_owned();
    for c in value.chars() {
        match c {
            '\'' | '\\' => out.extend(['\\', c]),
            _ if text::is_safe(c) => out.push(c),
            // Three octal digits a byte: bash, zsh and ksh agree on these.
            _ => {
                let mut buffer = [0; 4];
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    // Writing to a String does not fail.
                    let _ = write!(out, "\\{byte:03o}");
                }
            }
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_stay_values() {
        let line = |value: &str| {
            Cli::new("iam get-user").with("user-name", Some(value)).done("").map(|done| done.line)
        };
        assert_eq!(line("bob").unwrap(), "aws iam get-user --user-name bob");
        assert_eq!(line("bob; rm -rf /").unwrap(), "aws iam get-user --user-name 'bob; rm -rf /'");
        assert_eq!(line("$(id)").unwrap(), "aws iam get-user --user-name '$(id)'");
        assert_eq!(line("-x").unwrap(), "aws iam get-user --user-name=-x");
        assert_eq!(line("a\n\u{202e}'b").unwrap(), r"aws iam get-user --user-name $'a\012\342\200\256\'b'");
        assert_eq!(line("file:///etc/passwd"), None);
        assert_eq!(line(""), None);
    }

    proptest! {
        #[test]
        fn a_shell_reads_back_what_was_quoted(value in "[^\0]{1,40}") {
            let quoted = quoted(&value);
            prop_assert!(quoted.chars().all(text::is_safe), "{:?}", quoted);
            let script = format!("printf %s {quoted}");
            let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
            prop_assert_eq!(output.stdout, value.into_bytes());
        }
    }
}
