//! A queue that keeps SQS's promises and breaks all that SQS may: a message that is received is hidden for a while,
//! comes again until it is deleted, twice or in another order, and any answer may fail, hang, end in the middle or be
//! none.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Dice;

/// Time for which a message that was received is hidden.
const HIDDEN: Duration = Duration::from_millis(1_500);
/// The most messages of an answer.
const BATCH: usize = 10;

#[derive(Debug, Clone)]
struct Message {
    id: String,
    body: String,
}

struct State {
    waiting: VecDeque<Message>,
    /// By receipt handle: the message, and the end of its being hidden.
    hidden: HashMap<String, (Message, Instant)>,
    deleted: BTreeSet<String>,
    receipts: u64,
    /// True where an answer waits for messages, as SQS's do.
    waits: bool,
    /// Access key that is taken; others have expired. `None`: any.
    key: Option<String>,
    dice: Dice,
}

/// The queue, on a port of its own.
pub(crate) struct Queue {
    port: u16,
    state: Arc<Mutex<State>>,
    is_faulty: Arc<AtomicBool>,
    requests: Arc<AtomicU64>,
    /// Faults so far.
    faults: Arc<AtomicU64>,
}

/// Fault of one answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Error,
    Throttled,
    Expired,
    Slow,
    Cut,
    Half,
    NotJson,
    /// The work is done, and the answer is lost.
    Lost,
    /// Messages come again at once; deletions are refused one by one.
    Odd,
}

const FAULTS: [Fault; 9] = [
    Fault::Error,
    Fault::Throttled,
    Fault::Expired,
    Fault::Slow,
    Fault::Cut,
    Fault::Half,
    Fault::NotJson,
    Fault::Lost,
    Fault::Odd,
];

impl Queue {
    pub(crate) fn start(dice: Dice) -> Self {
        Self::with(dice, true)
    }

    /// A queue that says at once that nothing has come.
    pub(crate) fn start_impatient(dice: Dice) -> Self {
        Self::with(dice, false)
    }

    fn with(dice: Dice, waits: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let state = State {
            waiting: VecDeque::new(),
            hidden: HashMap::new(),
            deleted: BTreeSet::new(),
            receipts: 0,
            waits,
            key: None,
            dice,
        };
        let queue = Self {
            port: listener.local_addr().unwrap().port(),
            state: Arc::new(Mutex::new(state)),
            is_faulty: Arc::default(),
            requests: Arc::default(),
            faults: Arc::default(),
        };
        let (state, is_faulty) = (Arc::clone(&queue.state), Arc::clone(&queue.is_faulty));
        let (requests, faults) = (Arc::clone(&queue.requests), Arc::clone(&queue.faults));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (state, may_fail) = (Arc::clone(&state), is_faulty.load(Ordering::Relaxed));
                let (requests, faults) = (Arc::clone(&requests), Arc::clone(&faults));
                std::thread::spawn(move || {
                    requests.fetch_add(1, Ordering::Relaxed);
                    let fault = if may_fail { fault(&state) } else { Fault::None };
                    faults.fetch_add(u64::from(fault != Fault::None), Ordering::Relaxed);
                    serve(stream, &state, fault);
                });
            }
        });
        queue
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/111122223333/iam-sentinel-console-faults", self.endpoint())
    }

    pub(crate) fn send(&self, id: &str, body: &str) {
        let message = Message { id: id.to_owned(), body: body.to_owned() };
        self.state.lock().unwrap().waiting.push_back(message);
    }

    /// Every third answer fails from now on, or none.
    pub(crate) fn be_faulty(&self, is: bool) {
        self.is_faulty.store(is, Ordering::Relaxed);
    }

    /// Takes requests by this access key alone from now on.
    pub(crate) fn take_key(&self, key: &str) {
        self.state.lock().unwrap().key = Some(key.to_owned());
    }

    pub(crate) fn deleted(&self) -> usize {
        self.state.lock().unwrap().deleted.len()
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn faults(&self) -> u64 {
        self.faults.load(Ordering::Relaxed)
    }
}

fn fault(state: &Mutex<State>) -> Fault {
    let dice = &mut state.lock().unwrap().dice;
    match dice.below(3) {
        0 => FAULTS.get(usize::try_from(dice.below(9)).unwrap()).copied().unwrap_or(Fault::None),
        _ => Fault::None,
    }
}

