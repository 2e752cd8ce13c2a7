"""Applies examples to an emulated AWS with the real provider: apply, a second plan that must find
nothing to do, what must flow flows, destroy, and nothing left.

usage: apply.py EXAMPLE...      (run by the python that has tui/tests/pipeline/requirements.txt)

Each example runs against an emulator of its own, all at a time: most of an apply is the provider's
waiting. What they leave behind (logs, state) is in target/apply/EXAMPLE.

The function here is one that fails at once, so that whatever reaches it ends in its dead-letter
queue, where it can be looked at. The pipeline test runs the real one.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import zipfile
from datetime import datetime

import boto3

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
EMULATOR = os.path.join(ROOT, "tui", "tests", "pipeline", "emulator.py")
# Variables that have no default.
VARIABLES = {
    "existing-trail": {"trail": "company"},
    "organization": {"organization_id": "o-a1b2c3d4e5", "organization_trail": "organization",
                     "workload_account": "444455556666", "operations_emails": ["ops@example.com"]},
}
SECRET = "NeverToBeSeenAnywhere"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_time(text):
    """Whether the scheduler filled in a time: what it does not know it leaves as it stands."""
    try:
        datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


class Run:
    def __init__(self, example):
        self.example = example
        self.folder = os.path.join(ROOT, "target", "apply", example)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        copy = os.path.join(self.folder, "terraform")  # so that no state lies among the sources
        shutil.copytree(os.path.join(ROOT, "terraform"), copy, ignore=shutil.ignore_patterns(".terraform*", "tests", "*.tfstate*"))
        self.source = os.path.join(copy, "examples", example)
        self.state = os.path.join(self.source, "terraform.tfstate")
        self.port = free_port()
        package = os.path.join(self.folder, "bootstrap.zip")
        with zipfile.ZipFile(package, "w") as file:
            file.writestr("bootstrap", "#!/bin/sh\n")
            file.comment = b"iam-sentinel detector arm64"
        self.environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "TF_IN_AUTOMATION": "1",
            "TF_VAR_lambda_zip": package,
            "TF_VAR_slack_webhook_url": f"https://hooks.slack.com/services/T000/B000/{SECRET}",
            **{f"TF_VAR_{name}": value if isinstance(value, str) else json.dumps(value)
               for name, value in VARIABLES.get(example, {}).items()},
        }
        self.times = []

    def terraform(self, *arguments):
        """Runs it to its end; (exit code, output)."""
        with open(os.path.join(self.folder, "terraform.log"), "a") as log:
            done = subprocess.run(["terraform", f"-chdir={self.source}", *arguments, "-no-color"], env=self.environment,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            log.write(done.stdout)
        return done.returncode, done.stdout

    def step(self, name, *arguments, expect=0):
        start = time.monotonic()
        code, output = self.terraform(*arguments)
        self.times.append(f"{name} {time.monotonic() - start:.0f} s")
        if code != expect:
            raise SystemError(f"{self.example}: {name} ended with {code}\n{output}")
        return output

    def wait_for_emulator(self, process):
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise SystemError(f"{self.example}: the emulator does not answer; see {self.folder}/emulator.log")

    def run(self):
        with open(os.path.join(self.folder, "emulator.log"), "w") as log:
            process = subprocess.Popen([sys.executable, EMULATOR, str(self.port), self.folder], stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log)
        try:
            self.wait_for_emulator(process)
            self.step("init", "init", "-input=false")
            self.step("apply", "apply", "-input=false", "-auto-approve")
            # A difference would end it with 2.
            self.step("second plan", "plan", "-input=false", "-detailed-exitcode")
            self.check_state()
            self.check_flow()
            self.step("destroy", "destroy", "-input=false", "-auto-approve")
            with open(self.state) as file:
                if json.load(file)["resources"]:
                    raise SystemError(f"{self.example}: destroy left something; see {self.state}")
        finally:
            process.kill()
            process.wait()

    def check_state(self):
        with open(self.state) as file:
            text = file.read()
        if SECRET in text:
            raise SystemError(f"{self.example}: the webhook is in the state")
        count = sum(len(resource["instances"]) for resource in json.loads(text)["resources"] if resource["mode"] == "managed")
        self.times.append(f"{count} resources")

    # What must flow.

    def client(self, service, region="us-east-1", **credentials):
        credentials = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, region_name=region, endpoint_url=self.environment["AWS_ENDPOINT_URL"], **credentials)

    def check_flow(self):
        url = f"{self.environment['AWS_ENDPOINT_URL']}/moto-api/sentinel/canary"
        urllib.request.urlopen(urllib.request.Request(url, method="POST")).close()
        self.wait_for("function-dlq", "the canary", lambda body: body["requestPayload"]["source"] == "sentinel.iam-sentinel"
                      and body["requestPayload"]["detail-type"] == "IAM Sentinel Canary" and is_time(body["requestPayload"]["detail"]["scheduled"]))
        self.ring("us-east-1", "iam-sentinel-function-errors")
        if self.example == "regions":
            self.sign_in(self.client("events", "eu-north-1"))
            self.ring("eu-north-1", "iam-sentinel-forwarder-dlq-eu-north-1")
        if self.example == "organization":
            role = "arn:aws:iam::444455556666:role/OrganizationAccountAccessRole"
            answer = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
            self.sign_in(self.client("events", "eu-north-1", aws_access_key_id=answer["AccessKeyId"],
                                     aws_secret_access_key=answer["SecretAccessKey"], aws_session_token=answer["SessionToken"]))

    def sign_in(self, bus):
        """A sign-in far away must reach the function."""
        detail = {"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "awsRegion": "eu-north-1"}
        bus.put_events(Entries=[{"Source": "aws.signin", "DetailType": "AWS Console Sign In via CloudTrail", "Detail": json.dumps(detail)}])
        self.wait_for("function-dlq", "the sign-in", lambda body: body["requestPayload"]["detail"] == detail)

    def ring(self, region, alarm):
        """An alarm must reach the console, raw."""
        self.client("cloudwatch", region).set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")
        self.wait_for("console-oncall", alarm, lambda body: body.get("AlarmName") == alarm and body["NewStateValue"] == "ALARM")

    def wait_for(self, queue, what, is_it):
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=f"iam-sentinel-{queue}")["QueueUrl"]
        end = time.monotonic() + 60
        while time.monotonic() < end:
            for message in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, MaxNumberOfMessages=10).get("Messages", []):
                if is_it(json.loads(message["Body"])):
                    return
        raise SystemError(f"{self.example}: waited in vain for {what} in {queue}; see {self.folder}")


def main():
    runs, failures = [Run(example) for example in sys.argv[1:]], []

    def guarded(run):
        try:
            run.run()
            print(f"{run.example}: {', '.join(run.times)}", flush=True)
        except Exception as error:  # whatever it is, the others run on
            failures.append(f"{run.example}: {error!r}" if not isinstance(error, SystemError) else str(error))

    threads = [threading.Thread(target=guarded, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit("\n\n".join(failures))


main()
