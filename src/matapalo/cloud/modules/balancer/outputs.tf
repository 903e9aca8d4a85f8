output "listener_arn" {
  description = "What API Gateway's link leads to."
  value       = aws_lb_listener.this.arn

  depends_on = [aws_lb_listener_rule.named]
}

output "callers_security_group_id" {
  description = "The security group of whoever may call it."
  value       = aws_security_group.callers.id
}

output "target_group_arns" {
  description = "The target groups that pods join, by name: the TargetGroupBindings name them."
  value       = { for name, group in aws_lb_target_group.this : name => group.arn if contains(keys(local.pods), name) }
}

output "arn_suffix" {
  description = "The load balancer as metrics name it."
  value       = aws_lb.this.arn_suffix
}

output "target_group_suffixes" {
  description = "The target groups as metrics name them, by name."
  value       = { for name, group in aws_lb_target_group.this : name => group.arn_suffix }
}
