"""AWS for one test: moto_server, with Lambda run for real and a few gaps closed.

usage: emulator.py PORT FOLDER

moto answers the APIs. What it does not do is here: a function is the `bootstrap` of its own package,
unpacked into FOLDER, started as Lambda starts it and served over a Runtime API; EventBridge invokes it asynchronously, with retries and the
on-failure destination; an SQS event source mapping polls its queue and honours partial batch responses.
What goes on around the function (schedules, alarms, CloudTrail's memory) is in world.py, what AWS
refuses in quotas.py.
Waits are shortened, orders and limits are not. The function's output goes to FOLDER/function.log.

Every patch names the gap in moto it closes, and `known` fails loudly when a new moto has other
insides, so that a test never passes against half an emulator.
"""

import copy
import io
import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.dont_write_bytecode = True  # no caches among the sources
PORT, FOLDER = int(sys.argv[1]), sys.argv[2]
ENDPOINT = f"http://127.0.0.1:{PORT}"
# Lambda waits about 1 and 2 minutes, the queue its visibility timeout: here a second each.
RETRY_WAIT = 1
# The mapping's batching window, where it has one: the second that terraform sets.
WINDOW = 1
BOOTSTRAP = "bootstrap"
os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", MOTO_PORT=str(PORT))

import boto3
import moto.awslambda.models as awslambda
import moto.cloudtrail.models as cloudtrail
import moto.events.models as events
import moto.sqs.models as sqs
from moto.cloudtrail.responses import CloudTrailResponse


def known(owner, name):
    """The attribute to be patched; an error where this moto has none."""
    found = owner.__dict__.get(name)
    if found is None:
        sys.exit(f"emulator.py: this moto has no {owner.__name__}.{name}; pin the version it was written for")
    return found


def patch(owner, name):
    """Replaces a method; the new one gets the old one first."""
    old = known(owner, name)

    def put(new):
        setattr(owner, name, lambda self, *args, **kwargs: new(old, self, *args, **kwargs))

    return put


import quotas  # noqa: E402  (before the patches below, which hide the parameters it looks at)

quotas.install(patch, known)

# --- The function, as Lambda runs it ---------------------------------------------------------------


