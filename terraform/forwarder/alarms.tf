# Alarms of the forwarder. CloudWatch can notify topics of its own region only. So there
# is a topic here, and SNS takes the news across: to the core's Slack and console queues, and to mail
# addresses. It does not go by the bus, which may be what is broken.

locals {
  # AWS's regions that are on in every account; the list is closed, all later ones must be opted into.
  # Out of those SNS delivers to another region under a name of their own (sns.REGION.amazonaws.com),
  # which the core's queues do not let in.
  default_regions = [
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
  ]
  opt_in_region = local.partition == "aws" && !contains(local.default_regions, local.region)

  failing = {
    redriven = {
      text   = "Events of ${local.region} could not be forwarded to the detector and are in ${local.prefix}-dlq there. Do: read the attributes of a message (ERROR_CODE: NO_PERMISSIONS is the role or the bus's policy, NO_RESOURCE the bus), terraform apply; then sentinel-tui backfill in that region, or send each message's body to the queue ${var.name}-slack of the detector, which takes events too."
      metric = "InvocationsSentToDlq"
    }
    lost = {
      text   = "Events of ${local.region} could not be forwarded, nor kept in ${local.prefix}-dlq: they are LOST. Do: compare that queue with Terraform, apply, then sentinel-tui backfill in that region for the time of the alarm."
      metric = "InvocationsFailedToBeSentToDlq"
    }
  }
  # An alarm looks at ten metrics at most, so where there are more rules there is a second one.
  failing_alarms = merge([
    for name, failing in local.failing : {
      for index, keys in chunklist(keys(local.patterns), 10) : index == 0 ? name : "${name}-${index + 1}" => merge(failing, { rules = keys })
    }
  ]...)
}

resource "aws_cloudwatch_metric_alarm" "rules" {
  for_each = local.failing_alarms

  alarm_name          = "${local.prefix}-${each.key}-${local.region}"
  alarm_description   = each.value.text
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = concat([aws_sns_topic.operations.arn], var.alarm_actions)
  ok_actions          = [aws_sns_topic.operations.arn]
  tags                = local.tags

  metric_query {
    id          = "sum"
    label       = each.key
    expression  = join(" + ", [for key in each.value.rules : "FILL(m${key}, 0)"])
    return_data = true
  }

  dynamic "metric_query" {
    for_each = toset(each.value.rules)

    content {
      id = "m${metric_query.key}"

      metric {
        namespace   = "AWS/Events"
        metric_name = each.value.metric
        dimensions  = { RuleName = local.patterns[metric_query.key].name }
        stat        = "Sum"
        period      = 300
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "dead_letter" {
  alarm_name          = "${local.prefix}-dlq-${local.region}"
  alarm_description   = "Events of ${local.region} that could not be forwarded wait in ${local.prefix}-dlq there, 14 days. Do: as the alarm ${local.prefix}-redriven-${local.region} says."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letter.name }
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = concat([aws_sns_topic.operations.arn], var.alarm_actions)
  ok_actions          = [aws_sns_topic.operations.arn]
  tags                = local.tags
}

resource "aws_sns_topic" "operations" {
  #checkov:skip=CKV_AWS_26:CloudWatch can not publish through AWS's own key; alarms hold names of parts and no events
  name   = "${local.prefix}-operations"
  policy = data.aws_iam_policy_document.topic.json
  tags   = local.tags
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "AlarmsMayPublish"
    actions   = ["sns:Publish"]
    resources = [local.topic_arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [local.alarm_arns]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }

  statement {
    sid       = "NothingWithoutTls"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [local.topic_arn]

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

resource "aws_sns_topic_subscription" "queue" {
  for_each = var.health_queue_arns

  topic_arn            = aws_sns_topic.operations.arn
  protocol             = "sqs"
  endpoint             = each.value
  raw_message_delivery = true
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letter.arn })

  lifecycle {
    precondition {
      condition     = !local.opt_in_region
      error_message = "${local.region} is a region that accounts opt into. Out of those SNS can not write to the detector's queues, so Slack and the consoles would never hear this forwarder's alarms. Take health_queue_arns out of this forwarder, and set operations_emails (or alarm_actions). Its events are forwarded all the same."
    }
  }
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.operations_emails

  topic_arn = aws_sns_topic.operations.arn
  protocol  = "email"
  endpoint  = each.key
}

check "somebody_hears" {
  assert {
    condition     = length(var.health_queue_arns) + length(var.operations_emails) + length(var.alarm_actions) > 0
    error_message = "Nobody would hear that forwarding from ${local.region} fails. Set health_queue_arns to the core's output of that name (in the same account, not in a region that one opts into), or operations_emails, or alarm_actions."
  }
}
