locals {
  confides = length(var.secrets) > 0

  # It begins by way of the layer, which puts the secrets' values into its variables.
  confided = local.confides ? {
    AWS_LAMBDA_EXEC_WRAPPER = "/opt/with-secrets"
    MATAPALO_SECRETS        = jsonencode({ for name, it in var.secrets : name => { for key, value in it : key => value if value != null } })
  } : {}
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_117:It is in the network where it calls something there (`network`); elsewhere that would cost it a start, and gain nothing.
  #checkov:skip=CKV_AWS_272:What is deployed is built by this repository's own pipeline and known by its hash.
  #checkov:skip=CKV_AWS_173:Its environment is encrypted by `kms_key_arn`.
  #checkov:skip=CKV_AWS_50:Whether calls are followed is `logs.tracing` of the blueprint.
  function_name                  = var.name
  description                    = var.description
  role                           = aws_iam_role.this.arn
  filename                       = var.package
  handler                        = var.handler
  runtime                        = var.runtime
  architectures                  = [var.architecture]
  timeout                        = var.timeout
  memory_size                    = var.memory
  reserved_concurrent_executions = var.concurrency
  kms_key_arn                    = var.environment_key_arn
  layers                         = local.confides ? [var.secrets_layer_arn] : []
  publish                        = true

  environment {
    variables = merge({ LOG_LEVEL = var.log_level }, var.environment, local.confided)
  }

  dead_letter_config {
    target_arn = aws_sqs_queue.failed.arn
  }

  logging_config {
    log_format            = "JSON"
    application_log_level = var.log_level
    system_log_level      = var.log_level == "ERROR" ? "WARN" : var.log_level
    log_group             = aws_cloudwatch_log_group.this.name
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  dynamic "vpc_config" {
    for_each = var.network == null ? [] : [var.network]
    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  lifecycle {
    # The pipeline publishes code; Terraform gave it the first one only.
    ignore_changes = [filename, source_code_hash, s3_bucket, s3_key, s3_object_version]
  }

  depends_on = [aws_iam_role_policy.this]
}

# What callers call. The pipeline shifts it from one version to the next, gradually.
resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that is in use."
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version

  lifecycle {
    ignore_changes = [function_version, routing_config]
  }
}

# Events that failed twice wait here.
resource "aws_sqs_queue" "failed" {
  name                              = "${var.name}-failed"
  message_retention_seconds         = 14 * 24 * 3600
  kms_master_key_id                 = var.queue_key_arn
  kms_data_key_reuse_period_seconds = 300
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:For how long logs are kept is the environment's choice.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention
  kms_key_id        = var.logs_key_arn
}
