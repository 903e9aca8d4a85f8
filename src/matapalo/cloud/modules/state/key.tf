resource "aws_kms_key" "this" {
  description             = "Encrypts Terraform's states in ${var.bucket}."
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json

  lifecycle {
    # What was encrypted with it can never be read again without it.
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.bucket}"
  target_key_id = aws_kms_key.this.key_id
}

data "aws_iam_policy_document" "key" {
  #checkov:skip=CKV_AWS_109:A key's policy has to let its account manage it; in it `*` is the key itself.
  #checkov:skip=CKV_AWS_111:As above.
  #checkov:skip=CKV_AWS_356:In a key's policy `*` is the key that the policy belongs to.
  statement {
    sid       = "AccountManages"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }

  dynamic "statement" {
    for_each = length(local.others) > 0 ? [1] : []

    content {
      sid       = "OthersThroughS3"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = ["*"]

      principals {
        type = "AWS"
        identifiers = [
          for number in sort(distinct(values(local.others))) : "arn:${local.partition}:iam::${number}:root"
        ]
      }

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${data.aws_region.this.name}.amazonaws.com"]
      }
    }
  }
}
