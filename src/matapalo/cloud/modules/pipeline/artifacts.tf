resource "aws_kms_key" "this" {
  description             = "Artifacts and logs of the pipelines ${var.name}."
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:A key's policy is about that key: `*` is itself.
  #checkov:skip=CKV_AWS_111:As above.
  #checkov:skip=CKV_AWS_356:As above.
  statement {
    sid       = "Account"
    actions   = ["kms:*"] # So that IAM decides, and nobody is locked out.
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.this.partition}:iam::${local.account}:root"]
    }
  }

  statement {
    sid       = "Logs"
    actions   = ["kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${local.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${data.aws_partition.this.partition}:logs:${local.region}:${local.account}:log-group:${local.log_group}"]
    }
  }
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:What reads and writes it are the pipelines; who starts them is in CloudTrail.
  #checkov:skip=CKV_AWS_144:What it keeps is made anew by the next run.
  #checkov:skip=CKV2_AWS_62:Nobody waits for what happens to artifacts but the pipelines themselves.
  bucket = var.bucket
}

# A plan that somebody has agreed to stays what it was: runs name the version of an artifact.
module "closed" {
  source = "../closed-bucket"

  bucket       = aws_s3_bucket.this.id
  key_arn      = aws_kms_key.this.arn
  former_days  = 30
  expire_after = 30
}
