# The function, its log, its retries, and the webhook that it posts to.

locals {
  makes_webhook_parameter = var.slack_webhook_parameter == null && var.slack_webhook_version > 0
  webhook_parameter = (
    var.slack_webhook_parameter != null ? var.slack_webhook_parameter :
    local.makes_webhook_parameter ? aws_ssm_parameter.slack_webhook[0].name : ""
  )
  webhook_parameter_arn = "arn:${local.partition}:ssm:${var.region}:${local.account_id}:parameter/${trimprefix(local.webhook_parameter, "/")}"

  # Six times this is the least visibility timeout that AWS advises for the Slack queue.
  function_timeout = 30
}

resource "aws_lambda_function" "detector" {
  function_name = var.name
  description   = "Decides which CloudTrail events are dangerous, and tells SNS and Slack"
  role          = aws_iam_role.detector.arn

  filename         = var.lambda_zip
  source_code_hash = fileexists(var.lambda_zip) ? filebase64sha256(var.lambda_zip) : null
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  memory_size      = 256
  timeout          = local.function_timeout

  environment {
    variables = {
      SNS_TOPIC_ARN           = local.topic_arn
      SLACK_DELIVERY          = "queue"
      SLACK_WEBHOOK_PARAMETER = local.webhook_parameter
      SLACK_MIN_SEVERITY      = var.slack_min_severity
      # The pipeline watches itself too: its parts are known by their names.
      WATCHED = jsonencode(merge(var.watched, {
        detector = concat(var.watched.detector, [
          var.name, "${var.name}-*", "${var.name}:*", "*:function:${var.name}:*", "/${var.name}/*", "/aws/lambda/${var.name}", "*:${var.name}-alerts:*",
        ], local.webhook_parameter == "" ? [] : [local.webhook_parameter])
      }))
    }
  }

  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.detector.name
    application_log_level = "INFO"
    system_log_level      = "WARN"
  }

  lifecycle {
    precondition {
      condition     = local.home_regions[local.partition] == var.region
      error_message = "These credentials are of partition ${local.partition}, whose IAM events appear in ${lookup(local.home_regions, local.partition, "another region")} only: set region to that."
    }

    precondition {
      condition     = fileexists(var.lambda_zip)
      error_message = "There is no Lambda package at ${var.lambda_zip}. Build it as README says under Deploy, or set lambda_zip to where it is."
    }
  }

  # Without its rights the first events would fail.
  depends_on = [aws_iam_role_policy.detector]
}

resource "aws_cloudwatch_log_group" "detector" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_lambda_function_event_invoke_config" "detector" {
  function_name                = aws_lambda_function.detector.function_name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 21600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead_letter["function"].arn
    }
  }
}

resource "aws_lambda_event_source_mapping" "slack" {
  event_source_arn        = aws_sqs_queue.slack.arn
  function_name           = aws_lambda_function.detector.arn
  batch_size              = 5
  function_response_types = ["ReportBatchItemFailures"]

  # Slack takes about one message a second; two at a time are the fewest that Lambda allows.
  scaling_config {
    maximum_concurrency = 2
  }
}

resource "aws_ssm_parameter" "slack_webhook" {
  count = local.makes_webhook_parameter ? 1 : 0

  name        = "/${var.name}/slack-webhook"
  description = "Slack's incoming webhook, read by ${var.name}"
  type        = "SecureString"

  # Write-only: the value goes to AWS and into no plan, no state, no output.
  value_wo         = var.slack_webhook_url
  value_wo_version = var.slack_webhook_version
}
