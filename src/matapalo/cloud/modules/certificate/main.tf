resource "aws_acm_certificate" "this" {
  domain_name               = var.domain
  subject_alternative_names = sort(var.also)
  validation_method         = "DNS"

  options {
    certificate_transparency_logging_preference = "ENABLED"
  }

  lifecycle {
    create_before_destroy = true
  }
}
