#!/usr/bin/env python3
"""How long the packaged function takes to start, and how much memory it needs: without AWS.

    detector/package x86_64 && detector/benches/start.py target/lambda/x86_64/bootstrap.zip
    detector/benches/start.py --python     a Python handler with boto3 that looks for event names, for comparison

Unpacks the zip and runs `bootstrap` against a Runtime API, an SSM, an SNS and a Slack that this script
plays. The start is from exec to the first request for an event, 25 times; then one process is given
events: most that no rule names, every tenth an alert. Prints medians, time an event, the peak of the
resident memory, and bytes written to the log for each event. Needs Linux, and a package for its processor.
"""

import glob
import http.server
import json
import os
import queue
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

STARTS, EVENTS = 25, 500
TOPIC = "arn:aws:sns:us-east-1:111122223333:bench-alerts"


class World(http.server.BaseHTTPRequestHandler):
    """Lambda's Runtime API, SSM and SNS at one address."""

    protocol_version = "HTTP/1.1"
    # An answer in one piece and at once: else Nagle and a delayed acknowledgement add 40 ms to each.
    disable_nagle_algorithm = True
    wbufsize = -1
    first_next = threading.Event()
    asked_at = 0.0
    events: "queue.Queue[bytes]" = queue.Queue()
    answers: "queue.Queue[tuple[float, bytes]]" = queue.Queue()
    published = 0

    def log_message(self, *_):
        pass

    def answer(self, body, status=200, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        World.asked_at = time.perf_counter()
        events = World.events
        World.first_next.set()
        event = events.get()
        now = int(time.time() * 1000)
        try:
            self.answer(event, Lambda_Runtime_Aws_Request_Id="bench", Lambda_Runtime_Deadline_Ms=now + 60_000,
                        Lambda_Runtime_Invoked_Function_Arn="arn:aws:lambda:us-east-1:111122223333:function:bench")  # fmt: skip
        except OSError:
            pass  # The process was ended while it waited.

    def do_POST(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/2018-06-01/runtime/"):
            World.answers.put((time.perf_counter(), body))
            self.answer(b"", 202)
        elif "GetParameter" in self.headers.get("X-Amz-Target", ""):
            parameter = {"Parameter": {"Name": "/bench/hook", "Type": "SecureString", "Value": "https://hooks.slack.com/services/x"}}
            self.answer(json.dumps(parameter).encode(), Content_Type="application/x-amz-json-1.1")
        else:
            World.published += 1
            self.answer(b"<PublishResponse xmlns='http://sns.amazonaws.com/doc/2010-03-31/'><PublishResult><MessageId>1</MessageId>"
                        b"</PublishResult></PublishResponse>", Content_Type="text/xml")  # fmt: skip


def record(number):
    alert = number % 10 == 0
    return json.dumps({"version": "0", "source": "aws.iam", "detail-type": "AWS API Call via CloudTrail", "detail": {
        "eventVersion": "1.11", "eventID": f"{number:08x}-0000-4000-8000-000000000000", "eventTime": "2026-11-24T02:00:00Z",
        "eventSource": "iam.amazonaws.com", "awsRegion": "us-east-1", "recipientAccountId": "111122223333",
        "eventName": "CreateAccessKey" if alert else "GetUser", "sourceIPAddress": "203.0.113.7", "userAgent": "aws-cli/2.31",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/alice", "userName": "alice", "accountId": "111122223333"},
        "requestParameters": {"userName": f"user-{number}"}}}).encode()  # fmt: skip


def start(bootstrap, port, log, parameter):
    environment = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "AWS_LAMBDA_FUNCTION_VERSION": "1", "SNS_TOPIC_ARN": TOPIC, "SLACK_DELIVERY": "queue",
    }  # fmt: skip
    if parameter:
        environment["SLACK_WEBHOOK_PARAMETER"] = "/bench/hook"
    World.first_next.clear()
    # One for each process: what ends the wait of a dead one must not reach the next.
    World.events = queue.Queue()
    began = time.perf_counter()
    process = subprocess.Popen(bootstrap, env=environment, stdout=log, stderr=log)
    if not World.first_next.wait(20):
        sys.exit("The function did not ask for an event within 20 s; its log:\n" + open(log.name).read())
    return process, (World.asked_at - began) * 1000


def peak(process):
    with open(f"/proc/{process.pid}/status") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])


