# The topic that every alert goes to, and the topic for what goes wrong with the pipeline itself.

resource "aws_sns_topic" "alerts" {
  name   = "${var.name}-alerts"
  policy = data.aws_iam_policy_document.topic["alerts"].json
}

resource "aws_sns_topic" "operations" {
  name   = "${var.name}-operations"
  policy = data.aws_iam_policy_document.topic["operations"].json
}

data "aws_iam_policy_document" "topic" {
  for_each = toset(["alerts", "operations"])

  dynamic "statement" {
    for_each = each.key == "operations" ? [1] : []

    content {
      sid       = "AlarmsMayPublish"
      actions   = ["sns:Publish"]
      resources = ["arn:${local.partition}:sns:${var.region}:${local.account_id}:${var.name}-${each.key}"]

      principals {
        type        = "Service"
        identifiers = ["cloudwatch.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [local.account_id]
      }
    }
  }

  statement {
    sid       = "NothingWithoutTls"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = ["arn:${local.partition}:sns:${var.region}:${local.account_id}:${var.name}-${each.key}"]

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

resource "aws_sns_topic_subscription" "console" {
  for_each = var.consoles

  topic_arn            = aws_sns_topic.alerts.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.console[each.key].arn
  raw_message_delivery = true
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letter["subscriptions"].arn })
}

resource "aws_sns_topic_subscription" "slack" {
  topic_arn            = aws_sns_topic.alerts.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.slack.arn
  raw_message_delivery = true
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letter["subscriptions"].arn })

  # What consoles tell each other is not for Slack. A list of what to leave out, so that a kind that
  # comes later is not lost.
  filter_policy = jsonencode({ kind = [{ "anything-but" = ["triage", "probe"] }] })
}
