locals {
  cluster_policies = local.auto ? [
    "AmazonEKSBlockStoragePolicy", "AmazonEKSClusterPolicy", "AmazonEKSComputePolicy",
    "AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingPolicy",
  ] : ["AmazonEKSClusterPolicy"]

  node_policies = local.auto ? [
    "AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy",
  ] : ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy"]
}

resource "aws_iam_role" "cluster" {
  name                 = "${var.name}-cluster"
  assume_role_policy   = data.aws_iam_policy_document.trust["eks"].json
  permissions_boundary = var.boundary_arn
}

resource "aws_iam_role_policy_attachment" "cluster" {
  for_each = toset(local.cluster_policies)

  role       = aws_iam_role.cluster.name
  policy_arn = "${local.managed}/${each.key}"
}

resource "aws_iam_role" "node" {
  name                 = "${var.name}-node"
  assume_role_policy   = data.aws_iam_policy_document.trust["ec2"].json
  permissions_boundary = var.boundary_arn
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(local.node_policies)

  role       = aws_iam_role.node.name
  policy_arn = "${local.managed}/${each.key}"
}

data "aws_iam_policy_document" "trust" {
  for_each = {
    eks = ["sts:AssumeRole", "sts:TagSession"]
    ec2 = ["sts:AssumeRole"]
  }

  statement {
    actions = each.value
    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }
  }
}
