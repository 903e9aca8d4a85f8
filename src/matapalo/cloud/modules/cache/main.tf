locals {
  ports    = { valkey = 6379, redis = 6379, memcached = 11211 }
  versions = { valkey = "8", redis = "7", memcached = "1.6" }
}

resource "aws_elasticache_serverless_cache" "this" {
  name                 = var.name
  description          = "What ${var.name} can lose."
  engine               = var.engine
  major_engine_version = local.versions[var.engine]
  kms_key_id           = var.key_arn
  subnet_ids           = var.network.subnet_ids
  security_group_ids   = var.network.security_group_ids

  # Memcached keeps nothing.
  snapshot_retention_limit = var.engine == "memcached" ? null : var.backup
  daily_snapshot_time      = var.engine == "memcached" ? null : "07:00"

  cache_usage_limits {
    data_storage {
      maximum = var.max_gib
      unit    = "GB"
    }
  }

  lifecycle {
    # Whoever wants it gone says so in the blueprint: see README.
    prevent_destroy = true
  }
}
