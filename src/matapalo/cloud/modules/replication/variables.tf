variable "name" {
  description = "What its names on AWS begin with."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,49}$", var.name)) && !strcontains(var.name, "--")
    error_message = "Up to 50 lower-case letters, digits and single hyphens; a letter first."
  }
}

variable "source_database" {
  description = "The database that tables come from. User and password are in the secret `source` of `secret_arns`."
  type = object({
    engine   = string
    database = string
  })
  nullable = false

  validation {
    condition     = contains(["postgres", "mysql", "mariadb"], var.source_database.engine)
    error_message = "postgres, mysql or mariadb."
  }
}

variable "targets" {
  description = "The Aurora stores that tables go to, by name: their databases."
  type        = map(object({ database = string }))
  nullable    = false
}

variable "slices" {
  description = "What moves, by the slice's name: the target, and the tables with their mappings (JSON, as DMS writes them)."
  type = map(object({
    target   = string
    mappings = string
  }))
  nullable = false

  validation {
    condition     = alltrue([for slice in var.slices : contains(keys(var.targets), slice.target)])
    error_message = "A slice's target is one of `targets`."
  }
}

variable "serverless" {
  description = "One replication a slice that grows with its load, over two zones; else one instance for all of them."
  type        = bool
  nullable    = false
}

variable "capacity" {
  description = "The most that a serverless replication takes, in capacity units of 2 GiB."
  type        = number
  default     = 8
  nullable    = false

  validation {
    condition     = contains([2, 4, 8, 16, 32, 64, 128, 192, 256, 384], var.capacity)
    error_message = "2, 4, 8, 16, 32, 64, 128, 192, 256 or 384."
  }
}

variable "instance_class" {
  description = "What the instance is, where there is one."
  type        = string
  default     = "dms.t3.medium"
  nullable    = false
}

variable "network" {
  description = "The subnets (one a zone) that it lies in, and its security groups, which the databases admit."
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

variable "account_roles" {
  description = "Make the two roles that DMS looks for by name, once an account."
  type        = bool
  default     = true
  nullable    = false
}

variable "key_arn" {
  description = "The KMS key that encrypts what it keeps."
  type        = string
  nullable    = false
}

variable "secrets_key_arn" {
  description = "The KMS key that encrypts the secrets with the databases' users."
  type        = string
  nullable    = false
}

variable "boundary_arn" {
  description = "The most that its roles may do, whatever they are given (see the module `boundary`)."
  type        = string
  default     = null
}
