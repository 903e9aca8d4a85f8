output "name" {
  description = "The function's name."
  value       = aws_lambda_function.this.function_name
}

output "arn" {
  description = "The function's ARN, without a version."
  value       = aws_lambda_function.this.arn
}

output "alias_arn" {
  description = "The ARN of the version in use: what callers call."
  value       = aws_lambda_alias.live.arn
}

output "invoke_arn" {
  description = "The same as API Gateway calls it."
  value       = aws_lambda_alias.live.invoke_arn
}

output "role_arn" {
  description = "The role that it runs as."
  value       = aws_iam_role.this.arn
}

output "failed_queue_arn" {
  description = "Where events wait that it failed at."
  value       = aws_sqs_queue.failed.arn
}

output "alarm_names" {
  description = "Its alarms: a pipeline that shifts the alias watches them."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name])
}
