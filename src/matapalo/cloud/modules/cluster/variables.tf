variable "name" {
  description = "The cluster's name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9][a-zA-Z0-9-]{0,99}$", var.name))
    error_message = "EKS takes 100 letters, digits and hyphens."
  }
}

variable "kubernetes_version" {
  description = "The version of Kubernetes."
  type        = string
  nullable    = false
}

variable "mode" {
  description = "`auto`: AWS chooses and renews the nodes. `managed`: node groups of `instance_types`."
  type        = string
  default     = "auto"
  nullable    = false

  validation {
    condition     = contains(["auto", "managed"], var.mode)
    error_message = "auto or managed."
  }
}

variable "nodes" {
  description = "What managed nodes are, and how many; without meaning in mode `auto`."
  type = object({
    instance_types = list(string)
    min            = number
    max            = number
  })
  default  = { instance_types = ["m7g.large"], min = 3, max = 9 }
  nullable = false
}

variable "subnet_ids" {
  description = "The private subnets that it lies in, one a zone."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "EKS takes subnets of two zones or more."
  }
}

variable "security_group_ids" {
  description = "Security groups that nodes are in, beside the one that EKS makes. In mode `auto` a NodeClass names them."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "public_endpoint" {
  description = "Whether its API can be reached from outside of the network."
  type        = bool
  default     = false
  nullable    = false
}

variable "public_cidrs" {
  description = "From where it can be reached, if it is public."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = !contains(var.public_cidrs, "0.0.0.0/0")
    error_message = "Name the addresses of those who work with it; not everybody."
  }
}

variable "protected" {
  description = "Whether traffic may be shifted away from a zone that is in trouble."
  type        = bool
  default     = false
  nullable    = false
}

variable "secrets_key_arn" {
  description = "The KMS key that encrypts Kubernetes' secrets."
  type        = string
  nullable    = false
}

variable "logs_key_arn" {
  description = "The KMS key that encrypts logs."
  type        = string
  nullable    = false
}

variable "log_retention" {
  description = "For how many days logs are kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "access" {
  description = "Who may do what in the cluster, by a name for each: a role, an access policy of EKS, and the namespaces that it holds in (all where none is named)."
  type = map(object({
    principal_arn = string
    policy        = string
    namespaces    = optional(list(string), [])
    groups        = optional(list(string), [])
  }))
  default  = {}
  nullable = false
}

variable "addons" {
  description = "Versions of add-ons, by name; AWS's choice for the cluster's version where none is given."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "boundary_arn" {
  description = "The most that its roles may do, whatever they are given (see the module `boundary`)."
  type        = string
  default     = null
}
