variable "name" {
  description = "Its name on AWS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,64}$", var.name))
    error_message = "Up to 64 letters, digits, dots, hyphens and underscores."
  }
}

variable "role_name" {
  description = "The name of the role that it starts its target with."
  type        = string
  nullable    = false
}

variable "description" {
  description = "What it is, for people."
  type        = string
  default     = ""
  nullable    = false
}

variable "group" {
  description = "The group of schedules that it belongs to."
  type        = object({ name = string, arn = string })
  nullable    = false
}

variable "when" {
  description = "rate(…), cron(…) or at(…), as EventBridge Scheduler writes them."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(rate|cron|at)\\(.+\\)$", var.when))
    error_message = "Written rate(…), cron(…) or at(…)."
  }
}

variable "timezone" {
  description = "Whose clock: a name of the time zone database."
  type        = string
  default     = "UTC"
  nullable    = false
}

variable "target" {
  description = "What it starts: a function by the ARN of its alias, a queue or a topic."
  type        = object({ kind = string, arn = string })
  nullable    = false

  validation {
    condition     = contains(["queue", "topic", "function"], var.target.kind)
    error_message = "A target is a queue, a topic or a function."
  }
}

variable "input" {
  description = "What the target is given (JSON)."
  type        = string
  default     = "{}"
  nullable    = false
}

variable "undelivered_arn" {
  description = "The queue of what the target did not take."
  type        = string
  nullable    = false
}

variable "key_arn" {
  description = "The KMS key that encrypts the schedule, and the messages of its queues and topics."
  type        = string
  nullable    = false
}

variable "boundary_arn" {
  description = "The most that its roles may do, whatever they are given (see the module `boundary`)."
  type        = string
  default     = null
}
