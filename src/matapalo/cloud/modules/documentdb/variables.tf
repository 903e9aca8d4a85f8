variable "name" {
  description = "Its name on AWS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.name))
    error_message = "Up to 63 lower-case letters, digits and hyphens; a letter first."
  }
}

variable "engine_version" {
  description = "The version of DocumentDB."
  type        = string
  default     = "5.0.0"
  nullable    = false
}

variable "instance_class" {
  description = "What its instances are."
  type        = string
  default     = "db.t4g.medium"
  nullable    = false
}

variable "instances" {
  description = "How many there are; two live through the loss of a zone."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.instances >= 1 && var.instances <= 16
    error_message = "From 1 to 16 instances."
  }
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

variable "network" {
  description = "The subnets (one a zone) that it lies in, and the security groups that say who may come in."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  nullable = false

  validation {
    condition     = length(var.network.subnet_ids) >= 2 && length(var.network.security_group_ids) >= 1
    error_message = "It needs subnets in two zones at least, and a security group."
  }
}

variable "logs" {
  description = "For how many days its log is kept, and the KMS key that encrypts it."
  type = object({
    retention = number
    key_arn   = string
  })
  nullable = false
}
