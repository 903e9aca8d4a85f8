output "rule_ids" {
  description = "The rules, by domain."
  value       = { for domain, rule in aws_route53_resolver_rule.this : domain => rule.id }
}
