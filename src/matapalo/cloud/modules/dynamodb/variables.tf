variable "name" {
  description = "Its name on AWS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,250}$", var.name))
    error_message = "Up to 251 lower-case letters, digits and hyphens; a letter first."
  }
}

variable "key" {
  description = "The attribute that items are found by, and what it holds: S (text), N (number) or B (binary)."
  type        = object({ name = string, type = string })
  nullable    = false
}

variable "sort" {
  description = "The attribute that items of one key are ordered by."
  type        = object({ name = string, type = string })
  default     = null
}

variable "indexes" {
  description = "Other ways to find items, by name. Each carries all attributes."
  type = map(object({
    key  = object({ name = string, type = string })
    sort = optional(object({ name = string, type = string }))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = length(var.indexes) <= 20
    error_message = "A table has up to 20 indexes."
  }
}

variable "expires" {
  description = "The attribute that says when an item expires, in seconds since 1970."
  type        = string
  default     = null
}

variable "changes" {
  description = "Whether changes can be followed (a stream of new and old images)."
  type        = bool
  default     = false
  nullable    = false
}

variable "backup" {
  description = "For how many days backups are kept: it can be set back to any second of them."
  type        = number
  nullable    = false

  validation {
    condition     = var.backup >= 1 && var.backup <= 35
    error_message = "AWS keeps these backups for 1 to 35 days."
  }
}

variable "protected" {
  description = "Whether AWS refuses to delete it, and keeps a last copy when it is deleted all the same."
  type        = bool
  nullable    = false
}

variable "key_arn" {
  description = "The KMS key that encrypts it."
  type        = string
  nullable    = false
}
