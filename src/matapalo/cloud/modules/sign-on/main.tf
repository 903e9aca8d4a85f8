data "aws_ssoadmin_instances" "this" {}

data "aws_partition" "this" {}

locals {
  instance  = tolist(data.aws_ssoadmin_instances.this.arns)[0]
  directory = tolist(data.aws_ssoadmin_instances.this.identity_store_ids)[0]

  policies = merge([
    for name, set in var.permission_sets : {
      for policy in set.policies : "${name} ${policy}" => {
        set = name
        arn = startswith(policy, "arn:") ? policy : "arn:${data.aws_partition.this.partition}:iam::aws:policy/${policy}"
      }
    }
  ]...)

  assignments = {
    for it in var.assignments : "${it.group} ${it.permission_set} ${it.account}" => it
  }
}

# Groups are the directory's: they are looked up by their names, and never made here.
data "aws_identitystore_group" "this" {
  for_each = toset([for it in var.assignments : it.group])

  identity_store_id = local.directory

  alternate_identifier {
    unique_attribute {
      attribute_path  = "DisplayName"
      attribute_value = each.key
    }
  }
}

resource "aws_ssoadmin_permission_set" "this" {
  for_each = var.permission_sets

  name             = each.key
  description      = each.value.description == "" ? null : each.value.description
  instance_arn     = local.instance
  session_duration = "PT${each.value.hours}H"
}

resource "aws_ssoadmin_managed_policy_attachment" "this" {
  for_each = local.policies

  instance_arn       = local.instance
  permission_set_arn = aws_ssoadmin_permission_set.this[each.value.set].arn
  managed_policy_arn = each.value.arn

  # Assignments have to be gone before what they grant is taken apart.
  depends_on = [aws_ssoadmin_account_assignment.this]
}

resource "aws_ssoadmin_permission_set_inline_policy" "this" {
  for_each = { for name, set in var.permission_sets : name => set.own if set.own != null }

  instance_arn       = local.instance
  permission_set_arn = aws_ssoadmin_permission_set.this[each.key].arn
  inline_policy      = each.value
}

resource "aws_ssoadmin_account_assignment" "this" {
  for_each = local.assignments

  instance_arn       = local.instance
  permission_set_arn = aws_ssoadmin_permission_set.this[each.value.permission_set].arn
  principal_type     = "GROUP"
  principal_id       = data.aws_identitystore_group.this[each.value.group].group_id
  target_type        = "AWS_ACCOUNT"
  target_id          = var.accounts[each.value.account]
}
