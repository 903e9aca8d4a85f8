output "id" {
  description = "The Direct Connect gateway."
  value       = aws_dx_gateway.this.id
}

output "interface_id" {
  description = "The virtual interface."
  value       = aws_dx_private_virtual_interface.this.id
}
