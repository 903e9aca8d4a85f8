variable "name" {
  description = "What it is called."
  type        = string
  nullable    = false
}

variable "vpc_id" {
  description = "The network."
  type        = string
  nullable    = false
}

variable "peer_vpc_id" {
  description = "The other network."
  type        = string
  nullable    = false
}

variable "peer_account" {
  description = "The number of the account that owns it; this one where not given."
  type        = string
  default     = null
}

variable "peer_region" {
  description = "Its region; this one where not given."
  type        = string
  default     = null
}

variable "cidrs" {
  description = "The networks behind the link."
  type        = set(string)
  nullable    = false
}

variable "route_table_ids" {
  description = "The route tables that lead to it, by zone."
  type        = map(string)
  nullable    = false
}

