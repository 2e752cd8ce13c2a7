"""The world around the function, for emulator.py: what AWS does by itself and moto does not.

- A schedule fires: POST /moto-api/sentinel/canary sends what every enabled schedule would send now.
- An alarm acts: set_alarm_state publishes to the alarm's topics what CloudWatch would.
- CloudTrail remembers: LookupEvents answers, with its pages of 50 and its two calls a second, what
  was put on the bus as a call, and what happened and never got there: POST /moto-api/sentinel/happened
  with a record (Content-Type: application/json).
"""

import json
import os
import sys
import threading
import time
from datetime import datetime, timezone

import moto.cloudwatch.models as cloudwatch
import moto.events.models as events
import moto.scheduler.models as scheduler
import moto.sns.models as sns
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError
from moto.moto_api._internal import urls
from moto.sns.exceptions import InternalError

PAGE = 50
CALLS_A_SECOND = 2


def install(patch, known, client, folder, functions):
    """Puts all of it in place. `patch` and `known` fail loudly where moto's insides are other ones."""
    known(scheduler.Schedule, "to_dict")
    global instances
    instances = functions
    for path, answer in (("canary", canary(client)), ("happened", happened), ("restart", restart)):
        urls.url_paths[f"{{0}}/moto-api/sentinel/{path}"] = answer
    alarms_act(patch, client)
    cloudtrail_remembers(patch)
    sns_goes_away(patch, os.path.join(folder, "sns-is-away"))


# --- The function, ended by Lambda while it has nothing to do -----------------------------------------

instances = {}


def restart(request, full_url, headers):
    for function in instances.values():
        with function.lock:
            if function.process is not None:
                function.process.kill()
                function.process.wait()
    return 200, {}, "{}"


# --- The schedule ----------------------------------------------------------------------------------


def canary(client):
    def fly(request, full_url, headers):
        flown = 0
        for account in list(scheduler.scheduler_backends.values()):
            for region, backend in list(account.items()):
                for group in list(backend.schedule_groups.values()):
                    for schedule in list(group.schedules.values()):
                        flown += fire(schedule, client, region)
        return 200, {}, json.dumps({"flown": flown})

    return fly


def fire(schedule, client, region):
    target = schedule.target
    if schedule.state != "ENABLED" or ":event-bus/" not in target["Arn"]:
        return 0
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    parameters = target["EventBridgeParameters"]
    answer = client("events", region).put_events(Entries=[{
        "EventBusName": target["Arn"], "Source": parameters["Source"], "DetailType": parameters["DetailType"],
        "Detail": target.get("Input", "{}").replace("<aws.scheduler.scheduled-time>", now)}])
    return 1 - answer["FailedEntryCount"]


# --- Alarms ----------------------------------------------------------------------------------------


def alarms_act(patch, client):
    @patch(cloudwatch.CloudWatchBackend, "set_alarm_state")  # moto keeps the state and tells nobody
    def _set_alarm_state(old, self, alarm_name, reason, reason_data, state_value):
        before = self.alarms[alarm_name].state_value if alarm_name in self.alarms else None
        old(self, alarm_name, reason, reason_data, state_value)
        alarm = self.alarms[alarm_name]
        if not alarm.actions_enabled or before == state_value:
            return
        message = json.dumps({
            "AlarmName": alarm.name, "AlarmDescription": alarm.description, "AWSAccountId": self.account_id,
            "AlarmConfigurationUpdatedTimestamp": stamp(), "NewStateValue": state_value, "NewStateReason": reason,
            "StateChangeTime": stamp(), "Region": self.region_name, "AlarmArn": alarm.alarm_arn,
            "OldStateValue": before, "OKActions": alarm.ok_actions, "AlarmActions": alarm.alarm_actions,
            "InsufficientDataActions": [],
            "Trigger": {"MetricName": alarm.metric_name, "Namespace": alarm.namespace, "Threshold": alarm.threshold}})
        actions = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}.get(state_value) or []
        for topic in (arn for arn in actions if ":sns:" in arn):
            subject = f'{state_value}: "{alarm.name}" in {self.region_name}'
            client("sns", topic.split(":")[3]).publish(TopicArn=topic, Message=message, Subject=subject[:100])


def stamp():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


# --- SNS, away ------------------------------------------------------------------------------------


def sns_goes_away(patch, sign):
    @patch(sns.SNSBackend, "publish")
    def _publish(old, self, *args, **kwargs):
        if os.path.exists(sign):
            raise InternalError("SNS is away")
        return old(self, *args, **kwargs)


# --- CloudTrail's memory ---------------------------------------------------------------------------

history = {}  # eventID -> record
calls = []  # when LookupEvents was called
lock = threading.Lock()


def remember(record):
    with lock:
        history[record["eventID"]] = record


def happened(request, full_url, headers):
    if not request.data:  # Flask has read it as a form
        return 400, {}, json.dumps({"error": "send a record as application/json"})
    remember(json.loads(request.data))
    return 200, {}, "{}"


def when(record):
    return datetime.fromisoformat(record["eventTime"].replace("Z", "+00:00")).timestamp()


def cloudtrail_remembers(patch):
    if hasattr(CloudTrailResponse, "lookup_events"):
        sys.exit("world.py: this moto answers LookupEvents itself; take ours out")
    CloudTrailResponse.lookup_events = lookup_events

    @patch(events.EventsBackend, "put_events")
    def _put_events(old, self, entries):
        for entry in entries:
            record = json.loads(entry["Detail"]) if entry.get("Detail") else {}
            if entry.get("DetailType", "").endswith("via CloudTrail") and "eventID" in record and "eventTime" in record:
                remember(record)
        return old(self, entries)


def lookup_events(self):
    with lock:
        now = time.monotonic()
        calls[:] = [call for call in calls if now - call < 1] + [now]
        if len(calls) > CALLS_A_SECOND:
            raise JsonRESTError("ThrottlingException", "Rate exceeded")
        records = [record for record in history.values() if record.get("awsRegion") == self.region]
    start, end = self._get_param("StartTime"), self._get_param("EndTime")
    # Not by user, resource or key: nobody asks for those here.
    keys = {"EventId": "eventID", "EventName": "eventName", "EventSource": "eventSource", "ReadOnly": "readOnly"}
    wanted = [(keys[item["AttributeKey"]], item["AttributeValue"]) for item in self._get_param("LookupAttributes") or []]
    text = lambda value: value if isinstance(value, str) else json.dumps(value)  # true and false are words in a question
    found = sorted((record for record in records
                    if (start is None or when(record) >= float(start)) and (end is None or when(record) <= float(end))
                    and all(text(record.get(key, False)) == value for key, value in wanted)), key=when, reverse=True)
    first = int(self._get_param("NextToken") or 0)
    last = first + min(PAGE, int(self._get_param("MaxResults") or PAGE))
    page = {"Events": [{
        "EventId": record["eventID"], "EventName": record["eventName"], "EventSource": record["eventSource"],
        "EventTime": when(record), "ReadOnly": str(record.get("readOnly", False)).lower(), "Resources": [],
        "Username": record.get("userIdentity", {}).get("userName", ""), "CloudTrailEvent": json.dumps(record)}
        for record in found[first:last]]}
    if last < len(found):
        page["NextToken"] = str(last)
    return json.dumps(page)
