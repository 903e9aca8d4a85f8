locals {
  ordered = endswith(var.name, ".fifo")
}

resource "aws_sqs_queue" "this" {
  name       = var.name
  fifo_queue = local.ordered

  # Of two messages with the same content within five minutes one counts.
  content_based_deduplication = local.ordered

  visibility_timeout_seconds = var.visibility
  message_retention_seconds  = var.keep * 24 * 3600
  receive_wait_time_seconds  = 20

  kms_master_key_id                 = var.key_arn
  kms_data_key_reuse_period_seconds = 300

  redrive_policy = jsonencode({
    deadLetterTargetArn = module.dead.arn
    maxReceiveCount     = var.tries
  })
}

# What was tried too often waits here for a person.
module "dead" {
  source = "../dead-letters"

  name            = local.ordered ? "${trimsuffix(var.name, ".fifo")}-dead.fifo" : "${var.name}-dead"
  alarm           = "Messages of ${var.name} were tried too often; they wait in its dead letters."
  key_arn         = var.key_arn
  alarm_topic_arn = var.alarm_topic_arn
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url = module.dead.url

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.this.arn]
  })
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
    for_each = var.senders
    content {
      sid       = "Sender${replace(title(replace(statement.key, "/[^A-Za-z0-9]/", " ")), " ", "")}"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.this.arn]

      principals {
        type        = "Service"
        identifiers = [statement.value.service]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [statement.value.source]
      }
    }
  }
}
