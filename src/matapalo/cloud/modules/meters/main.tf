# The edge writes a line a request. Its field `to` names the slice and the side that answered:
# `slice.cards.new`. The observability add-on keeps what a container wrote as JSON in `log_processed`.
resource "aws_cloudwatch_log_metric_filter" "milliseconds" {
  name           = "${replace(var.namespace, "/", "-")}-milliseconds"
  log_group_name = var.log_group
  pattern        = "{ ($.log_processed.to = \"slice.*\") && ($.log_processed.ms >= 0) }"

  metric_transformation {
    namespace  = var.namespace
    name       = "Milliseconds"
    value      = "$.log_processed.ms"
    unit       = "Milliseconds"
    dimensions = { To = "$.log_processed.to" }
  }
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "${replace(var.namespace, "/", "-")}-errors"
  log_group_name = var.log_group
  pattern        = "{ ($.log_processed.to = \"slice.*\") && ($.log_processed.status >= 500) }"

  metric_transformation {
    namespace  = var.namespace
    name       = "Errors"
    value      = "1"
    unit       = "Count"
    dimensions = { To = "$.log_processed.to" }
  }
}
