//! Speed of the console with many alerts stored, measured from outside: the release program in a terminal
//! of its own, on a database that `a_million_alerts` has made, with a queue on this machine.
//!
//! ```text
//! SENTINEL_STORE=$PWD/target/million/alerts.db cargo bench -p sentinel-tui --bench console
//! ```
//!
//! Machines are shared, so the times are printed and never asserted; CONTRIBUTING.md has the limits.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool that ends by panicking where it can't go on"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use detector::{Alert, Detector, Record};
use jiff::Timestamp;
use portable_pty::CommandBuilder;
use serde_json::json;
use support::Pty;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sentinel-tui");
/// Bytes at the end of each frame: the end of a synchronised update.
const END_OF_FRAME: &[u8] = b"\x1b[?2026l";
const SIZE: (u16, u16) = (200, 60);
const FLOOD_A_SECOND: u64 = 1_000;
const FLOOD_SECONDS: u64 = 10;

fn main() {
    let store = std::env::var("SENTINEL_STORE").unwrap_or_default();
    let store = Path::new(&store).to_owned();
    let help = "SENTINEL_STORE names a database; CONTRIBUTING.md tells how to make it";
    assert!(store.is_file(), "{} is no file: {help}", store.display());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let queue = Queue::default();
    let server = runtime.block_on(MockServer::start());
    runtime.block_on(Mock::given(wiremock::matchers::any()).respond_with(queue.clone()).mount(&server));
    let url = format!("{}/111122223333/alerts", server.uri());

    let mut first = Vec::new();
    let mut rows = Vec::new();
    for _ in 0..21 {
        let start = Instant::now();
        let mut console = start_console(&store, &url);
        frame_after(&console, 0);
        first.push(start.elapsed());
        console.wait_for("alerts", |screen| screen.contains("AttachUserPolicy"));
        rows.push(start.elapsed());
        console.keys("q");
        console.wait_for_end();
    }
    tell("exec to first frame", first);
    tell("exec to the first alerts", rows);

    let mut console = start_console(&store, &url);
    console.wait_for("a receive", |screen| screen.contains("live"));
    settle(&console);
    println!("memory after the start: {} MB", resident(&console));
    let before = wake_ups(&console);
    std::thread::sleep(Duration::from_secs(5));
    let woken: Vec<_> = wake_ups(&console)
        .into_iter()
        .filter_map(|(task, name, count)| {
            let was = before.iter().find(|(other, ..)| *other == task).map_or(0, |(.., count)| *count);
            (count > was).then(|| format!("{name} {}", count - was))
        })
        .collect();
    println!(
        "wake-ups in 5 idle seconds: {}",
        if woken.is_empty() { "none".to_owned() } else { woken.join(", ") }
    );

    tell("key (j) to frame", (0..200).map(|_| key(&mut console, "j")).collect());
    tell("key (page) to frame", (0..100).map(|_| key(&mut console, "\x1b[6~")).collect());
    key(&mut console, "g");
    tell("filter keystroke to new table", filters(&mut console));
    console.keys("G");
    console.wait_for("a full list", |screen| screen.contains("and no more"));
    key(&mut console, "g");
    println!("memory with a full list: {} MB", resident(&console));
    tell("key (j) to frame, full list", (0..100).map(|_| key(&mut console, "j")).collect());
    tell("filter keystroke to new table, full list", filters(&mut console));
    println!("memory after filters: {} MB", resident(&console));

    queue.flood.store(true, Ordering::SeqCst);
    while queue.sent.load(Ordering::SeqCst) == 0 {
        // The long poll ends first.
        std::thread::sleep(Duration::from_millis(50));
    }
    let (start, was) = (Instant::now(), queue.sent.load(Ordering::SeqCst));
    let mut keys = Vec::new();
    while start.elapsed() < Duration::from_secs(FLOOD_SECONDS) {
        keys.push(key(&mut console, if keys.len() % 40 < 20 { "j" } else { "k" }));
        std::thread::sleep(Duration::from_millis(40));
    }
    let came = (queue.sent.load(Ordering::SeqCst) - was) / FLOOD_SECONDS;
    queue.flood.store(false, Ordering::SeqCst);
    tell(&format!("key to frame while {came} alerts a second come"), keys);
    println!("memory after the flood: {} MB", resident(&console));
    console.keys("q");
    console.wait_for_end();
}

/// Writes some filters, letter by letter, and takes each away again.
fn filters(console: &mut Pty) -> Vec<Duration> {
    let mut times = Vec::new();
    for word in ["person-77", "sev>=high", "actor:person-3", "policy"] {
        key(console, "f");
        times.extend(word.chars().map(|letter| key(console, &letter.to_string())));
        times.push(key(console, "\r"));
        println!("  filter {word}: {}", line_with(console, " of "));
        key(console, "&");
        key(console, "d");
        settle(console);
    }
    times
}

fn start_console(store: &Path, url: &str) -> Pty {
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["--queue-url", url, "--region", "us-east-1", "--db"]);
    command.arg(store);
    for (name, value) in [
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("SENTINEL_THEME", "terminal"),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_ENDPOINT_URL", url.rsplitn(3, '/').last().unwrap()),
    ] {
        command.env(name, value);
    }
    Pty::start(command, SIZE.0, SIZE.1)
}

