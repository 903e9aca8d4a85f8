data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  region    = data.aws_region.this.name

  # Services that use a key for a principal of this account, with that principal's own rights.
  through = {
    stores  = ["rds", "dynamodb", "elasticache", "docdb", "ec2", "backup", "dms"]
    secrets = ["secretsmanager", "ssm", "eks", "lambda"]
    logs    = ["logs", "sns"]
    buckets = ["s3"]
    events  = ["events", "sqs", "sns", "scheduler"]
    images  = ["ecr"]
  }

  # Services that use a key in their own name, for what belongs to this account.
  services = {
    stores  = []
    secrets = []
    logs    = ["cloudwatch", "delivery.logs"]
    buckets = ["cloudfront", "delivery.logs"]
    events  = ["events", "sns", "cloudwatch"]
    images  = []
  }
}

resource "aws_kms_key" "this" {
  for_each = var.keys

  description             = coalesce(each.value.description, "Encrypts ${join(", ", sort(each.value.protects))} of ${var.name}.")
  enable_key_rotation     = true
  rotation_period_in_days = each.value.rotation
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.this[each.key].json

  lifecycle {
    # What was encrypted with a key can never be read again without it.
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "this" {
  for_each = var.keys

  name          = "alias/${var.name}-${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}

data "aws_iam_policy_document" "this" {
  #checkov:skip=CKV_AWS_109:A key's policy has to let the account manage the key; it names what may be done, and `*` is the key itself.
  #checkov:skip=CKV_AWS_111:As above; use is bound to services of AWS and to principals of the account.
  #checkov:skip=CKV_AWS_356:In a key's policy `*` is the key that the policy belongs to.
  for_each = var.keys

  statement {
    sid       = "AccountManages"
    resources = ["*"]
    actions = [
      "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey",
      "kms:DisableKey", "kms:DisableKeyRotation", "kms:EnableKey", "kms:EnableKeyRotation",
      "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases", "kms:ListGrants",
      "kms:ListKeyPolicies", "kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy",
      "kms:RevokeGrant", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion", "kms:TagResource",
      "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
    ]
    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }

  # Who has the right in his own policy may use the key, but only through the service that keeps
  # what is encrypted.
  statement {
    sid       = "AccountUsesThroughServices"
    resources = ["*"]
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values = sort(distinct(flatten([
        for purpose in each.value.protects : [for service in local.through[purpose] : "${service}.${local.region}.amazonaws.com"]
      ])))
    }
  }

  statement {
    sid       = "ServicesKeepGrants"
    resources = ["*"]
    actions   = ["kms:CreateGrant"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values = sort(distinct(flatten([
        for purpose in each.value.protects : [for service in local.through[purpose] : "${service}.${local.region}.amazonaws.com"]
      ])))
    }
  }

  dynamic "statement" {
    for_each = contains(each.value.protects, "logs") ? [1] : []
    content {
      sid       = "LogGroupsOfThisAccount"
      resources = ["*"]
      actions   = ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      principals {
        type        = "Service"
        identifiers = ["logs.${local.region}.amazonaws.com"]
      }
      condition {
        test     = "ArnLike"
        variable = "kms:EncryptionContext:aws:logs:arn"
        values   = ["arn:${local.partition}:logs:${local.region}:${local.account}:*"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(flatten([for purpose in each.value.protects : local.services[purpose]])) > 0 ? [1] : []
    content {
      sid       = "ServicesForThisAccount"
      resources = ["*"]
      actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
      principals {
        type = "Service"
        identifiers = sort(distinct(flatten([
          for purpose in each.value.protects : [for service in local.services[purpose] : "${service}.amazonaws.com"]
        ])))
      }
      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [local.account]
      }
    }
  }

  dynamic "statement" {
    for_each = length(each.value.users) > 0 ? [1] : []
    content {
      sid       = "RolesUseByThemselves"
      resources = ["*"]
      actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*"]
      principals {
        type        = "AWS"
        identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
      }
      # By condition, as a policy may not name a role that is not there yet.
      condition {
        test     = "ArnEquals"
        variable = "aws:PrincipalArn"
        values   = [for role in sort(each.value.users) : "arn:${local.partition}:iam::${local.account}:role/${role}"]
      }
    }
  }
}
