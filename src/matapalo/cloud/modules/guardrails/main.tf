locals {
  except = [for role in sort(var.except_roles) : "arn:*:iam::*:role/${role}"]

  policies = {
    conduct = {
      wanted      = var.deny_root_user || var.deny_leaving || var.protect_logs || var.deny_public_buckets
      description = "What nobody does in any account"
      content     = data.aws_iam_policy_document.conduct.minified_json
    }
    regions = {
      wanted      = length(var.regions) > 0
      description = "The regions that are in use"
      content     = data.aws_iam_policy_document.regions.minified_json
    }
  }
  made     = { for name, policy in local.policies : name => policy if policy.wanted }
  attached = merge([for policy in keys(local.made) : { for target, id in var.targets : "${policy} ${target}" => { policy = policy, id = id } }]...)
}

resource "aws_organizations_policy" "this" {
  for_each = local.made

  name        = "${var.name}-${each.key}"
  description = each.value.description
  type        = "SERVICE_CONTROL_POLICY"
  content     = each.value.content
}

resource "aws_organizations_policy_attachment" "this" {
  for_each = local.attached

  policy_id = aws_organizations_policy.this[each.value.policy].id
  target_id = each.value.id
}

# A service control policy only takes away: `*` in it is what is denied everywhere.
data "aws_iam_policy_document" "conduct" {
  dynamic "statement" {
    for_each = var.deny_root_user ? [1] : []

    content {
      sid       = "RootUserDoesNothing"
      effect    = "Deny"
      actions   = ["*"]
      resources = ["*"]

      condition {
        test     = "StringLike"
        variable = "aws:PrincipalArn"
        values   = ["arn:*:iam::*:root"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.deny_leaving ? [1] : []

    content {
      sid       = "NobodyLeaves"
      effect    = "Deny"
      actions   = ["organizations:LeaveOrganization", "account:CloseAccount"]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = var.protect_logs ? [1] : []

    content {
      sid    = "LogsStay"
      effect = "Deny"
      actions = [
        "access-analyzer:DeleteAnalyzer",
        "cloudtrail:DeleteTrail",
        "cloudtrail:PutEventSelectors",
        "cloudtrail:StopLogging",
        "cloudtrail:UpdateTrail",
        "config:DeleteConfigurationRecorder",
        "config:DeleteDeliveryChannel",
        "config:StopConfigurationRecorder",
        "ec2:DeleteFlowLogs",
        "guardduty:DeleteDetector",
        "guardduty:DeleteMembers",
        "guardduty:DisassociateFromAdministratorAccount",
        "guardduty:DisassociateFromMasterAccount",
        "guardduty:DisassociateMembers",
        "guardduty:StopMonitoringMembers",
        "guardduty:UpdateDetector",
      ]
      resources = ["*"]

      condition {
        test     = "ArnNotLike"
        variable = "aws:PrincipalArn"
        values   = local.except
      }
    }
  }

  dynamic "statement" {
    for_each = var.deny_public_buckets ? [1] : []

    content {
      sid       = "BucketsStayPrivate"
      effect    = "Deny"
      actions   = ["s3:PutAccountPublicAccessBlock"]
      resources = ["*"]

      condition {
        test     = "ArnNotLike"
        variable = "aws:PrincipalArn"
        values   = local.except
      }
    }
  }

  dynamic "statement" {
    for_each = var.deny_public_buckets ? [1] : []

    content {
      sid       = "NoPublicLists"
      effect    = "Deny"
      actions   = ["s3:PutBucketAcl", "s3:PutObjectAcl", "s3:PutObject", "s3:CreateBucket"]
      resources = ["*"]

      condition {
        test     = "StringEquals"
        variable = "s3:x-amz-acl"
        values   = ["public-read", "public-read-write", "authenticated-read"]
      }
    }
  }
}

data "aws_iam_policy_document" "regions" {
  statement {
    sid       = "OnlyTheseRegions"
    effect    = "Deny"
    resources = ["*"]

    # Services that have no region, or answer from one of their own.
    not_actions = [
      "account:*",
      "acm:*",
      "aws-portal:*",
      "billing:*",
      "budgets:*",
      "ce:*",
      "cloudfront:*",
      "cur:*",
      "directconnect:*",
      "globalaccelerator:*",
      "health:*",
      "iam:*",
      "kms:*",
      "organizations:*",
      "pricing:*",
      "route53:*",
      "route53domains:*",
      "s3:GetAccountPublicAccessBlock",
      "s3:GetBucketLocation",
      "s3:ListAllMyBuckets",
      "s3:PutAccountPublicAccessBlock",
      "shield:*",
      "sso:*",
      "sts:*",
      "support:*",
      "tag:*",
      "trustedadvisor:*",
      "waf:*",
      "wafv2:*",
    ]

    condition {
      test     = "StringNotEquals"
      variable = "aws:RequestedRegion"
      values   = length(var.regions) > 0 ? sort(var.regions) : ["none"]
    }
  }
}
