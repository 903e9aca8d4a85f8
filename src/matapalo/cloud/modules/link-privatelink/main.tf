resource "aws_security_group" "this" {
  name        = var.name
  description = "The service behind a private link"
  vpc_id      = var.vpc_id

  tags = { Name = var.name }
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = toset([for port in var.ports : tostring(port)])

  security_group_id = aws_security_group.this.id
  description       = "From the network"
  cidr_ipv4         = var.cidr
  ip_protocol       = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
}

resource "aws_vpc_endpoint" "this" {
  vpc_id             = var.vpc_id
  service_name       = var.service
  vpc_endpoint_type  = "Interface"
  subnet_ids         = var.subnet_ids
  security_group_ids = [aws_security_group.this.id]

  tags = { Name = var.name }
}

resource "aws_route53_zone" "this" {
  #checkov:skip=CKV2_AWS_38:A private zone is not signed.
  #checkov:skip=CKV2_AWS_39:Queries of a private zone are told by the resolver, not by the zone.
  count = var.domain == null ? 0 : 1

  name    = var.domain
  comment = "The private name of ${var.service}"

  vpc {
    vpc_id = var.vpc_id
  }
}

resource "aws_route53_record" "this" {
  count = var.domain == null ? 0 : 1

  zone_id = aws_route53_zone.this[0].zone_id
  name    = var.domain
  type    = "A"

  alias {
    name                   = aws_vpc_endpoint.this.dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.this.dns_entry[0].hosted_zone_id
    evaluate_target_health = true
  }
}
