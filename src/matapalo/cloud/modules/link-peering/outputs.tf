output "id" {
  description = "The peering, which the other network's owner has to accept where that is another account."
  value       = aws_vpc_peering_connection.this.id
}
