output "id" {
  description = "The transit gateway."
  value       = local.id
}

output "attachment_id" {
  description = "The attachment, which the owner of the gateway has to accept where that is another account."
  value       = aws_ec2_transit_gateway_vpc_attachment.this.id
}
