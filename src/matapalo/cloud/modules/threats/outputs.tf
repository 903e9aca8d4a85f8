output "detector_id" {
  description = "The detector of the account that administers GuardDuty."
  value       = aws_guardduty_detector.this.id
}
