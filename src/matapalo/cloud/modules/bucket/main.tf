data "aws_region" "this" {}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Reads and writes of objects are events of CloudTrail where somebody wants to know; a log of requests would be one more bucket of customers' data.
  #checkov:skip=CKV_AWS_144:A copy in another region is a decision about where customers' data may lie: the organization's.
  #checkov:skip=CKV_AWS_21:Whether former versions are kept is the blueprint's choice.
  bucket = var.name

  lifecycle {
    # Whoever wants it gone says so in the blueprint: see README.
    prevent_destroy = true
  }
}

module "closed" {
  source = "../closed-bucket"

  bucket        = aws_s3_bucket.this.id
  key_arn       = var.key_arn
  versioned     = var.versioned
  archive_after = var.archive_after
  expire_after  = var.expire_after
}

# What happens to files is told to the account's default bus, where rules can take it up.
resource "aws_s3_bucket_notification" "this" {
  bucket      = aws_s3_bucket.this.id
  eventbridge = true
}
