# Permissions of the function. Those of people are in policies.tf.

resource "aws_iam_role" "detector" {
  name               = "${var.name}-detector"
  description        = "The function of ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.detector_trust.json
  tags               = local.tags
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
    resources = ["${local.log_group_arn}:*"]
  }

  statement {
    sid       = "Publish"
    actions   = ["sns:Publish"]
    resources = [for topic in ["alerts", "links"] : local.topic_arns[topic] if contains(keys(local.topic_arns), topic)]
  }

  statement {
    sid       = "KeepWhatFailed"
    actions   = ["sqs:SendMessage"]
    resources = ["${local.arn.sqs}:${var.name}-function-dlq", "${local.arn.sqs}:${var.name}-slack-dlq"]
  }

  statement {
    sid       = "ReadSlackQueue"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    resources = ["${local.arn.sqs}:${var.name}-slack"]
  }

  dynamic "statement" {
    for_each = local.webhook_parameter == "" ? [] : [local.webhook_parameter_arn]

    content {
      sid       = "ReadWebhook"
      actions   = ["ssm:GetParameter"]
      resources = [statement.value]
    }
  }

  # A parameter of the user's own may lie under a key of the user's own.
  dynamic "statement" {
    for_each = var.slack_webhook_kms_key_arn == null ? [] : [var.slack_webhook_kms_key_arn]

    content {
      sid       = "DecryptWebhook"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = [local.via.ssm]
      }

      condition {
        test     = "StringEquals"
        variable = "kms:EncryptionContext:PARAMETER_ARN"
        values   = [local.webhook_parameter_arn]
      }
    }
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
        values   = values(local.via)
      }
    }
  }
}
