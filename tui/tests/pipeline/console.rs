//! The console, started by the very command that Terraform's output says.

#[path = "../support/mod.rs"]
mod support;

use std::path::Path;

use portable_pty::CommandBuilder;

use crate::aws::Emulator;
use crate::files;

pub(crate) struct Console(support::Pty);

impl Console {
    /// Of somebody of this name, with a database of their own.
    pub(crate) fn start(command: &str, aws: &Emulator, folder: &Path, name: &str) -> Self {
        let mut words = command.split_whitespace();
        assert_eq!(words.next(), Some("sentinel-tui"));
        let mut builder = CommandBuilder::new(files::console());
        builder.args(words);
        builder.env("XDG_STATE_HOME", folder.join(format!("state-{name}")));
        builder.env("USER", name);
        builder.env("TERM", "xterm-256color");
        builder.env("SENTINEL_THEME", "terminal");
        for (name, value) in aws.environment() {
            builder.env(name, value);
        }
        Self(support::Pty::start(builder, 118, 30))
    }

    pub(crate) fn keys(&mut self, keys: &str) {
        self.0.keys(keys);
    }

    pub(crate) fn wait_for(&self, what: &str, is_so: impl Fn(&str) -> bool) {
        self.0.wait_for(what, is_so);
    }

    pub(crate) fn wait_for_end(&mut self, code: u32) {
        assert_eq!(self.0.wait_for_end(), code);
    }
}
