# Ways to lose an alert in silence, or to show it to somebody else: a hop without its
# dead-letter queue, a queue or sender without its alarm, a policy that is wider than its use.

mock_provider "aws" {
  override_during = plan
  source          = "./tests/mocks"
}

variables {
  lambda_zip = "tests/fixtures/arm64.package"
}

run "every_hop_has_a_dead_letter_queue" {
  command = plan

  variables {
    consoles        = ["oncall", "security"]
    organization_id = "o-a1b2c3d4e5"
  }

  assert {
    condition     = alltrue([for target in concat(values(aws_cloudwatch_event_target.detector), [aws_cloudwatch_event_target.self_test]) : one(target.dead_letter_config).arn == aws_sqs_queue.dead_letter["rule"].arn && one(target.retry_policy).maximum_retry_attempts == 185])
    error_message = "Each rule's target retries as long as EventBridge can, and then keeps the event."
  }
  assert {
    condition     = one(one(aws_lambda_function_event_invoke_config.detector.destination_config).on_failure).destination == aws_sqs_queue.dead_letter["function"].arn
    error_message = "What the function fails on is kept."
  }
  assert {
    condition = alltrue([
      for subscription in concat(values(aws_sns_topic_subscription.console), values(aws_sns_topic_subscription.console_to_console), values(aws_sns_topic_subscription.health), [aws_sns_topic_subscription.slack]) :
      jsondecode(subscription.redrive_policy).deadLetterTargetArn == aws_sqs_queue.dead_letter["subscriptions"].arn && subscription.raw_message_delivery
    ])
    error_message = "Each queue's subscription keeps what it can not deliver, and delivers raw."
  }
  assert {
    condition     = alltrue([for subscription in aws_sns_topic_subscription.health : subscription.filter_policy == null])
    error_message = "Alarms have no attributes: a filter would drop them all."
  }
  assert {
    condition     = alltrue([for queue in concat(values(aws_sqs_queue.console), [aws_sqs_queue.slack]) : jsondecode(queue.redrive_policy).deadLetterTargetArn != null])
    error_message = "Each queue has a dead-letter queue."
  }
  assert {
    condition     = one(aws_scheduler_schedule.canary.target[0].dead_letter_config).arn == aws_sqs_queue.dead_letter["canary"].arn && one(aws_scheduler_schedule.canary.target[0].retry_policy).maximum_retry_attempts > 0
    error_message = "A canary that could not fly is kept."
  }
  assert {
    condition     = jsondecode(aws_sns_topic_subscription.slack.filter_policy).kind == [{ anything-but = ["triage", "probe"] }]
    error_message = "Slack's filter names what it leaves out."
  }
}

