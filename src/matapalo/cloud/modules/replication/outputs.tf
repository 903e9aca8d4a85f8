output "replications" {
  description = "What the conductor starts, watches and stops, by slice: its ARN, and whether it is serverless."
  value = merge(
    { for name, each in aws_dms_replication_config.this : name => { arn = each.arn, serverless = true } },
    { for name, each in aws_dms_replication_task.this : name => { arn = each.replication_task_arn, serverless = false } },
  )
}

output "secret_arns" {
  description = "The secrets that a person has to fill before a replication starts, by end."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.arn }
}
