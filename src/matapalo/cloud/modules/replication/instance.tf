resource "aws_dms_replication_instance" "this" {
  count = var.serverless ? 0 : 1

  replication_instance_id      = var.name
  replication_instance_class   = var.instance_class
  replication_subnet_group_id  = aws_dms_replication_subnet_group.this.id
  vpc_security_group_ids       = var.network.security_group_ids
  kms_key_arn                  = var.key_arn
  allocated_storage            = 50
  multi_az                     = false
  publicly_accessible          = false
  auto_minor_version_upgrade   = true
  apply_immediately            = true
  preferred_maintenance_window = "sun:08:30-sun:09:30"

  depends_on = [aws_iam_role_policy_attachment.logs]
}

resource "aws_dms_replication_task" "this" {
  for_each = var.serverless ? {} : var.slices

  replication_task_id       = "${var.name}-${each.key}"
  migration_type            = "full-load-and-cdc"
  replication_instance_arn  = aws_dms_replication_instance.this[0].replication_instance_arn
  source_endpoint_arn       = aws_dms_endpoint.this["source"].endpoint_arn
  target_endpoint_arn       = aws_dms_endpoint.this["target-${each.value.target}"].endpoint_arn
  table_mappings            = each.value.mappings
  replication_task_settings = jsonencode(local.settings)
  start_replication_task    = false # The conductor starts it, when the slice leaves its first stage.
}
