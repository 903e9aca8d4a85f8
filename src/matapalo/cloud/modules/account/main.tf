resource "aws_organizations_account" "this" {
  name      = var.name
  email     = coalesce(var.email, "adopted@invalid.example")
  parent_id = var.parent_id
  role_name = var.access_role

  # Taken out of here, an account is closed by nobody but a person.
  close_on_deletion = false

  lifecycle {
    prevent_destroy = true

    # An account's name and address are its own: one that is adopted has others than these, and
    # any difference would make it anew. AWS does not tell its role.
    ignore_changes = [name, email, role_name, iam_user_access_to_billing]
  }
}
