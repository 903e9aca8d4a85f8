variable "name" {
  description = "The load balancer's name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,30}$", var.name))
    error_message = "A load balancer takes 31 letters, digits and hyphens."
  }
}

variable "vpc_id" {
  description = "The network."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "The private subnets, one a zone."
  type        = list(string)
  nullable    = false
}

variable "cluster" {
  description = "The cluster's name: its pods may join the target groups."
  type        = string
  nullable    = false
}

variable "cluster_security_group_id" {
  description = "The security group of the cluster's pods."
  type        = string
  nullable    = false
}

variable "targets" {
  description = "Who answers, by the name that API Gateway asks for. Without `addresses` pods join by themselves (TargetGroupBinding). `edge` answers what nobody is named for."
  type = map(object({
    group     = string
    port      = number
    protocol  = optional(string, "HTTP")
    health    = string
    healthy   = optional(string, "200-399")
    addresses = optional(list(string), [])
    drain     = optional(number, 30)
  }))
  nullable = false

  validation {
    condition     = contains(keys(var.targets), "edge")
    error_message = "`edge` answers what nobody is named for, and has to be there."
  }

  validation {
    condition     = alltrue([for target in var.targets : length(target.group) <= 32])
    error_message = "A target group's name takes 32 letters."
  }

  validation {
    condition     = length(var.targets) <= 100
    error_message = "A load balancer takes 100 target groups."
  }
}

variable "inside" {
  description = "What it does for functions: the `hosts` of the targets that they call, below a `zone` of the network, and the security groups of those that call (`callers`)."
  type = object({
    zone    = string
    port    = number
    hosts   = map(string)
    callers = map(string)
  })
  default = null
}

variable "certificate_arn" {
  description = "The certificate that it shows to API Gateway; plain HTTP within the network without one."
  type        = string
  default     = null
}

variable "firewall_arn" {
  description = "The firewall before it."
  type        = string
  nullable    = false
}

variable "idle" {
  description = "How long a connection may be silent, in seconds."
  type        = number
  default     = 60
  nullable    = false
}

variable "logs_bucket" {
  description = "The name of the bucket for its access logs; it is made."
  type        = string
  nullable    = false
}

variable "log_retention" {
  description = "For how many days access logs are kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "protected" {
  description = "Whether it cannot be deleted by mistake."
  type        = bool
  default     = true
  nullable    = false
}
