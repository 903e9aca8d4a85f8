resource "aws_iam_policy" "this" {
  name        = var.name
  description = "The most that a role may do which a pipeline makes, whatever it is given."
  policy      = data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "this" {
  #checkov:skip=CKV_AWS_356:It gives nothing: what a role is given holds only within it.
  #checkov:skip=CKV_AWS_107:As above.
  #checkov:skip=CKV_AWS_108:As above.
  #checkov:skip=CKV_AWS_109:As above.
  #checkov:skip=CKV_AWS_110:As above.
  #checkov:skip=CKV_AWS_111:As above.
  #checkov:skip=CKV_AWS_49:As above.
  #checkov:skip=CKV_AWS_1:As above.
  #checkov:skip=CKV2_AWS_40:As above.
  statement {
    sid       = "Within"
    actions   = ["*"]
    resources = ["*"]
  }

  # Nobody who runs gives rights, to himself or to others. EKS makes instance profiles.
  statement {
    sid    = "GiveRights"
    effect = "Deny"
    actions = [
      "iam:Attach*", "iam:CreateAccessKey", "iam:CreateGroup", "iam:CreateLoginProfile",
      "iam:CreateOpenIDConnectProvider", "iam:CreatePolicy*", "iam:CreateRole", "iam:CreateSAMLProvider",
      "iam:CreateUser", "iam:Delete*Boundary", "iam:Delete*Policy*", "iam:DeleteRole", "iam:Detach*",
      "iam:Put*", "iam:SetDefaultPolicyVersion", "iam:Update*",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "TakeThePipelines"
    effect    = "Deny"
    actions   = ["iam:PassRole", "sts:AssumeRole"]
    resources = var.pipelines
  }

  statement {
    sid       = "LeaveTheAccount"
    effect    = "Deny"
    actions   = ["account:*", "organizations:*", "sso:*"]
    resources = ["*"]
  }
}
