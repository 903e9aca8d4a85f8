variable "name" {
  description = "Its name on AWS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,64}$", var.name))
    error_message = "Up to 64 letters, digits, dots, hyphens and underscores."
  }
}

variable "description" {
  description = "What it is, for people."
  type        = string
  default     = ""
  nullable    = false
}

variable "bus" {
  description = "The bus that it listens to."
  type        = string
  nullable    = false
}

variable "pattern" {
  description = "Which events it takes, as EventBridge writes patterns (JSON)."
  type        = string
  nullable    = false

  validation {
    condition     = length(jsondecode(var.pattern)) > 0
    error_message = "A pattern names at least one thing that events have."
  }
}

variable "targets" {
  description = "Where they go, by name: a function by the ARN of its alias, a queue or a topic. Queues and topics name this rule among their senders."
  type = map(object({
    kind = string
    arn  = string
  }))
  nullable = false

  validation {
    condition     = length(var.targets) >= 1 && length(var.targets) <= 5
    error_message = "A rule has one to five targets."
  }

  validation {
    condition     = alltrue([for each in var.targets : contains(["queue", "topic", "function"], each.kind)])
    error_message = "A target is a queue, a topic or a function."
  }
}

variable "undelivered_arn" {
  description = "The queue of what no target took."
  type        = string
  nullable    = false
}
