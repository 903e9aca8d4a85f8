output "arn" {
  description = "The provider, which roles trust."
  value       = aws_iam_openid_connect_provider.this.arn
}
