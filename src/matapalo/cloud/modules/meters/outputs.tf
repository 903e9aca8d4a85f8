output "namespace" {
  description = "What the metrics are below; each has the dimension `To`."
  value       = aws_cloudwatch_log_metric_filter.milliseconds.metric_transformation[0].namespace
}
