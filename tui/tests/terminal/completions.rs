//! Completions: each shell that is installed sources its script, and is asked.

use std::path::Path;
use std::process::Command;

use portable_pty::CommandBuilder;

use crate::support::Pty;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sentinel-tui");

/// Runs a shell; `None` where it is not installed.
fn answers(shell: &str, arguments: &[&str]) -> Option<String> {
    let Ok(output) = Command::new(shell).args(arguments).output() else {
        eprintln!("skipped: {shell} is not installed");
        return None;
    };
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(errors, "", "{shell}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn bash_completes_options_values_and_subcommands() {
    let script = r#"
        source <("$1" completions bash)
        ask() {
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
            _sentinel__tui sentinel-tui "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            echo "${COMPREPLY[*]}"
        }
        ask sentinel-tui replay --sp
        ask sentinel-tui export --form
        ask sentinel-tui rules sh
        ask sentinel-tui config sh
        ask sentinel-tui replay --min-severity ""
    "#;
    let Some(said) = answers("bash", &["-c", script, "bash", PROGRAM]) else { return };
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    assert_eq!(lines, ["--speed", "--format", "show", "show", "low medium high critical"]);
}

#[test]
fn fish_completes_options_values_and_subcommands() {
    let script = r#"
        source ($argv[1] completions fish | psub)
        for line in "replay --sp" "export --form" "rules sh" "config sh" "replay --min-severity "
            # A completion, and its description behind a tab.
            complete -C "sentinel-tui $line" | string replace -r "\t.*" "" | string join " "
        end
    "#;
    let Some(said) = answers("fish", &["--no-config", "-c", script, PROGRAM]) else { return };
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    assert_eq!(lines, ["--speed", "--format", "show", "show", "critical high low medium"]);
}

/// In zsh only the line editor completes, so it runs in a terminal and gets the Tab key.
#[test]
fn zsh_completes_options_values_and_subcommands() {
    if Command::new("zsh").arg("--version").output().is_err() {
        eprintln!("skipped: zsh is not installed");
        return;
    }
    let mut command = CommandBuilder::new("zsh");
    command.arg("-f");
    command.env("TERM", "xterm-256color");
    let folder = Path::new(PROGRAM).parent().unwrap().display();
    command.env("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap()));
    let mut shell = Pty::start(command, 100, 30);
    shell.keys("PS1='$ '; bindkey -e; autoload -Uz compinit && compinit -D -u; source <(sentinel-tui completions zsh)\r");
    shell.keys("print rea''dy\r");
    shell.wait_for("the script", |screen| screen.contains("\nready\n"));
    for (typed, completed) in [
        ("replay --sp", "replay --speed"),
        ("export --form", "export --format"),
        ("rules sh", "rules show"),
        ("replay --min-severity cr", "--min-severity critical"),
    ] {
        shell.keys(&format!("sentinel-tui {typed}\t"));
        shell.wait_for(completed, |screen| screen.contains(completed));
        // Ctrl-U clears the line.
        shell.keys("\x15");
    }
    shell.keys("exit\r");
}
