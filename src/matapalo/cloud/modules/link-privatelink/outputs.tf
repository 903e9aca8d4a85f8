output "id" {
  description = "The endpoint, which the service's owner may have to accept."
  value       = aws_vpc_endpoint.this.id
}
