variable "existing" {
  description = "Whether the organization is one that was there before: what it has switched on stays on."
  type        = bool
  default     = false
  nullable    = false
}

variable "services" {
  description = "Services of AWS that may act in every account."
  type        = set(string)
  nullable    = false
}
