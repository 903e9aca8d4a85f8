data "aws_caller_identity" "this" {}
data "aws_region" "this" {}

locals {
  # Only a network of the same account and region can be joined without its owner's word.
  own = (
    coalesce(var.peer_account, data.aws_caller_identity.this.account_id) == data.aws_caller_identity.this.account_id
    && coalesce(var.peer_region, data.aws_region.this.name) == data.aws_region.this.name
  )

  routes = merge([
    for zone, table in var.route_table_ids : { for cidr in var.cidrs : "${zone} ${cidr}" => { table = table, cidr = cidr } }
  ]...)
}

resource "aws_vpc_peering_connection" "this" {
  vpc_id        = var.vpc_id
  peer_vpc_id   = var.peer_vpc_id
  peer_owner_id = var.peer_account
  peer_region   = local.own ? null : var.peer_region
  auto_accept   = local.own

  tags = { Name = var.name }
}

resource "aws_route" "this" {
  for_each = local.routes

  route_table_id            = each.value.table
  destination_cidr_block    = each.value.cidr
  vpc_peering_connection_id = aws_vpc_peering_connection.this.id
}
