variable "name" {
  description = "What the names of everything here begin with."
  type        = string
  nullable    = false
}

variable "cidr" {
  description = "The network's addresses."
  type        = string
  nullable    = false

  validation {
    condition     = can(cidrnetmask(var.cidr))
    error_message = "An IPv4 range like 10.20.0.0/16."
  }
}

variable "subnets" {
  description = "The subnets by tier (public, private, isolated): their ranges, one a zone."
  type = object({
    public   = list(string)
    private  = list(string)
    isolated = list(string)
  })
  nullable = false

  validation {
    condition     = length(distinct([for ranges in values(var.subnets) : length(ranges)])) == 1
    error_message = "Every tier has one subnet in every zone."
  }
}

variable "egress_allocation_ids" {
  description = "The fixed addresses (allocations) that calls leave from: one, or one a zone."
  type        = list(string)
  nullable    = false

  validation {
    condition     = contains([1, length(var.subnets.public)], length(var.egress_allocation_ids))
    error_message = "One address for all zones, or one in each."
  }
}

variable "gateway" {
  description = "Whether links by VPN or Direct Connect end here, which takes a gateway."
  type        = bool
  default     = false
  nullable    = false
}

variable "gateway_asn" {
  description = "This side's number in BGP."
  type        = number
  default     = 64512
  nullable    = false
}

variable "endpoints" {
  description = "Services of AWS that are reached without the internet, besides S3 and DynamoDB: `ecr.api`, `logs`."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "flow_logs" {
  description = "Whether a record of every connection is kept."
  type        = bool
  default     = true
  nullable    = false
}

variable "log_retention" {
  description = "For how many days it is kept."
  type        = number
  default     = 365
  nullable    = false
}

variable "cluster" {
  description = "The name of the cluster that finds its subnets here by tag."
  type        = string
  default     = null
}

variable "boundary_arn" {
  description = "The most that its roles may do, whatever they are given (see the module `boundary`)."
  type        = string
  default     = null
}
