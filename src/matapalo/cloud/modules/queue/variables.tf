variable "name" {
  description = "Its name on AWS; an ordered one's ends with .fifo."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,70}(\\.fifo)?$", var.name))
    error_message = "Up to 70 letters, digits, hyphens and underscores, and perhaps .fifo."
  }
}

variable "visibility" {
  description = "How long one who took a message has for it, in seconds."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.visibility >= 1 && var.visibility <= 43200
    error_message = "From a second to twelve hours."
  }
}

variable "keep" {
  description = "For how many days a message waits."
  type        = number
  default     = 4
  nullable    = false

  validation {
    condition     = var.keep >= 1 && var.keep <= 14
    error_message = "From 1 to 14 days."
  }
}

variable "tries" {
  description = "How often a message is tried before it goes to the dead letters."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.tries >= 1 && var.tries <= 1000
    error_message = "From 1 to 1000 times."
  }
}

variable "senders" {
  description = "Services of AWS that may send, and in whose name: `events.amazonaws.com` for the ARN of a rule. Roles need none of this."
  type = map(object({
    service = string
    source  = string
  }))
  default  = {}
  nullable = false
}

variable "key_arn" {
  description = "The KMS key that encrypts its messages. Its policy lets the senders use it."
  type        = string
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "The topic that is told when something waits with what nobody took."
  type        = string
  nullable    = false
}
