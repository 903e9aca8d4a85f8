output "topic_arn" {
  description = "The topic that alarms are told to."
  value       = aws_sns_topic.this.arn

  depends_on = [aws_sns_topic_policy.this]
}
