variable "name" {
  description = "The account's name."
  type        = string
  nullable    = false
}

variable "email" {
  description = "The address that a new account is made with; an account that is adopted keeps its own."
  type        = string
  default     = null
}

variable "parent_id" {
  description = "The unit that it lies in; an account that is adopted stays where it is without one."
  type        = string
  default     = null
}

variable "access_role" {
  description = "The role by which the management account reaches a new account."
  type        = string
  default     = "OrganizationAccountAccessRole"
  nullable    = false
}
