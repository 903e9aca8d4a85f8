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

variable "gateway_asn" {
  description = "This side's number in BGP, of the Direct Connect gateway."
  type        = number
  default     = 64513
  nullable    = false
}

variable "connection" {
  description = "The connection (`dxcon-…`)."
  type        = string
  nullable    = false
}

variable "vlan" {
  description = "The number of the virtual interface on the line."
  type        = number
  nullable    = false
}

variable "asn" {
  description = "The other side's number in BGP."
  type        = number
  nullable    = false
}

variable "prefixes" {
  description = "The networks that the other side is told of: this one."
  type        = set(string)
  nullable    = false
}
