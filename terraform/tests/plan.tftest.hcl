# Plans with a mocked provider: no account, no network.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:us-east-1:111122223333:function:iam-sentinel" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:111122223333:queue" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:111122223333:iam-sentinel-alerts" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/iam-sentinel-detector" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:us-east-1:111122223333:rule/iam-sentinel" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::iam-sentinel-trail-111122223333" }
  }
}

variables {
  # Any file will do: nothing is uploaded.
  lambda_zip = "main.tf"
}

run "defaults" {
  command = plan

  assert {
    condition     = length(aws_cloudtrail.this) == 1 && aws_cloudtrail.this[0].is_multi_region_trail && aws_cloudtrail.this[0].enable_log_file_validation
    error_message = "The trail is of all regions, and its files can be validated."
  }
  assert {
    condition     = length(aws_cloudwatch_event_rule.this) > 1 && alltrue([for rule in aws_cloudwatch_event_rule.this : length(rule.event_pattern) <= 4096])
    error_message = "EventBridge takes patterns of 4,096 characters at most."
  }
  assert {
    condition     = alltrue([for rule in aws_cloudwatch_event_rule.this : alltrue([for source in jsondecode(rule.event_pattern).source : startswith(source, "aws.")])])
    error_message = "The patterns ask for the source, which only AWS can send."
  }
  assert {
    condition     = length(aws_cloudwatch_event_target.detector) == length(aws_cloudwatch_event_rule.this) && length(aws_lambda_permission.eventbridge) == length(aws_cloudwatch_event_rule.this)
    error_message = "Each rule has the function as its target, and may invoke it."
  }
  assert {
    condition     = contains(jsondecode(aws_lambda_function.detector.environment[0].variables.WATCHED).detector, "iam-sentinel-*")
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
    condition     = alltrue([for queue in aws_sqs_queue.dead_letter : queue.message_retention_seconds > aws_sqs_queue.slack.message_retention_seconds])
    error_message = "A dead-letter queue keeps the first time of sending, so it must keep longer than its source."
  }
  assert {
    condition     = toset(keys(output.consoles)) == toset(["oncall"])
    error_message = "One console by default."
  }
}

run "existing_trail_and_two_consoles" {
  command = plan

  variables {
    create_trail = false
    consoles     = ["oncall", "security"]
  }

  assert {
    condition     = length(aws_cloudtrail.this) == 0 && length(aws_s3_bucket.trail) == 0
    error_message = "No second trail, and no bucket for it."
  }
  assert {
    condition     = length(aws_sqs_queue.console) == 2 && length(aws_sns_topic_subscription.console) == 2
    error_message = "A queue for each console."
  }
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

run "webhook_parameter_of_ones_own" {
  command = plan

  variables {
    slack_webhook_parameter = "/team/slack"
  }

  assert {
    condition     = length(aws_ssm_parameter.slack_webhook) == 0 && aws_lambda_function.detector.environment[0].variables.SLACK_WEBHOOK_PARAMETER == "/team/slack"
    error_message = "An existing parameter is used as it is."
  }
}

run "webhook_version_not_whole" {
  command = plan

  variables {
    slack_webhook_url     = "https://hooks.slack.com/services/T000/B000/XXXX"
    slack_webhook_version = 0.5
  }

  expect_failures = [var.slack_webhook_version]
}

run "webhook_forgotten" {
  command = plan

  variables {
    slack_webhook_version = 1
  }

  expect_failures = [var.slack_webhook_version]
}

run "wrong_region" {
  command = plan

  variables {
    region = "eu-west-1"
  }

  expect_failures = [var.region]
}

run "region_of_another_partition" {
  command = plan

  variables {
    region = "cn-north-1"
  }

  expect_failures = [aws_lambda_function.detector]
}

run "missing_package" {
  command = plan

  variables {
    lambda_zip = "nowhere.zip"
  }

  expect_failures = [aws_lambda_function.detector]
}

run "bad_values" {
  command = plan

  variables {
    name                 = "Sentinel_"
    architecture         = "mips"
    consoles             = ["On Call"]
    slack_webhook_url    = "https://example.com/hook"
    slack_min_severity   = "PURPLE"
    log_retention_days   = 31
    trail_retention_days = 1
    watched              = { organizations = ["example"] }
  }

  expect_failures = [
    var.name,
    var.architecture,
    var.consoles,
    var.slack_webhook_url,
    var.slack_min_severity,
    var.log_retention_days,
    var.trail_retention_days,
    var.watched,
  ]
}
