output "arn" {
  description = "The certificate's ARN."
  value       = aws_acm_certificate.this.arn
}

output "records" {
  description = "The DNS records that prove the names are ours: name, type and value."
  value = [
    for option in aws_acm_certificate.this.domain_validation_options :
    { name = option.resource_record_name, type = option.resource_record_type, value = option.resource_record_value }
  ]
}
