output "arn" {
  description = "The bucket."
  value       = aws_s3_bucket.this.arn
}

output "id" {
  description = "The bucket's name."
  value       = aws_s3_bucket.this.id
}

output "statements" {
  description = "What a role needs to work with its files: statements of a policy."
  value = [
    {
      sid        = "Bucket"
      actions    = ["s3:GetBucketLocation", "s3:ListBucket"]
      resources  = [aws_s3_bucket.this.arn]
      conditions = []
    },
    {
      sid        = "Files"
      actions    = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      resources  = ["${aws_s3_bucket.this.arn}/*"]
      conditions = []
    },
    {
      sid       = "FilesKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [var.key_arn]
      conditions = [{
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${data.aws_region.this.name}.amazonaws.com"]
      }]
    },
  ]
}
