variable "name" {
  description = "The function's name on AWS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9-_]{1,64}$", var.name))
    error_message = "Lambda takes 64 letters, digits, hyphens and underscores."
  }
}

variable "description" {
  description = "What it is, for people."
  type        = string
  default     = ""
  nullable    = false
}

variable "package" {
  description = "The zip that it begins with. Later versions are published by its pipeline."
  type        = string
  nullable    = false
}

variable "handler" {
  description = "Where its code begins: `module.function`."
  type        = string
  nullable    = false
}

variable "runtime" {
  description = "What runs it."
  type        = string
  default     = "python3.13"
  nullable    = false
}

variable "architecture" {
  description = "The processors that it runs on."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "arm64 or x86_64."
  }
}

variable "timeout" {
  description = "How long one call may take, in seconds."
  type        = number
  default     = 3
  nullable    = false
}

variable "memory" {
  description = "Its memory, in MiB."
  type        = number
  default     = 128
  nullable    = false
}

variable "concurrency" {
  description = "How many may run at once; as many are kept free for it."
  type        = number
  nullable    = false
}

variable "environment" {
  description = "Its environment. No secret: see `secrets`."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "secrets" {
  description = "Secrets whose values it finds in its environment, by variable: all of it, or the `field` of one that is JSON."
  type = map(object({
    arn   = string
    field = optional(string)
  }))
  default  = {}
  nullable = false
}

variable "secrets_layer_arn" {
  description = "The layer that reads them before it begins (see the module `secrets`)."
  type        = string
  default     = null

  validation {
    condition     = length(var.secrets) == 0 || var.secrets_layer_arn != null
    error_message = "Secrets take a layer that reads them."
  }
}

variable "statements" {
  description = "What it may do, beside writing its log."
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
    conditions = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })), [])
  }))
  default  = []
  nullable = false
}

variable "network" {
  description = "Where in the network it runs; outside of it where not given."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null
}

variable "environment_key_arn" {
  description = "The KMS key that encrypts its environment."
  type        = string
  nullable    = false
}

variable "queue_key_arn" {
  description = "The KMS key that encrypts what it failed at."
  type        = string
  nullable    = false
}

variable "logs_key_arn" {
  description = "The KMS key that encrypts its log."
  type        = string
  nullable    = false
}

variable "log_retention" {
  description = "For how many days its log is kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "log_level" {
  description = "The least that it writes: DEBUG, INFO, WARN or ERROR."
  type        = string
  default     = "INFO"
  nullable    = false
}

variable "tracing" {
  description = "Follow calls through it (X-Ray)."
  type        = bool
  default     = true
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "The topic that is told of alarms."
  type        = string
  nullable    = false
}

variable "boundary_arn" {
  description = "The most that its roles may do, whatever they are given (see the module `boundary`)."
  type        = string
  default     = null
}
