output "dead_letter_queue_url" {
  description = "Where events that could not be forwarded are kept, 14 days."
  value       = aws_sqs_queue.dead_letter.url
}

output "operations_topic_arn" {
  description = "The topic in this region that the forwarder's alarms go to."
  value       = aws_sns_topic.operations.arn
}

output "role_arn" {
  description = "The role that puts the events on the detector's bus."
  value       = aws_iam_role.this.arn
}
