# The canary: an event on a schedule that walks EventBridge -> function like any other. The function
# answers with a metric and tells no one; the alarm canary-missing rings when the metric stays away.
# So silence is more than hope. What it does not prove: it takes a rule of its own, so it flies on when
# the other rules are switched off, and CloudTrail has no part in it.

locals {
  canary_rate = var.canary_minutes == 1 ? "rate(1 minute)" : "rate(${var.canary_minutes} minutes)"
}

# A group of its own: its metrics and its role's trust then name this canary and nothing else.
resource "aws_scheduler_schedule_group" "this" {
  name = var.name
  tags = local.tags
}

resource "aws_scheduler_schedule" "canary" {
  #checkov:skip=CKV_AWS_297:the payload is the time of sending, nothing to hide
  name                = "${var.name}-canary"
  description         = "An event every ${var.canary_minutes} minutes that proves that ${var.name} is alive"
  group_name          = aws_scheduler_schedule_group.this.name
  schedule_expression = local.canary_rate

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = local.default_bus
    role_arn = aws_iam_role.canary.arn
    # Not by jsonencode: it writes < and > as \u003c and \u003e, and the scheduler would not see its word.
    input = "{\"scheduled\":\"<aws.scheduler.scheduled-time>\"}"

    eventbridge_parameters {
      detail_type = "IAM Sentinel Canary"
      source      = local.self_test_source
    }

    # A canary that is late by more than this proves nothing: the next ones have flown.
    retry_policy {
      maximum_event_age_in_seconds = 900
      maximum_retry_attempts       = 10
    }

    dead_letter_config {
      arn = aws_sqs_queue.dead_letter["canary"].arn
    }
  }

  # Without its rights the first canary would fail; without the rule it would fly past.
  depends_on = [aws_iam_role_policy.canary, aws_cloudwatch_event_target.self_test]
}

resource "aws_iam_role" "canary" {
  name               = "${var.name}-canary"
  description        = "The schedule of ${var.name}: may put its canary on the default bus"
  assume_role_policy = data.aws_iam_policy_document.canary_trust.json
  tags               = local.tags
}

data "aws_iam_policy_document" "canary_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["${local.arn.scheduler}:schedule-group/${var.name}"]
    }
  }
}

resource "aws_iam_role_policy" "canary" {
  name   = "canary"
  role   = aws_iam_role.canary.id
  policy = data.aws_iam_policy_document.canary.json
}

data "aws_iam_policy_document" "canary" {
  statement {
    sid       = "PutCanary"
    actions   = ["events:PutEvents"]
    resources = [local.default_bus]

    condition {
      test     = "StringEquals"
      variable = "events:source"
      values   = [local.self_test_source]
    }
  }

  # The scheduler writes its dead-letter queue with this role's rights.
  statement {
    sid       = "KeepWhatFailed"
    actions   = ["sqs:SendMessage"]
    resources = [local.canary_dlq_arn]
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