run "every_queue_and_sender_has_an_alarm" {
  command = plan

  variables {
    consoles        = ["oncall", "security"]
    organization_id = "o-a1b2c3d4e5"
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : contains(alarm.alarm_actions, aws_sns_topic.operations.arn) && contains(alarm.ok_actions, aws_sns_topic.operations.arn)])
    error_message = "Each alarm tells the operations topic, of its end too."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : strcontains(alarm.alarm_description, "Do: ") && length(alarm.alarm_description) <= 1024])
    error_message = "Each alarm says what to do."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : length(alarm.metric_query) <= 11])
    error_message = "CloudWatch sums ten metrics in an alarm at most."
  }
  assert {
    condition = toset([for alarm in aws_cloudwatch_metric_alarm.this : alarm.dimensions.QueueName if alarm.namespace == "AWS/SQS"]) == toset([
      "iam-sentinel-rule-dlq", "iam-sentinel-function-dlq", "iam-sentinel-subscriptions-dlq", "iam-sentinel-slack-dlq", "iam-sentinel-consoles-dlq", "iam-sentinel-canary-dlq",
      "iam-sentinel-slack", "iam-sentinel-console-oncall", "iam-sentinel-console-security",
    ])
    error_message = "Each queue has an alarm."
  }
  assert {
    condition = alltrue([for metric in ["InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq", "ThrottledRules"] :
      toset(flatten([for alarm in aws_cloudwatch_metric_alarm.this : [for query in alarm.metric_query : one(query.metric).dimensions.RuleName if length(query.metric) == 1 && try(one(query.metric).metric_name, "") == metric]])) ==
      toset(concat([for rule in aws_cloudwatch_event_rule.this : rule.name], ["iam-sentinel-self-test"]))
    ])
    error_message = "Each rule's own metrics are looked at: the queue's come late when it was idle."
  }
  assert {
    condition     = length([for rule in aws_cloudwatch_event_rule.this : rule if contains(flatten([try(jsondecode(rule.event_pattern).detail.eventName, [])]), "DisableRule") && rule.state != "DISABLED"]) >= 2
    error_message = "Whoever switches off one rule is heard of by another."
  }
  assert {
    condition = toset(jsondecode(aws_cloudwatch_event_rule.this["watch"].event_pattern).detail.eventName) == toset(["DeleteRule", "DisableRule", "PutRule", "PutTargets", "RemoveTargets"]) && alltrue([
      for rule in concat(values(aws_cloudwatch_event_rule.this), [aws_cloudwatch_event_rule.self_test]) : alltrue([
        for part in jsondecode(aws_cloudwatch_event_rule.this["watch"].event_pattern).detail.requestParameters["$or"] : alltrue([for filter in values(part)[0] : startswith(rule.name, filter.prefix)])
      ])
    ])
    error_message = "Whoever gives a rule another target is heard of too, for every rule of the pipeline."
  }
  assert {
    condition = alltrue([for metric in ["NumberOfNotificationsFailed", "NumberOfNotificationsRedrivenToDlq", "NumberOfNotificationsFailedToRedriveToDlq"] :
      toset(flatten([for alarm in aws_cloudwatch_metric_alarm.this : [for query in alarm.metric_query : one(query.metric).dimensions.TopicName if length(query.metric) == 1 && try(one(query.metric).metric_name, "") == metric]])) ==
      toset(["iam-sentinel-alerts", "iam-sentinel-consoles", "iam-sentinel-links", "iam-sentinel-operations"])
    ])
    error_message = "Each topic's own metrics are looked at."
  }
  assert {
    condition = length(setsubtract(
      ["Errors", "Throttles", "AsyncEventsDropped", "DestinationDeliveryFailures", "AsyncEventAge", "Duration", "DetectionLagMs", "CanaryLagMs", "SlackFailed", "SnsFailed", "Unreadable", "ApproximateNumberOfMessagesNotVisible"],
      [for alarm in aws_cloudwatch_metric_alarm.this : alarm.metric_name],
    )) == 0
    error_message = "The function's metrics are looked at."
  }
  assert {
    condition     = alltrue([for name in ["slack-failed", "unreadable"] : aws_cloudwatch_metric_alarm.this[name].period > aws_sqs_queue.slack.visibility_timeout_seconds && aws_cloudwatch_metric_alarm.this[name].statistic == "Sum"])
    error_message = "A batch that fails again and again is one alarm that stays, not many that come and go."
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["slack-stuck"].statistic == "Minimum" && aws_cloudwatch_metric_alarm.this["slack-stuck"].threshold == 0 &&
      aws_cloudwatch_metric_alarm.this["slack-stuck"].evaluation_periods * aws_cloudwatch_metric_alarm.this["slack-stuck"].period >= 3 * aws_sqs_queue.slack.visibility_timeout_seconds
    )
    error_message = "What SQS leaves out of the age after three tries is still in flight."
  }
}

run "how_many_alarms" {
  command = plan

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 33 && sum([for alarm in local.alarms : length(alarm.metrics)]) == 85
    error_message = "docs/costs.md tells the cost: ${length(aws_cloudwatch_metric_alarm.this)} alarms of ${sum([for alarm in local.alarms : length(alarm.metrics)])} metrics, 0.10 USD a metric and month beyond ten free ones."
  }
}

