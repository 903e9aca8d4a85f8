variable "security_account" {
  description = "The number of the account that administers GuardDuty."
  type        = string
  nullable    = false
}

variable "delegated" {
  description = "Whether that account is another one than the management account."
  type        = bool
  default     = true
  nullable    = false
}