/// Waits for the end of a frame behind these many bytes, and gives how many there are now.
fn frame_after(console: &Pty, bytes: usize) -> usize {
    let (lock, changed) = &*console.output;
    let mut output = lock.lock().unwrap();
    loop {
        let new = output.bytes.get(bytes..).unwrap_or_default();
        if new.windows(END_OF_FRAME.len()).any(|window| window == END_OF_FRAME) {
            return output.bytes.len();
        }
        let (next, waited) = changed.wait_timeout(output, Duration::from_secs(10)).unwrap();
        assert!(!waited.timed_out(), "no frame: {}", next.parser.screen().contents());
        output = next;
    }
}

/// From a key to the end of the next frame.
fn key(console: &mut Pty, keys: &str) -> Duration {
    let bytes = console.output.0.lock().unwrap().bytes.len();
    let start = Instant::now();
    console.keys(keys);
    frame_after(console, bytes);
    start.elapsed()
}

/// Waits until nothing has been drawn for a while.
fn settle(console: &Pty) {
    let drawn = || console.output.0.lock().unwrap().bytes.len();
    let mut was = 0;
    while was != drawn() {
        was = drawn();
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn line_with(console: &Pty, words: &str) -> String {
    let screen = console.output.0.lock().unwrap().parser.screen().contents();
    screen.lines().find(|line| line.contains(words)).unwrap_or_default().trim().to_owned()
}

fn tell(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |percent: usize| times.get((times.len() * percent / 100).min(times.len() - 1)).unwrap();
    println!("{what}: median {:.1?}, p95 {:.1?}, of {}", at(50), at(95), times.len());
}

/// Megabytes in memory (`VmRSS`, proc(5)).
fn resident(console: &Pty) -> u64 {
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", console.child.process_id().unwrap())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1_024
}

/// Returns the id and name of each thread, and the number of times that it has gone to sleep so far.
fn wake_ups(console: &Pty) -> Vec<(String, String, u64)> {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", console.child.process_id().unwrap())).unwrap();
    let of = |task: std::fs::DirEntry| {
        let read = |file: &str| std::fs::read_to_string(task.path().join(file)).unwrap_or_default();
        let status = read("status");
        let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        let count = count.and_then(|count| count.trim().parse().ok()).unwrap_or(0);
        (task.file_name().to_string_lossy().into_owned(), read("comm").trim().to_owned(), count)
    };
    tasks.map(|task| of(task.unwrap())).collect()
}

/// A queue that says nothing for the whole long poll, or gives alerts at a fixed rate.
#[derive(Clone)]
struct Queue {
    flood: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    since: Arc<std::sync::Mutex<Option<(Instant, u64)>>>,
    alert: Arc<Alert>,
}

impl Default for Queue {
    fn default() -> Self {
        let record = json!({
            "eventVersion": "1.11", "eventSource": "iam.amazonaws.com", "eventName": "CreateAccessKey",
            "eventTime": "2031-01-01T00:00:00Z", "awsRegion": "us-east-1", "sourceIPAddress": "203.0.113.7",
            "userAgent": "aws-cli/2.31", "recipientAccountId": "111122223333", "eventID": "flood",
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/mallory",
                "userName": "mallory", "accountId": "111122223333", "accessKeyId": "AKIAEXAMPLE"},
            "requestParameters": {"userName": "ops"}, "responseElements": null,
        });
        let detection =
            Detector::default().detect(&Record::new(record).unwrap(), Timestamp::UNIX_EPOCH).alert;
        Self {
            flood: Arc::default(),
            sent: Arc::default(),
            since: Arc::default(),
            alert: Arc::new(detection.unwrap()),
        }
    }
}

impl Respond for Queue {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let target = request.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let wait = request
            .body_json::<serde_json::Value>()
            .ok()
            .and_then(|body| body.get("WaitTimeSeconds")?.as_u64());
        match target.and_then(|target| target.rsplit('.').next()) {
            Some("ReceiveMessage") if self.flood.load(Ordering::SeqCst) => self.batch(),
            Some("ReceiveMessage") => answer(json!({})).set_delay(Duration::from_secs(wait.unwrap_or(0))),
            Some("GetQueueAttributes") => answer(json!({"Attributes": {"ApproximateNumberOfMessages": "3"}})),
            _ => answer(json!({"Successful": [], "Failed": []})),
        }
    }
}

impl Queue {
    /// Ten more, when they are due.
    fn batch(&self) -> ResponseTemplate {
        let sent = self.sent.load(Ordering::SeqCst);
        let (start, first) = *self.since.lock().unwrap().get_or_insert_with(|| (Instant::now(), sent));
        let due = start + Duration::from_millis((sent - first) * 1_000 / FLOOD_A_SECOND);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let now = Timestamp::now();
        let messages: Vec<_> = (sent..sent + 10)
            .map(|number| {
                let mut alert = (*self.alert).clone();
                alert.id = detector::AlertId(format!("{now}-{number}"));
                alert.time = Some(now);
                json!({"MessageId": number.to_string(), "ReceiptHandle": "handle", "Body": serde_json::to_string(&alert).unwrap()})
            })
            .collect();
        self.sent.fetch_add(10, Ordering::SeqCst);
        answer(json!({"Messages": messages}))
    }
}

fn answer(body: serde_json::Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.to_string(), "application/x-amz-json-1.0")
}
