# Plans of the main variants with a mocked provider: no account, no network.

mock_provider "aws" {
  override_during = plan
  source          = "./tests/mocks"
}

# The other partitions, where ARNs and hosts have other names.
mock_provider "aws" {
  alias           = "china"
  override_during = plan
  source          = "./tests/mocks"

  override_data {
    target = data.aws_region.current
    values = { endpoint = "ec2.cn-north-1.amazonaws.com.cn" }
  }
  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn", dns_suffix = "amazonaws.com.cn" }
  }
}

variables {
  # Any file will do: nothing is uploaded.
  lambda_zip = "tests/fixtures/arm64.package"
}

run "defaults" {
  command = plan

  assert {
    condition     = length(aws_cloudtrail.this) == 1 && aws_cloudtrail.this[0].is_multi_region_trail && aws_cloudtrail.this[0].enable_log_file_validation
    error_message = "The trail is of all regions, and its files can be validated."
  }
  assert {
    condition     = length(aws_cloudwatch_event_rule.this) > 1 && alltrue([for rule in concat(values(aws_cloudwatch_event_rule.this), [aws_cloudwatch_event_rule.self_test]) : length(rule.event_pattern) <= 2048])
    error_message = "EventBridge takes patterns of 2,048 characters at most in an account with default quotas."
  }
  assert {
    condition     = alltrue([for rule in aws_cloudwatch_event_rule.this : alltrue([for source in jsondecode(rule.event_pattern).source : startswith(source, "aws.")])])
    error_message = "The patterns ask for the source, which only AWS can send."
  }
  assert {
    condition     = length(aws_cloudwatch_event_target.detector) == length(aws_cloudwatch_event_rule.this)
    error_message = "Each rule has the function as its target."
  }
  assert {
    condition = { for key, permission in aws_lambda_permission.rules : key => "${permission.principal} ${permission.source_arn} ${permission.source_account}" } == {
      Default = "events.amazonaws.com arn:aws:events:us-east-1:111122223333:rule/iam-sentinel-* 111122223333"
    } && alltrue([for rule in concat(values(aws_cloudwatch_event_rule.this), [aws_cloudwatch_event_rule.self_test]) : startswith(rule.name, "iam-sentinel-")])
    error_message = "Each rule may invoke the function, by its name's beginning, and nobody else's rule may."
  }
  assert {
    condition     = alltrue([for key, rule in local.event_patterns : endswith(aws_cloudwatch_event_rule.this[key].name, substr(sha256(rule.pattern), 0, 8))]) && alltrue([for rule in aws_cloudwatch_event_rule.this : length(rule.name) <= 64])
    error_message = "A rule's name changes with its pattern, so that an upgrade makes new rules before the old ones go."
  }
  assert {
    condition     = alltrue([for rule in concat(values(aws_cloudwatch_event_rule.this), [aws_cloudwatch_event_rule.self_test]) : jsondecode(rule.event_pattern)["replay-name"] == [{ exists = false }]])
    error_message = "Who replays an archive of the bus can not tell old alerts as new ones."
  }
  assert {
    condition = alltrue([for part in ["iam-sentinel-*", "iam-sentinel", "*:iam-sentinel-*:*"] :
    contains(jsondecode(aws_lambda_function.detector.environment[0].variables.WATCHED).detector, part)])
    error_message = "The pipeline watches its own parts."
  }
  assert {
    condition     = length(aws_ssm_parameter.slack_webhook) == 0 && aws_lambda_function.detector.environment[0].variables.SLACK_WEBHOOK_PARAMETER == ""
    error_message = "Without a webhook there is no parameter, and the function is told so."
  }
  assert {
    condition     = aws_sqs_queue.slack.visibility_timeout_seconds >= 6 * aws_lambda_function.detector.timeout
    error_message = "AWS advises a visibility timeout of six times the function's."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue.slack.redrive_policy).maxReceiveCount * aws_sqs_queue.slack.visibility_timeout_seconds < aws_sqs_queue.slack.message_retention_seconds
    error_message = "A message for Slack must reach the dead-letter queue before it expires."
  }
  assert {
    condition     = alltrue([for queue in aws_sqs_queue.dead_letter : queue.message_retention_seconds > aws_sqs_queue.slack.message_retention_seconds])
    error_message = "A dead-letter queue keeps the first time of sending, so it must keep longer than its source."
  }
  assert {
    condition     = aws_lambda_event_source_mapping.slack.batch_size == 20 && aws_lambda_event_source_mapping.slack.maximum_batching_window_in_seconds == 1 && aws_lambda_function.detector.timeout == 60
    error_message = "A storm folds in batches of 20, and the function has a minute for one."
  }
  assert {
    condition     = aws_lambda_function.detector.environment[0].variables.SLACK_PACE_MS == "2000" && aws_lambda_function.detector.reserved_concurrent_executions == null
    error_message = "One post in two seconds for each of two functions, and nothing reserved: a new account can not."
  }
  assert {
    condition     = output.consoles == { oncall = "sentinel-tui --queue-url https://sqs.us-east-1.amazonaws.com/111122223333/queue --topic-arn arn:aws:sns:us-east-1:111122223333:topic" }
    error_message = "One console by default, with all it needs."
  }
}

