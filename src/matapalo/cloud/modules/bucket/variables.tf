variable "name" {
  description = "Its name on AWS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.name))
    error_message = "Up to 63 lower-case letters, digits and hyphens; a letter first."
  }
}

variable "versioned" {
  description = "Whether former versions of a file are kept, for 90 days."
  type        = bool
  default     = true
  nullable    = false
}

variable "archive_after" {
  description = "After how many days files move to a cheaper class."
  type        = number
  default     = null
}

variable "expire_after" {
  description = "After how many days files are deleted."
  type        = number
  default     = null

  validation {
    condition     = var.expire_after == null || var.archive_after == null || try(var.expire_after > var.archive_after, false)
    error_message = "Files are deleted after they were moved, or not moved at all."
  }
}

variable "key_arn" {
  description = "The KMS key that encrypts it."
  type        = string
  nullable    = false
}
