data "aws_partition" "this" {}

locals {
  auto      = var.mode == "auto"
  partition = data.aws_partition.this.partition
  managed   = "arn:${local.partition}:iam::aws:policy"
}

resource "aws_eks_cluster" "this" {
  #checkov:skip=CKV_AWS_39:The endpoint is public only where the blueprint says so, and for `public_cidrs` alone.
  #checkov:skip=CKV_AWS_38:As above.
  #checkov:skip=CKV_AWS_339:The version is the blueprint's.
  name     = var.name
  role_arn = aws_iam_role.cluster.arn
  version  = var.kubernetes_version

  # Of Auto Mode, which brings its own.
  bootstrap_self_managed_addons = false

  enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }

  compute_config {
    enabled       = local.auto
    node_pools    = local.auto ? ["system"] : [] # The pool of the products is in kubernetes/, with its security groups.
    node_role_arn = local.auto ? aws_iam_role.node.arn : null
  }

  kubernetes_network_config {
    ip_family = "ipv4"

    elastic_load_balancing {
      enabled = local.auto
    }
  }

  storage_config {
    block_storage {
      enabled = local.auto
    }
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = var.secrets_key_arn
    }
  }

  vpc_config {
    subnet_ids              = var.subnet_ids
    security_group_ids      = var.security_group_ids
    endpoint_private_access = true
    endpoint_public_access  = var.public_endpoint
    public_access_cidrs     = var.public_endpoint ? var.public_cidrs : null
  }

  # The costlier, longer support is a decision, not an accident.
  upgrade_policy {
    support_type = "STANDARD"
  }

  zonal_shift_config {
    enabled = var.protected
  }

  lifecycle {
    precondition {
      condition     = !var.public_endpoint || length(var.public_cidrs) > 0
      error_message = "A public endpoint needs `public_cidrs`: who may reach it."
    }
  }

  depends_on = [aws_cloudwatch_log_group.control_plane, aws_iam_role_policy_attachment.cluster]
}

# EKS would make it by itself, with no end and no key.
resource "aws_cloudwatch_log_group" "control_plane" {
  #checkov:skip=CKV_AWS_338:For how long logs are kept is the environment's choice.
  name              = "/aws/eks/${var.name}/cluster"
  retention_in_days = var.log_retention
  kms_key_id        = var.logs_key_arn
}

# What containers, nodes and metrics write, by way of the observability add-on.
resource "aws_cloudwatch_log_group" "insights" {
  #checkov:skip=CKV_AWS_338:For how long logs are kept is the environment's choice.
  for_each = toset(["application", "dataplane", "host", "performance"])

  name              = "/aws/containerinsights/${var.name}/${each.key}"
  retention_in_days = var.log_retention
  kms_key_id        = var.logs_key_arn
}
