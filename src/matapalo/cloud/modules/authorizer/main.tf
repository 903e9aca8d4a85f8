data "aws_partition" "this" {}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_116:It is asked, and answers; nothing is left over when it fails.
  #checkov:skip=CKV_AWS_117:It is in the network where the security system is reached by a link.
  #checkov:skip=CKV_AWS_272:What is deployed is built by this repository's own pipeline and known by its hash.
  #checkov:skip=CKV_AWS_173:Its environment is encrypted by `kms_key_arn`.
  #checkov:skip=CKV_AWS_50:Whether calls are followed is `logs.tracing` of the blueprint.
  function_name                  = var.name
  description                    = "Asks the existing security system who a caller is."
  role                           = aws_iam_role.this.arn
  filename                       = var.package
  source_code_hash               = filebase64sha256(var.package)
  handler                        = "matapalo.edge.authorizer.door_lambda.handler"
  runtime                        = "python3.13"
  architectures                  = [var.architecture]
  timeout                        = 10
  memory_size                    = 512
  reserved_concurrent_executions = var.concurrency
  kms_key_arn                    = var.secrets_key_arn

  environment {
    variables = merge(
      {
        MATAPALO_DOOR     = var.door
        MATAPALO_LOGIN    = var.login
        MATAPALO_OPTIONAL = var.optional
        MATAPALO_PUBLIC   = var.public
      },
      var.secret_arn == null ? {} : { MATAPALO_LOGIN_SECRET_ARN = var.secret_arn },
    )
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  dynamic "vpc_config" {
    for_each = var.network == null ? [] : [var.network]
    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = [aws_security_group.this[0].id]
    }
  }

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:For how long logs are kept is the environment's choice.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention
  kms_key_id        = var.logs_key_arn
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = {
    Errors    = "The security system does not answer: callers get 500."
    Throttles = "More callers ask at once than the security system is asked at once: they get 500."
  }

  alarm_name          = "${var.name}-${lower(each.key)}"
  alarm_description   = each.value
  namespace           = "AWS/Lambda"
  metric_name         = each.key
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}

resource "aws_iam_role" "this" {
  name                 = var.name
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.boundary_arn
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "may"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "this" {
  #checkov:skip=CKV_AWS_111:X-Ray knows no resources; nothing else is `*`.
  #checkov:skip=CKV_AWS_356:As above.
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt"]
    resources = [var.secrets_key_arn]
  }

  dynamic "statement" {
    for_each = var.secret_arn == null ? [] : [var.secret_arn]
    content {
      sid       = "Secret"
      actions   = ["secretsmanager:GetSecretValue"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = var.tracing ? [1] : []
    content {
      sid       = "Trace"
      actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      resources = ["*"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "network" {
  count = var.network == null ? 0 : 1

  role       = aws_iam_role.this.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AWSLambdaENIManagementAccess"
}

resource "aws_security_group" "this" {
  count = var.network == null ? 0 : 1

  name        = var.name
  description = "The authorizer: nobody calls it here, and it calls the security system and AWS"
  vpc_id      = var.network.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = var.network == null ? {} : { for to in var.network.reaches : "${to.cidr} ${to.port}" => to }

  security_group_id = aws_security_group.this[0].id
  cidr_ipv4         = each.value.cidr
  description       = "What it has to reach"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}
