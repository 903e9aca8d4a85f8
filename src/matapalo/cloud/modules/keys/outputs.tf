output "arns" {
  description = "The keys' ARNs by name."
  value       = { for name, key in aws_kms_key.this : name => key.arn }
}

output "by_purpose" {
  description = "The key's ARN by what it protects. Of two keys for one purpose the first by name counts."
  value = {
    for purpose in distinct(flatten([for key in var.keys : tolist(key.protects)])) :
    purpose => [for name in sort(keys(var.keys)) : aws_kms_key.this[name].arn if contains(var.keys[name].protects, purpose)][0]
  }
}
