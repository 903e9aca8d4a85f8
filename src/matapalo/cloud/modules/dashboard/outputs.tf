output "alarm_names" {
  description = "The alarms of the slices: a pipeline that deploys watches them."
  value       = sort(concat([for alarm in aws_cloudwatch_metric_alarm.errors : alarm.alarm_name], [for alarm in aws_cloudwatch_metric_alarm.slow : alarm.alarm_name]))
}
