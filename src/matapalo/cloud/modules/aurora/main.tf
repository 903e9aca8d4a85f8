data "aws_region" "this" {}
data "aws_partition" "this" {}

locals {
  port   = 5432
  family = "aurora-postgresql${split(".", var.engine_version)[0]}"
}

resource "aws_rds_cluster" "this" {
  #checkov:skip=CKV_AWS_133:Backups are kept for a day at least (see `backup`); where a module is called for no store, the check cannot read it.
  #checkov:skip=CKV_AWS_139:Whether it is protected from deletion is the environment's choice; Terraform refuses in every one.
  #checkov:skip=CKV2_AWS_8:Its own backups reach back to any second of up to 35 days; a second copy elsewhere is the organization's to decide.
  cluster_identifier = var.name
  engine             = "aurora-postgresql"
  engine_mode        = "provisioned" # Serverless v2 is a class of instances, below.
  engine_version     = var.engine_version
  database_name      = var.database
  port               = local.port

  master_username                     = "matapalo"
  manage_master_user_password         = true # Secrets Manager makes it and renews it every seven days.
  master_user_secret_kms_key_id       = var.secrets_key_arn
  iam_database_authentication_enabled = true

  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.this.name
  db_subnet_group_name            = aws_db_subnet_group.this.name
  vpc_security_group_ids          = var.network.security_group_ids

  storage_encrypted               = true
  kms_key_id                      = var.key_arn
  enabled_cloudwatch_logs_exports = ["postgresql"]

  backup_retention_period   = var.backup
  preferred_backup_window   = "07:00-08:00"
  copy_tags_to_snapshot     = true
  deletion_protection       = var.protected
  skip_final_snapshot       = !var.protected
  final_snapshot_identifier = "${var.name}-last"

  preferred_maintenance_window = "sun:08:30-sun:09:30"
  allow_major_version_upgrade  = false

  serverlessv2_scaling_configuration {
    min_capacity = var.capacity.min
    max_capacity = var.capacity.max
  }

  lifecycle {
    # Whoever wants it gone says so in the blueprint: see README.
    prevent_destroy = true
  }

  depends_on = [aws_cloudwatch_log_group.this]
}

# The writer, and those that only read.
resource "aws_rds_cluster_instance" "this" {
  count = 1 + var.readers

  identifier         = "${var.name}-${count.index}"
  cluster_identifier = aws_rds_cluster.this.id
  engine             = aws_rds_cluster.this.engine
  engine_version     = aws_rds_cluster.this.engine_version
  instance_class     = "db.serverless"
  promotion_tier     = min(count.index, 15)

  publicly_accessible          = false
  auto_minor_version_upgrade   = true
  copy_tags_to_snapshot        = true
  performance_insights_enabled = true

  performance_insights_kms_key_id       = var.key_arn
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
}

resource "aws_rds_cluster_parameter_group" "this" {
  name        = "${var.name}-${local.family}"
  family      = local.family
  description = "Parameters of ${var.name}."

  # Reverse streams read what is written here, so that a switch can be taken back.
  parameter {
    name         = "rds.logical_replication"
    value        = "1"
    apply_method = "pending-reboot"
  }

  parameter {
    name         = "rds.force_ssl"
    value        = "1"
    apply_method = "pending-reboot"
  }

  # Statements that change the schema, and whatever takes longer than a second.
  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "Where ${var.name} lies."
  subnet_ids  = var.network.subnet_ids
}

# Made before the cluster: made by RDS, it would be kept for ever, and not be encrypted by our key.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:For how long logs are kept is the environment's choice.
  name              = "/aws/rds/cluster/${var.name}/postgresql"
  retention_in_days = var.logs.retention
  kms_key_id        = var.logs.key_arn
}

resource "aws_iam_role" "monitoring" {
  name                 = "${var.name}-mon"
  description          = "RDS writes what ${var.name} measures."
  assume_role_policy   = data.aws_iam_policy_document.monitoring.json
  permissions_boundary = var.boundary_arn
}

data "aws_iam_policy_document" "monitoring" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["monitoring.rds.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
