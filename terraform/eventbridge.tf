# The rule: which calls reach the detector.

resource "aws_cloudwatch_event_rule" "this" {
  name        = var.name
  description = "Calls that change who may do what, for IAM Sentinel"

  # On `source` and not on the detail-type alone: anybody with events:PutEvents can send events of
  # any detail-type, and only AWS can send a source that begins with "aws.".
  event_pattern = jsonencode({
    source        = ["aws.iam"]
    "detail-type" = ["AWS API Call via CloudTrail"]
    detail = {
      eventSource = ["iam.amazonaws.com"]
      eventName = [
        "AddUserToGroup",
        "AttachGroupPolicy",
        "AttachRolePolicy",
        "AttachUserPolicy",
        "CreateAccessKey",
        "CreateUser",
        "DeleteUser",
        "PutUserPolicy",
        "RemoveUserFromGroup",
        "UpdateAssumeRolePolicy",
      ]
    }
  })

  lifecycle {
    precondition {
      condition     = local.home_regions[local.partition] == var.region
      error_message = "These credentials are of partition ${local.partition}, whose IAM events appear in ${lookup(local.home_regions, local.partition, "another region")} only: set region to that."
    }
  }
}

resource "aws_cloudwatch_event_target" "detector" {
  rule      = aws_cloudwatch_event_rule.this.name
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
  statement_id   = "EventBridge"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.detector.function_name
  principal      = "events.amazonaws.com"
  source_arn     = aws_cloudwatch_event_rule.this.arn
  source_account = local.account_id
}
