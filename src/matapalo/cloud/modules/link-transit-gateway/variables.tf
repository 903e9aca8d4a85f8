variable "name" {
  description = "What it is called."
  type        = string
  nullable    = false
}

variable "id" {
  description = "A transit gateway that exists; one is made where none is named."
  type        = string
  default     = null
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

variable "shared_with" {
  description = "Accounts that may attach networks of theirs to a gateway made here, by name."
  type        = map(string)
  default     = {}
  nullable    = false
}
