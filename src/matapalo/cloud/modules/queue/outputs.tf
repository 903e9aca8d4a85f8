output "arn" {
  description = "The queue."
  value       = aws_sqs_queue.this.arn
}

output "url" {
  description = "Where messages are sent to and taken from."
  value       = aws_sqs_queue.this.url
}

output "dead_arn" {
  description = "The queue of what was tried too often."
  value       = module.dead.arn
}
