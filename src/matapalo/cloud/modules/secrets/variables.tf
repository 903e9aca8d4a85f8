variable "prefix" {
  description = "What the secrets' names begin with, before a slash."
  type        = string
  nullable    = false
}

variable "secrets" {
  description = "The secrets by name. `existing` names one that Secrets Manager has already. `rotation`: after how many days a new value is drawn; never where not given. `drawn`: its value is drawn here, once."
  type = map(object({
    description = optional(string, "")
    existing    = optional(string)
    rotation    = optional(number)
    drawn       = optional(bool, false)
  }))
  nullable = false

  validation {
    condition     = alltrue([for secret in var.secrets : coalesce(secret.rotation, 1) >= 1 && coalesce(secret.rotation, 1) <= 1000])
    error_message = "Secrets Manager renews secrets after 1 to 1000 days."
  }
}

variable "key_arn" {
  description = "The KMS key that encrypts the secrets and their renewal's log."
  type        = string
  nullable    = false
}

variable "logs_key_arn" {
  description = "The KMS key that encrypts logs."
  type        = string
  nullable    = false
}

variable "log_retention" {
  description = "For how many days the renewal's log is kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "recovery_days" {
  description = "For how many days a deleted secret can be taken back; 0 deletes at once."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.recovery_days == 0 || (var.recovery_days >= 7 && var.recovery_days <= 30)
    error_message = "0, or 7 to 30 days."
  }
}

variable "rotation_package" {
  description = "The zip of the function that draws new values; needed only where a secret has a rotation."
  type        = string
  default     = null
}

variable "layer_package" {
  description = "The zip of the layer by which functions find secrets in their environment."
  type        = string
  nullable    = false
}

variable "boundary_arn" {
  description = "The most that its roles may do, whatever they are given (see the module `boundary`)."
  type        = string
  default     = null
}
