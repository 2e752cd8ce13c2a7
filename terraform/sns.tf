# Topics, one for each publisher and purpose: alerts and links for the function, consoles for consoles,
# operations for CloudWatch's alarms. A console hears all, and tells by its filters and the messages' attributes
# which one a message came from, so nobody who may publish on one can speak for another:
#
# - alerts: every message has the attribute kind, or a console's queue does not get it.
# - links: records that are no alerts; every message has kind = link.
# - consoles: every message has sender = console, and a kind that consoles use.
# - operations: CloudWatch sets no attributes. So an alarm is what has none, and a message that looks
#   like an alarm and has a kind is refused, by consoles and by the function.
#
# Alarms go from the operations topic straight to the Slack queue and to every console's queue, raw
# and unfiltered: so a function that is dead can not keep the news of its death to itself.

locals {
  # Queues that people are told from. Topics send to them: alerts and operations to all, consoles to consoles.
  subscribers = merge(
    { slack = aws_sqs_queue.slack.arn },
    { for name, queue in aws_sqs_queue.console : "console-${name}" => queue.arn },
  )

  severities = ["LOW", "MEDIUM", "HIGH", "CRITICAL"]
  # For each least severity the ones below it. Filters name what to leave out, so that a severity that
  # comes later is not lost, and neither is a message without one.
  lower_severities = { for index, severity in local.severities : severity => slice(local.severities, 0, index) }

  # Probes and what consoles tell each other are for no one else.
  not_for_people = [{ "anything-but" = ["triage", "probe"] }]
}

resource "aws_sns_topic" "alerts" {
  name   = "${var.name}-alerts"
  policy = data.aws_iam_policy_document.topic["alerts"].json
  # AWS's own key does here: those who publish are of this account, none is a service.
  kms_master_key_id = local.encrypts_with_key ? local.kms_key_arn : "alias/aws/sns"
  tags              = local.tags
}

# Acknowledgements, notes and tags, and the consoles' own probes. No console may publish on alerts.
resource "aws_sns_topic" "consoles" {
  name              = "${var.name}-consoles"
  policy            = data.aws_iam_policy_document.topic["consoles"].json
  kms_master_key_id = local.encrypts_with_key ? local.kms_key_arn : "alias/aws/sns"
  tags              = local.tags
}

# Records that are no alerts and that incidents need: who took which role, who signed in. A topic of its own, so
# that Slack, mail and foreign subscribers never get one.
resource "aws_sns_topic" "links" {
  count = local.publishes_links ? 1 : 0

  name              = "${var.name}-links"
  policy            = data.aws_iam_policy_document.topic["links"].json
  kms_master_key_id = local.encrypts_with_key ? local.kms_key_arn : "alias/aws/sns"
  tags              = local.tags
}

resource "aws_sns_topic" "operations" {
  #checkov:skip=CKV_AWS_26:CloudWatch can not publish through AWS's own key, and a customer key is an option that costs; alarms hold names of parts and no events
  name              = "${var.name}-operations"
  policy            = data.aws_iam_policy_document.topic["operations"].json
  kms_master_key_id = local.kms_key_arn
  tags              = local.tags
}

data "aws_iam_policy_document" "topic" {
  for_each = local.topic_arns

  dynamic "statement" {
    for_each = each.key == "operations" ? [1] : []

    content {
      sid       = "AlarmsMayPublish"
      actions   = ["sns:Publish"]
      resources = [each.value]

      principals {
        type        = "Service"
        identifiers = ["cloudwatch.amazonaws.com"]
      }

      condition {
        test     = "ArnLike"
        variable = "aws:SourceArn"
        values   = ["${local.arn.cloudwatch}:alarm:${var.name}-*"]
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
    resources = [each.value]

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
  # A message without a kind can then only be an alarm of the operations topic.
  filter_policy = jsonencode({ kind = [{ exists = true }] })
}

resource "aws_sns_topic_subscription" "console_to_console" {
  for_each = var.consoles

  topic_arn            = aws_sns_topic.consoles.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.console[each.key].arn
  raw_message_delivery = true
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letter["subscriptions"].arn })
  # A reader believes sender, so nothing passes without it: neither alert nor alarm nor the function's probe.
  filter_policy = jsonencode({ kind = ["triage", "probe"], sender = ["console"] })
}

resource "aws_sns_topic_subscription" "links" {
  for_each = local.publishes_links ? var.consoles : []

  topic_arn            = aws_sns_topic.links[0].arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.console[each.key].arn
  raw_message_delivery = true
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letter["subscriptions"].arn })
  # A message without a kind can then only be an alarm of the operations topic.
  filter_policy = jsonencode({ kind = ["link"] })
}

resource "aws_sns_topic_subscription" "slack" {
  topic_arn            = aws_sns_topic.alerts.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.slack.arn
  raw_message_delivery = true
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letter["subscriptions"].arn })
  filter_policy        = jsonencode({ kind = local.not_for_people })
}

resource "aws_sns_topic_subscription" "health" {
  for_each = local.subscribers

  topic_arn            = aws_sns_topic.operations.arn
  protocol             = "sqs"
  endpoint             = each.value
  raw_message_delivery = true
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_letter["subscriptions"].arn })
}

# AWS asks each address to confirm, by a mail with a link.
resource "aws_sns_topic_subscription" "alert_email" {
  for_each = var.alert_emails

  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = each.key

  filter_policy = jsonencode(merge(
    { kind = local.not_for_people },
    each.value == "LOW" ? {} : { severity = [{ "anything-but" = local.lower_severities[each.value] }, { exists = false }] },
  ))
}

resource "aws_sns_topic_subscription" "operations_email" {
  for_each = var.operations_emails

  topic_arn = aws_sns_topic.operations.arn
  protocol  = "email"
  endpoint  = each.key
}
