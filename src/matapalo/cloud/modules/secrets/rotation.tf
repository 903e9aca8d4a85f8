data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  rotation      = length(local.rotated) > 0 ? 1 : 0
  rotation_name = "${replace(var.prefix, "/", "-")}-rotate-secrets"
  rotation_logs = "arn:${data.aws_partition.this.partition}:logs:${data.aws_region.this.name}:${data.aws_caller_identity.this.account_id}:log-group:/aws/lambda/${local.rotation_name}:*"
}

resource "aws_lambda_function" "rotate" {
  #checkov:skip=CKV_AWS_116:Secrets Manager tries again by itself, and tells of a failure by its own event.
  #checkov:skip=CKV_AWS_117:It calls Secrets Manager only, and needs nothing in the network.
  #checkov:skip=CKV_AWS_272:What is deployed is built by this repository's own pipeline and known by its hash.
  count = local.rotation

  function_name                  = local.rotation_name
  description                    = "Draws new values for secrets that nobody else gives us."
  role                           = aws_iam_role.rotate[0].arn
  runtime                        = "python3.13"
  architectures                  = ["arm64"]
  handler                        = "rotate.handler"
  filename                       = var.rotation_package
  source_code_hash               = filebase64sha256(var.rotation_package)
  timeout                        = 30
  memory_size                    = 128
  reserved_concurrent_executions = 5
  kms_key_arn                    = var.key_arn

  environment {
    # An empty environment is none, and would not be encrypted.
    variables = { LENGTH = "48" }
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.rotate[0].name
  }

  tracing_config {
    mode = "Active"
  }
}

resource "aws_lambda_permission" "rotate" {
  count = local.rotation

  statement_id   = "SecretsManager"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.rotate[0].function_name
  principal      = "secretsmanager.amazonaws.com"
  source_account = data.aws_caller_identity.this.account_id
}

resource "aws_cloudwatch_log_group" "rotate" {
  #checkov:skip=CKV_AWS_338:For how long logs are kept is the environment's choice.
  count = local.rotation

  name              = "/aws/lambda/${local.rotation_name}"
  retention_in_days = var.log_retention
  kms_key_id        = var.logs_key_arn
}

resource "aws_iam_role" "rotate" {
  count = local.rotation

  name                 = local.rotation_name
  assume_role_policy   = data.aws_iam_policy_document.trust[0].json
  permissions_boundary = var.boundary_arn
}

data "aws_iam_policy_document" "trust" {
  count = local.rotation

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "rotate" {
  count = local.rotation

  name   = "rotate"
  role   = aws_iam_role.rotate[0].id
  policy = data.aws_iam_policy_document.rotate[0].json
}

data "aws_iam_policy_document" "rotate" {
  #checkov:skip=CKV_AWS_111:GetRandomPassword and X-Ray know no resources; nothing else is `*`.
  #checkov:skip=CKV_AWS_356:As above.
  count = local.rotation

  statement {
    sid       = "Renew"
    actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
    resources = [for name in keys(local.rotated) : local.arns[name]]
  }

  statement {
    sid       = "Draw"
    actions   = ["secretsmanager:GetRandomPassword"]
    resources = ["*"]
  }

  statement {
    sid       = "Trace"
    actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.key_arn]
  }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [local.rotation_logs]
  }
}
