output "name" {
  description = "The cluster's name."
  value       = aws_eks_cluster.this.name
}

output "arn" {
  description = "The cluster's ARN."
  value       = aws_eks_cluster.this.arn
}

output "endpoint" {
  description = "Where its API answers."
  value       = aws_eks_cluster.this.endpoint
}

output "security_group_id" {
  description = "The security group that nodes and pods are in."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

output "application_log_group" {
  description = "Where containers' logs are."
  value       = aws_cloudwatch_log_group.insights["application"].name
}

output "node_role_name" {
  description = "The role that nodes run as."
  value       = aws_iam_role.node.name
}
