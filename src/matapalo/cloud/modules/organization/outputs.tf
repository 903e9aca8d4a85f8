output "id" {
  description = "The organization (`o-…`)."
  value       = aws_organizations_organization.this.id
}

output "arn" {
  description = "Its ARN."
  value       = aws_organizations_organization.this.arn
}

output "root_id" {
  description = "The root that all units and accounts lie in."
  value       = aws_organizations_organization.this.roots[0].id
}

output "management_account" {
  description = "The number of the management account."
  value       = aws_organizations_organization.this.master_account_id
}
