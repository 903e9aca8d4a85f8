locals {
  # Auto Mode has the network, DNS, the proxy, volumes and Pod Identity built in.
  addons = merge(
    {
      amazon-cloudwatch-observability = {}
      # Pods get secrets as files and variables, by the rights of their own role.
      aws-secrets-store-csi-driver-provider = {}
      metrics-server                        = {}
    },
    local.auto ? {} : {
      aws-ebs-csi-driver     = {}
      coredns                = {}
      eks-pod-identity-agent = {}
      kube-proxy             = {}
      vpc-cni                = { enableNetworkPolicy = "true" }
    },
  )

  # Add-ons that call AWS: their service account, where it is, and the policy that they need.
  identities = merge(
    { amazon-cloudwatch-observability = { namespace = "amazon-cloudwatch", account = "cloudwatch-agent", policy = "CloudWatchAgentServerPolicy" } },
    local.auto ? {} : { aws-ebs-csi-driver = { namespace = "kube-system", account = "ebs-csi-controller-sa", policy = "service-role/AmazonEBSCSIDriverPolicy" } },
  )

  # Nodes are not ready without these.
  before_nodes = ["eks-pod-identity-agent", "kube-proxy", "vpc-cni"]
}

resource "aws_eks_addon" "before_nodes" {
  for_each = { for name, values in local.addons : name => values if contains(local.before_nodes, name) }

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = lookup(var.addons, each.key, null)
  configuration_values        = length(each.value) > 0 ? jsonencode(each.value) : null
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
}

resource "aws_eks_addon" "this" {
  for_each = { for name, values in local.addons : name => values if !contains(local.before_nodes, name) }

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = lookup(var.addons, each.key, null)
  configuration_values        = length(each.value) > 0 ? jsonencode(each.value) : null
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  depends_on = [aws_cloudwatch_log_group.insights, aws_eks_node_group.this, aws_eks_pod_identity_association.addon]
}

resource "aws_eks_pod_identity_association" "addon" {
  for_each = local.identities

  cluster_name    = aws_eks_cluster.this.name
  namespace       = each.value.namespace
  service_account = each.value.account
  role_arn        = aws_iam_role.addon[each.key].arn
}

resource "aws_iam_role" "addon" {
  for_each = local.identities

  name                 = "${var.name}-${each.value.account}"
  assume_role_policy   = data.aws_iam_policy_document.addon.json
  permissions_boundary = var.boundary_arn
}

resource "aws_iam_role_policy_attachment" "addon" {
  for_each = local.identities

  role       = aws_iam_role.addon[each.key].name
  policy_arn = "${local.managed}/${each.value.policy}"
}

data "aws_iam_policy_document" "addon" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}
