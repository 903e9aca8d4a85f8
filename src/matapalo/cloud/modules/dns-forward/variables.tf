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

variable "subnet_ids" {
  description = "The private subnets; two at least."
  type        = list(string)
  nullable    = false
}

variable "domains" {
  description = "The name servers that know each domain, by domain."
  type        = map(list(string))
  nullable    = false
}
