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

variable "cidr" {
  description = "The network's addresses: who may call."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "The private subnets."
  type        = list(string)
  nullable    = false
}

variable "service" {
  description = "The name of the endpoint service (`com.amazonaws.vpce.…`)."
  type        = string
  nullable    = false
}

variable "ports" {
  description = "The ports that it answers on."
  type        = set(number)
  default     = [443]
  nullable    = false
}

variable "domain" {
  description = "The private name that it is called by."
  type        = string
  default     = null
}
