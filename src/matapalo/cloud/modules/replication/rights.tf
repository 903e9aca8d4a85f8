data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

# Users and passwords of the databases' ends. A person puts them in: see README.
resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:It is renewed with the database's own user, which only a person of that database can.
  for_each = local.ends

  name                    = "${var.name}/${each.key}"
  description             = "What DMS signs on with: {\"username\", \"password\", \"host\", \"port\"}."
  kms_key_id              = var.secrets_key_arn
  recovery_window_in_days = 7
}

resource "aws_iam_role" "secrets" {
  name                 = "${var.name}-dms"
  description          = "DMS reads the users of the databases of ${var.name}."
  assume_role_policy   = data.aws_iam_policy_document.secrets_trust.json
  permissions_boundary = var.boundary_arn
}

data "aws_iam_policy_document" "secrets_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["dms.${data.aws_region.this.name}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

resource "aws_iam_role_policy" "secrets" {
  name   = "may"
  role   = aws_iam_role.secrets.id
  policy = data.aws_iam_policy_document.secrets.json
}

data "aws_iam_policy_document" "secrets" {
  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    resources = [for secret in aws_secretsmanager_secret.this : secret.arn]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:DescribeKey"]
    resources = [var.secrets_key_arn]
  }
}

# DMS looks for these two roles by name, and there is one of each in an account.
resource "aws_iam_role" "vpc" {
  count = var.account_roles ? 1 : 0

  name                 = "dms-vpc-role"
  description          = "DMS lays its network interfaces."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.boundary_arn
}

resource "aws_iam_role_policy_attachment" "vpc" {
  count = var.account_roles ? 1 : 0

  role       = aws_iam_role.vpc[0].name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"
}

resource "aws_iam_role" "logs" {
  count = var.account_roles ? 1 : 0

  name                 = "dms-cloudwatch-logs-role"
  description          = "DMS writes its logs."
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.boundary_arn
}

resource "aws_iam_role_policy_attachment" "logs" {
  count = var.account_roles ? 1 : 0

  role       = aws_iam_role.logs[0].name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AmazonDMSCloudWatchLogsRole"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["dms.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}
