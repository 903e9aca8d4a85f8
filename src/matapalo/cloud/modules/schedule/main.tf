data "aws_caller_identity" "this" {}

locals {
  action = { function = "lambda:InvokeFunction", queue = "sqs:SendMessage", topic = "sns:Publish" }[var.target.kind]
}

resource "aws_scheduler_schedule" "this" {
  name                         = var.name
  description                  = var.description
  group_name                   = var.group.name
  schedule_expression          = var.when
  schedule_expression_timezone = var.timezone
  kms_key_arn                  = var.key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.target.arn
    role_arn = aws_iam_role.this.arn
    input    = var.input

    retry_policy {
      maximum_event_age_in_seconds = 24 * 3600
      maximum_retry_attempts       = 185
    }

    dead_letter_config {
      arn = var.undelivered_arn
    }

    dynamic "sqs_parameters" {
      for_each = var.target.kind == "queue" && endswith(var.target.arn, ".fifo") ? [1] : []
      content {
        message_group_id = var.name
      }
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "What starts by the clock as ${var.name}."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.boundary_arn
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [var.group.arn]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "may"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "Start"
    actions   = [local.action]
    resources = [var.target.arn]
  }

  statement {
    sid       = "Undelivered"
    actions   = ["sqs:SendMessage"]
    resources = [var.undelivered_arn]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.key_arn]
  }
}
