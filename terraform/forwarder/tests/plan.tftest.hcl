# Plans of a forwarder with a mocked provider.

mock_provider "aws" {
  override_during = plan
  source          = "../tests/mocks"

  override_data {
    target = data.aws_region.current
    values = { endpoint = "ec2.eu-north-1.amazonaws.com" }
  }
}

mock_provider "aws" {
  alias           = "home"
  override_during = plan
  source          = "../tests/mocks"
}

mock_provider "aws" {
  alias           = "opt_in"
  override_during = plan
  source          = "../tests/mocks"

  override_data {
    target = data.aws_region.current
    values = { endpoint = "ec2.eu-south-1.amazonaws.com" }
  }
}

variables {
  event_bus_arn     = "arn:aws:events:us-east-1:111122223333:event-bus/default"
  health_queue_arns = { slack = "arn:aws:sqs:us-east-1:111122223333:iam-sentinel-slack" }
}

run "forwards_what_the_detector_knows" {
  command = plan

  assert {
    condition = toset([for rule in aws_cloudwatch_event_rule.this : "${rule.state} ${rule.event_pattern}"]) == toset(concat(
      [for rule in jsondecode(file("../event_patterns.json")) : "${rule.state} ${jsonencode(rule.pattern)}"],
      ["ENABLED ${aws_cloudwatch_event_rule.this["watch"].event_pattern}"],
    ))
    error_message = "The patterns are the detector's own, and one that watches the rules."
  }
  assert {
    condition = toset(jsondecode(aws_cloudwatch_event_rule.this["watch"].event_pattern).detail.eventName) == toset(["DeleteRule", "DisableRule", "PutRule", "PutTargets", "RemoveTargets"]) && alltrue([
      for rule in aws_cloudwatch_event_rule.this : alltrue([
        for part in jsondecode(aws_cloudwatch_event_rule.this["watch"].event_pattern).detail.requestParameters["$or"] : alltrue([for filter in values(part)[0] : startswith(rule.name, filter.prefix)])
      ])
    ])
    error_message = "Whoever switches off one forwarding rule, or gives it another target, is heard of by another."
  }
  assert {
    condition     = alltrue([for rule in aws_cloudwatch_event_rule.this : alltrue([for source in jsondecode(rule.event_pattern).source : startswith(source, "aws.")])])
    error_message = "Only events that AWS sent are forwarded."
  }
  assert {
    condition     = alltrue([for rule in aws_cloudwatch_event_rule.this : length(rule.event_pattern) <= 2048 && length(rule.name) <= 64]) && length(data.aws_iam_policy_document.trust.json) <= 2048
    error_message = "Patterns, names and the role's trust policy fit the default quotas."
  }
  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.bus : target.arn == var.event_bus_arn && target.role_arn == aws_iam_role.this.arn && one(target.dead_letter_config).arn == aws_sqs_queue.dead_letter.arn && one(target.retry_policy).maximum_retry_attempts == 185])
    error_message = "Each rule sends to the bus, retries, and keeps what it could not send."
  }
  assert {
    condition     = data.aws_iam_policy_document.this.statement[0].resources == toset([var.event_bus_arn]) && length(data.aws_iam_policy_document.this.statement) == 1
    error_message = "The role may put events on that bus, and nothing else."
  }
  assert {
    condition     = aws_iam_role.this.name == "iam-sentinel-forwarder-eu-north-1"
    error_message = "The bus of an organization knows forwarders by their role's name."
  }
  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.queue.statement : length(statement.condition) == 2 || statement.effect == "Deny"]) && aws_sqs_queue.dead_letter.sqs_managed_sse_enabled
    error_message = "The dead-letter queue is encrypted, and takes messages of this forwarder only."
  }
}

run "its_alarms_reach_the_core" {
  command = plan

  assert {
    condition     = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.rules), [aws_cloudwatch_metric_alarm.dead_letter]) : contains(alarm.alarm_actions, aws_sns_topic.operations.arn) && strcontains(alarm.alarm_description, "Do: ")])
    error_message = "Each alarm tells the topic here, and says what to do."
  }
  assert {
    condition     = aws_sns_topic_subscription.queue["slack"].raw_message_delivery && aws_sns_topic_subscription.queue["slack"].endpoint == "arn:aws:sqs:us-east-1:111122223333:iam-sentinel-slack"
    error_message = "The topic tells the core's queues, raw."
  }
  assert {
    condition = alltrue([for alarm in aws_cloudwatch_metric_alarm.rules : length(alarm.metric_query) <= 11]) && alltrue([for metric in ["InvocationsSentToDlq", "InvocationsFailedToBeSentToDlq"] :
      toset(flatten([for alarm in aws_cloudwatch_metric_alarm.rules : [for query in alarm.metric_query : one(query.metric).dimensions.RuleName if length(query.metric) == 1 && try(one(query.metric).metric_name, "") == metric]])) ==
      toset([for rule in aws_cloudwatch_event_rule.this : rule.name])
    ])
    error_message = "Each rule is looked at, ten metrics an alarm at most."
  }
}

run "opt_in_region_can_not_tell_queues" {
  command   = plan
  providers = { aws = aws.opt_in }

  expect_failures = [aws_sns_topic_subscription.queue]
}

run "opt_in_region_tells_by_mail" {
  command   = plan
  providers = { aws = aws.opt_in }

  variables {
    health_queue_arns = {}
    operations_emails = ["ops@example.com"]
  }

  assert {
    condition     = length(aws_sns_topic_subscription.email) == 1 && length(aws_cloudwatch_event_rule.this) == length(local.patterns)
    error_message = "Its events are forwarded, and its alarms are mailed."
  }
}

run "nobody_hears" {
  command = plan

  variables {
    health_queue_arns = {}
  }

  expect_failures = [check.somebody_hears]
}

run "round_and_round" {
  command   = plan
  providers = { aws = aws.home }

  expect_failures = [aws_cloudwatch_event_rule.this]
}

run "bad_values" {
  command = plan

  variables {
    name              = "x"
    event_bus_arn     = "default"
    health_queue_arns = { slack = "slack" }
    operations_emails = ["nobody"]
    alarm_actions     = ["mail me"]
  }

  expect_failures = [var.name, var.event_bus_arn, var.health_queue_arns, var.operations_emails, var.alarm_actions]
}