run "canary_and_test_alerts" {
  command = plan

  variables {
    name = "second"
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.self_test.event_pattern) == {
      source      = ["sentinel.second"]
      detail-type = ["IAM Sentinel Canary", "IAM Sentinel Test"]
      replay-name = [{ exists = false }]
    }
    error_message = "The rule takes the pipeline's own events only, by a source that names it."
  }
  assert {
    condition     = aws_scheduler_schedule.canary.schedule_expression == "rate(5 minutes)" && aws_scheduler_schedule.canary.target[0].arn == "arn:aws:events:us-east-1:111122223333:event-bus/default"
    error_message = "The canary flies every five minutes, onto the default bus."
  }
  assert {
    condition     = one(aws_scheduler_schedule.canary.target[0].eventbridge_parameters).source == "sentinel.second" && one(aws_scheduler_schedule.canary.target[0].eventbridge_parameters).detail_type == "IAM Sentinel Canary"
    error_message = "The canary is one that the rule knows."
  }
  assert {
    condition     = strcontains(aws_scheduler_schedule.canary.target[0].input, "<aws.scheduler.scheduled-time>") && can(jsondecode(aws_scheduler_schedule.canary.target[0].input).scheduled)
    error_message = "The scheduler fills in its word for the time only where it stands as it is, not escaped."
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["canary-missing"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.this["canary-missing"].comparison_operator == "LessThanThreshold" &&
      aws_cloudwatch_metric_alarm.this["canary-missing"].evaluation_periods == 3 && aws_cloudwatch_metric_alarm.this["canary-missing"].threshold == 1
    )
    error_message = "No canary in three periods, or no data at all, rings."
  }
  assert {
    condition = (
      [for query in aws_cloudwatch_metric_alarm.this["canary-missing"].metric_query : query.expression if length(query.metric) == 0] == ["MIN([FILL(m0, 0), FILL(m1, 0), FILL(m2, 0)])"] &&
      toset([for query in aws_cloudwatch_metric_alarm.this["canary-missing"].metric_query : "${one(query.metric).namespace} ${one(query.metric).metric_name} ${one(query.metric).period}" if length(query.metric) == 1]) ==
      toset(["IamSentinel Canary 300", "AWS/Events Invocations 300", "AWS/Lambda Invocations 300"])
    )
    error_message = "The least of three counts, two of which only AWS can write: nobody forges a canary by its metric alone."
  }
}

run "slow_canary" {
  command = plan

  variables {
    canary_minutes = 30
  }

  assert {
    condition     = alltrue([for query in aws_cloudwatch_metric_alarm.this["canary-missing"].metric_query : one(query.metric).period == 1800 if length(query.metric) == 1])
    error_message = "The alarm waits for the canary that was asked for."
  }
}

run "existing_trail_and_two_consoles" {
  command = plan

  variables {
    create_trail   = false
    existing_trail = "arn:aws:cloudtrail:us-east-1:111122223333:trail/company"
    consoles       = ["oncall", "security"]
  }

  assert {
    condition     = length(aws_cloudtrail.this) == 0 && length(aws_s3_bucket.trail) == 0
    error_message = "No second trail, and no bucket for it."
  }
  assert {
    condition = alltrue([for name in ["company", "arn:aws:cloudtrail:us-east-1:111122223333:trail/company"] :
    contains(jsondecode(aws_lambda_function.detector.environment[0].variables.WATCHED).detector, name)])
    error_message = "The trail is watched like the pipeline's own parts."
  }
  assert {
    condition     = length(aws_sqs_queue.console) == 2 && length(aws_sns_topic_subscription.console) == 2
    error_message = "A queue for each console."
  }
  assert {
    condition     = toset(keys(aws_sns_topic_subscription.health)) == toset(["slack", "console-oncall", "console-security"])
    error_message = "Slack and each console hear of alarms."
  }
}

run "no_trail_known" {
  command = plan

  variables {
    create_trail = false
  }

  expect_failures = [check.trail]
}

run "webhook" {
  command = plan

  variables {
    slack_webhook_url     = "https://hooks.slack.com/services/T000/B000/XXXX"
    slack_webhook_version = 1
  }

  assert {
    condition     = aws_ssm_parameter.slack_webhook[0].type == "SecureString" && aws_lambda_function.detector.environment[0].variables.SLACK_WEBHOOK_PARAMETER == "/iam-sentinel/slack-webhook"
    error_message = "The webhook is in a SecureString, and the function knows its name only."
  }
}

run "webhook_of_another_host" {
  command = plan

  variables {
    slack_webhook_url     = "https://chat.example.com:8443/hooks/x"
    slack_webhook_version = 1
    slack_webhook_hosts   = ["chat.example.com:8443", "relay.example.com"]
  }

  assert {
    condition     = aws_lambda_function.detector.environment[0].variables.SLACK_WEBHOOK_HOSTS == "chat.example.com:8443,relay.example.com"
    error_message = "The function knows the hosts that it may post to besides Slack's."
  }
}

