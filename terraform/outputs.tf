output "consoles" {
  description = "For each console the command that starts it."
  value       = { for name, queue in aws_sqs_queue.console : name => "sentinel-tui --queue-url ${queue.url}" }
}

output "console_policy_arns" {
  description = "For each console the policy to attach to whoever runs it."
  value       = { for name, policy in aws_iam_policy.console : name => policy.arn }
}

output "function_name" {
  description = "The function, for its log and its test button."
  value       = aws_lambda_function.detector.function_name
}

output "alerts_topic_arn" {
  description = "The topic that every alert goes to; subscribe whatever else should know."
  value       = aws_sns_topic.alerts.arn
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
