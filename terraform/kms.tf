# A customer-managed key, where one is asked for: made here (create_kms_key, 1 USD a month) or the
# user's own (kms_key_arn). Without one, queues are encrypted by SQS's keys, the alerts topic, the
# parameter and the log by AWS's; all of that is free.
#
# A key of one's own needs the statements of the output kms_key_policy in its policy, else services
# could not write to encrypted queues and topics, and would say so only in the dead-letter alarms.

locals {
  encrypts_with_key = var.create_kms_key || var.kms_key_arn != null
  kms_key_arn       = var.create_kms_key ? aws_kms_key.this[0].arn : var.kms_key_arn

  # A role may use the key through these services only, never by itself.
  via = {
    for service in ["lambda", "sns", "sqs", "ssm"] :
    service => "${service}.${local.region}.${data.aws_partition.current.dns_suffix}"
  }

  # Services that write to encrypted queues and topics by themselves, and for whom. EventBridge names
  # no source when it uses a key, so a condition would refuse it always; the policy of the queue that it
  # writes to names this deployment's rules.
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
  key_users = {
    Sns        = { service = "sns.amazonaws.com", source_arns = values(local.topic_arns) }
    Forwarders = { service = "sns.amazonaws.com", source_arns = ["arn:${local.partition}:sns:*:${local.account_id}:${var.name}-forwarder-operations"] }
    Rules      = { service = "events.amazonaws.com", source_arns = null }
    Alarms     = { service = "cloudwatch.amazonaws.com", source_arns = ["${local.arn.cloudwatch}:alarm:${var.name}-*"] }
  }
}

resource "aws_kms_key" "this" {
  count = var.create_kms_key ? 1 : 0

  description             = "Queues, topics, log, webhook and trail of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
  tags                    = local.tags
}

resource "aws_kms_alias" "this" {
  count = var.create_kms_key ? 1 : 0

  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this[0].key_id
}

# In a key's policy "*" is the key itself.
data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:a key's policy; without this statement nobody could manage the key
  #checkov:skip=CKV_AWS_111:a key's policy; in it "*" is the key itself
  #checkov:skip=CKV_AWS_356:a key's policy; in it "*" is the key itself
  statement {
    sid       = "AccountManages"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:root"]
    }
  }

  dynamic "statement" {
    for_each = local.key_users

    content {
      sid       = "${statement.key}MayEncrypt"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
      resources = ["*"]

      principals {
        type        = "Service"
        identifiers = [statement.value.service]
      }

      dynamic "condition" {
        for_each = statement.value.source_arns == null ? {} : {
          "aws:SourceArn"     = { test = "ArnLike", values = statement.value.source_arns }
          "aws:SourceAccount" = { test = "StringEqualsIfExists", values = [local.account_id] }
        }

        content {
          test     = condition.value.test
          variable = condition.key
          values   = condition.value.values
        }
      }
    }
  }

  statement {
    sid       = "LogMayEncrypt"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${local.region}.${data.aws_partition.current.dns_suffix}"]
    }

    condition {
      test     = "ArnEquals"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = [local.log_group_arn]
    }
  }

  dynamic "statement" {
    for_each = var.create_trail ? [1] : []

    content {
      sid       = "TrailMayEncrypt"
      actions   = ["kms:GenerateDataKey*"]
      resources = ["*"]

      principals {
        type        = "Service"
        identifiers = ["cloudtrail.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceArn"
        values   = [local.trail_arn]
      }

      condition {
        test     = "StringEquals"
        variable = "kms:EncryptionContext:aws:cloudtrail:arn"
        values   = [local.trail_arn]
      }
    }
  }

  dynamic "statement" {
    for_each = var.create_trail ? [1] : []

    content {
      # CloudTrail looks at the key and tries it before it makes a trail or changes one.
      sid       = "TrailMayLook"
      actions   = ["kms:Decrypt", "kms:DescribeKey"]
      resources = ["*"]

      principals {
        type        = "Service"
        identifiers = ["cloudtrail.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceArn"
        values   = [local.trail_arn]
      }
    }
  }
}
