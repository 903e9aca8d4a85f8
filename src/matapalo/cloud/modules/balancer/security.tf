resource "aws_security_group" "callers" {
  #checkov:skip=CKV2_AWS_5:It is given to API Gateway's link.
  name        = "${var.name}-callers"
  description = "Who may call the load balancer: the link of API Gateway"
  vpc_id      = var.vpc_id
}

resource "aws_security_group" "balancer" {
  name        = var.name
  description = "The internal load balancer"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "callers" {
  security_group_id            = aws_security_group.callers.id
  referenced_security_group_id = aws_security_group.balancer.id
  description                  = "To the load balancer"
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  security_group_id            = aws_security_group.balancer.id
  referenced_security_group_id = aws_security_group.callers.id
  description                  = "From API Gateway"
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_egress_rule" "pods" {
  for_each = toset([for port in distinct([for target in local.pods : target.port]) : tostring(port)])

  security_group_id            = aws_security_group.balancer.id
  referenced_security_group_id = var.cluster_security_group_id
  description                  = "To pods"
  ip_protocol                  = "tcp"
  from_port                    = tonumber(each.key)
  to_port                      = tonumber(each.key)
}

resource "aws_vpc_security_group_ingress_rule" "pods" {
  for_each = toset([for port in distinct([for target in local.pods : target.port]) : tostring(port)])

  security_group_id            = var.cluster_security_group_id
  referenced_security_group_id = aws_security_group.balancer.id
  description                  = "From the load balancer"
  ip_protocol                  = "tcp"
  from_port                    = tonumber(each.key)
  to_port                      = tonumber(each.key)
}

resource "aws_vpc_security_group_egress_rule" "elsewhere" {
  for_each = merge([
    for name, target in local.elsewhere : { for address in target.addresses : "${name} ${address}" => { port = target.port, address = address } }
  ]...)

  security_group_id = aws_security_group.balancer.id
  cidr_ipv4         = "${each.value.address}/32"
  description       = "To what is outside of the network"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}
