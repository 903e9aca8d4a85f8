resource "aws_s3_bucket" "logs" {
  #checkov:skip=CKV_AWS_144:Logs are not copied to another region.
  #checkov:skip=CKV_AWS_18:A log of who reads logs would need another.
  #checkov:skip=CKV_AWS_145:A load balancer writes its log only into buckets that S3's own key encrypts.
  #checkov:skip=CKV_AWS_21:Nobody writes over a log.
  #checkov:skip=CKV2_AWS_62:Nobody waits for its changes.
  bucket        = var.logs_bucket
  force_destroy = !var.protected
}

module "closed_logs" {
  source = "../closed-bucket"

  bucket       = aws_s3_bucket.logs.id
  versioned    = false
  expire_after = var.log_retention
  policies     = [data.aws_iam_policy_document.logs.json]
}

data "aws_caller_identity" "this" {}

data "aws_iam_policy_document" "logs" {
  statement {
    sid       = "LoadBalancerWrites"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.logs.arn}/AWSLogs/${data.aws_caller_identity.this.account_id}/*"]
    principals {
      type        = "Service"
      identifiers = ["logdelivery.elasticloadbalancing.amazonaws.com"]
    }
  }
}
