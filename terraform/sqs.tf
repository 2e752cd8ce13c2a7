# Queues: one a destination, so that each retries alone, and a dead-letter queue behind every hop.
#
# Policies and redrive policies stand in the queues themselves, with ARNs made of names: a resource
# of its own for each would cost another 25 seconds of waiting.

locals {
  # What can end in each, and who writes it there.
  dead_letter_queues = {
    rule          = "Events that EventBridge could not give to the function"
    function      = "Events that the function failed on three times"
    subscriptions = "Alerts that SNS could not give to a queue"
    slack         = "Alerts that Slack did not take for days"
    consoles      = "Alerts that a console received again and again without deleting them"
  }

  # Who may send to a dead-letter queue by the queue's own policy. The function writes with its role's
  # rights, and SQS moves messages without any.
  dead_letter_senders = {
    rule          = { service = "events.amazonaws.com", source_arns = local.rule_arns }
    subscriptions = { service = "sns.amazonaws.com", source_arns = [local.topic_arn] }
  }

  days = 86400
}

resource "aws_sqs_queue" "dead_letter" {
  for_each = local.dead_letter_queues

  name                      = "${var.name}-${each.key}-dlq"
  message_retention_seconds = 14 * local.days
  sqs_managed_sse_enabled   = true
  policy                    = data.aws_iam_policy_document.queue["${each.key}-dlq"].json
  tags                      = { Purpose = each.value }
}

resource "aws_sqs_queue" "slack" {
  name = "${var.name}-slack"
  # 180 seconds between tries: a thousand tries are two days of Slack being away.
  visibility_timeout_seconds = 6 * local.function_timeout
  message_retention_seconds  = 4 * local.days
  sqs_managed_sse_enabled    = true
  policy                     = data.aws_iam_policy_document.queue["slack"].json

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter["slack"].arn
    maxReceiveCount     = 1000
  })
}

resource "aws_sqs_queue" "console" {
  for_each = var.consoles

  name                       = "${var.name}-console-${each.key}"
  visibility_timeout_seconds = 60
  message_retention_seconds  = 10 * local.days
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true
  policy                     = data.aws_iam_policy_document.queue["console-${each.key}"].json

  # A console stores what it receives and then deletes it, so a message comes again only when one
  # was killed in between. Twenty times is no accident.
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter["consoles"].arn
    maxReceiveCount     = 20
  })
}

data "aws_iam_policy_document" "queue" {
  for_each = merge(
    { for name in keys(local.dead_letter_queues) : "${name}-dlq" => lookup(local.dead_letter_senders, name, null) },
    { slack = { service = "sns.amazonaws.com", source_arns = [local.topic_arn] } },
    { for name in var.consoles : "console-${name}" => { service = "sns.amazonaws.com", source_arns = [local.topic_arn] } },
  )

  dynamic "statement" {
    for_each = each.value == null ? [] : [each.value]

    content {
      sid       = "Send"
      actions   = ["sqs:SendMessage"]
      resources = ["${local.sqs_arn}:${var.name}-${each.key}"]

      principals {
        type        = "Service"
        identifiers = [statement.value.service]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = statement.value.source_arns
      }
    }
  }

  statement {
    sid       = "NothingWithoutTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = ["${local.sqs_arn}:${var.name}-${each.key}"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
