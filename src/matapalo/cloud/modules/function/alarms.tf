locals {
  alarms = {
    errors = {
      description = "Calls of ${var.name} fail."
      namespace   = "AWS/Lambda"
      metric      = "Errors"
      statistic   = "Sum"
      threshold   = 0
      dimensions  = { FunctionName = aws_lambda_function.this.function_name }
    }
    throttles = {
      description = "Calls of ${var.name} are refused: more than ${var.concurrency} at once."
      namespace   = "AWS/Lambda"
      metric      = "Throttles"
      statistic   = "Sum"
      threshold   = 0
      dimensions  = { FunctionName = aws_lambda_function.this.function_name }
    }
    slow = {
      description = "Calls of ${var.name} take more than four fifths of the ${var.timeout} s that they have."
      namespace   = "AWS/Lambda"
      metric      = "Duration"
      statistic   = "Maximum"
      threshold   = var.timeout * 800
      dimensions  = { FunctionName = aws_lambda_function.this.function_name }
    }
    failed = {
      description = "Events that ${var.name} failed at wait for somebody."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      statistic   = "Maximum"
      threshold   = 0
      dimensions  = { QueueName = aws_sqs_queue.failed.name }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
