variable "name" {
  description = "Its name on AWS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,39}$", var.name))
    error_message = "Up to 40 lower-case letters, digits and hyphens; a letter first."
  }
}

variable "engine" {
  description = "What it is: valkey, redis or memcached."
  type        = string
  default     = "valkey"
  nullable    = false

  validation {
    condition     = contains(["valkey", "redis", "memcached"], var.engine)
    error_message = "valkey, redis or memcached."
  }
}

variable "max_gib" {
  description = "The most that it holds, in GiB."
  type        = number
  nullable    = false

  validation {
    condition     = var.max_gib >= 1 && var.max_gib <= 5000
    error_message = "From 1 to 5000 GiB."
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
