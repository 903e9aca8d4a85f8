output "arn" {
  description = "The rule."
  value       = aws_cloudwatch_event_rule.this.arn
}