/// Answers one request.
fn serve(mut stream: TcpStream, state: &Mutex<State>, fault: Fault) {
    if fault == Fault::Cut {
        return;
    }
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut call, mut length, mut key) = (String::new(), 0, String::new());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        let (name, value) = line.trim().split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => value.trim().rsplit('.').next().unwrap_or_default().clone_into(&mut call),
            // `AWS4-HMAC-SHA256 Credential=KEY/DAY/…`
            "authorization" => {
                let begun = value.split_once("Credential=").map_or("", |(_, begun)| begun);
                begun.split('/').next().unwrap_or_default().clone_into(&mut key);
            }
            "content-length" => length = value.trim().parse().unwrap_or(0),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let refuse = |code: &str| json!({"__type": format!("com.amazonaws.sqs#{code}"), "message": "a fault"});
    let has_expired = state.lock().unwrap().key.as_ref().is_some_and(|taken| *taken != key);
    let (status, answer) = match fault {
        _ if has_expired => (403, refuse("ExpiredToken").to_string()),
        Fault::Error => (500, refuse("InternalFailure").to_string()),
        Fault::Throttled => (400, refuse("RequestThrottled").to_string()),
        Fault::Expired => (403, refuse("ExpiredToken").to_string()),
        Fault::NotJson => (200, "<html>captive portal</html>".to_owned()),
        _ => (200, answer(&call, &request, state, fault).to_string()),
    };
    if fault == Fault::Slow {
        std::thread::sleep(Duration::from_millis(700));
    }
    if fault == Fault::Lost {
        return;
    }
    let sent = if fault == Fault::Half { answer.len() / 2 } else { answer.len() };
    let head = format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        answer.len()
    );
    // The console may be killed meanwhile.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(answer.as_bytes().get(..sent).unwrap_or_default());
}

fn answer(call: &str, request: &Value, state: &Mutex<State>, fault: Fault) -> Value {
    match call {
        "ReceiveMessage" => receive(request, state, fault),
        "DeleteMessageBatch" => delete(request, &mut state.lock().unwrap(), fault),
        _ => json!({}),
    }
}

/// Waits for messages as SQS does.
fn receive(request: &Value, state: &Mutex<State>, fault: Fault) -> Value {
    let wait = request.get("WaitTimeSeconds").and_then(Value::as_u64).unwrap_or(0);
    let end = Instant::now() + Duration::from_secs(wait);
    loop {
        let messages = take(&mut state.lock().unwrap(), fault);
        if !messages.is_empty() {
            return json!({"Messages": messages});
        }
        if !state.lock().unwrap().waits || Instant::now() >= end {
            return json!({});
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn take(state: &mut State, fault: Fault) -> Vec<Value> {
    let now = Instant::now();
    let over: Vec<String> = state
        .hidden
        .iter()
        .filter(|(_, (_, until))| *until <= now)
        .map(|(receipt, _)| receipt.clone())
        .collect();
    for receipt in over {
        let (message, _) = state.hidden.remove(&receipt).unwrap();
        if !state.deleted.contains(&message.id) {
            state.waiting.push_back(message);
        }
    }
    let mut messages = Vec::new();
    while messages.len() < BATCH && !state.waiting.is_empty() {
        let place = state.dice.below(state.waiting.len().min(50) as u64);
        let message = state.waiting.remove(usize::try_from(place).unwrap()).unwrap();
        if fault == Fault::Odd {
            state.waiting.push_back(message.clone());
        }
        state.receipts += 1;
        let receipt = format!("r{}", state.receipts);
        messages.push(json!({"MessageId": message.id, "ReceiptHandle": receipt, "Body": message.body,
            "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "alert"}}}));
        state.hidden.insert(receipt, (message, now + HIDDEN));
    }
    messages
}

fn delete(request: &Value, state: &mut State, fault: Fault) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in request.get("Entries").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let is_refused = fault == Fault::Odd && state.dice.below(2) == 0;
        match state.hidden.remove(text("ReceiptHandle")) {
            Some((message, _)) if !is_refused => {
                state.waiting.retain(|waiting| waiting.id != message.id);
                state.deleted.insert(message.id);
                successful.push(json!({"Id": text("Id")}));
            }
            kept => {
                if let Some((message, until)) = kept {
                    state.hidden.insert(text("ReceiptHandle").to_owned(), (message, until));
                }
                // As SQS says of a handle that is too old, or of its own trouble.
                let code = if is_refused { "InternalError" } else { "ReceiptHandleIsInvalid" };
                failed.push(
                    json!({"Id": text("Id"), "Code": code, "SenderFault": !is_refused, "Message": "a fault"}),
                );
            }
        }
    }
    json!({"Successful": successful, "Failed": failed})
}
