output "arn" {
  description = "The cluster."
  value       = aws_docdb_cluster.this.arn
}

output "id" {
  description = "Its identifier."
  value       = aws_docdb_cluster.this.cluster_identifier
}

output "endpoint" {
  description = "The host name of the writer."
  value       = aws_docdb_cluster.this.endpoint
}

output "port" {
  description = "The port that it answers on."
  value       = local.port
}

output "secret_arn" {
  description = "The secret with user and password. Secrets Manager renews it."
  value       = aws_docdb_cluster.this.master_user_secret[0].secret_arn
}

output "statements" {
  description = "What a role needs to sign on: statements of a policy."
  value = [
    {
      sid        = "Password"
      actions    = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
      resources  = [aws_docdb_cluster.this.master_user_secret[0].secret_arn]
      conditions = []
    },
    {
      sid       = "PasswordKey"
      actions   = ["kms:Decrypt"]
      resources = [aws_docdb_cluster.this.master_user_secret[0].kms_key_id]
      conditions = [{
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["secretsmanager.${data.aws_region.this.name}.amazonaws.com"]
      }]
    },
  ]
}
