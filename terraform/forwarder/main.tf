# A forwarder: sends one region's events to the bus that the detector listens on, in another region
# (or, in an organization, in another account). One module a region.
#
# Why: only IAM and other global services tell their calls in the home region. A sign-in by an account
# alias is told in us-east-2, eu-north-1 or ap-southeast-2, a role taken or a trail stopped in the
# region it happened in. Without forwarders the detector hears none of that.
#
# The detector's side needs nothing else: an event that is forwarded keeps its source (aws.signin, ...)
# and its record, so it matches the rules on the bus it arrives on. Custom events can not pass as such:
# the rules here ask for sources that only AWS can send.
#
# The patterns are the detector's own (event_patterns.json): a service that speaks in the home region
# only never matches here, which costs nothing. What is forwarded costs 1 USD a million.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  account_id = data.aws_caller_identity.current.account_id
  # As in the core: what provider 5 and 6 have in common without a warning.
  region = element(split(".", data.aws_region.current.endpoint), 1)
  prefix = "${var.name}-forwarder"
  tags   = merge({ Application = var.name }, var.tags)

  patterns = merge(
    {
      for number, rule in jsondecode(file("${path.module}/../event_patterns.json")) : tostring(number + 1) => {
        # As in the core, a rule's name holds a hash of its pattern.
        name    = "${local.prefix}-${number + 1}-${substr(sha256(jsonencode(rule.pattern)), 0, 8)}"
        state   = rule.state
        pattern = jsonencode(rule.pattern)
        text    = "Calls that change who may do what, for IAM Sentinel in another region (${number + 1})"
      }
    },
    # As in the core: a rule that is off does not tell that it was switched off, another one must.
    {
      watch = {
        name    = "${local.prefix}-watch"
        state   = "ENABLED"
        pattern = jsonencode(jsondecode(templatefile("${path.module}/../watch_pattern.json.tftpl", { name = var.name })))
        text    = "Changes of forwarding rules once more, for when the other rule that hears of them is switched off"
      }
    },
  )
  rule_arns  = ["arn:${local.partition}:events:${local.region}:${local.account_id}:rule/${local.prefix}-*"]
  queue_arn  = "arn:${local.partition}:sqs:${local.region}:${local.account_id}:${local.prefix}-dlq"
  topic_arn  = "arn:${local.partition}:sns:${local.region}:${local.account_id}:${local.prefix}-operations"
  alarm_arns = "arn:${local.partition}:cloudwatch:${local.region}:${local.account_id}:alarm:${local.prefix}-*"
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.patterns

  name          = each.value.name
  description   = each.value.text
  state         = each.value.state
  event_pattern = each.value.pattern
  tags          = local.tags

  lifecycle {
    # As in the core, old rules go when all of the new ones have their targets.
    create_before_destroy = true

    precondition {
      condition     = length(each.value.pattern) <= 2048
      error_message = "The pattern of the rule ${each.value.name} has ${length(each.value.pattern)} characters, and EventBridge takes 2,048 in an account with default quotas. Make the patterns again: cargo run -- rules event-patterns > terraform/event_patterns.json"
    }

    precondition {
      condition     = var.event_bus_arn != "arn:${local.partition}:events:${local.region}:${local.account_id}:event-bus/default"
      error_message = "This forwarder is in ${local.region} and would send events to the bus they come from, round and round. The detector hears this region by itself: take this forwarder out, or give its module the provider of another region."
    }
  }
}

resource "aws_cloudwatch_event_target" "bus" {
  for_each = aws_cloudwatch_event_rule.this

  rule      = each.value.name
  target_id = "detector"
  arn       = var.event_bus_arn
  role_arn  = aws_iam_role.this.arn

  # Both are the most that EventBridge does; beyond them the event is in the dead-letter queue.
  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letter.arn
  }

  # Without its rights the first events would fail, and permissions are not tried again.
  depends_on = [aws_iam_role_policy.this]

  lifecycle {
    create_before_destroy = true
  }
}

# Each of an upgrade's old targets waits for this, and this for all of the new ones.
resource "terraform_data" "all_targets" {
  input = [for target in aws_cloudwatch_event_target.bus : target.rule]

  lifecycle {
    create_before_destroy = true
  }
}

# Roles are the account's, not the region's: so the name holds the region.
resource "aws_iam_role" "this" {
  name               = "${local.prefix}-${local.region}"
  description        = "The forwarder of ${var.name} in ${local.region}: may put events on the detector's bus"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = local.tags
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = local.rule_arns
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "forward"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "Forward"
    actions   = ["events:PutEvents"]
    resources = [var.event_bus_arn]
  }
}

resource "aws_sqs_queue" "dead_letter" {
  name                      = "${local.prefix}-dlq"
  message_retention_seconds = 14 * 86400
  sqs_managed_sse_enabled   = true
  policy                    = data.aws_iam_policy_document.queue.json
  tags                      = merge(local.tags, { Purpose = "Events that could not be forwarded" })
}

data "aws_iam_policy_document" "queue" {
  dynamic "statement" {
    for_each = {
      Rules  = { service = "events.amazonaws.com", source_arns = local.rule_arns }
      Alarms = { service = "sns.amazonaws.com", source_arns = [local.topic_arn] }
    }

    content {
      sid       = "${statement.key}MaySend"
      actions   = ["sqs:SendMessage"]
      resources = [local.queue_arn]

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
    resources = [local.queue_arn]

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
