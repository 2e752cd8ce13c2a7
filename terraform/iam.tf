# What the function may do, and what a console may do: nothing more.

resource "aws_iam_role" "detector" {
  name               = "${var.name}-detector"
  description        = "The function of ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.detector_trust.json
}

data "aws_iam_policy_document" "detector_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "detector" {
  name   = "detector"
  role   = aws_iam_role.detector.id
  policy = data.aws_iam_policy_document.detector.json
}

data "aws_iam_policy_document" "detector" {
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.detector.arn}:*"]
  }

  statement {
    sid       = "Publish"
    actions   = ["sns:Publish"]
    resources = [local.topic_arn]
  }

  statement {
    sid       = "KeepWhatFailed"
    actions   = ["sqs:SendMessage"]
    resources = ["${local.sqs_arn}:${var.name}-function-dlq"]
  }

  statement {
    sid       = "ReadSlackQueue"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    resources = ["${local.sqs_arn}:${var.name}-slack"]
  }

  dynamic "statement" {
    for_each = local.webhook_parameter == "" ? [] : [local.webhook_parameter_arn]

    content {
      sid       = "ReadWebhook"
      actions   = ["ssm:GetParameter"]
      resources = [statement.value]
    }
  }
}

# To be attached to whoever runs a console.
resource "aws_iam_policy" "console" {
  for_each = var.consoles

  name        = "${var.name}-console-${each.key}"
  description = "Lets a console read its queue of ${var.name}"
  policy      = data.aws_iam_policy_document.console[each.key].json
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
}
