variable "name" {
  description = "Its name on AWS; an ordered one's ends with .fifo."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,63}(\\.fifo)?$", var.name))
    error_message = "Up to 63 letters, digits, hyphens and underscores, and perhaps .fifo."
  }
}

variable "description" {
  description = "What it is, for people."
  type        = string
  default     = ""
  nullable    = false
}

variable "subscriptions" {
  description = "Who is told, by name: a queue, or a function by the ARN of its alias. Only messages whose attributes have one of the filter's values."
  type = map(object({
    kind   = string
    arn    = string
    filter = optional(map(list(string)), {})
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for each in var.subscriptions : contains(["queue", "function"], each.kind)])
    error_message = "A subscriber is a queue or a function."
  }
}

variable "publishers" {
  description = "Rules that may publish, by name: their ARNs. Roles need none of this."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "key_arn" {
  description = "The KMS key that encrypts its messages. Its policy lets the publishers use it."
  type        = string
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "The topic that is told when something waits with what nobody took."
  type        = string
  nullable    = false
}
