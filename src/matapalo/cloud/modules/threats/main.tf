resource "aws_guardduty_organization_admin_account" "this" {
  count = var.delegated ? 1 : 0

  admin_account_id = var.security_account
}

resource "aws_guardduty_detector" "this" {
  #checkov:skip=CKV2_AWS_3:The organization's configuration below switches it on everywhere.
  provider = aws.security

  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

resource "aws_guardduty_organization_configuration" "this" {
  provider = aws.security

  detector_id                      = aws_guardduty_detector.this.id
  auto_enable_organization_members = "ALL"

  depends_on = [aws_guardduty_organization_admin_account.this]
}

resource "aws_guardduty_organization_configuration_feature" "this" {
  for_each = toset(["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"])

  provider = aws.security

  detector_id = aws_guardduty_detector.this.id
  name        = each.key
  auto_enable = "ALL"

  depends_on = [aws_guardduty_organization_configuration.this]
}
