output "id" {
  description = "The distribution's id: a pipeline that puts files into the bucket invalidates it."
  value       = aws_cloudfront_distribution.this.id
}

output "arn" {
  description = "The distribution's ARN."
  value       = aws_cloudfront_distribution.this.arn
}

output "domain" {
  description = "CloudFront's own name of it; names of ours point there."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "bucket" {
  description = "The bucket of the site's files; null without a site."
  value       = local.site ? aws_s3_bucket.site[0].bucket : null
}

output "bucket_arn" {
  description = "The bucket's ARN; null without a site."
  value       = local.site ? aws_s3_bucket.site[0].arn : null
}
