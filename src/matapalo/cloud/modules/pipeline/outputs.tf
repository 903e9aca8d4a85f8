output "pipelines" {
  description = "The pipelines' ARNs by name."
  value       = { for name, it in aws_codepipeline.this : name => it.arn }
}

output "bucket" {
  description = "The bucket of artifacts."
  value       = aws_s3_bucket.this.id
}