class Function:
    """One warm instance of a function: a process, and the Runtime API it asks for work."""

    def __init__(self, model):
        self.model = model
        self.work = queue.Queue()
        self.answers = {}
        self.process = None
        self.lock = threading.Lock()
        self.api = ThreadingHTTPServer(("127.0.0.1", 0), self.runtime_api())
        threading.Thread(target=self.api.serve_forever, daemon=True).start()

    def runtime_api(function):
        class Api(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def reply(self, status, body=b"", headers=()):
                self.send_response(status)
                for name, value in (*headers, ("Content-Length", str(len(body)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def body(self):
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length", 0)))
                parts = []
                while size := int(self.rfile.readline(), 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)

            def do_GET(self):  # /2018-06-01/runtime/invocation/next
                request, payload = function.work.get()
                deadline = int((time.time() + int(function.model.timeout)) * 1000)
                self.reply(200, payload, [
                    ("Content-Type", "application/json"),
                    ("Lambda-Runtime-Aws-Request-Id", request),
                    ("Lambda-Runtime-Deadline-Ms", str(deadline)),
                    ("Lambda-Runtime-Invoked-Function-Arn", function.model.function_arn),
                ])

            def do_POST(self):  # .../invocation/ID/response, .../invocation/ID/error, .../init/error
                body, parts = self.body(), self.path.split("/")
                self.reply(202)
                answer = function.answers.pop(parts[-2], None)
                if answer:
                    answer.put((parts[-1] == "error", body))

        return Api

    def start(self):
        self.work = queue.Queue()  # an instance that ended may still stand in line at the old one
        model = self.model
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.api.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": model.function_name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(model.memory_size),
            "AWS_LAMBDA_LOG_FORMAT": model.sentinel_logging["LogFormat"],
            "AWS_LAMBDA_LOG_LEVEL": model.sentinel_logging.get("ApplicationLogLevel", "INFO"),
            "AWS_REGION": model.region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": ENDPOINT,
            "_HANDLER": model.handler,
            **model.environment_vars,
        }
        zipfile.ZipFile(io.BytesIO(model.code_bytes)).extract(BOOTSTRAP, FOLDER)
        program = os.path.join(FOLDER, BOOTSTRAP)
        os.chmod(program, 0o755)
        with open(os.path.join(FOLDER, "function.log"), "ab") as log:
            self.process = subprocess.Popen([program], env=environment, stdout=log, stderr=log)

    def invoke(self, event):
        """Runs one event; (failed, body)."""
        with self.lock:  # one instance, one event at a time
            if self.process is None or self.process.poll() is not None:
                self.start()
            request, answer = str(uuid.uuid4()), queue.Queue()
            self.answers[request] = answer
            self.work.put((request, json.dumps(event).encode()))
            end = time.time() + int(self.model.timeout)
            while time.time() < end:
                try:
                    return answer.get(timeout=0.1)
                except queue.Empty:
                    if self.process.poll() is not None:
                        message = f"exit {self.process.returncode}"
                        return True, json.dumps({"errorType": "Runtime.ExitError", "errorMessage": message}).encode()
            self.process.kill()
            return True, b'{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out"}'


functions = {}


def instance(model):
    return functions.setdefault(model.function_arn, Function(model))


@patch(awslambda.LambdaFunction, "_invoke_lambda")  # moto would run Docker
def _invoke(old, self, event=None):
    failed, body = instance(self).invoke({} if event is None else event)
    return body.decode(), failed, ""


def invoke_asynchronously(model, event):
    """Two retries, then the on-failure destination with all that is known."""
    for attempt in range(3):
        failed, body = instance(model).invoke(event)
        if not failed:
            return
        if attempt < 2:
            time.sleep(RETRY_WAIT)
    for config in model.event_invoke_config:
        destination = config.response().get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
        if ":sqs:" in destination:
            context = {"condition": "RetriesExhausted", "approximateInvokeCount": 3, "functionArn": model.function_arn}
            record = {"version": "1.0", "requestContext": context, "requestPayload": event,
                      "responsePayload": json.loads(body)}
            name = destination.split(":")[-1]
            client("sqs", model.region).send_message(QueueUrl=queue_url(model, name), MessageBody=json.dumps(record))


def client(service, region):
    return boto3.client(service, region_name=region, endpoint_url=ENDPOINT)


def queue_url(model, name):
    return f"{ENDPOINT}/{model.account_id}/{name}"


@patch(events.Rule, "send_to_targets")  # moto raises NotImplementedError for functions
def _send_to_targets(old, self, event, *args, **kwargs):
    # moto fires disabled rules too.
    if self.state == "DISABLED" or not self.event_pattern.matches_event(event):
        return
    rest = []
    for target in list(self.targets):
        if ":lambda:" in target["Arn"]:
            to_function(self, target["Arn"], event)
        elif ":event-bus/" in target["Arn"]:
            to_bus(target["Arn"], event)
        else:
            rest.append(target)
    # A copy: other events go by this rule at the same time.
    remainder = copy.copy(self)
    remainder.targets = rest
    old(remainder, event, *args, **kwargs)


def to_function(rule, arn, event):
    event = {name: value for name, value in event.items() if name != "ingestion-time"}
    if not isinstance(event.get("time"), str):
        event["time"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(float(event["time"])))
    model = awslambda.lambda_backends[rule.account_id][rule.region_name].get_function(arn)
    threading.Thread(target=invoke_asynchronously, args=(model, event), daemon=True).start()


def to_bus(arn, event):
    """Another region's or account's bus: the event arrives as it is, account and region kept (moto makes a new one)."""
    _, _, _, region, account, bus = arn.split(":")
    for rule in list(events.events_backends[account][region].event_buses[bus.removeprefix("event-bus/")].rules.values()):
        rule.send_to_targets(event)


@patch(awslambda.LambdaBackend, "create_event_source_mapping")  # moto sends each message once, ignoring failures
def _create_mapping(old, self, spec):
    mapping = old(self, spec)
    name = mapping.event_source_arn.split(":")[-1]
    sqs.sqs_backends[self.account_id][self.region_name].get_queue(name).lambda_event_source_mappings.clear()
    threading.Thread(target=poll, args=(self, mapping, name), daemon=True).start()
    return mapping


def poll(backend, mapping, name):
    """An event source mapping: batches to the function, deletes what worked, gives back what did not."""
    caller = client("sqs", mapping.region)
    while mapping.uuid in backend._event_source_mappings:
        model = backend.get_function(mapping.function_arn)
        url = queue_url(model, name)
        messages, end = [], None  # a batch of more than ten is gathered over the window, which begins with the first
        try:
            while len(messages) < mapping.batch_size and (end is None or time.time() < end):
                messages += caller.receive_message(
                    QueueUrl=url, MaxNumberOfMessages=min(10, mapping.batch_size - len(messages)),
                    WaitTimeSeconds=1, MessageAttributeNames=["All"]).get("Messages", [])
                end = end or time.time() + (WINDOW if messages else 0)
        except Exception:
            return  # the queue is gone
        if not messages:
            continue
        attributes = lambda message: {
            name: {"stringValue": value.get("StringValue"), "dataType": value["DataType"]}
            for name, value in message.get("MessageAttributes", {}).items()}
        failed, body = instance(model).invoke({"Records": [
            {"messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
             "messageAttributes": attributes(message), "eventSource": "aws:sqs",
             "eventSourceARN": mapping.event_source_arn, "awsRegion": mapping.region}
            for message in messages]})
        report = {} if failed else json.loads(body)
        back = {item["itemIdentifier"] for item in report.get("batchItemFailures", [])}
        for message in messages:
            if failed or message["MessageId"] in back:
                caller.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"],
                                                 VisibilityTimeout=RETRY_WAIT)
            else:
                caller.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


# --- Gaps that would show as differences in a second plan -------------------------------------------


@patch(awslambda.LambdaFunction, "__init__")  # LoggingConfig and KMSKeyArn are not kept
def _init(old, self, account_id, spec, *args, **kwargs):
    old(self, account_id, spec, *args, **kwargs)
    self.sentinel_logging = spec.get("LoggingConfig") or {"LogFormat": "Text"}
    self.sentinel_key = {"KMSKeyArn": spec["KMSKeyArn"]} if spec.get("KMSKeyArn") else {}


@patch(awslambda.LambdaFunction, "get_configuration")
def _configuration(old, self, *args, **kwargs):
    return {**old(self, *args, **kwargs), "LoggingConfig": self.sentinel_logging, **self.sentinel_key}


def by_name(old, self, name, *args, **kwargs):  # the provider sends the ARN
    return old(self, self.get_trail(name).trail_name, *args, **kwargs)


for method in ("start_logging", "stop_logging", "delete_trail"):
    patch(cloudtrail.CloudTrailBackend, method)(by_name)


@patch(CloudTrailResponse, "describe_trails")  # the names asked for are ignored: all trails come back
def _describe_trails(old, self):
    answer, wanted = json.loads(old(self)), self._get_param("trailNameList") or []
    if wanted:
        answer["trailList"] = [trail for trail in answer["trailList"] if {trail["Name"], trail["TrailARN"]} & set(wanted)]
    return json.dumps(answer)


@patch(sqs.Queue, "_set_attributes")  # any change takes the policy away
def _set_attributes(old, self, attributes, now=None):
    policy = getattr(self, "policy", None)
    old(self, attributes, now)
    if "Policy" not in attributes:
        self.policy = policy


compact = lambda text: json.dumps(json.loads(text), separators=(",", ":"))
attributes = known(sqs.Queue, "attributes").fget


def compact_attributes(self):  # the redrive policy comes back with other white space
    return {name: compact(value) if name == "RedrivePolicy" and value else value
            for name, value in attributes(self).items()}


sqs.Queue.attributes = property(compact_attributes)

import world  # noqa: E402  (it and the server come after the patches)

world.install(patch, known, client, FOLDER, functions)

from moto.server import main  # noqa: E402  (after the patches)

main(["-H", "127.0.0.1", "-p", str(PORT)])
