output "bucket" {
  description = "The bucket of all states."
  value       = aws_s3_bucket.this.id
}

output "bucket_arn" {
  description = "Its ARN."
  value       = aws_s3_bucket.this.arn
}

output "key_arn" {
  description = "The key that encrypts them."
  value       = aws_kms_key.this.arn
}