run "policies_name_who_may" {
  command = plan

  assert {
    condition = alltrue(flatten([for key, queue in data.aws_iam_policy_document.queue : [
      for statement in queue.statement : toset([for condition in statement.condition : condition.variable]) == toset(["aws:SourceArn", "aws:SourceAccount"]) if statement.sid == "Send"
    ]]))
    error_message = "Whoever may send to a queue is named by ARN and account."
  }
  assert {
    condition = alltrue([for key in ["slack", "console-oncall"] : length(setsubtract(
      ["arn:aws:sns:us-east-1:111122223333:iam-sentinel-alerts", "arn:aws:sns:us-east-1:111122223333:iam-sentinel-operations"],
      flatten([for statement in data.aws_iam_policy_document.queue[key].statement : [for condition in statement.condition : condition.values if condition.variable == "aws:SourceArn"]]),
    )) == 0])
    error_message = "Slack's queue and the consoles' take alerts and alarms."
  }
  assert {
    condition = alltrue([for document in concat(values(data.aws_iam_policy_document.queue), values(data.aws_iam_policy_document.topic), data.aws_iam_policy_document.trail_bucket) :
      length([for statement in document.statement : statement if statement.effect == "Deny" && anytrue([for condition in statement.condition : condition.variable == "aws:SecureTransport"])]) == 1
    ])
    error_message = "Nothing without TLS."
  }
  assert {
    condition = alltrue(flatten([for document in concat([data.aws_iam_policy_document.detector, data.aws_iam_policy_document.canary, data.aws_iam_policy_document.redrive], values(data.aws_iam_policy_document.console)) : [
      for statement in document.statement : [for resource in statement.resources : startswith(resource, "arn:aws:") && !endswith(resource, ":*") || contains(["Log", "FindConsoles"], statement.sid)]
    ]]))
    error_message = "Each right is on something that has a name."
  }
  assert {
    condition     = toset(flatten([for statement in data.aws_iam_policy_document.context.statement : statement.actions])) == toset(["cloudtrail:LookupEvents"]) && aws_iam_policy.context.name == "${var.name}-console-context"
    error_message = "the policy for the records around an alert allows to read the event history and nothing else"
  }

  assert {
    condition     = alltrue(flatten([for statement in data.aws_iam_policy_document.test.statement : [for resource in statement.resources : resource != "*" || statement.sid == "AskCloudTrail"]]))
    error_message = "Only LookupEvents, which takes no resource, has none."
  }
  assert {
    condition = alltrue([for document in [data.aws_iam_policy_document.test, data.aws_iam_policy_document.canary] : alltrue([
      for statement in document.statement : one([for condition in statement.condition : "${condition.variable} ${one(condition.values)}"]) == "events:source sentinel.iam-sentinel" if contains(statement.actions, "events:PutEvents")
    ])])
    error_message = "Whoever tests may put test events and no others."
  }
  assert {
    condition     = toset([for condition in data.aws_iam_policy_document.canary_trust.statement[0].condition : condition.variable]) == toset(["aws:SourceAccount", "aws:SourceArn"])
    error_message = "Only this schedule may take the canary's role."
  }
  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.redrive.statement : statement.resources if contains(statement.actions, "sqs:SendMessage")])) == toset([
      for queue in ["slack", "console-oncall"] : "arn:aws:sqs:us-east-1:111122223333:iam-sentinel-${queue}"
    ])
    error_message = "Whoever redrives may put messages back where they are read."
  }
  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.console["oncall"].statement : statement.resources if contains(statement.actions, "sns:Publish")])) == toset([
      "arn:aws:sns:us-east-1:111122223333:iam-sentinel-consoles",
    ])
    error_message = "A console may publish acknowledgements and probes on their topic, and no alerts."
  }
  assert {
    condition     = alltrue([for subscription in aws_sns_topic_subscription.console : jsondecode(subscription.filter_policy) == { kind = [{ exists = true }] }])
    error_message = "What has no kind does not come to a console over the alerts topic, so it can only be CloudWatch's."
  }
  assert {
    condition     = alltrue([for subscription in aws_sns_topic_subscription.console_to_console : jsondecode(subscription.filter_policy) == { kind = ["triage", "probe"], sender = ["console"] }])
    error_message = "What consoles say comes to a console marked as a console's, and nothing else over that topic."
  }
  assert {
    condition     = alltrue([for subscription in aws_sns_topic_subscription.links : jsondecode(subscription.filter_policy) == { kind = ["link"] } && subscription.raw_message_delivery])
    error_message = "Nothing but links comes to a console over their topic."
  }
  assert {
    condition     = toset(keys(aws_sns_topic_subscription.links)) == toset(keys(aws_sqs_queue.console))
    error_message = "Each console hears the links, and nobody else."
  }
  assert {
    condition = alltrue([for key, topics in { slack = ["alerts", "operations"], console-oncall = ["alerts", "consoles", "links", "operations"] } :
      toset([for arn in flatten([for statement in data.aws_iam_policy_document.queue[key].statement : [for condition in statement.condition : condition.values if condition.variable == "aws:SourceArn"]]) : arn if !strcontains(arn, "forwarder")]) ==
      toset([for topic in topics : "arn:aws:sns:us-east-1:111122223333:iam-sentinel-${topic}"])
    ])
    error_message = "A queue takes messages of the topics that it is subscribed to."
  }
}

