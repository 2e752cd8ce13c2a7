# EventBridge rules: the calls that reach the detector. An account takes patterns of 2,048 characters
# at most by default, so there are several; each has the same target, retries and dead-letter queue.
#
# The patterns are made from the detector's rules (`sentinel-tui rules event-patterns`, and a test
# fails when they are stale). They ask for `source`, since anybody with events:PutEvents can send
# events of any detail-type, and only AWS can send a source that begins with "aws.".
#
# Events that a forwarder sends from another region arrive on the default bus with their source kept,
# so they match the same rules. Those of other accounts come by a bus of their own (organization.tf).

locals {
  event_patterns = {
    for number, rule in jsondecode(file("${path.module}/event_patterns.json")) : tostring(number + 1) => {
      state   = rule.state
      pattern = jsonencode(rule.pattern)
    }
  }
  # An account's default quota; 4,096 is the most that it can ask for, and all that a plan checks.
  largest_pattern = 2048

  # A rule's name holds a hash of its pattern: an upgrade makes rules of new names beside the old ones,
  # and takes the old ones away when all of the new ones have their targets. A rule that changed in
  # place would hear too little for a moment, since calls move from one pattern to another.
  rule_prefix = "${var.name}-calls-"
  # Changes of rules and their targets, a call each by its rule's name: only the pipeline's own, since each
  # invokes the function a second time. The forwarders have the same.
  watch_pattern = jsonencode(jsondecode(templatefile("${path.module}/watch_pattern.json.tftpl", { name = var.name })))
  # Every rule by its key: name, bus (null is the default bus) and pattern.
  rules = merge(
    {
      for key, rule in local.event_patterns : key => {
        name = "${local.rule_prefix}${key}-${substr(sha256(rule.pattern), 0, 8)}", bus = null, state = rule.state, pattern = rule.pattern
        text = "Calls that change who may do what, for IAM Sentinel (${key} of ${length(local.event_patterns)})"
      }
    },
    {
      for key, rule in local.event_patterns : "organization-${key}" => {
        name = "${local.rule_prefix}organization-${key}-${substr(sha256(rule.pattern), 0, 8)}", bus = local.organization_bus, state = rule.state, pattern = rule.pattern
        text = "The same of the organization's other accounts (${key} of ${length(local.event_patterns)})"
      } if local.hears_organization
    },
    # A rule that is off does not tell that it was switched off: another one must. Each of the two that
    # hear of rules tells of the other, if it is still on when CloudTrail delivers the call, which takes
    # minutes. Whoever switches off both within that time is not heard.
    {
      watch = {
        name    = "${local.rule_prefix}watch", bus = null, state = "ENABLED"
        text    = "Changes of rules once more, for when the other rule that hears of them is switched off"
        pattern = local.watch_pattern
      }
    },
  )
  self_test_rule = "${var.name}-self-test"
  # Rules of this deployment by their names' beginning, on each bus: short enough for every policy, and
  # true of the rules before and after an upgrade.
  rule_arns = concat(
    ["${local.arn.events}:rule/${var.name}-*"],
    local.hears_organization ? ["${local.arn.events}:rule/${local.organization_bus}/${var.name}-*"] : [],
  )
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.rules

  name           = each.value.name
  description    = each.value.text
  event_bus_name = each.value.bus == null ? null : aws_cloudwatch_event_bus.organization[0].name
  # One of them hears of read-only calls too (taking a role, reading a password).
  state         = each.value.state
  event_pattern = each.value.pattern
  tags          = local.tags

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = length(each.value.pattern) <= local.largest_pattern
      error_message = "The pattern of the rule ${each.value.name} has ${length(each.value.pattern)} characters, and EventBridge takes ${local.largest_pattern} in an account with default quotas. Make the patterns again: cargo run -- rules event-patterns > terraform/event_patterns.json"
    }
  }
}

resource "aws_cloudwatch_event_target" "detector" {
  for_each = aws_cloudwatch_event_rule.this

  rule           = each.value.name
  event_bus_name = each.value.event_bus_name
  target_id      = "detector"
  arn            = aws_lambda_function.detector.arn

  # Both are the most that EventBridge does; beyond them the event is in the dead-letter queue.
  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letter["rule"].arn
  }

  # Without it the first events would be refused, and permissions are not tried again.
  depends_on = [aws_lambda_permission.rules]

  lifecycle {
    create_before_destroy = true
  }
}

# Each of an upgrade's old targets waits for this, and this for all of the new ones.
resource "terraform_data" "all_targets" {
  input = [for target in aws_cloudwatch_event_target.detector : target.rule]

  lifecycle {
    create_before_destroy = true
  }
}

# One statement a bus and not one a rule: with two sets of rules, as during an upgrade, the function's
# policy would come near the 20 KB that Lambda takes.
resource "aws_lambda_permission" "rules" {
  for_each = local.hears_organization ? { Default = local.rule_arns[0], Organization = local.rule_arns[1] } : { Default = local.rule_arns[0] }

  statement_id   = "EventBridgeRulesOf${each.key}Bus"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.detector.function_name
  principal      = "events.amazonaws.com"
  source_arn     = each.value
  source_account = local.account_id
}

# Statements of the function's policy, one a rule, that earlier deployments made. Their old targets
# depend on them, so Terraform could neither take them away before the new targets are there nor after:
# it moves them out of the way and forgets them. They name rules that are no more, and go with the
# function.
moved {
  from = aws_lambda_permission.eventbridge
  to   = aws_lambda_permission.of_earlier_rules
}

moved {
  from = aws_lambda_permission.self_test
  to   = aws_lambda_permission.of_earlier_self_test
}

removed {
  from = aws_lambda_permission.of_earlier_rules

  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_lambda_permission.of_earlier_self_test

  lifecycle {
    destroy = false
  }
}

# The canary and `sentinel-tui test-alert`: their way is the way of every event.
resource "aws_cloudwatch_event_rule" "self_test" {
  name        = local.self_test_rule
  description = "The canary and test alerts of ${var.name}"
  tags        = local.tags

  event_pattern = jsonencode({
    source      = [local.self_test_source]
    detail-type = ["IAM Sentinel Canary", "IAM Sentinel Test"]
    replay-name = [{ exists = false }]
  })
}

resource "aws_cloudwatch_event_target" "self_test" {
  rule      = aws_cloudwatch_event_rule.self_test.name
  target_id = "detector"
  arn       = aws_lambda_function.detector.arn

  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letter["rule"].arn
  }

  depends_on = [aws_lambda_permission.rules]
}
