variable "name" {
  description = "The firewall's name."
  type        = string
  nullable    = false
}

variable "scope" {
  description = "CLOUDFRONT (in us-east-1) or REGIONAL."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["CLOUDFRONT", "REGIONAL"], var.scope)
    error_message = "CLOUDFRONT or REGIONAL."
  }
}

variable "managed" {
  description = "Whether AWS's groups of rules against common attacks hold."
  type        = bool
  default     = true
  nullable    = false
}

variable "rate" {
  description = "Requests of one address in five minutes; more are refused."
  type        = number
  default     = 2000
  nullable    = false
}

variable "countries" {
  description = "Only callers from these countries; every country where none is named."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "blocked" {
  description = "Addresses that are always refused, of IPv4 and IPv6."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "closed" {
  description = "Paths that nobody reaches from outside, with all that lies below them: 404."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "client_header" {
  description = "The header that names the caller's address, set by a proxy of ours and by no caller; the connection's own address without one."
  type        = string
  default     = null
}

variable "inside" {
  description = "How hosts end that only the house's own functions can name; they pass as they are."
  type        = string
  default     = null
}

variable "long_bodies" {
  description = "Whether the application takes bodies over 8 KiB, which the common rules refuse."
  type        = bool
  default     = false
  nullable    = false
}

variable "logs_key_arn" {
  description = "The KMS key that encrypts its log; it has to be of the firewall's region."
  type        = string
  default     = null
}

variable "log_retention" {
  description = "For how many days its log is kept."
  type        = number
  default     = 30
  nullable    = false
}
