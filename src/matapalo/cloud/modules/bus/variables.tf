variable "name" {
  description = "Its name on AWS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,256}$", var.name))
    error_message = "Up to 256 letters, digits, dots, hyphens and underscores."
  }
}

variable "archive" {
  description = "For how many days events are kept, to be played again, and the archive's name; none where not given."
  type        = object({ name = string, days = number })
  default     = null

  validation {
    condition     = var.archive == null || can(regex("^[A-Za-z0-9._-]{1,48}$", var.archive.name))
    error_message = "An archive's name has up to 48 letters, digits, dots, hyphens and underscores."
  }
}

variable "key_arn" {
  description = "The KMS key that encrypts its events. Its policy lets EventBridge use it."
  type        = string
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "The topic that is told when something waits with what nobody took."
  type        = string
  nullable    = false
}
