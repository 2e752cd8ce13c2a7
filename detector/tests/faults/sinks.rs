//! SNS and Slack in one server: each answer may be an error, slow, cut off, half, no answer of theirs, or lost after
//! the work was done.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::dice::Dice;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Error,
    Throttled,
    Slow,
    Cut,
    Half,
    Foreign,
    /// The work is done, and the answer is lost.
    Lost,
}

const FAULTS: [Fault; 7] =
    [Fault::Error, Fault::Throttled, Fault::Slow, Fault::Cut, Fault::Half, Fault::Foreign, Fault::Lost];

#[derive(Default)]
struct Shared {
    /// Ids of alerts that the topic took, and that Slack took.
    published: Mutex<BTreeSet<String>>,
    posted: Mutex<String>,
    dice: Mutex<Option<Dice>>,
    is_faulty: AtomicBool,
    faults: AtomicU64,
}

pub(crate) struct Sinks {
    port: u16,
    shared: Arc<Shared>,
}

impl Sinks {
    pub(crate) fn start(dice: Dice) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let shared = Arc::new(Shared { dice: Mutex::new(Some(dice)), ..Shared::default() });
        let sinks = Self { port: listener.local_addr().unwrap().port(), shared: Arc::clone(&shared) };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        sinks
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every second answer fails from now on, or none.
    pub(crate) fn be_faulty(&self, is: bool) {
        self.shared.is_faulty.store(is, Ordering::Relaxed);
    }

    pub(crate) fn faults(&self) -> u64 {
        self.shared.faults.load(Ordering::Relaxed)
    }

    pub(crate) fn published(&self) -> BTreeSet<String> {
        self.shared.published.lock().unwrap().clone()
    }

    /// All that Slack took, as text.
    pub(crate) fn posted(&self) -> String {
        self.shared.posted.lock().unwrap().clone()
    }
}

fn fault(shared: &Shared) -> Fault {
    if !shared.is_faulty.load(Ordering::Relaxed) {
        return Fault::None;
    }
    let mut dice = shared.dice.lock().unwrap();
    let Some(dice) = dice.as_mut() else { return Fault::None };
    if dice.below(2) == 0 {
        return Fault::None;
    }
    shared.faults.fetch_add(1, Ordering::Relaxed);
    FAULTS.get(usize::try_from(dice.below(FAULTS.len() as u64)).unwrap()).copied().unwrap_or(Fault::None)
}

/// Answers one request.
fn serve(mut stream: TcpStream, shared: &Shared) {
    let fault = fault(shared);
    if fault == Fault::Cut {
        return;
    }
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut first, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        if first.is_empty() {
            first.clone_from(&line);
        }
        if let Some((name, value)) = line.trim().split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let is_slack = first.contains("/services/");
    let (status, answer) = match fault {
        Fault::Error => (500, "<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>"),
        Fault::Throttled if is_slack => (429, "rate_limited"),
        Fault::Throttled => (400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"),
        // Slack is a word in the body; SNS is known by its status too.
        Fault::Foreign => (502, "<html>captive portal</html>"),
        _ if is_slack => (200, "ok"),
        _ => (
            200,
            "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>m</MessageId>\
             </PublishResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>",
        ),
    };
    if status == 200 {
        take(shared, is_slack, &body);
    }
    if fault == Fault::Slow {
        std::thread::sleep(Duration::from_millis(300));
    }
    if fault == Fault::Lost {
        return;
    }
    let sent = if fault == Fault::Half { answer.len() / 2 } else { answer.len() };
    let retry = if status == 429 { "Retry-After: 1\r\n" } else { "" };
    let head = format!(
        "HTTP/1.1 {status} Said\r\n{retry}Content-Type: text/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        answer.len()
    );
    // The function may be killed meanwhile.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(answer.as_bytes().get(..sent).unwrap_or_default());
}

/// Keeps what a sink took.
fn take(shared: &Shared, is_slack: bool, body: &[u8]) {
    let text = String::from_utf8_lossy(body);
    if is_slack {
        shared.posted.lock().unwrap().push_str(&text);
        return;
    }
    let fields = text.split('&').filter_map(|field| field.strip_prefix("Message="));
    for message in fields {
        let message = message.replace('+', " ");
        let message = percent_encoding::percent_decode_str(&message).decode_utf8_lossy().into_owned();
        assert!(message.len() <= 262_144, "SNS takes 256 KiB");
        let alert: Value = serde_json::from_str(&message).unwrap_or_default();
        shared.published.lock().unwrap().extend(alert.get("id").and_then(Value::as_str).map(str::to_owned));
    }
}
