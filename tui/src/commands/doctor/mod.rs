//! `sentinel-tui doctor`: looks at all that the console needs, says what is wrong and how to mend it,
//! and changes nothing. What it prints can be shown to others: no secret is in it.
//!
//! Each part looks at one thing and gives findings; here they are put in order, printed and counted.

mod aws;
mod call;
mod database;
mod probe;
mod terminal;
mod views;

use std::io::{self, Write};

use detector::{Rules, SafeText};

use crate::config::Configured;

/// Result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Well,
    /// Not as it could be; nothing stops.
    Note,
    /// Something will not work.
    Wrong,
}

/// Finding of one check.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    verdict: Verdict,
    what: String,
    /// Remedy, where there is one.
    remedy: Option<String>,
}

impl Finding {
    fn well(what: impl Into<String>) -> Self {
        Self { verdict: Verdict::Well, what: what.into(), remedy: None }
    }

    fn note(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: Verdict::Note, what: what.into(), remedy: Some(remedy.into()) }
    }

    fn wrong(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: Verdict::Wrong, what: what.into(), remedy: Some(remedy.into()) }
    }
}

/// Looks at everything, and says whether nothing is wrong. An error is one of standard output.
pub(crate) fn run(configured: &Configured) -> io::Result<bool> {
    let mut report = Report { out: io::stdout().lock(), wrong: 0, notes: 0 };
    report.part("Versions", versions())?;
    report.part("Configuration", configuration(configured))?;
    let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    report.part("Terminal", terminal::screen(&environment, terminal::Size::now()))?;
    report.part("Clipboard", terminal::clipboard(&environment, &terminal::Programs::here(&environment)))?;
    let path = configured.cli.db.clone().map_or_else(crate::store::default_path, Ok);
    let alarms = path.as_deref().map(database::alarms).unwrap_or_default();
    let views = path.as_deref().map(views::findings).unwrap_or_default();
    let mut database = database::findings(path);
    database.push(database::author(&environment));
    database.extend(views);
    report.part("Database", database)?;
    report.part("Alarms", alarms)?;
    report.part("Queue", aws::findings(&configured.cli)?)?;
    report.end()
}

fn versions() -> Vec<Finding> {
    vec![Finding::well(format!(
        "sentinel-tui {} (commit {}), {} rules, SQLite {}, {} {}",
        env!("CARGO_PKG_VERSION"),
        env!("SENTINEL_BUILD_COMMIT"),
        Rules::default().all().count(),
        rusqlite::version(),
        std::env::consts::OS,
        std::env::consts::ARCH,
    ))]
}

fn configuration(configured: &Configured) -> Vec<Finding> {
    let Some(path) = &configured.path else {
        return vec![Finding::note("no home directory for the configuration file", "set --config FILE")];
    };
    let path = path.display();
    if !configured.found {
        let help = "optional: create it with `sentinel-tui config init`";
        return vec![Finding { remedy: Some(help.to_owned()), ..Finding::well(format!("no file {path}")) }];
    }
    if configured.problems.is_empty() {
        return vec![Finding::well(path.to_string())];
    }
    let remedy = "fix this line; the configuration file is ignored until then";
    configured.problems.iter().map(|problem| Finding::wrong(problem.to_string(), remedy)).collect()
}

struct Report<W: Write> {
    out: W,
    wrong: usize,
    notes: usize,
}

impl<W: Write> Report<W> {
    fn part(&mut self, title: &str, findings: Vec<Finding>) -> io::Result<()> {
        writeln!(self.out, "{title}")?;
        for finding in findings {
            let word = match finding.verdict {
                Verdict::Well => "ok",
                Verdict::Note => "note",
                Verdict::Wrong => "FAIL",
            };
            self.notes += usize::from(finding.verdict == Verdict::Note);
            self.wrong += usize::from(finding.verdict == Verdict::Wrong);
            let mut lines = finding.what.lines();
            writeln!(self.out, "  {word:5}  {}", SafeText::new(lines.next().unwrap_or_default()))?;
            for line in lines {
                writeln!(self.out, "         {}", SafeText::new(line))?;
            }
            if let Some(remedy) = finding.remedy {
                writeln!(self.out, "         -> {}", SafeText::new(&remedy))?;
            }
        }
        self.out.flush()
    }

    fn end(mut self) -> io::Result<bool> {
        let many = |count: usize, name: &str| format!("{count} {name}{}", if count == 1 { "" } else { "s" });
        match (self.wrong, self.notes) {
            (0, 0) => writeln!(self.out, "\nNo problems.")?,
            (0, notes) => writeln!(self.out, "\nNo problems, {}.", many(notes, "note"))?,
            (wrong, _) => writeln!(self.out, "\n{}.", many(wrong, "problem"))?,
        }
        Ok(self.wrong == 0)
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::doctor::*;

    #[test]
    fn a_report_says_what_is_wrong_how_to_mend_it_and_how_it_ends() {
        let report = |findings| {
            let mut out = Vec::new();
            let mut report = Report { out: &mut out, wrong: 0, notes: 0 };
            report.part("Part", findings).unwrap();
            let well = report.end().unwrap();
            (String::from_utf8(out).unwrap(), well)
        };
        let note = || Finding::note("no\x1b colours", "unset NO_COLOR");
        assert_eq!(
            report(vec![Finding::well("fine"), note(), Finding::wrong("bad", "mend it")]),
            (
                "Part\n  ok     fine\n  note   no␛ colours\n         -> unset NO_COLOR\n  FAIL   bad\n         -> mend it\n\n1 problem.\n"
                    .to_owned(),
                false
            )
        );
        assert!(report(vec![note()]).0.contains("no␛ colours"));
        assert_eq!(
            report(vec![Finding::well("fine")]),
            ("Part\n  ok     fine\n\nNo problems.\n".to_owned(), true)
        );
    }
}
