//! Files made from the command line's own definition: completions and manual pages.

use std::io::{self, Write as _};
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Cli;

const NAME: &str = "sentinel-tui";
/// Beginning of the labels of subcommands in bash's script, and of the states that they are compared with: for a name
/// with a hyphen `clap_complete` (4.6) writes them differently, so that no subcommand is ever completed.
const LABEL: &str = "sentinel__subcmd__tui__subcmd__";
const STATE: &str = "sentinel__tui__subcmd__";

/// The command line, without the values that the environment has just now: they may be secret, and
/// what is printed should be the same everywhere.
pub(crate) fn command() -> clap::Command {
    Cli::command().mut_args(|arg| arg.hide_env_values(true))
}

/// Writes a shell's completions to standard output.
pub(crate) fn completions(shell: Shell) -> io::Result<bool> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut command(), NAME, &mut out);
    let script = String::from_utf8_lossy(&out).replace(LABEL, STATE);
    io::stdout().lock().write_all(script.as_bytes()).map(|()| true)
}

/// Writes the manual page to standard output, or a page for each command into a folder.
pub(crate) fn manual(folder: Option<&Path>) -> io::Result<bool> {
    let Some(folder) = folder else {
        return io::stdout().lock().write_all(&page()?).map(|()| true);
    };
    let made = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command(), folder));
    if let Err(error) = &made {
        eprintln!("sentinel-tui: can't write the manual pages into {}: {error}", folder.display());
    }
    Ok(made.is_ok())
}

fn page() -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    clap_mangen::Man::new(command()).render(&mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The help as it is printed 100 columns wide, layout and all.
    fn help(path: &[&str]) -> String {
        let mut command = crate::cli::help::for_subcommands(command().term_width(100));
        let mut of = &mut command;
        for name in path {
            of = of.find_subcommand_mut(name).unwrap();
        }
        of.render_long_help().to_string()
    }

    #[test]
    fn the_command_line_is_well_formed() {
        command().debug_assert();
    }

    #[test]
    fn the_version_is_a_line_or_all_there_is_to_say() {
        let command = command();
        assert_eq!(command.render_version(), format!("sentinel-tui {}\n", env!("CARGO_PKG_VERSION")));
        let long = command.render_long_version();
        let names: Vec<_> = long.lines().map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(names, ["sentinel-tui", "commit", "target", "profile", "features"], "{long}");
        let commit = long.lines().nth(1).unwrap().split_whitespace().nth(1).unwrap();
        assert!(
            commit == "unknown" || (commit.len() == 12 && u64::from_str_radix(commit, 16).is_ok()),
            "{long}"
        );
        assert!(!long.contains('/'), "no path of the machine that built it: {long}");
    }

    #[test]
    fn help_is_as_it_was_looked_at() {
        insta::assert_snapshot!("help", help(&[]));
        for name in [
            "replay",
            "tail",
            "export",
            "test-alert",
            "backfill",
            "redrive",
            "doctor",
            "config",
            "completions",
            "man",
        ] {
            insta::assert_snapshot!(format!("help_{name}"), help(&[name]));
        }
    }

    #[test]
    fn every_shell_and_the_manual_know_every_command() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut command(), NAME, &mut out);
            let text = String::from_utf8(out).unwrap();
            for name in command().get_subcommands() {
                assert!(text.contains(name.get_name()), "{shell}: {}", name.get_name());
            }
        }
        let manual = String::from_utf8(page().unwrap()).unwrap();
        for part in ["sentinel\\-tui\\-replay(1)", "SENTINEL_QUEUE_URL", "Examples:"] {
            assert!(manual.contains(part), "{part} is not in\n{manual}");
        }
    }
}
