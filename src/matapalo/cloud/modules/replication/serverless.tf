resource "aws_dms_replication_config" "this" {
  for_each = var.serverless ? var.slices : {}

  replication_config_identifier = "${var.name}-${each.key}"
  replication_type              = "full-load-and-cdc"
  source_endpoint_arn           = aws_dms_endpoint.this["source"].endpoint_arn
  target_endpoint_arn           = aws_dms_endpoint.this["target-${each.value.target}"].endpoint_arn
  table_mappings                = each.value.mappings
  replication_settings          = jsonencode(local.settings)
  start_replication             = false # The conductor starts it, when the slice leaves its first stage.

  compute_config {
    replication_subnet_group_id = aws_dms_replication_subnet_group.this.id
    vpc_security_group_ids      = var.network.security_group_ids
    kms_key_id                  = var.key_arn
    min_capacity_units          = 1
    max_capacity_units          = var.capacity
    multi_az                    = true
  }
}
