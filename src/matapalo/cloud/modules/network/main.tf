data "aws_availability_zones" "this" {
  #checkov:skip=CKV_AWS_394:Only the first ones by name are taken; one that AWS adds comes after them.
  # Whatever their state: subnets must not move because a zone has a bad day.

  # No local zones: load balancers and NAT gateways are not in all of them.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  zones = slice(data.aws_availability_zones.this.names, 0, length(var.subnets.public))
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11:Flow logs are in flow-logs.tf, where the environment asks for them.
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# Nothing uses it; closed, nothing can by mistake.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-closed" }
}

resource "aws_default_route_table" "this" {
  default_route_table_id = aws_vpc.this.default_route_table_id

  tags = { Name = "${var.name}-unused" }
}

resource "aws_subnet" "public" {
  for_each = { for index, zone in local.zones : zone => var.subnets.public[index] }

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = each.value
  map_public_ip_on_launch = false

  tags = { Name = "${var.name}-public-${each.key}", "kubernetes.io/role/elb" = "1" }
}

resource "aws_subnet" "private" {
  for_each = { for index, zone in local.zones : zone => var.subnets.private[index] }

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = merge(
    { Name = "${var.name}-private-${each.key}", "kubernetes.io/role/internal-elb" = "1" },
    var.cluster == null ? {} : { "kubernetes.io/cluster/${var.cluster}" = "shared" },
  )
}

resource "aws_subnet" "isolated" {
  for_each = { for index, zone in local.zones : zone => var.subnets.isolated[index] }

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = { Name = "${var.name}-isolated-${each.key}" }
}