run "without_links" {
  command = plan

  variables {
    consoles = ["oncall"]
    links    = "none"
  }

  assert {
    condition     = length(aws_sns_topic.links) == 0 && length(aws_sns_topic_subscription.links) == 0 && aws_lambda_function.detector.environment[0].variables.LINKS_TOPIC_ARN == ""
    error_message = "Without links there is no topic of them, and the function publishes none."
  }
  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.detector.statement : statement.resources if contains(statement.actions, "sns:Publish")])) == toset([
      "arn:aws:sns:us-east-1:111122223333:iam-sentinel-alerts",
    ])
    error_message = "The function publishes alerts alone."
  }
}

run "encrypted_without_a_key_of_ones_own" {
  command = plan

  assert {
    condition     = alltrue([for queue in concat(values(aws_sqs_queue.dead_letter), values(aws_sqs_queue.console), [aws_sqs_queue.slack]) : queue.sqs_managed_sse_enabled])
    error_message = "Queues are encrypted by SQS's keys."
  }
  assert {
    condition     = aws_sns_topic.alerts.kms_master_key_id == "alias/aws/sns" && aws_sns_topic.consoles.kms_master_key_id == "alias/aws/sns" && length(aws_kms_key.this) == 0
    error_message = "The topics of alerts and of consoles are encrypted by AWS's key."
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.trail[0].rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "The trail's files are encrypted."
  }
  assert {
    condition     = alltrue([for block in aws_s3_bucket_public_access_block.trail : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets]) && length(aws_s3_bucket_lifecycle_configuration.trail) == 1
    error_message = "The bucket is locked, and its files go in the end."
  }
}

