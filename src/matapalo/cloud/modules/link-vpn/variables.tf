variable "name" {
  description = "What it is called."
  type        = string
  nullable    = false
}

variable "gateway_id" {
  description = "The network's gateway."
  type        = string
  nullable    = false
}

variable "address" {
  description = "The public address of the device on the other side."
  type        = string
  nullable    = false
}

variable "asn" {
  description = "The other side's number in BGP."
  type        = number
  nullable    = false
}

variable "static" {
  description = "The networks behind it, where the other side does not tell them by BGP."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "alarm_topic_arns" {
  description = "Who is told when no tunnel is up."
  type        = list(string)
  default     = []
  nullable    = false
}
