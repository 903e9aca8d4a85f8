data "aws_caller_identity" "this" {}

resource "aws_cloudwatch_event_bus" "this" {
  name               = var.name
  kms_key_identifier = var.key_arn

  # Events that cannot be decrypted, as long as the key cannot be used.
  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }
}

resource "aws_cloudwatch_event_archive" "this" {
  count = var.archive == null ? 0 : 1

  name             = var.name
  description      = "What was told on ${var.name}, to be played again."
  event_source_arn = aws_cloudwatch_event_bus.this.arn
  retention_days   = var.archive
}

# What no target took.
resource "aws_sqs_queue" "undelivered" {
  name                              = "${var.name}-undelivered"
  message_retention_seconds         = 14 * 24 * 3600
  kms_master_key_id                 = var.key_arn
  kms_data_key_reuse_period_seconds = 300
}

resource "aws_sqs_queue_policy" "undelivered" {
  queue_url = aws_sqs_queue.undelivered.id
  policy    = data.aws_iam_policy_document.undelivered.json
}

data "aws_iam_policy_document" "undelivered" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.undelivered.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    # Whose rule it is: rules name this queue, so it cannot name each of them.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}
