"""Applies examples to an emulated AWS with the real provider: apply, a second plan that must find
nothing to do, destroy, and nothing left.

usage: apply.py EXAMPLE...      (run by the python that has tui/tests/pipeline/requirements.txt)

Each example runs against an emulator of its own, all at a time: most of an apply is the provider's
waiting. What they leave behind (logs, state) is in target/apply/EXAMPLE.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import zipfile

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


class Run:
    def __init__(self, example):
        self.example = example
        self.folder = os.path.join(ROOT, "target", "apply", example)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.source = os.path.join(ROOT, "terraform", "examples", example)
        self.state = os.path.join(self.folder, "terraform.tfstate")
        self.port = free_port()
        package = os.path.join(self.folder, "bootstrap.zip")
        with zipfile.ZipFile(package, "w") as file:
            # Nothing is invoked here: that is the pipeline test's.
            file.writestr("bootstrap", "#!/bin/sh\n")
            file.comment = b"iam-sentinel detector arm64"
        self.environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "TF_DATA_DIR": os.path.join(self.folder, "data"), "TF_IN_AUTOMATION": "1",
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
            state = f"-state={self.state}"
            self.step("init", "init", "-input=false")
            self.step("apply", "apply", "-input=false", "-auto-approve", state)
            # A difference would end it with 2.
            self.step("second plan", "plan", "-input=false", "-detailed-exitcode", state)
            self.check_state()
            self.step("destroy", "destroy", "-input=false", "-auto-approve", state)
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


def main():
    runs, failures = [Run(example) for example in sys.argv[1:]], []

    def guarded(run):
        try:
            run.run()
            print(f"{run.example}: {', '.join(run.times)}", flush=True)
        except (SystemError, OSError) as error:
            failures.append(str(error))

    threads = [threading.Thread(target=guarded, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit("\n\n".join(failures))


main()
