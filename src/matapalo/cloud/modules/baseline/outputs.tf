output "analyzer_arn" {
  description = "Who tells what can be reached from outside of the account."
  value       = aws_accessanalyzer_analyzer.this.arn
}
