locals {
  rules  = { for rule in var.rules : "${rule.from} ${rule.to} ${rule.port}" => rule }
  egress = { for rule in var.egress : "${rule.from} ${rule.cidr} ${rule.port}" => rule }
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:Other roots attach it.
  for_each = var.groups

  name        = "${var.name}-${replace(each.key, "/", "-")}"
  description = each.value
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-${replace(each.key, "/", "-")}" }
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = local.rules

  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  description                  = each.value.why
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = local.rules

  security_group_id            = aws_security_group.this[each.value.from].id
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  description                  = each.value.why
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "outside" {
  for_each = local.egress

  security_group_id = aws_security_group.this[each.value.from].id
  cidr_ipv4         = each.value.cidr
  description       = each.value.why
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}
