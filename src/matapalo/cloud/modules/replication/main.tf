locals {
  ends = merge(
    { source = { engine = var.source_database.engine, database = var.source_database.database } },
    { for name, target in var.targets : "target-${name}" => { engine = "aurora-postgresql", database = target.database } },
  )

  # What a replication does: copies what is there, follows what comes, and compares every row.
  settings = {
    TargetMetadata = {
      SupportLobs        = true
      FullLobMode        = false
      LimitedSizeLobMode = true
      LobMaxSize         = 1024
    }
    FullLoadSettings = {
      TargetTablePrepMode = "DO_NOTHING" # The product's own migrations made the tables.
      MaxFullLoadSubTasks = 8
      CommitRate          = 10000
    }
    ValidationSettings = {
      EnableValidation     = true
      ValidationMode       = "ROW_LEVEL"
      ThreadCount          = 5
      FailureMaxCount      = 10000
      TableFailureMaxCount = 1000
    }
    Logging = { EnableLogging = true }
    ErrorBehavior = {
      # A row that does not fit stops its table: it is looked at, and never left out in silence.
      DataErrorPolicy           = "SUSPEND_TABLE"
      DataTruncationErrorPolicy = "SUSPEND_TABLE"
      TableErrorPolicy          = "STOP_TASK"
      ApplyErrorInsertPolicy    = "LOG_ERROR"
      ApplyErrorUpdatePolicy    = "LOG_ERROR"
      ApplyErrorDeletePolicy    = "IGNORE_RECORD"
      FullLoadIgnoreConflicts   = false
    }
    ControlTablesSettings = { ControlSchema = "matapalo_dms" }
  }
}

resource "aws_dms_replication_subnet_group" "this" {
  replication_subnet_group_id          = var.name
  replication_subnet_group_description = "Where the replications of ${var.name} run."
  subnet_ids                           = var.network.subnet_ids

  depends_on = [aws_iam_role_policy_attachment.vpc]
}

resource "aws_dms_endpoint" "this" {
  for_each = local.ends

  endpoint_id   = "${var.name}-${each.key}"
  endpoint_type = each.key == "source" ? "source" : "target"
  engine_name   = each.value.engine
  database_name = each.value.database
  ssl_mode      = "require"
  kms_key_arn   = var.key_arn

  secrets_manager_arn             = aws_secretsmanager_secret.this[each.key].arn
  secrets_manager_access_role_arn = aws_iam_role.secrets.arn

  dynamic "postgres_settings" {
    for_each = each.key == "source" && each.value.engine == "postgres" ? [1] : []
    content {
      plugin_name      = "no-preference"
      capture_ddls     = false # Needs rights of a superuser; a changed table is told by the conductor.
      heartbeat_enable = true  # An idle slot must not fill the source's disk.
      heartbeat_schema = "matapalo_dms"
    }
  }

  depends_on = [aws_iam_role_policy.secrets]
}
