//! `replay` over all records, alerts or not: those of an actor, a key or an address, one a line, and a summary by actor.

mod summary;

use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use regex::bytes::{Regex, RegexBuilder};

use super::exit::{failed, failed_usage, written};
use super::inputs;
use crate::cli;
use crate::filter::criteria::{self, Criteria};
use crate::filter::quote;
use crate::format::number;
use crate::model::Sums;
use crate::output::{self, OutputFormat};
use crate::source::replay::{ENDED_EARLY, Found, Next, Replay, Request, Scope, Unread};

/// Between two looks at what a replay found.
const PACE: Duration = Duration::from_millis(200);

/// Lists or sums up the records that are asked for.
pub(crate) fn run(options: cli::Replay, rules: Option<&Path>) -> ExitCode {
    let form = OutputFormat::json(options.json);
    let sums_up = options.summary;
    let wanted = match wanted(&options) {
        Ok(wanted) if wanted.is_never() => return failed_usage(&"--since must be before --until"),
        Ok(wanted) => wanted,
        Err(error) => return failed_usage(&error),
    };
    let (detector, problems) = match inputs::detector(rules) {
        Ok(loaded) => loaded,
        Err(error) => return failed(&error),
    };
    let patterns = patterns(&options);
    let scope = if sums_up { Scope::Sums(patterns) } else { Scope::Calls(patterns) };
    let request = Request {
        unread: Unread::with(problems),
        ..Request::headless(options.paths, wanted, detector, scope)
    };
    written(if sums_up { sum_up(request, form) } else { list(request, form) })
}

/// Returns the conditions, the short forms among them.
fn wanted(options: &cli::Replay) -> Result<Criteria, String> {
    let mut terms = Vec::new();
    if options.key.as_ref().is_some_and(|key| key.contains(['*', '?'])) {
        return Err("--key takes a whole access key ID, without * and ?".to_owned());
    }
    // AWS writes them in capitals.
    let key = options.key.as_ref().map(|key| key.to_ascii_uppercase());
    let named = [("actor:", &options.actor), ("key=", &key), ("ip:", &options.ip)];
    for (field, value) in named {
        // Wildcards mean what they mean in a filter.
        let is_simple = |c: char| c.is_ascii_alphanumeric() || "-_.@*?".contains(c);
        terms.extend(value.as_ref().map(|value| {
            if value.chars().all(is_simple) {
                format!("{field}{value}")
            } else {
                format!("{field}{}", quote(value))
            }
        }));
    }
    let filter = match (&options.filter, terms.is_empty()) {
        (filter, true) => filter.clone(),
        (None, false) => Some(criteria::untriaged(&terms.join(" "))?),
        (Some(filter), false) => {
            Some(criteria::untriaged(&format!("({}) {}", filter.text(), terms.join(" ")))?)
        }
    };
    Ok(options.bounds.and(filter))
}

/// Returns patterns that the text of each wanted record has, so that most others are not parsed. A key or an address is
/// written as it is; a name may be cut by an escape.
fn patterns(options: &cli::Replay) -> Vec<Regex> {
    let is_plain = |text: &&String| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.@+=,:".contains(c));
    // An IPv6 address is written in many ways.
    let is_address = |text: &&String| text.parse::<std::net::Ipv4Addr>().is_ok();
    let all = [
        options.actor.as_ref().filter(is_plain),
        options.key.as_ref().filter(is_plain),
        options.ip.as_ref().filter(is_address),
    ];
    let pattern = |text: &String| RegexBuilder::new(&regex::escape(text)).case_insensitive(true).build().ok();
    all.into_iter().flatten().filter_map(pattern).collect()
}

/// Reads all records, and returns whether everything could be read.
fn each(
    request: Request,
    mut take: impl FnMut(Found) -> io::Result<u64>,
    mut pause: impl FnMut() -> io::Result<()>,
) -> io::Result<bool> {
    let mut is_whole = request.unread.print().is_empty();
    let mut count = 0_u64;
    let mut replay = Replay::start(request)?;
    loop {
        match replay.next(PACE) {
            Next::Found(Found::Unread(what, _)) => {
                is_whole = false;
                pause()?;
                eprintln!("sentinel-tui: {what}");
            }
            Next::Found(found) => count += take(found)?,
            Next::Nothing => pause()?,
            Next::End => break,
        }
    }
    let progress = replay.progress.progress();
    if progress.unfinished > 0 {
        is_whole = false;
        eprintln!("sentinel-tui: {ENDED_EARLY}");
    }
    eprintln!("{} of {} records", number(count), number(progress.records));
    Ok(is_whole)
}

fn list(request: Request, form: OutputFormat) -> io::Result<bool> {
    let out = std::cell::RefCell::new(BufWriter::with_capacity(64 * 1024, io::stdout()));
    let take = |found| match found {
        Found::Call(call) => output::call(&mut *out.borrow_mut(), form, &call.0, &call.1).map(|()| 1),
        _ => Ok(0),
    };
    let is_whole = each(request, take, || out.borrow_mut().flush())?;
    out.borrow_mut().flush()?;
    Ok(is_whole)
}

fn sum_up(request: Request, form: OutputFormat) -> io::Result<bool> {
    let mut sums = Sums::default();
    let take = |found| match found {
        Found::Sums(of_input) => {
            let calls = of_input.calls();
            sums.merge(*of_input);
            Ok(calls)
        }
        _ => Ok(0),
    };
    let is_whole = each(request, take, || Ok(()))?;
    let mut out = BufWriter::new(io::stdout());
    match form {
        OutputFormat::Json => summary::write_json(&sums, &mut out)?,
        OutputFormat::Words => summary::write_table(&sums, &mut out)?,
    }
    out.flush()?;
    Ok(is_whole)
}
