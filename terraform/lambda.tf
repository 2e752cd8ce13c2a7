# The function, its log, its retries, and the webhook that it posts to.

locals {
  makes_webhook_parameter = var.slack_webhook_parameter == null && var.slack_webhook_version > 0
  webhook_parameter = (
    var.slack_webhook_parameter != null ? var.slack_webhook_parameter :
    local.makes_webhook_parameter ? aws_ssm_parameter.slack_webhook[0].name : ""
  )
  webhook_parameter_arn = "${local.arn.ssm}:parameter/${trimprefix(local.webhook_parameter, "/")}"

  # Six times this is the least visibility timeout that AWS advises for the Slack queue.
  function_timeout = 60

  lambda_zip = var.lambda_zip != null ? var.lambda_zip : "${path.module}/../target/lambda/${var.architecture}/bootstrap.zip"
  has_zip    = fileexists(local.lambda_zip)

  # The package tells what it was built for: its last bytes are the zip's comment, and Terraform sees
  # bytes only as base64, which has three ways to end. A package without the comment is taken as it is.
  other_architecture = var.architecture == "arm64" ? "x86_64" : "arm64"
  other_comment      = "iam-sentinel detector ${local.other_architecture}"
  zip_bytes          = local.has_zip ? filebase64(local.lambda_zip) : ""
  is_for_other = anytrue([
    for bytes in [22, 23, 24] : endswith(local.zip_bytes, base64encode(substr(local.other_comment, -bytes, bytes)))
  ])

  # The pipeline watches itself too: its parts are known by their names.
  own_parts = concat(
    [
      var.name, "${var.name}-*", "${var.name}:*", "*:function:${var.name}:*", "/${var.name}/*", "/aws/lambda/${var.name}",
      # Subscriptions: their ARNs are the topic's with an id behind it.
      "*:${var.name}-*:*",
    ],
    local.webhook_parameter == "" ? [] : [local.webhook_parameter],
    var.existing_trail == null ? [] : distinct([var.existing_trail, element(split("/", var.existing_trail), -1)]),
    local.encrypts_with_key ? distinct([local.kms_key_arn, element(split("/", local.kms_key_arn), -1), "alias/${var.name}"]) : [],
  )
}

resource "aws_lambda_function" "detector" {
  #checkov:skip=CKV_AWS_50:a trace of each event costs more than the function and tells less than its metrics
  #checkov:skip=CKV_AWS_115:a new account has no concurrency to reserve; reserved_concurrency sets it
  #checkov:skip=CKV_AWS_116:the on-failure destination keeps what a dead-letter queue would, and the reason besides
  #checkov:skip=CKV_AWS_117:it speaks to AWS and Slack only; in a VPC it would need a NAT gateway for that
  #checkov:skip=CKV_AWS_173:the environment holds names and no secret; with create_kms_key or kms_key_arn it is encrypted by that key
  #checkov:skip=CKV_AWS_272:the package is built by whoever deploys it; a signing profile would be theirs to own
  function_name = var.name
  description   = "Decides which CloudTrail events are dangerous, and tells SNS and Slack"
  role          = aws_iam_role.detector.arn

  filename                       = local.lambda_zip
  source_code_hash               = local.has_zip ? filebase64sha256(local.lambda_zip) : null
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  architectures                  = [var.architecture]
  memory_size                    = 256
  timeout                        = local.function_timeout
  reserved_concurrent_executions = var.reserved_concurrency
  kms_key_arn                    = local.kms_key_arn
  tags                           = local.tags

  environment {
    variables = {
      SNS_TOPIC_ARN           = local.topic_arns.alerts
      SLACK_DELIVERY          = "queue"
      SLACK_WEBHOOK_PARAMETER = local.webhook_parameter
      SLACK_MIN_SEVERITY      = var.slack_min_severity
      SLACK_PACE_MS           = tostring(var.slack_pace_ms)
      # Hosts besides Slack's own that the webhook may name.
      SLACK_WEBHOOK_HOSTS = join(",", var.slack_webhook_hosts)
      # Queue for unreadable messages of the Slack queue.
      SLACK_DEAD_LETTER_QUEUE_URL = aws_sqs_queue.dead_letter["slack"].url
      # Topic of links, which are no alerts, for consoles alone.
      LINKS_TOPIC_ARN = lookup(local.topic_arns, "links", "")
      LINKS           = var.links
      # The probe that follows each canary says when the next one is due.
      CANARY_MINUTES = tostring(var.canary_minutes)
      WATCHED        = jsonencode(merge(var.watched, { detector = concat(var.watched.detector, local.own_parts) }))
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
      condition     = local.home_region == local.region
      error_message = "The provider works in ${local.region}. IAM's events of partition ${local.partition} appear in ${local.home_region} only, so a detector anywhere else would hear nothing. Say: export AWS_REGION=${local.home_region} (or set region in your provider block to that)."
    }

    precondition {
      condition     = local.has_zip
      error_message = "There is no Lambda package at ${local.lambda_zip}. Build it as docs/deploy.md says, or set lambda_zip to where it is."
    }

    precondition {
      condition     = !local.is_for_other
      error_message = "The package at ${local.lambda_zip} is built for ${local.other_architecture}, and architecture is ${var.architecture}: the function could not start. Set architecture to ${local.other_architecture}, or lambda_zip to the package for ${var.architecture}."
    }
  }

  # Without its rights the first events would fail.
  depends_on = [aws_iam_role_policy.detector]
}

resource "aws_cloudwatch_log_group" "detector" {
  #checkov:skip=CKV_AWS_158:encrypted by CloudWatch's own key; with create_kms_key or kms_key_arn by that key
  #checkov:skip=CKV_AWS_338:30 days tell what went wrong; the evidence is in the trail, and log_retention_days sets it
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.kms_key_arn
  tags              = local.tags
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
  event_source_arn = aws_sqs_queue.slack.arn
  function_name    = aws_lambda_function.detector.arn
  # A batch folds into few posts, so a storm is told in minutes and not in hours.
  batch_size                         = 20
  maximum_batching_window_in_seconds = 1
  function_response_types            = ["ReportBatchItemFailures"]
  tags                               = local.tags

  # Slack takes about one message a second; two at a time are the fewest that Lambda allows, and each
  # waits slack_pace_ms between its posts.
  scaling_config {
    maximum_concurrency = 2
  }
}

resource "aws_ssm_parameter" "slack_webhook" {
  #checkov:skip=CKV_AWS_337:a SecureString under AWS's key alias/aws/ssm; with create_kms_key or kms_key_arn under that key
  count = local.makes_webhook_parameter ? 1 : 0

  name        = "/${var.name}/slack-webhook"
  description = "Slack's incoming webhook, read by ${var.name}"
  type        = "SecureString"
  key_id      = local.encrypts_with_key ? local.kms_key_arn : null
  tags        = local.tags

  # Write-only: the value goes to AWS and into no plan, no state, no output.
  value_wo         = var.slack_webhook_url
  value_wo_version = var.slack_webhook_version
}
