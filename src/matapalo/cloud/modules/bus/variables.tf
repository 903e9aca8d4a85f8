variable "name" {
  description = "Its name on AWS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,48}$", var.name))
    error_message = "Up to 48 letters, digits, dots, hyphens and underscores: its archive has the same name."
  }
}

variable "archive" {
  description = "For how many days events are kept, to be played again; none where not given."
  type        = number
  default     = null
}

variable "key_arn" {
  description = "The KMS key that encrypts its events. Its policy lets EventBridge use it."
  type        = string
  nullable    = false
}
