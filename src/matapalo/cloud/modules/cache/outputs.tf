output "arn" {
  description = "The cache."
  value       = aws_elasticache_serverless_cache.this.arn
}

output "id" {
  description = "Its name."
  value       = aws_elasticache_serverless_cache.this.name
}

output "endpoint" {
  description = "The host name that it answers at, over TLS."
  value       = one(aws_elasticache_serverless_cache.this.endpoint[*].address)
}

output "port" {
  description = "The port that it answers on."
  value       = local.ports[var.engine]
}

output "statements" {
  description = "What a role needs: nothing, as the network decides who gets in."
  value       = []
}
