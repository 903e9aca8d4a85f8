output "arns" {
  description = "The secrets' ARNs by name."
  value       = local.arns
}
