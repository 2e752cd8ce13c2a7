//! The emulated AWS, and calls to it through boto3: a client that is not ours.

use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use crate::PATIENCE;
use crate::files::{self, Tools, run};

pub(crate) struct Emulator {
    process: Child,
    python: PathBuf,
    folder: PathBuf,
    endpoint: String,
    started: Instant,
}

impl Emulator {
    pub(crate) fn start(tools: &Tools, folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = fs::File::create(folder.join("emulator.log")).unwrap();
        let process = Command::new(&tools.python)
            .arg(files::here().join("emulator.py"))
            .arg(port.to_string())
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let emulator = Self {
            process,
            python: tools.python.clone(),
            folder: folder.to_owned(),
            endpoint: format!("http://127.0.0.1:{port}"),
            started: Instant::now(),
        };
        emulator.until("the emulator answers", || TcpStream::connect(("127.0.0.1", port)).ok().map(drop));
        emulator
    }

    /// Environment with which a client talks to this server and to nothing else.
    pub(crate) fn environment(&self) -> [(&'static str, String); 6] {
        [
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
        ]
    }

    /// One call, by boto3's names.
    pub(crate) fn call(&self, service: &str, method: &str, parameters: &Value) -> Value {
        const CALL: &str = "import boto3, json, sys\n\
            service, method, parameters = sys.argv[1:]\n\
            answer = getattr(boto3.client(service), method)(**json.loads(parameters))\n\
            print(json.dumps(answer, default=str))";
        let mut command = Command::new(&self.python);
        command.args(["-c", CALL, service, method, &parameters.to_string()]).envs(self.environment());
        serde_json::from_str(&run(command.env("AWS_DEFAULT_REGION", "us-east-1"))).unwrap()
    }

    /// The code with which a call is refused.
    pub(crate) fn refusal(&self, service: &str, method: &str, parameters: &Value) -> String {
        const CALL: &str = "import boto3, json, sys\n\
            from botocore.exceptions import ClientError\n\
            service, method, parameters = sys.argv[1:3] + [sys.stdin.read()]\n\
            try:\n\
            \x20   getattr(boto3.client(service), method)(**json.loads(parameters))\n\
            \x20   print('taken')\n\
            except ClientError as error:\n\
            \x20   print(error.response['Error']['Code'])";
        let mut command = Command::new(&self.python);
        command
            .args(["-c", CALL, service, method])
            .envs(self.environment())
            .env("AWS_DEFAULT_REGION", "us-east-1");
        // By standard input: a system takes arguments of 128 KiB at most.
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        process.stdin.take().unwrap().write_all(parameters.to_string().as_bytes()).unwrap();
        let output = process.wait_with_output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Ends the warm instance of the function; the next event starts one.
    pub(crate) fn restart_function(&self) {
        self.happens("restart", &Value::Null);
    }

    /// Throws away what is in a queue.
    pub(crate) fn empty(&self, queue: &str) {
        self.call("sqs", "purge_queue", &json!({"QueueUrl": self.queue_url(queue)}));
    }

    /// Puts a CloudTrail record on the bus, as CloudTrail does.
    pub(crate) fn put(&self, record: &Value) {
        self.put_all(std::slice::from_ref(record));
    }

    /// Many at once: ten a call, which is the most that EventBridge takes.
    pub(crate) fn put_all(&self, records: &[Value]) {
        let entry = |record: &Value| {
            let service = record["eventSource"].as_str().unwrap().split('.').next().unwrap();
            let source = format!("aws.{service}");
            json!({"Source": source, "DetailType": "AWS API Call via CloudTrail", "Detail": record.to_string()})
        };
        for records in records.chunks(10) {
            let entries: Vec<Value> = records.iter().map(entry).collect();
            let answer = self.call("events", "put_events", &json!({"Entries": entries}));
            assert_eq!(answer["FailedEntryCount"], 0, "{answer}");
        }
    }

    /// Gives the function an event by its test button.
    pub(crate) fn invoke(&self, event: &Value) {
        let parameters = json!({"FunctionName": "iam-sentinel", "Payload": event.to_string()});
        self.call("lambda", "invoke", &parameters);
    }

    /// Something that AWS does by itself: see world.py.
    pub(crate) fn happens(&self, what: &str, body: &Value) {
        const POST: &str = "import sys, urllib.request\n\
            urllib.request.urlopen(urllib.request.Request(\n\
            \x20   sys.argv[1], sys.argv[2].encode(), {'Content-Type': 'application/json'}, method='POST'))";
        let url = format!("{}/moto-api/sentinel/{what}", self.endpoint);
        run(Command::new(&self.python).args(["-c", POST, &url, &body.to_string()]));
    }

    /// From now on a service answers with an error of its own.
    pub(crate) fn take_away(&self, service: &str) {
        fs::write(self.folder.join(format!("{service}-is-away")), "").unwrap();
    }

    /// And is well again.
    pub(crate) fn bring_back(&self, service: &str) {
        fs::remove_file(self.folder.join(format!("{service}-is-away"))).unwrap();
    }

    /// A Lambda package of a program, as the deploy guide makes it.
    pub(crate) fn package(&self, program: &Path, folder: &Path) -> PathBuf {
        const ZIP: &str = "import sys, zipfile\n\
            with zipfile.ZipFile(sys.argv[2], 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as package:\n\
            \x20   package.write(sys.argv[1], 'bootstrap')";
        let package = folder.join("bootstrap.zip");
        run(Command::new(&self.python).args(["-c", ZIP]).arg(program).arg(&package));
        package
    }

    pub(crate) fn wait_until_empty(&self, queue: &str) {
        self.until(&format!("{queue} is empty"), || {
            let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
            let url = self.queue_url(queue);
            let answer =
                self.call("sqs", "get_queue_attributes", &json!({"QueueUrl": url, "AttributeNames": names}));
            names.iter().all(|name| answer["Attributes"][name] == "0").then_some(())
        });
    }

    /// Waits until a queue holds so many messages, and receives none.
    pub(crate) fn wait_for_messages(&self, queue: &str, count: usize) {
        self.until(&format!("{count} in {queue}"), || {
            let parameters =
                json!({"QueueUrl": self.queue_url(queue), "AttributeNames": ["ApproximateNumberOfMessages"]});
            let answer = self.call("sqs", "get_queue_attributes", &parameters);
            (answer["Attributes"]["ApproximateNumberOfMessages"].as_str()?.parse() == Ok(count)).then_some(())
        });
    }

    pub(crate) fn wait_for_message(&self, queue: &str) -> Value {
        self.until(&format!("a message in {queue}"), || {
            let parameters = json!({"QueueUrl": self.queue_url(queue), "WaitTimeSeconds": 5});
            let answer = self.call("sqs", "receive_message", &parameters);
            serde_json::from_str(answer["Messages"][0]["Body"].as_str()?).ok()
        })
    }

    fn queue_url(&self, name: &str) -> String {
        format!("{}/123456789012/{name}", self.endpoint)
    }

    pub(crate) fn function_log(&self) -> String {
        fs::read_to_string(self.folder.join("function.log")).unwrap()
    }

    /// Waits for a line of the function's log.
    pub(crate) fn wait_for_log(&self, what: &str, is_so: impl Fn(&Value) -> bool) {
        self.until(what, || {
            let log = self.function_log();
            log.lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .any(|line| is_so(&line))
                .then_some(())
        });
    }

    pub(crate) fn timings(&self) -> String {
        format!("{} s from the start", self.started.elapsed().as_secs())
    }

    fn until<T>(&self, what: &str, mut found: impl FnMut() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = found() {
                return found;
            }
            assert!(Instant::now() < end, "waited in vain until {what}; see {}", self.folder.display());
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
