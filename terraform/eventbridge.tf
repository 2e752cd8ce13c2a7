# The rules: which calls reach the detector. EventBridge takes patterns of 4,096 characters at most,
# so there are several; each has the same target, retries and dead-letter queue.
#
# The patterns are made from the detector's rules (`sentinel-tui rules event-patterns`, and a test
# fails when they are stale). They ask for `source`, since anybody with events:PutEvents can send
# events of any detail-type, and only AWS can send a source that begins with "aws.".

locals {
  event_patterns = {
    for number, rule in jsondecode(file("${path.module}/event_patterns.json")) : tostring(number + 1) => {
      state   = rule.state
      pattern = jsonencode(rule.pattern)
    }
  }
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.event_patterns

  name        = "${local.rule_prefix}${each.key}"
  description = "Calls that change who may do what, for IAM Sentinel (${each.key} of ${length(local.event_patterns)})"
  # One of them hears of read-only calls too (taking a role, reading a password).
  state         = each.value.state
  event_pattern = each.value.pattern
}

resource "aws_cloudwatch_event_target" "detector" {
  for_each = aws_cloudwatch_event_rule.this

  rule      = each.value.name
  target_id = "detector"
  arn       = aws_lambda_function.detector.arn

  # Both are the most that EventBridge does; beyond them the event is in the dead-letter queue.
  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letter["rule"].arn
  }
}

resource "aws_lambda_permission" "eventbridge" {
  for_each = aws_cloudwatch_event_rule.this

  statement_id   = "EventBridge${each.key}"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.detector.function_name
  principal      = "events.amazonaws.com"
  source_arn     = each.value.arn
  source_account = local.account_id
}
