locals {
  made    = { for name, secret in var.secrets : name => secret if secret.existing == null }
  found   = { for name, secret in var.secrets : name => secret if secret.existing != null }
  drawn   = { for name, secret in local.made : name => true if secret.drawn }
  rotated = { for name, secret in var.secrets : name => secret.rotation if secret.rotation != null }

  arns = merge(
    { for name, secret in aws_secretsmanager_secret.this : name => secret.arn },
    { for name, secret in data.aws_secretsmanager_secret.existing : name => secret.arn },
  )
}

# State holds no value: a person puts it in, or the renewal, or it is drawn and forgotten.
resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:A secret that somebody else gave us (a password of his system) cannot be renewed by us; the others say `rotation`.
  for_each = local.made

  name                    = "${var.prefix}/${each.key}"
  description             = each.value.description
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.recovery_days
}

data "aws_secretsmanager_secret" "existing" {
  for_each = local.found

  name = each.value.existing
}

resource "aws_secretsmanager_secret_rotation" "this" {
  #checkov:skip=CKV_AWS_304:After how many days a secret is renewed is the blueprint's to say.
  for_each = local.rotated

  secret_id           = local.arns[each.key]
  rotation_lambda_arn = aws_lambda_function.rotate[0].arn

  rotation_rules {
    automatically_after_days = each.value
  }

  depends_on = [aws_lambda_permission.rotate]
}

# A word that only our own parts share, and that nobody ever types: drawn once, and written without
# passing through Terraform's state.
ephemeral "aws_secretsmanager_random_password" "drawn" {
  for_each = local.drawn

  password_length     = 48
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret_version" "drawn" {
  for_each = local.drawn

  secret_id                = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.drawn[each.key].random_password
  secret_string_wo_version = 1
}
