output "arn" {
  description = "The topic."
  value       = aws_sns_topic.this.arn
}

output "undelivered_name" {
  description = "The queue of what a subscriber could not be told, as alarms know it."
  value       = aws_sqs_queue.undelivered.name
}
