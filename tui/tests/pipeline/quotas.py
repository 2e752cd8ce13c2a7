"""Default quotas of an AWS account, for emulator.py: moto takes what AWS refuses, so a deployment that no
new account takes would pass its tests.

Each row of `QUOTAS` is a call, its parameter, what is counted, and the most that AWS takes; beside it the
error that AWS answers with. Sources: the quota pages and API references of each service.

Not enforced, since the emulator has no such part: calls a second (but for LookupEvents, in world.py),
rules a bus (300), alarms a region (5,000), concurrency of functions (1,000, or 10 in a new account),
queues in flight (120,000), inline policies of a role together, and every permission: IAM, queue, topic
and key policies let everything through.
"""

import inspect
import json
import re

import moto.awslambda.models as awslambda
import moto.cloudwatch.models as cloudwatch
import moto.events.models as events
import moto.iam.models as iam
import moto.kms.models as kms
import moto.logs.models as logs
import moto.s3.models as s3
import moto.scheduler.models as scheduler
import moto.sns.models as sns
import moto.sqs.models as sqs
import moto.ssm.models as ssm
from moto.cloudwatch.exceptions import CloudWatchException
from moto.core.exceptions import JsonRESTError
from moto.iam.exceptions import IAMException
from moto.s3.exceptions import S3ClientError
from moto.sns.exceptions import SNSException
from moto.sqs.exceptions import SQSException
from moto.utilities.tagging_service import TaggingService

characters = lambda value: len(value or "")
octets = lambda value: len(value if isinstance(value, bytes) else (value or "").encode())
# IAM leaves white space out when it counts a policy.
written = lambda value: len(re.sub(r"\s", "", value or ""))
count = lambda value: len(value or [])
# Metrics that an alarm looks at: expressions do not count.
metrics = lambda queries: sum(1 for query in queries or [] if query.metric_stat)
environment = lambda spec: octets(json.dumps(spec.get("Environment", {}).get("Variables", {}), separators=(",", ":")))
attribute = lambda name: lambda values: octets((values or {}).get(name))
entries = lambda values: max([octets(json.dumps(value)) for value in values] or [0])

KB = 1024
# Owner, method, parameter, what is counted, its name, the most, and the error of AWS.
QUOTAS = [
    (events.EventsBackend, "put_rule", "event_pattern", characters, "event pattern", 2_048, "LimitExceededException"),
    (events.EventsBackend, "put_rule", "name", characters, "rule name", 64, "ValidationException"),
    (events.EventsBackend, "put_rule", "description", characters, "rule description", 512, "ValidationException"),
    (events.EventsBackend, "put_targets", "targets", count, "targets of a rule", 5, "LimitExceededException"),
    (events.EventsBackend, "put_events", "events", count, "entries of a call", 10, "ValidationException"),
    (events.EventsBackend, "put_events", "events", entries, "bytes of an entry", 1024 * KB, "ValidationException"),
    (events.EventsBackend, "put_permission", "policy", octets, "bytes of a bus's policy", 10 * KB, "PolicyLengthExceededException"),
    (events.EventsBackend, "create_event_bus", "name", characters, "bus name", 256, "ValidationException"),
    (cloudwatch.CloudWatchBackend, "put_metric_alarm", "name", characters, "alarm name", 255, "ValidationError"),
    (cloudwatch.CloudWatchBackend, "put_metric_alarm", "description", characters, "alarm description", 1_024, "ValidationError"),
    (cloudwatch.CloudWatchBackend, "put_metric_alarm", "metric_data_queries", metrics, "metrics of an alarm", 10, "ValidationError"),
    (cloudwatch.CloudWatchBackend, "put_metric_alarm", "alarm_actions", count, "actions of an alarm", 5, "ValidationError"),
    (cloudwatch.CloudWatchBackend, "put_metric_alarm", "ok_actions", count, "actions at OK", 5, "ValidationError"),
    (iam.IAMBackend, "create_role", "role_name", characters, "role name", 64, "ValidationError"),
    (iam.IAMBackend, "create_role", "description", characters, "role description", 1_000, "ValidationError"),
    (iam.IAMBackend, "create_role", "assume_role_policy_document", written, "trust policy", 2_048, "LimitExceeded"),
    (iam.IAMBackend, "update_assume_role_policy", "policy_document", written, "trust policy", 2_048, "LimitExceeded"),
    (iam.IAMBackend, "put_role_policy", "policy_json", written, "inline policy of a role", 10_240, "LimitExceeded"),
    (iam.IAMBackend, "create_policy", "policy_document", written, "managed policy", 6_144, "LimitExceeded"),
    (iam.IAMBackend, "create_policy", "policy_name", characters, "policy name", 128, "ValidationError"),
    (iam.IAMBackend, "create_policy", "description", characters, "policy description", 1_000, "ValidationError"),
    (iam.IAMBackend, "create_policy_version", "policy_document", written, "managed policy", 6_144, "LimitExceeded"),
    (sqs.SQSBackend, "create_queue", "name", characters, "queue name", 80, "InvalidParameterValue"),
    (sqs.Queue, "_set_attributes", "attributes", attribute("Policy"), "bytes of a queue's policy", 8 * KB, "InvalidAttributeValue"),
    (sns.SNSBackend, "create_topic", "name", characters, "topic name", 256, "InvalidParameter"),
    (sns.SNSBackend, "create_topic", "attributes", attribute("Policy"), "bytes of a topic's policy", 30 * KB, "InvalidParameter"),
    (kms.KmsBackend, "create_key", "policy", octets, "bytes of a key's policy", 32 * KB, "LimitExceededException"),
    (kms.KmsBackend, "put_key_policy", "policy", octets, "bytes of a key's policy", 32 * KB, "LimitExceededException"),
    (s3.S3Backend, "put_bucket_policy", "policy", octets, "bytes of a bucket's policy", 20 * KB, "PolicyTooLarge"),
    (awslambda.LambdaBackend, "create_function", "spec", environment, "bytes of a function's environment", 4 * KB, "InvalidParameterValueException"),
    (awslambda.LambdaBackend, "update_function_configuration", "body", environment, "bytes of a function's environment", 4 * KB, "InvalidParameterValueException"),
    (ssm.SimpleSystemManagerBackend, "put_parameter", "name", characters, "parameter name", 1_011, "ValidationException"),
    (ssm.SimpleSystemManagerBackend, "put_parameter", "value", octets, "bytes of a standard parameter", 4 * KB, "ValidationException"),
    (logs.LogsBackend, "create_log_group", "log_group_name", characters, "log group name", 512, "InvalidParameterException"),
    (scheduler.EventBridgeSchedulerBackend, "create_schedule", "name", characters, "schedule name", 64, "ValidationException"),
    (scheduler.EventBridgeSchedulerBackend, "create_schedule", "description", characters, "schedule description", 512, "ValidationException"),
    (scheduler.EventBridgeSchedulerBackend, "create_schedule_group", "name", characters, "schedule group name", 64, "ValidationException"),
]
# A tag's key and value; https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
TAGS, TAG_KEY, TAG_VALUE = 50, 128, 256
TAG_TEXT = re.compile(r"[\w\s.:/=+\-@]*", re.UNICODE)
FUNCTION_POLICY = 20 * KB
SNS_MESSAGE = 256 * KB
# How moto writes a service's errors; JSON where it is not here.
ERRORS = {cloudwatch: CloudWatchException, iam: IAMException, s3: S3ClientError, sns: SNSException, sqs: SQSException}