run "webhook_parameter_of_ones_own" {
  command = plan

  variables {
    slack_webhook_parameter   = "/team/slack"
    slack_webhook_kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/team"
  }

  assert {
    condition     = length(aws_ssm_parameter.slack_webhook) == 0 && aws_lambda_function.detector.environment[0].variables.SLACK_WEBHOOK_PARAMETER == "/team/slack"
    error_message = "An existing parameter is used as it is."
  }
  assert {
    condition = one([for statement in data.aws_iam_policy_document.detector.statement : statement if statement.sid == "DecryptWebhook"]).condition == toset([
      { test = "StringEquals", variable = "kms:ViaService", values = tolist(["ssm.us-east-1.amazonaws.com"]) },
      { test = "StringEquals", variable = "kms:EncryptionContext:PARAMETER_ARN", values = tolist(["arn:aws:ssm:us-east-1:111122223333:parameter/team/slack"]) },
    ])
    error_message = "The function may use the parameter's key for that parameter only."
  }
}

run "mails" {
  command = plan

  variables {
    alert_emails      = { "all@example.com" = "LOW", "night@example.com" = "HIGH" }
    operations_emails = ["ops@example.com"]
  }

  assert {
    condition     = jsondecode(aws_sns_topic_subscription.alert_email["night@example.com"].filter_policy).severity == [{ anything-but = ["LOW", "MEDIUM"] }, { exists = false }]
    error_message = "A mail filter names what it leaves out, so that an unknown severity is mailed."
  }
  assert {
    condition     = !can(jsondecode(aws_sns_topic_subscription.alert_email["all@example.com"].filter_policy).severity)
    error_message = "Whoever wants all gets all."
  }
  assert {
    condition     = aws_sns_topic_subscription.operations_email["ops@example.com"].filter_policy == null
    error_message = "Every alarm is mailed."
  }
}

run "organization" {
  command = plan

  variables {
    organization_id = "o-a1b2c3d4e5"
  }

  assert {
    condition     = length(aws_cloudwatch_event_rule.this) == 2 * length(local.event_patterns) + 1 && length([for rule in aws_cloudwatch_event_rule.this : rule if rule.event_bus_name == "iam-sentinel-organization"]) == length(local.event_patterns)
    error_message = "The organization's bus has the same rules as the default bus."
  }
  assert {
    condition     = aws_lambda_permission.rules["Organization"].source_arn == "arn:aws:events:us-east-1:111122223333:rule/iam-sentinel-organization/iam-sentinel-*"
    error_message = "Its rules may invoke the function too."
  }
  assert {
    condition     = alltrue([for key, target in aws_cloudwatch_event_target.detector : target.event_bus_name == aws_cloudwatch_event_rule.this[key].event_bus_name])
    error_message = "A target stands on its rule's bus."
  }
  assert {
    condition = toset([for condition in data.aws_iam_policy_document.organization_bus[0].statement[0].condition : "${condition.variable} ${one(condition.values)}"]) == toset([
      "aws:PrincipalOrgID o-a1b2c3d4e5", "aws:PrincipalArn arn:aws:iam::*:role/iam-sentinel-forwarder-*",
    ])
    error_message = "Only forwarders of the organization may put events on the bus."
  }
  assert {
    condition     = contains(keys(aws_cloudwatch_metric_alarm.this), "rule-organization-lost")
    error_message = "Its rules have alarms too."
  }
}

run "x86_64" {
  command = plan

  variables {
    architecture = "x86_64"
    lambda_zip   = "tests/fixtures/x86_64.package"
  }

  assert {
    condition     = aws_lambda_function.detector.architectures == tolist(["x86_64"])
    error_message = "The function runs on what its package was built for."
  }
}

run "package_that_does_not_tell" {
  command = plan

  variables {
    lambda_zip = "main.tf"
  }

  assert {
    condition     = aws_lambda_function.detector.architectures == tolist(["arm64"])
    error_message = "A package without the comment is taken as it is."
  }
}

run "another_partition" {
  command   = plan
  providers = { aws = aws.china }

  variables {
    kms_key_arn     = "arn:aws-cn:kms:cn-north-1:111122223333:key/own"
    organization_id = "o-a1b2c3d4e5"
  }

  assert {
    condition = alltrue(flatten([for document in concat(
      [data.aws_iam_policy_document.canary, data.aws_iam_policy_document.redrive, data.aws_iam_policy_document.test, data.aws_iam_policy_document.organization_bus[0]],
      values(data.aws_iam_policy_document.queue), values(data.aws_iam_policy_document.topic),
    ) : [for statement in document.statement : [for resource in statement.resources : startswith(resource, "arn:aws-cn:") || resource == "*"]]]))
    error_message = "ARNs are of the partition."
  }
  assert {
    condition     = contains(flatten([for statement in data.aws_iam_policy_document.key.statement : [for principal in statement.principals : principal.identifiers]]), "logs.cn-north-1.amazonaws.com.cn") && local.via.sqs == "sqs.cn-north-1.amazonaws.com.cn"
    error_message = "Hosts are of the partition."
  }
}
