data "aws_caller_identity" "this" {}

locals {
  ordered   = endswith(var.name, ".fifo")
  functions = { for name, each in var.subscriptions : name => each.arn if each.kind == "function" }
}

resource "aws_sns_topic" "this" {
  name                        = var.name
  display_name                = substr(var.description, 0, 100)
  fifo_topic                  = local.ordered
  content_based_deduplication = local.ordered
  kms_master_key_id           = var.key_arn
  signature_version           = 2
}

resource "aws_sns_topic_policy" "this" {
  arn    = aws_sns_topic.this.arn
  policy = data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "Account"
    actions   = ["sns:GetTopicAttributes", "sns:Publish", "sns:Subscribe"]
    resources = [aws_sns_topic.this.arn]

    principals {
      type        = "AWS"
      identifiers = [data.aws_caller_identity.this.account_id]
    }
  }

  statement {
    sid       = "OnlyOverTls"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.this.arn]

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
    for_each = length(var.publishers) > 0 ? [1] : []
    content {
      sid       = "Rules"
      actions   = ["sns:Publish"]
      resources = [aws_sns_topic.this.arn]

      principals {
        type        = "Service"
        identifiers = ["events.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = values(var.publishers)
      }
    }
  }
}

resource "aws_sns_topic_subscription" "this" {
  for_each = var.subscriptions

  topic_arn            = aws_sns_topic.this.arn
  protocol             = each.value.kind == "queue" ? "sqs" : "lambda"
  endpoint             = each.value.arn
  raw_message_delivery = each.value.kind == "queue"

  filter_policy       = length(each.value.filter) > 0 ? jsonencode(each.value.filter) : null
  filter_policy_scope = length(each.value.filter) > 0 ? "MessageAttributes" : null

  redrive_policy = jsonencode({ deadLetterTargetArn = module.undelivered.arn })

  depends_on = [aws_lambda_permission.this]
}

resource "aws_lambda_permission" "this" {
  for_each = local.functions

  statement_id  = "topic-${trimsuffix(var.name, ".fifo")}"
  action        = "lambda:InvokeFunction"
  function_name = join(":", slice(split(":", each.value), 0, 7))
  qualifier     = split(":", each.value)[7]
  principal     = "sns.amazonaws.com"
  source_arn    = aws_sns_topic.this.arn
}

# What a subscriber could not be told.
module "undelivered" {
  source = "../dead-letters"

  name            = local.ordered ? "${trimsuffix(var.name, ".fifo")}-undelivered.fifo" : "${var.name}-undelivered"
  alarm           = "A subscriber of ${var.name} could not be told."
  sender          = { service = "sns.amazonaws.com", source = aws_sns_topic.this.arn }
  key_arn         = var.key_arn
  alarm_topic_arn = var.alarm_topic_arn
}
