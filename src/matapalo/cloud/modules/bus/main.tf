resource "aws_cloudwatch_event_bus" "this" {
  name               = var.name
  kms_key_identifier = var.key_arn

  # Events that cannot be decrypted, as long as the key cannot be used.
  dead_letter_config {
    arn = module.undelivered.arn
  }
}

resource "aws_cloudwatch_event_archive" "this" {
  count = var.archive == null ? 0 : 1

  name             = var.archive.name
  description      = "What was told on ${var.name}, to be played again."
  event_source_arn = aws_cloudwatch_event_bus.this.arn
  retention_days   = var.archive.days
}

# What no target took. Rules name this queue, so it cannot name each of them.
module "undelivered" {
  source = "../dead-letters"

  name            = "${substr(var.name, 0, 68)}-undelivered"
  alarm           = "A target did not take events of ${var.name}."
  sender          = { service = "events.amazonaws.com" }
  key_arn         = var.key_arn
  alarm_topic_arn = var.alarm_topic_arn
}
