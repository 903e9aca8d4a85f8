data "aws_region" "this" {}

locals {
  port   = 27017
  family = "docdb${join(".", slice(split(".", var.engine_version), 0, 2))}"
}

resource "aws_docdb_cluster" "this" {
  cluster_identifier = var.name
  engine             = "docdb"
  engine_version     = var.engine_version
  port               = local.port

  master_username             = "matapalo"
  manage_master_user_password = true # Secrets Manager makes it and renews it every seven days.

  db_cluster_parameter_group_name = aws_docdb_cluster_parameter_group.this.name
  db_subnet_group_name            = aws_docdb_subnet_group.this.name
  vpc_security_group_ids          = var.network.security_group_ids

  storage_encrypted               = true
  kms_key_id                      = var.key_arn
  enabled_cloudwatch_logs_exports = ["audit", "profiler"]

  backup_retention_period   = var.backup
  preferred_backup_window   = "07:00-08:00"
  deletion_protection       = var.protected
  skip_final_snapshot       = !var.protected
  final_snapshot_identifier = "${var.name}-last"

  preferred_maintenance_window = "sun:08:30-sun:09:30"
  allow_major_version_upgrade  = false

  lifecycle {
    # Whoever wants it gone says so in the blueprint: see README.
    prevent_destroy = true
  }

  depends_on = [aws_cloudwatch_log_group.this]
}

resource "aws_docdb_cluster_instance" "this" {
  count = var.instances

  identifier                 = "${var.name}-${count.index}"
  cluster_identifier         = aws_docdb_cluster.this.id
  instance_class             = var.instance_class
  promotion_tier             = min(count.index, 15)
  auto_minor_version_upgrade = true
  copy_tags_to_snapshot      = true
}

resource "aws_docdb_cluster_parameter_group" "this" {
  name        = "${var.name}-${replace(local.family, ".", "-")}"
  family      = local.family
  description = "Parameters of ${var.name}."

  parameter {
    name  = "tls"
    value = "enabled"
  }

  parameter {
    name  = "audit_logs"
    value = "enabled"
  }

  # Operations that take longer than profiler_threshold_ms, by default 100.
  parameter {
    name  = "profiler"
    value = "enabled"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_docdb_subnet_group" "this" {
  name        = var.name
  description = "Where ${var.name} lies."
  subnet_ids  = var.network.subnet_ids
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:For how long logs are kept is the environment's choice.
  for_each = toset(["audit", "profiler"])

  name              = "/aws/docdb/${var.name}/${each.key}"
  retention_in_days = var.logs.retention
  kms_key_id        = var.logs.key_arn
}
