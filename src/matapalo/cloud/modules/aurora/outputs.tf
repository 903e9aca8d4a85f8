output "arn" {
  description = "The cluster."
  value       = aws_rds_cluster.this.arn
}

output "id" {
  description = "Its identifier."
  value       = aws_rds_cluster.this.cluster_identifier
}

output "endpoint" {
  description = "The host name of the writer."
  value       = aws_rds_cluster.this.endpoint
}

output "reader_endpoint" {
  description = "The host name of those that only read; the writer's where there are none."
  value       = aws_rds_cluster.this.reader_endpoint
}

output "port" {
  description = "The port that it answers on."
  value       = local.port
}

output "database" {
  description = "The database."
  value       = var.database
}

output "secret_arn" {
  description = "The secret with user and password. Secrets Manager renews it."
  value       = aws_rds_cluster.this.master_user_secret[0].secret_arn
}

output "statements" {
  description = "What a role needs to sign on: statements of a policy."
  value = [
    {
      sid        = "Password"
      actions    = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
      resources  = [aws_rds_cluster.this.master_user_secret[0].secret_arn]
      conditions = []
    },
    {
      sid       = "PasswordKey"
      actions   = ["kms:Decrypt"]
      resources = [var.secrets_key_arn]
      conditions = [{
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${data.aws_region.this.name}.amazonaws.com"]
      }]
    },
  ]
}
