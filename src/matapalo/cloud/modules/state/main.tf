data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition

  # What accounts other than the bucket's own may touch: each its part, and nothing else.
  others = merge(
    { for name, number in var.accounts : "${name}/*" => number if number != local.account },
    var.management_account == null || var.management_account == local.account ? {} : {
      "organization.tfstate*" = var.management_account
    },
  )
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_144:States are small and versioned; another region would be another place to lose them from.
  #checkov:skip=CKV2_AWS_62:Nobody waits for a state to change.
  bucket = var.bucket

  lifecycle {
    # Without the states Terraform no longer knows what it made.
    prevent_destroy = true
  }
}

module "closed" {
  source = "../closed-bucket"

  bucket       = aws_s3_bucket.this.id
  key_arn      = aws_kms_key.this.arn
  former_days  = var.keep_old_days
  former_count = 20
  policies     = [data.aws_iam_policy_document.bucket.json]
}

data "aws_iam_policy_document" "bucket" {
  dynamic "statement" {
    for_each = local.others

    content {
      sid       = "States${substr(md5(statement.key), 0, 8)}"
      actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
      resources = ["${aws_s3_bucket.this.arn}/${statement.key}"]

      principals {
        type        = "AWS"
        identifiers = ["arn:${local.partition}:iam::${statement.value}:root"]
      }
    }
  }

  dynamic "statement" {
    for_each = local.others

    content {
      sid       = "List${substr(md5(statement.key), 0, 8)}"
      actions   = ["s3:ListBucket"]
      resources = [aws_s3_bucket.this.arn]

      principals {
        type        = "AWS"
        identifiers = ["arn:${local.partition}:iam::${statement.value}:root"]
      }

      condition {
        test     = "StringLike"
        variable = "s3:prefix"
        values   = [statement.key]
      }
    }
  }
}
