# What must not go unnoticed: each alarm is a place where an alert could be lost or late.

locals {
  function_dimension = { FunctionName = aws_lambda_function.detector.function_name }
  topic_dimension    = { TopicName = aws_sns_topic.alerts.name }

  alarms = merge(
    {
      function-errors = {
        text       = "The function fails: Lambda tries an event three times, then it is in ${var.name}-function-dlq. Its log says why."
        namespace  = "AWS/Lambda", metric = "Errors", statistic = "Sum", threshold = 0
        dimensions = local.function_dimension
      }
      function-throttles = {
        text       = "The function is throttled: concurrency is used up, or was set to 0, which silences the pipeline."
        namespace  = "AWS/Lambda", metric = "Throttles", statistic = "Sum", threshold = 0
        dimensions = local.function_dimension
      }
      function-dropped = {
        text       = "Events were dropped after all retries."
        namespace  = "AWS/Lambda", metric = "AsyncEventsDropped", statistic = "Sum", threshold = 0
        dimensions = local.function_dimension
      }
      function-destination = {
        text       = "The function's failure queue could not be written: failed events are lost."
        namespace  = "AWS/Lambda", metric = "DestinationDeliveryFailures", statistic = "Sum", threshold = 0
        dimensions = local.function_dimension
      }
      topic-failed = {
        text       = "SNS could not deliver to a subscriber; what it could not is in ${var.name}-subscriptions-dlq."
        namespace  = "AWS/SNS", metric = "NumberOfNotificationsFailed", statistic = "Sum", threshold = 0
        dimensions = local.topic_dimension
      }
      slack-failed = {
        text       = "Posts to Slack fail: it is away, or refuses the webhook. The function's log says which."
        namespace  = "IamSentinel", metric = "SlackFailed", statistic = "Sum", threshold = 0
        dimensions = { Function = aws_lambda_function.detector.function_name }
      }
      slack-late = {
        text       = "Alerts have waited for Slack for ten minutes: it is away, or refuses the webhook."
        namespace  = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum", threshold = 600
        dimensions = { QueueName = aws_sqs_queue.slack.name }
      }
    },
    {
      for key, rule in aws_cloudwatch_event_rule.this : "rule-${key}-failed" => {
        text       = "EventBridge could not invoke the function."
        namespace  = "AWS/Events", metric = "FailedInvocations", statistic = "Sum", threshold = 0
        dimensions = { RuleName = rule.name }
      }
    },
    {
      for key, rule in aws_cloudwatch_event_rule.this : "rule-${key}-dead-letters-failed" => {
        text       = "EventBridge could not write its dead-letter queue: events are lost."
        namespace  = "AWS/Events", metric = "InvocationsFailedToBeSentToDlq", statistic = "Sum", threshold = 0
        dimensions = { RuleName = rule.name }
      }
    },
    {
      for name, text in local.dead_letter_queues : "${name}-dlq" => {
        text       = "${text}: there are some. Mend the cause, then move them back."
        namespace  = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", threshold = 0
        dimensions = { QueueName = aws_sqs_queue.dead_letter[name].name }
      }
    },
    {
      for name, queue in aws_sqs_queue.console : "console-${name}-late" => {
        text       = "Alerts have waited for the console ${name} for a day: nobody runs it. After ten days they are gone."
        namespace  = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum", threshold = 86400
        dimensions = { QueueName = queue.name }
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = 1
  # These metrics are there only when something happens.
  treat_missing_data = "notBreaching"
  alarm_actions      = concat([aws_sns_topic.operations.arn], var.alarm_actions)
  ok_actions         = [aws_sns_topic.operations.arn]
}
