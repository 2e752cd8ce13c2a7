# Queues: one a destination, so that each retries alone, and a dead-letter queue behind every hop.
#
# Policies and redrive policies stand in the queues themselves, with ARNs made of names: a resource
# of its own for each would cost another 25 seconds of waiting.

locals {
  # Messages that end in each, and their sender.
  dead_letter_queues = {
    rule          = "Events that EventBridge could not give to the function"
    function      = "Events that the function failed on three times"
    subscriptions = "Messages that SNS could not give to a queue"
    slack         = "Messages that Slack did not take for days, or that nobody can read"
    consoles      = "Messages that a console received again and again without deleting them"
    canary        = "Canaries that the scheduler could not put on the bus"
  }

  # A queue that people read takes alerts, and alarms of this region and of the forwarders' regions; a
  # console's also takes what other consoles say.
  from_topics = {
    for reader, topics in { slack = ["alerts", "operations"], console = keys(local.topic_arns) } : reader => {
      service                     = "sns.amazonaws.com"
      source_arns                 = concat([for topic in topics : local.topic_arns[topic]], ["arn:${local.partition}:sns:*:${local.account_id}:${var.name}-forwarder-operations"])
    }
  }

  # Senders that a queue's own policy admits. The function and the scheduler write to theirs with
  # their roles' permissions, and SQS moves messages without any.
  queue_senders = merge(
    { for name in keys(local.dead_letter_queues) : "${name}-dlq" => null },
    {
      rule-dlq          = { service = "events.amazonaws.com", source_arns = local.rule_arns }
      subscriptions-dlq = { service = "sns.amazonaws.com", source_arns = values(local.topic_arns) }
      slack             = local.from_topics.slack
    },
    { for name in var.consoles : "console-${name}" => local.from_topics.console },
  )

  days = 86400
}

resource "aws_sqs_queue" "dead_letter" {
  for_each = local.dead_letter_queues

  name                      = "${var.name}-${each.key}-dlq"
  message_retention_seconds = 14 * local.days
  sqs_managed_sse_enabled   = local.encrypts_with_key ? null : true
  kms_master_key_id         = local.kms_key_arn
  policy                    = data.aws_iam_policy_document.queue["${each.key}-dlq"].json
  tags                      = merge(local.tags, { Purpose = each.value })
}

resource "aws_sqs_queue" "slack" {
  name = "${var.name}-slack"
  # 360 seconds between tries: a thousand tries are four days of Slack being away, and the queue keeps
  # messages longer than that, so that none expires on the way to the dead-letter queue.
  visibility_timeout_seconds = 6 * local.function_timeout
  message_retention_seconds  = 7 * local.days
  sqs_managed_sse_enabled    = local.encrypts_with_key ? null : true
  kms_master_key_id          = local.kms_key_arn
  policy                     = data.aws_iam_policy_document.queue["slack"].json
  tags                       = local.tags

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
  sqs_managed_sse_enabled    = local.encrypts_with_key ? null : true
  kms_master_key_id          = local.kms_key_arn
  policy                     = data.aws_iam_policy_document.queue["console-${each.key}"].json
  tags                       = local.tags

  # A console stores what it receives and then deletes it, so a message comes again only when one
  # was killed in between. Twenty times is no accident.
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter["consoles"].arn
    maxReceiveCount     = 20
  })
}

data "aws_iam_policy_document" "queue" {
  for_each = local.queue_senders

  dynamic "statement" {
    for_each = each.value == null ? [] : [each.value]

    content {
      sid       = "Send"
      actions   = ["sqs:SendMessage"]
      resources = ["${local.arn.sqs}:${var.name}-${each.key}"]

      principals {
        type        = "Service"
        identifiers = [statement.value.service]
      }

      condition {
        test     = "ArnLike"
        variable = "aws:SourceArn"
        values   = statement.value.source_arns
      }

      # The ARNs hold the account already. Where the service also sends it, it must be this one.
      condition {
        test     = "StringEqualsIfExists"
        variable = "aws:SourceAccount"
        values   = [local.account_id]
      }
    }
  }

  statement {
    sid       = "NothingWithoutTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = ["${local.arn.sqs}:${var.name}-${each.key}"]

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
