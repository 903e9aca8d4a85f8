# Encrypted for the sake of the rule; a pod's role says which it may read.
resource "aws_ssm_parameter" "this" {
  for_each = var.values

  name   = "${var.prefix}/${each.key}"
  type   = "SecureString"
  value  = each.value
  key_id = var.key_arn
}
