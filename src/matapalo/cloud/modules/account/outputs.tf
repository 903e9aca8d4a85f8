output "id" {
  description = "The account's number."
  value       = aws_organizations_account.this.id
}
