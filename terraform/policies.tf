# Permissions of people: a policy for each task, to be attached to whoever runs it: a console, a test
# (and back-fill), a redrive.

# To be attached to whoever runs a console.
resource "aws_iam_policy" "console" {
  for_each = var.consoles

  name        = "${var.name}-console-${each.key}"
  description = "Lets a console read its queue of ${var.name}, and tell the other consoles what was done"
  policy      = data.aws_iam_policy_document.console[each.key].json
  tags        = local.tags
}

data "aws_iam_policy_document" "console" {
  for_each = var.consoles

  statement {
    sid = "ReadOwnQueue"
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
      "sqs:ReceiveMessage",
    ]
    resources = [aws_sqs_queue.console[each.key].arn]
  }

  # Acknowledgements for the other consoles, and probes that must come back. A console without this
  # still shows every alert. None may publish on alerts: who steals its credentials can't make any.
  statement {
    sid       = "TellOtherConsoles"
    actions   = ["sns:Publish"]
    resources = [local.topic_arns.consoles]
  }

  # So that `doctor` can say why a probe does not come back.
  statement {
    sid       = "LookAtSubscriptions"
    actions   = ["sns:GetSubscriptionAttributes", "sns:ListSubscriptionsByTopic"]
    resources = [for topic, arn in local.topic_arns : arn if topic != "operations"]
  }

  dynamic "statement" {
    for_each = local.encrypts_with_key ? [local.kms_key_arn] : []

    content {
      sid       = "UseKeyForThat"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.via.sqs, local.via.sns]
      }
    }
  }
}

# For `sentinel-tui test-alert`, which puts a marked event on the bus and looks where it stays, and
# for `sentinel-tui backfill`, which asks CloudTrail what never arrived.
resource "aws_iam_policy" "test" {
  name        = "${var.name}-test"
  description = "Lets somebody test ${var.name} and fill back what it missed"
  policy      = data.aws_iam_policy_document.test.json
  tags        = local.tags
}

data "aws_iam_policy_document" "test" {
  #checkov:skip=CKV_AWS_356:cloudtrail:LookupEvents takes no resource, only "*"
  statement {
    sid       = "PutTestEvents"
    actions   = ["events:PutEvents"]
    resources = [local.default_bus]

    condition {
      test     = "StringEquals"
      variable = "events:source"
      values   = [local.self_test_source]
    }
  }

  statement {
    sid       = "CountMessages"
    actions   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
    resources = [for name in keys(local.queue_senders) : "${local.arn.sqs}:${var.name}-${name}"]
  }

  statement {
    sid       = "AskCloudTrail"
    actions   = ["cloudtrail:LookupEvents"]
    resources = ["*"]
  }
}

# For the records around an alert (the console's x, `sentinel-tui context`). It is attached to nobody: the event
# history of an account tells all that is done in it.
resource "aws_iam_policy" "context" {
  name        = "${var.name}-console-context"
  description = "Lets the consoles of ${var.name} show the records around an alert"
  policy      = data.aws_iam_policy_document.context.json
  tags        = local.tags
}

data "aws_iam_policy_document" "context" {
  #checkov:skip=CKV_AWS_356:cloudtrail:LookupEvents takes no resource, only "*"
  statement {
    sid       = "AskCloudTrail"
    actions   = ["cloudtrail:LookupEvents"]
    resources = ["*"]
  }
}

# For `sentinel-tui redrive`, which moves what is in a dead-letter queue back onto its way: events and
# messages for Slack to the Slack queue, which the function reads, and a console's to the consoles.
resource "aws_iam_policy" "redrive" {
  name        = "${var.name}-redrive"
  description = "Lets somebody move messages of ${var.name} from dead-letter queues back onto their way"
  policy      = data.aws_iam_policy_document.redrive.json
  tags        = local.tags
}

data "aws_iam_policy_document" "redrive" {
  #checkov:skip=CKV_AWS_356:sqs:ListQueues takes no resource, only "*"
  statement {
    sid = "TakeFromDeadLetterQueues"
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
      "sqs:ReceiveMessage",
    ]
    resources = [for name in keys(local.dead_letter_queues) : "${local.arn.sqs}:${var.name}-${name}-dlq"]
  }

  statement {
    sid       = "PutBack"
    actions   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"]
    resources = [for name in concat(["slack"], [for console in var.consoles : "console-${console}"]) : "${local.arn.sqs}:${var.name}-${name}"]
  }

  # Finds the consoles: SQS lists all queues or none.
  statement {
    sid       = "FindConsoles"
    actions   = ["sqs:ListQueues"]
    resources = ["*"]
  }

  # SQS's own way, by its console or `aws sqs start-message-move-task`. It works for these two only:
  # the others are dead-letter queues of EventBridge, Lambda, SNS and the scheduler.
  statement {
    sid       = "MoveBySqs"
    actions   = ["sqs:CancelMessageMoveTask", "sqs:ListMessageMoveTasks", "sqs:StartMessageMoveTask"]
    resources = [for name in ["slack", "consoles"] : "${local.arn.sqs}:${var.name}-${name}-dlq"]
  }

  dynamic "statement" {
    for_each = local.encrypts_with_key ? [local.kms_key_arn] : []

    content {
      sid       = "UseKeyForThat"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.via.sqs]
      }
    }
  }
}
