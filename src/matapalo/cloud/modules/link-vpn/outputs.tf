output "id" {
  description = "The VPN."
  value       = aws_vpn_connection.this.id
}

output "addresses" {
  description = "This side's public addresses, one a tunnel: the other side's device is told of them."
  value       = [aws_vpn_connection.this.tunnel1_address, aws_vpn_connection.this.tunnel2_address]
}

output "secret_arn" {
  description = "The secret that holds the tunnels' keys, for whoever sets up the other side."
  value       = aws_vpn_connection.this.preshared_key_arn
}
