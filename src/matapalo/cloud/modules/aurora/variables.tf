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
  description = "The version of PostgreSQL."
  type        = string
  default     = "17.5"
  nullable    = false

  validation {
    condition     = can(regex("^1[3-9]\\.[0-9]+$", var.engine_version))
    error_message = "Aurora Serverless v2 has PostgreSQL from 13 on, written like 17.5."
  }
}

variable "database" {
  description = "The database that it begins with."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.database))
    error_message = "Up to 63 lower-case letters, digits and underscores; a letter first."
  }
}

variable "capacity" {
  description = "How far it may shrink and grow, in capacity units of about 2 GiB."
  type = object({
    min = number
    max = number
  })
  nullable = false

  validation {
    condition     = var.capacity.min >= 0 && var.capacity.max >= 1 && var.capacity.max <= 256 && var.capacity.min <= var.capacity.max
    error_message = "From 0 to 256 units, the least not above the most."
  }
}

variable "readers" {
  description = "Instances that only read. The first one takes over where the writer's zone fails."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.readers >= 0 && var.readers <= 15
    error_message = "Up to 15 instances read."
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

variable "secrets_key_arn" {
  description = "The KMS key that encrypts the secret with its password."
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

variable "boundary_arn" {
  description = "The most that its roles may do, whatever they are given (see the module `boundary`)."
  type        = string
  default     = null
}
