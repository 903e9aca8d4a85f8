variable "domain" {
  description = "The directory's domain."
  type        = string
  nullable    = false
}

variable "servers" {
  description = "Its domain controllers: two."
  type        = list(string)
  nullable    = false
}

variable "user" {
  description = "The account of the directory that the connector asks with."
  type        = string
  nullable    = false
}

variable "password_secret" {
  description = "The name of the secret, in this account, that holds its password."
  type        = string
  nullable    = false
}

variable "vpc_id" {
  description = "A network of this account from which the domain controllers are reached."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Two of its subnets, in two zones."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) == 2
    error_message = "A connector lies in two subnets."
  }
}
