output "arns" {
  description = "The secrets' ARNs by name."
  value       = local.arns
}

output "layer_arn" {
  description = "The layer by which functions find secrets in their environment."
  value       = aws_lambda_layer_version.this.arn
}
