locals {
  id = var.id == null ? aws_ec2_transit_gateway.this[0].id : var.id

  routes = merge([
    for zone, table in var.route_table_ids : { for cidr in var.cidrs : "${zone} ${cidr}" => { table = table, cidr = cidr } }
  ]...)
}

resource "aws_ec2_transit_gateway" "this" {
  count = var.id == null ? 1 : 0

  description                    = var.name
  auto_accept_shared_attachments = "disable"
  dns_support                    = "enable"

  tags = { Name = var.name }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "this" {
  transit_gateway_id = local.id
  vpc_id             = var.vpc_id
  subnet_ids         = var.subnet_ids
  dns_support        = "enable"

  tags = { Name = var.name }

  lifecycle {
    # Of a gateway that another account owns, its owner decides these.
    ignore_changes = [
      transit_gateway_default_route_table_association,
      transit_gateway_default_route_table_propagation,
    ]
  }
}

resource "aws_route" "this" {
  for_each = local.routes

  route_table_id         = each.value.table
  destination_cidr_block = each.value.cidr
  transit_gateway_id     = local.id

  depends_on = [aws_ec2_transit_gateway_vpc_attachment.this]
}

resource "aws_ram_resource_share" "this" {
  count = var.id == null && length(var.shared_with) > 0 ? 1 : 0

  name                      = var.name
  allow_external_principals = false
}

resource "aws_ram_resource_association" "this" {
  count = length(aws_ram_resource_share.this)

  resource_arn       = aws_ec2_transit_gateway.this[0].arn
  resource_share_arn = aws_ram_resource_share.this[0].arn
}

resource "aws_ram_principal_association" "this" {
  for_each = length(aws_ram_resource_share.this) > 0 ? var.shared_with : {}

  principal          = each.value
  resource_share_arn = aws_ram_resource_share.this[0].arn
}
