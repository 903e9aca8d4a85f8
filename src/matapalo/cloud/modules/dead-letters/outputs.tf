output "arn" {
  description = "The queue."
  value       = aws_sqs_queue.this.arn

  # Whoever is told of it may send there already.
  depends_on = [aws_sqs_queue_policy.this]
}

output "url" {
  description = "Where what waits is looked at."
  value       = aws_sqs_queue.this.url
}
