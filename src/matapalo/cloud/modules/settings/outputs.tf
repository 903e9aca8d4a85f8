output "arns" {
  description = "The parameters' ARNs by variable."
  value       = { for name, parameter in aws_ssm_parameter.this : name => parameter.arn }
}
