data "aws_organizations_organization" "present" {
  count = var.existing ? 1 : 0
}

resource "aws_organizations_organization" "this" {
  feature_set = "ALL"

  aws_service_access_principals = setunion(
    var.services,
    var.existing ? data.aws_organizations_organization.present[0].aws_service_access_principals : [],
  )
  enabled_policy_types = setunion(
    ["SERVICE_CONTROL_POLICY"],
    var.existing ? data.aws_organizations_organization.present[0].enabled_policy_types : [],
  )

  lifecycle {
    # Everything else lies in it.
    prevent_destroy = true
  }
}
