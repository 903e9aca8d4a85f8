data "aws_partition" "this" {}

locals {
  trail = "arn:${data.aws_partition.this.partition}:cloudtrail:${var.region}:${var.management_account}:trail/${var.name}"
}

resource "aws_cloudtrail" "this" {
  #checkov:skip=CKV2_AWS_10:It is kept in the bucket of another account; a log group here would be a second copy to guard.
  #checkov:skip=CKV_AWS_252:Alarms are GuardDuty's, which reads the same events.
  name                          = var.name
  s3_bucket_name                = aws_s3_bucket.this.id
  kms_key_id                    = aws_kms_key.this.arn
  is_organization_trail         = true
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true

  depends_on = [module.closed]
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_144:The trail's digests show what was changed; a second region is not worth its price.
  #checkov:skip=CKV_AWS_18:Reading it is recorded by the trail itself.
  #checkov:skip=CKV2_AWS_62:Nobody waits for it.
  #checkov:skip=CKV2_AWS_6:module.closed does it; the check does not follow a provider that is handed on.
  #checkov:skip=CKV2_AWS_61:module.closed does it.
  #checkov:skip=CKV_AWS_21:module.closed does it.
  #checkov:skip=CKV_AWS_145:module.closed does it.
  provider = aws.archive

  bucket = var.bucket

  lifecycle {
    prevent_destroy = true
  }
}

module "closed" {
  source    = "../closed-bucket"
  providers = { aws = aws.archive }

  bucket       = aws_s3_bucket.this.id
  key_arn      = aws_kms_key.this.arn
  former_days  = 30
  expire_after = var.keep
  policies     = [data.aws_iam_policy_document.bucket.json]
}

data "aws_iam_policy_document" "bucket" {
  statement {
    sid       = "TrailLooks"
    actions   = ["s3:GetBucketAcl"]
    resources = [aws_s3_bucket.this.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.trail]
    }
  }

  statement {
    sid     = "TrailWrites"
    actions = ["s3:PutObject"]
    resources = [
      "${aws_s3_bucket.this.arn}/AWSLogs/${var.management_account}/*",
      "${aws_s3_bucket.this.arn}/AWSLogs/${var.organization_id}/*",
    ]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.trail]
    }
  }
}

resource "aws_kms_key" "this" {
  provider = aws.archive

  description             = "Encrypts the organization's trail."
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json

  lifecycle {
    prevent_destroy = true
  }
}

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:A key's policy has to let its account manage it; in it `*` is the key itself.
  #checkov:skip=CKV_AWS_111:As above.
  #checkov:skip=CKV_AWS_356:In a key's policy `*` is the key that the policy belongs to.
  statement {
    sid       = "AccountManages"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.this.partition}:iam::${var.archive_account}:root"]
    }
  }

  statement {
    sid       = "TrailEncrypts"
    actions   = ["kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.trail]
    }
  }
}