def refuse(owner, code, message):
    kinds = [kind for service, kind in ERRORS.items() if owner.__module__ == service.__name__]
    raise (kinds or [JsonRESTError])[0](code, message)


def install(patch, known):
    """Puts all of it in place, before anything that changes the same methods."""
    for owner, method in {(row[0], row[1]): None for row in QUOTAS}:
        bound(patch, known, owner, method)
    tags(patch)
    function_policy(patch)
    messages(patch)


def bound(patch, known, owner, method):
    """One call, held to all its rows."""
    signature = inspect.signature(known(owner, method))
    rows = [row for row in QUOTAS if row[:2] == (owner, method)]
    for _, _, parameter, *_ in rows:
        if parameter not in signature.parameters:
            raise SystemExit(f"quotas.py: {owner.__name__}.{method} has no parameter {parameter} in this moto")

    @patch(owner, method)
    def _bound(old, self, *args, **kwargs):
        given = signature.bind(self, *args, **kwargs).arguments
        for _, _, parameter, measure, what, most, code in rows:
            size = measure(given.get(parameter))
            if size > most:
                refuse(owner, code, f"{what}: {size}, and AWS takes {most}")
        return old(self, *args, **kwargs)


def tags(patch):
    @patch(TaggingService, "tag_resource")
    def _tag_resource(old, self, arn, tags):
        for tag in tags or []:
            key, value = tag.get(self.key_name, ""), tag.get(self.value_name) or ""
            # aws: is AWS's own, of which moto itself sets some.
            if len(key) > TAG_KEY or len(value) > TAG_VALUE or not (TAG_TEXT.fullmatch(key) and TAG_TEXT.fullmatch(value)):
                raise JsonRESTError("ValidationException", f"the tag {key!r} = {value!r} is too long or has characters that AWS does not take")
        old(self, arn, tags)
        if len(self.tags.get(arn, {})) > TAGS:
            raise JsonRESTError("ValidationException", f"{arn}: more than {TAGS} tags")


def function_policy(patch):
    @patch(awslambda.LambdaBackend, "add_permission")
    def _add_permission(old, self, function_name, qualifier, raw):
        answer = old(self, function_name, qualifier, raw)
        size = octets(json.dumps(self.get_function(function_name, qualifier).policy.wire_format()))
        if size > FUNCTION_POLICY:
            refuse(awslambda.LambdaBackend, "PolicyLengthExceededException", f"bytes of a function's policy: {size}, and AWS takes {FUNCTION_POLICY}")
        return answer


def messages(patch):
    """SNS counts a message with its attributes, and takes no subject that a mail could not carry."""

    @patch(sns.SNSBackend, "publish")
    def _publish(old, self, message, *args, **kwargs):
        attributes = kwargs.get("message_attributes") or {}
        size = octets(message) + sum(
            octets(name) + octets(attribute.get("Type", "")) + octets(str(attribute.get("Value", "")))
            for name, attribute in attributes.items())
        if size > SNS_MESSAGE:
            raise SNSException("InvalidParameter", f"Invalid parameter: Message too long ({size} bytes with its attributes)")
        subject = kwargs.get("subject")
        if subject is not None and not re.fullmatch(r"[\x21-\x7e][\x20-\x7e]{0,98}", subject):
            raise SNSException("InvalidParameter", "Invalid parameter: Subject")
        return old(self, message, *args, **kwargs)
