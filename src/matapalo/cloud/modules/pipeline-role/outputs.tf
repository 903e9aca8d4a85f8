output "arn" {
  description = "The role."
  value       = aws_iam_role.this.arn
}

output "name" {
  description = "Its name."
  value       = aws_iam_role.this.name
}