def processor(process):
    """Milliseconds on a processor so far, of all threads: a busy machine does not change them much."""
    tasks = glob.glob(f"/proc/{process.pid}/task/*/schedstat")
    return sum(int(open(task).read().split()[0]) for task in tasks) / 1e6


def end(process):
    process.kill()
    process.wait()
    # The handler of the dead process still waits for an event.
    World.events.put(b"{}")


# The least that such a function does: no facts, no severity, no policies. The loop is the smallest there is, so that the
# numbers are those of Python and boto3.
PEER = """
import http.client, json, os
import boto3
sns = boto3.client("sns")
NAMES = {"CreateAccessKey", "CreateUser", "AttachUserPolicy", "PutUserPolicy", "UpdateAssumeRolePolicy", "StopLogging"}
def handle(event):
    record = event["detail"]
    if record.get("eventName") not in NAMES:
        return {}
    sns.publish(TopicArn=os.environ["SNS_TOPIC_ARN"], Message=json.dumps(record))
    return {"severity": "HIGH"}
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = api.getresponse()
    request, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], json.loads(answer.read())
    api.request("POST", f"/2018-06-01/runtime/invocation/{request}/response", json.dumps(handle(event)))
    api.getresponse().read()
"""


def peer():
    """The command of a Python function, in a virtual environment under target/."""
    venv = os.path.join(os.path.dirname(__file__), "../../target/peer-venv")
    if not os.path.exists(os.path.join(venv, "ready")):
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([os.path.join(venv, "bin/python"), "-m", "pip", "install", "--quiet", "boto3==1.44.8"], check=True)
        open(os.path.join(venv, "ready"), "w").close()
    return [os.path.join(venv, "bin/python"), "-c", PEER]


def main(package):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), World)
    server.handle_error = lambda *_: None  # Processes are ended while they wait.
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, "log"), "w") as log:
        if package == "--python":
            bootstrap = peer()
        else:
            zipfile.ZipFile(package).extract("bootstrap", folder)
            bootstrap = [os.path.join(folder, "bootstrap")]
            os.chmod(bootstrap[0], 0o755)
        for parameter in (False,) if package == "--python" else (False, True):
            times, busy, memory = [], [], []
            for _ in range(STARTS):
                process, took = start(bootstrap, port, log, parameter)
                times.append(took)
                busy.append(processor(process))
                memory.append(peak(process))
                end(process)
            what = "with the webhook read from SSM" if parameter else "without a webhook"
            print(f"start {what}: median {statistics.median(times):.1f} ms, {min(times):.1f} to {max(times):.1f}; "
                  f"{statistics.median(busy):.1f} ms of processor; peak {statistics.median(memory):,.0f} KiB")  # fmt: skip
        process, _ = start(bootstrap, port, log, True)
        took = {False: [], True: []}
        before = os.path.getsize(log.name)
        for number in range(EVENTS):
            sent = time.perf_counter()
            World.events.put(record(number))
            try:
                answered, body = World.answers.get(timeout=20)
            except queue.Empty:
                sys.exit("The function did not answer within 20 s; its log:\n" + open(log.name).read()[-4000:])
            if (b"CRITICAL" in body or b"HIGH" in body or b"MEDIUM" in body or b"LOW" in body) != (number % 10 == 0):
                sys.exit(f"event {number} was answered with {body!r}")
            took[number % 10 == 0].append((answered - sent) * 1000)
        print(f"an event that no rule names: median {statistics.median(took[False]):.2f} ms; "
              f"an alert, published: {statistics.median(took[True]):.2f} ms ({World.published} published)")  # fmt: skip
        print(f"after {EVENTS} events: peak {peak(process):,} KiB; {(os.path.getsize(log.name) - before) / EVENTS:.0f} bytes of log an event")
        end(process)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
