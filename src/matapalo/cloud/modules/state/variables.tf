variable "bucket" {
  description = "The bucket's name: one in the whole world."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,57}[a-z0-9]$", var.bucket))
    error_message = "3 to 59 lower-case letters, digits and hyphens; `-log` is added for its access log."
  }
}

variable "accounts" {
  description = "The number of each environment's account, by environment: its roles read and write the states below `<environment>/`."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for number in values(var.accounts) : can(regex("^[0-9]{12}$", number))])
    error_message = "An account's number has 12 digits."
  }
}

variable "management_account" {
  description = "The number of the organization's management account, whose state is kept here too."
  type        = string
  default     = null
}

variable "keep_old_days" {
  description = "For how many days former versions of a state are kept."
  type        = number
  default     = 90
  nullable    = false
}
