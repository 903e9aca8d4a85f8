locals {
  # The zone whose way out each zone uses: its own, or the first one's for all.
  way_out = {
    for zone in local.zones : zone => length(var.egress_allocation_ids) > 1 ? zone : local.zones[0]
  }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.name }
}

resource "aws_nat_gateway" "this" {
  for_each = { for index, id in var.egress_allocation_ids : local.zones[index] => id }

  subnet_id     = aws_subnet.public[each.key].id
  allocation_id = each.value

  tags = { Name = "${var.name}-${each.key}" }

  depends_on = [aws_internet_gateway.this]
}

resource "aws_vpn_gateway" "this" {
  count = var.gateway ? 1 : 0

  vpc_id          = aws_vpc.this.id
  amazon_side_asn = var.gateway_asn

  tags = { Name = var.name }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-public" }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table" "private" {
  for_each = aws_subnet.private

  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_route" "out" {
  for_each = aws_route_table.private

  route_table_id         = each.value.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[local.way_out[each.key]].id
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}

# Stores have no way to the internet, and none comes to them.
resource "aws_route_table" "isolated" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-isolated" }
}

resource "aws_route_table_association" "isolated" {
  for_each = aws_subnet.isolated

  subnet_id      = each.value.id
  route_table_id = aws_route_table.isolated.id
}

resource "aws_vpn_gateway_route_propagation" "private" {
  for_each = var.gateway ? aws_route_table.private : {}

  vpn_gateway_id = aws_vpn_gateway.this[0].id
  route_table_id = each.value.id
}
