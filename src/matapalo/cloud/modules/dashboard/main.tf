locals {
  sides = ["monolith", "new"]

  of_slices = flatten([
    for slice in sort(keys(var.slices)) : [
      { title = "${slice}: p99 in milliseconds", stat = "p99", metrics = [for side in local.sides : [var.meters, "Milliseconds", "To", "slice.${slice}.${side}", { label = side }]] },
      { title = "${slice}: requests", stat = "SampleCount", metrics = [for side in local.sides : [var.meters, "Milliseconds", "To", "slice.${slice}.${side}", { label = side }]] },
      { title = "${slice}: failed", stat = "Sum", metrics = [for side in local.sides : [var.meters, "Errors", "To", "slice.${slice}.${side}", { label = side }]] },
    ]
  ])

  of_services = flatten([
    for service in sort(var.services) : [
      { title = "${service}: cores, in percent of the limit", stat = "Average", metrics = [["ContainerInsights", "pod_cpu_utilization_over_pod_limit", "ClusterName", var.cluster, "Namespace", var.namespace, "PodName", service]] },
      { title = "${service}: memory, in percent of the limit", stat = "Maximum", metrics = [["ContainerInsights", "pod_memory_utilization_over_pod_limit", "ClusterName", var.cluster, "Namespace", var.namespace, "PodName", service]] },
      { title = "${service}: restarts", stat = "Sum", metrics = [["ContainerInsights", "pod_number_of_container_restarts", "ClusterName", var.cluster, "Namespace", var.namespace, "PodName", service]] },
    ]
  ])

  of_functions = flatten([
    for name in sort(keys(var.functions)) : [
      { title = "${name}: p99 in milliseconds", stat = "p99", metrics = [["AWS/Lambda", "Duration", "FunctionName", var.functions[name]]] },
      { title = "${name}: calls, failed and refused", stat = "Sum", metrics = [for metric in ["Invocations", "Errors", "Throttles"] : ["AWS/Lambda", metric, "FunctionName", var.functions[name]]] },
    ]
  ])

  further = [for title in sort(keys(var.metrics)) : { title = title, stat = "Average", metrics = var.metrics[title] }]

  pictures = concat(local.of_slices, local.of_services, local.of_functions, local.further)
}

resource "aws_cloudwatch_dashboard" "this" {
  count = length(local.pictures) > 0 ? 1 : 0

  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [
      for index, picture in local.pictures : {
        type   = "metric"
        x      = (index % 3) * 8
        y      = floor(index / 3) * 6
        width  = 8
        height = 6
        properties = {
          title   = picture.title
          stat    = picture.stat
          metrics = picture.metrics
          period  = 60
          region  = var.region
          view    = "timeSeries"
          yAxis   = { left = { min = 0 } }
        }
      }
    ]
  })
}

# What the new side's gates ask for while a slice moves holds ever after. A function may have the name
# of a slice, and has alarms too.
resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = var.slices

  alarm_name          = "${var.name}-slice-${each.key}-errors"
  alarm_description   = "More than ${each.value.max_error_rate} % of ${each.key} fail on the new side."
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.max_error_rate
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]

  metric_query {
    id          = "rate"
    label       = "failed, in percent"
    expression  = "100 * FILL(errors, 0) / requests"
    return_data = true
  }

  metric_query {
    id = "errors"

    metric {
      namespace   = var.meters
      metric_name = "Errors"
      dimensions  = { To = "slice.${each.key}.new" }
      period      = 60
      stat        = "Sum"
    }
  }

  metric_query {
    id = "requests"

    metric {
      namespace   = var.meters
      metric_name = "Milliseconds"
      dimensions  = { To = "slice.${each.key}.new" }
      period      = 60
      stat        = "SampleCount"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "slow" {
  for_each = var.slices

  alarm_name          = "${var.name}-slice-${each.key}-slow"
  alarm_description   = "One request in a hundred of ${each.key} takes more than ${each.value.max_p99_ms} ms on the new side."
  namespace           = var.meters
  metric_name         = "Milliseconds"
  dimensions          = { To = "slice.${each.key}.new" }
  extended_statistic  = "p99"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.max_p99_ms
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
