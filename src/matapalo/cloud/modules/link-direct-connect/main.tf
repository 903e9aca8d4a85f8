resource "aws_dx_gateway" "this" {
  name            = var.name
  amazon_side_asn = var.gateway_asn
}

resource "aws_dx_gateway_association" "this" {
  dx_gateway_id         = aws_dx_gateway.this.id
  associated_gateway_id = var.gateway_id
  allowed_prefixes      = var.prefixes
}

resource "aws_dx_private_virtual_interface" "this" {
  name           = var.name
  connection_id  = var.connection
  vlan           = var.vlan
  address_family = "ipv4"
  bgp_asn        = var.asn
  dx_gateway_id  = aws_dx_gateway.this.id

  lifecycle {
    # AWS makes the key of BGP up; it is none of the things that are changed here.
    ignore_changes = [bgp_auth_key]
  }
}
