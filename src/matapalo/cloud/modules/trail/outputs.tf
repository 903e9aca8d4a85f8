output "arn" {
  description = "The trail."
  value       = aws_cloudtrail.this.arn
}

output "bucket" {
  description = "The bucket that keeps it."
  value       = aws_s3_bucket.this.id
}