run "encrypted_with_a_key_that_is_made" {
  command = plan

  variables {
    create_kms_key        = true
    slack_webhook_url     = "https://hooks.slack.com/services/T000/B000/XXXX"
    slack_webhook_version = 1
  }

  assert {
    condition = alltrue([for key in concat(
      [for queue in concat(values(aws_sqs_queue.dead_letter), values(aws_sqs_queue.console), [aws_sqs_queue.slack]) : queue.kms_master_key_id],
      [aws_sns_topic.alerts.kms_master_key_id, aws_sns_topic.consoles.kms_master_key_id, aws_sns_topic.operations.kms_master_key_id, aws_ssm_parameter.slack_webhook[0].key_id, aws_cloudwatch_log_group.detector.kms_key_id],
      [aws_lambda_function.detector.kms_key_arn, aws_cloudtrail.this[0].kms_key_id],
      [one(one(aws_s3_bucket_server_side_encryption_configuration.trail[0].rule).apply_server_side_encryption_by_default).kms_master_key_id],
    ) : key == aws_kms_key.this[0].arn])
    error_message = "Everything that takes a key has it."
  }
  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.key.statement : statement.actions if one([for principal in statement.principals : one(principal.identifiers)]) == "cloudtrail.amazonaws.com"])) == toset([
      "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*",
      ]) && alltrue(flatten([for statement in data.aws_iam_policy_document.key.statement : [
        contains(flatten([for condition in statement.condition : condition.values if condition.variable == "aws:SourceArn"]), "arn:aws:cloudtrail:us-east-1:111122223333:trail/iam-sentinel")
    ] if one([for principal in statement.principals : one(principal.identifiers)]) == "cloudtrail.amazonaws.com"]))
    error_message = "CloudTrail may make the trail with this key: it must be able to decrypt, for this trail only."
  }
  assert {
    condition     = alltrue([for rule in aws_s3_bucket_server_side_encryption_configuration.trail[0].rule : !rule.bucket_key_enabled])
    error_message = "A bucket key changes the encryption context, which the key's policy asks for."
  }
  assert {
    condition     = aws_kms_key.this[0].enable_key_rotation
    error_message = "The key is rotated."
  }
  assert {
    condition = alltrue([for statement in data.aws_iam_policy_document.key.statement : (length(statement.condition) > 0) != contains(["AccountManages", "RulesMayEncrypt"], statement.sid)]) && toset([
      for statement in data.aws_iam_policy_document.key.statement : one(one(statement.principals).identifiers) if one(statement.principals).type == "Service"
    ]) == toset(["sns.amazonaws.com", "events.amazonaws.com", "cloudwatch.amazonaws.com", "logs.us-east-1.amazonaws.com", "cloudtrail.amazonaws.com"])
    error_message = "Each service that writes by itself may use the key, for this pipeline; EventBridge names no source when it does."
  }
  assert {
    condition = alltrue(flatten([for document in concat([data.aws_iam_policy_document.detector, data.aws_iam_policy_document.canary, data.aws_iam_policy_document.redrive], values(data.aws_iam_policy_document.console)) : [
      for statement in document.statement : anytrue([for condition in statement.condition : condition.variable == "kms:ViaService"]) if statement.sid == "UseKeyForThat"
    ]])) && contains([for statement in data.aws_iam_policy_document.detector.statement : statement.sid], "UseKeyForThat")
    error_message = "Roles use the key through services only."
  }
}

run "encrypted_with_ones_own_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/own"
  }

  assert {
    condition     = length(aws_kms_key.this) == 0 && aws_sqs_queue.slack.kms_master_key_id == "arn:aws:kms:us-east-1:111122223333:key/own"
    error_message = "The key that is there is used."
  }
}

run "two_copies_have_no_name_in_common" {
  command = plan

  variables {
    name = "second"
  }

  assert {
    condition = alltrue([for name in concat(
      [for queue in concat(values(aws_sqs_queue.dead_letter), values(aws_sqs_queue.console), [aws_sqs_queue.slack]) : queue.name],
      [for rule in concat(values(aws_cloudwatch_event_rule.this), [aws_cloudwatch_event_rule.self_test]) : rule.name],
      [for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name],
      [for policy in concat(values(aws_iam_policy.console), [aws_iam_policy.test, aws_iam_policy.redrive]) : policy.name],
      [aws_iam_role.detector.name, aws_iam_role.canary.name, aws_sns_topic.alerts.name, aws_sns_topic.consoles.name, aws_sns_topic.operations.name],
      [aws_scheduler_schedule.canary.name, "${aws_scheduler_schedule_group.this.name}-", "${aws_lambda_function.detector.function_name}-"],
      [aws_cloudtrail.this[0].name == "second" ? "second-" : "", aws_s3_bucket.trail[0].bucket, trimprefix("${aws_cloudwatch_log_group.detector.name}-", "/aws/lambda/")],
    ) : startswith(name, "second-")])
    error_message = "Every name begins with the copy's."
  }
}
