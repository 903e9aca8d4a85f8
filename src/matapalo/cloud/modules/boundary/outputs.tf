output "arn" {
  description = "The policy: the `permissions_boundary` of roles."
  value       = aws_iam_policy.this.arn
}
