variable "prefix" {
  description = "What the parameters' names begin with: `/wallet-prod/payments`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", var.prefix))
    error_message = "A path that begins with a slash and ends without one."
  }
}

variable "values" {
  description = "What is told, by the name of the variable that pods find it in. No secret."
  type        = map(string)
  nullable    = false
}

variable "key_arn" {
  description = "The KMS key that encrypts the parameters."
  type        = string
  nullable    = false
}
