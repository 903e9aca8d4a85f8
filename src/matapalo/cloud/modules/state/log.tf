# Who read and wrote states.
resource "aws_s3_bucket" "log" {
  #checkov:skip=CKV_AWS_18:It is the log.
  #checkov:skip=CKV_AWS_21:Nothing in it is ever written twice.
  #checkov:skip=CKV_AWS_144:A log of accesses is not worth another region.
  #checkov:skip=CKV_AWS_145:S3 delivers access logs to buckets encrypted with keys of its own only.
  #checkov:skip=CKV2_AWS_62:Nobody waits for it.
  bucket = "${var.bucket}-log"
}

resource "aws_s3_bucket_logging" "this" {
  bucket        = aws_s3_bucket.this.id
  target_bucket = aws_s3_bucket.log.id
  target_prefix = "state/"
}

module "closed_log" {
  source = "../closed-bucket"

  bucket       = aws_s3_bucket.log.id
  versioned    = false
  expire_after = 365
  policies     = [data.aws_iam_policy_document.log.json]
}

data "aws_iam_policy_document" "log" {
  statement {
    sid       = "Delivery"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.log.arn}/state/*"]

    principals {
      type        = "Service"
      identifiers = ["logging.s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}
