locals {
  servers = toset(flatten(values(var.domains)))
  ways    = merge([for server in local.servers : { for protocol in ["tcp", "udp"] : "${server} ${protocol}" => { server = server, protocol = protocol } }]...)
}

resource "aws_security_group" "this" {
  name        = "${var.name}-dns"
  description = "Questions about names that other networks know"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-dns" }
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = local.ways

  security_group_id = aws_security_group.this.id
  description       = "To a name server"
  cidr_ipv4         = "${each.value.server}/32"
  ip_protocol       = each.value.protocol
  from_port         = 53
  to_port           = 53
}

resource "aws_route53_resolver_endpoint" "this" {
  name               = var.name
  direction          = "OUTBOUND"
  security_group_ids = [aws_security_group.this.id]

  dynamic "ip_address" {
    for_each = var.subnet_ids

    content {
      subnet_id = ip_address.value
    }
  }
}

resource "aws_route53_resolver_rule" "this" {
  for_each = var.domains

  name                 = "${var.name}-${replace(each.key, ".", "-")}"
  rule_type            = "FORWARD"
  domain_name          = each.key
  resolver_endpoint_id = aws_route53_resolver_endpoint.this.id

  dynamic "target_ip" {
    for_each = each.value

    content {
      ip = target_ip.value
    }
  }
}

resource "aws_route53_resolver_rule_association" "this" {
  for_each = var.domains

  name             = "${var.name}-${replace(each.key, ".", "-")}"
  resolver_rule_id = aws_route53_resolver_rule.this[each.key].id
  vpc_id           = var.vpc_id
}
