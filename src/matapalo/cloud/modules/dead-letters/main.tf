data "aws_caller_identity" "this" {}

resource "aws_sqs_queue" "this" {
  name       = var.name
  fifo_queue = endswith(var.name, ".fifo")

  # As long as SQS keeps anything: a person has to look.
  message_retention_seconds         = 14 * 24 * 3600
  kms_master_key_id                 = var.key_arn
  kms_data_key_reuse_period_seconds = 300
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.id
  policy    = data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "OnlyOverTls"
    effect    = "Deny"
    actions   = ["sqs:*"] # It denies: whatever it is, without TLS.
    resources = [aws_sqs_queue.this.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  dynamic "statement" {
    for_each = var.sender == null ? [] : [var.sender]
    content {
      sid       = "Sender"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.this.arn]

      principals {
        type        = "Service"
        identifiers = [statement.value.service]
      }

      condition {
        test     = statement.value.source == null ? "StringEquals" : "ArnEquals"
        variable = statement.value.source == null ? "aws:SourceAccount" : "aws:SourceArn"
        values   = [coalesce(statement.value.source, data.aws_caller_identity.this.account_id)]
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name          = "${aws_sqs_queue.this.name}-waits"
  alarm_description   = var.alarm
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.this.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
