variable "name" {
  description = "What the groups' names begin with."
  type        = string
  nullable    = false
}

variable "vpc_id" {
  description = "The network."
  type        = string
  nullable    = false
}

variable "groups" {
  description = "The groups by name, and what each is for."
  type        = map(string)
  nullable    = false
}

variable "rules" {
  description = "Who calls whom: `from` and `to` are groups, on a port. Both sides get a rule."
  type = list(object({
    from = string
    to   = string
    port = number
    why  = string
  }))
  default  = []
  nullable = false

  validation {
    condition = alltrue([
      for rule in var.rules : contains(keys(var.groups), rule.from) && contains(keys(var.groups), rule.to)
    ])
    error_message = "A rule names groups."
  }
}

variable "egress" {
  description = "Whom groups call outside of the network, by range and port."
  type = list(object({
    from = string
    cidr = string
    port = number
    why  = string
  }))
  default  = []
  nullable = false
}
