data "aws_region" "this" {}

locals {
  # Every attribute that a key or an index is made of, once.
  attributes = merge([
    for part in concat(
      [var.key, var.sort],
      [for index in values(var.indexes) : index.key],
      [for index in values(var.indexes) : index.sort],
    ) : { (part.name) = part.type } if part != null
  ]...)
}

resource "aws_dynamodb_table" "this" {
  name         = var.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = var.key.name
  range_key    = try(var.sort.name, null)

  deletion_protection_enabled = var.protected
  stream_enabled              = var.changes
  stream_view_type            = var.changes ? "NEW_AND_OLD_IMAGES" : null

  dynamic "attribute" {
    for_each = local.attributes
    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = var.indexes
    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.key.name
      range_key       = try(global_secondary_index.value.sort.name, null)
      projection_type = "ALL"
    }
  }

  dynamic "ttl" {
    for_each = var.expires[*]
    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.backup
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.key_arn
  }

  lifecycle {
    # Whoever wants it gone says so in the blueprint: see README.
    prevent_destroy = true
  }
}
