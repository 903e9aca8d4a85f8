output "arn" {
  description = "The bus."
  value       = aws_cloudwatch_event_bus.this.arn
}

output "name" {
  description = "Its name, as those who tell something need it."
  value       = aws_cloudwatch_event_bus.this.name
}

output "undelivered_arn" {
  description = "The queue of what no target took."
  value       = module.undelivered.arn
}
