output "consoles" {
  description = "For each console the command that starts it."
  value       = { for name, queue in aws_sqs_queue.console : name => "sentinel-tui --queue-url ${queue.url} --topic-arn ${aws_sns_topic.alerts.arn}" }
}

output "console_policy_arns" {
  description = "For each console the policy to attach to whoever runs it."
  value       = { for name, policy in aws_iam_policy.console : name => policy.arn }
}

output "test_policy_arn" {
  description = "The policy to attach to whoever runs sentinel-tui test-alert or backfill."
  value       = aws_iam_policy.test.arn
}

output "context_policy_arn" {
  description = "The policy to attach to whoever may see the records around an alert in this account's event history: the console's x, sentinel-tui context."
  value       = aws_iam_policy.context.arn
}

output "redrive_policy_arn" {
  description = "The policy to attach to whoever moves messages out of dead-letter queues."
  value       = aws_iam_policy.redrive.arn
}

output "function_name" {
  description = "The function, for its log and its test button."
  value       = aws_lambda_function.detector.function_name
}

output "alerts_topic_arn" {
  description = "The topic that every alert goes to; subscribe whatever else should know."
  value       = aws_sns_topic.alerts.arn
}

output "consoles_topic_arn" {
  description = "The topic that consoles tell each other over. A console derives it from alerts_topic_arn."
  value       = aws_sns_topic.consoles.arn
}

output "operations_topic_arn" {
  description = "The topic that alarms about the pipeline go to; subscribe whoever looks after it."
  value       = aws_sns_topic.operations.arn
}

output "slack_webhook_parameter" {
  description = "The SSM parameter that holds Slack's webhook; empty where none is set up. Overwrite its value to rotate the webhook: no deploy is needed."
  value       = local.webhook_parameter
}

output "dead_letter_queue_urls" {
  description = "Where what could not be delivered is kept, 14 days."
  value       = { for name, queue in aws_sqs_queue.dead_letter : name => queue.url }
}

output "event_bus_arn" {
  description = "The bus that forwarders in this account's other regions send to (forwarder/, event_bus_arn)."
  value       = local.default_bus
}

output "organization_bus_arn" {
  description = "The bus that forwarders in the organization's other accounts send to; null without organization_id."
  value       = local.hears_organization ? aws_cloudwatch_event_bus.organization[0].arn : null
}

output "health_queue_arns" {
  description = "The queues that take alarms of forwarders in this account's other regions (forwarder/, health_queue_arns)."
  value       = local.subscribers
}

output "kms_key_policy" {
  description = "What the policy of a key of your own (kms_key_arn) must hold; null where no key is used. terraform plan shows it before anything is made."
  value       = local.encrypts_with_key ? data.aws_iam_policy_document.key.json : null
}

output "alarms" {
  description = "Each alarm: what it means and what to do."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name => alarm.alarm_description }
}
