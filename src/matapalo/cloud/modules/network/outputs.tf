output "vpc_id" {
  description = "The network."
  value       = aws_vpc.this.id
}

output "zones" {
  description = "The zones that it lies in."
  value       = local.zones
}

output "public_subnet_ids" {
  description = "The public subnets, one a zone."
  value       = [for zone in local.zones : aws_subnet.public[zone].id]
}

output "private_subnet_ids" {
  description = "The private subnets, one a zone."
  value       = [for zone in local.zones : aws_subnet.private[zone].id]
}

output "isolated_subnet_ids" {
  description = "The isolated subnets, one a zone."
  value       = [for zone in local.zones : aws_subnet.isolated[zone].id]
}

output "private_route_table_ids" {
  description = "The route tables of the private subnets, by zone."
  value       = { for zone, table in aws_route_table.private : zone => table.id }
}

output "gateway_id" {
  description = "The gateway of VPN and Direct Connect; null without one."
  value       = var.gateway ? aws_vpn_gateway.this[0].id : null

  # Who builds upon it needs its routes too.
  depends_on = [aws_vpn_gateway_route_propagation.private]
}

output "endpoints_security_group_id" {
  description = "The security group of the endpoints."
  value       = aws_security_group.endpoints.id
}

output "s3_prefix_list_id" {
  description = "The addresses of S3 in this region."
  value       = aws_vpc_endpoint.gateway["s3"].prefix_list_id
}
