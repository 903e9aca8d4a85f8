resource "aws_cloudwatch_event_rule" "this" {
  name           = var.name
  description    = var.description
  event_bus_name = var.bus
  event_pattern  = var.pattern
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = var.targets

  rule           = aws_cloudwatch_event_rule.this.name
  event_bus_name = var.bus
  target_id      = replace(each.key, "/", ".")
  arn            = each.value.arn

  retry_policy {
    maximum_event_age_in_seconds = 24 * 3600
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = var.undelivered_arn
  }

  # Events of one rule keep their order.
  dynamic "sqs_target" {
    for_each = each.value.kind == "queue" && endswith(each.value.arn, ".fifo") ? [1] : []
    content {
      message_group_id = var.name
    }
  }

  depends_on = [aws_lambda_permission.this]
}

resource "aws_lambda_permission" "this" {
  for_each = { for name, target in var.targets : name => target.arn if target.kind == "function" }

  statement_id  = "rule-${replace(var.name, ".", "-")}"
  action        = "lambda:InvokeFunction"
  function_name = join(":", slice(split(":", each.value), 0, 7))
  qualifier     = split(":", each.value)[7]
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.this.arn
}
