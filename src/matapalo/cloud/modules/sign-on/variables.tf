variable "permission_sets" {
  description = "What a group may do in an account, by name."
  type = map(object({
    description = optional(string, "")
    hours       = optional(number, 8)
    policies    = optional(list(string), [])
    own         = optional(string)
  }))
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.permission_sets) : length(name) <= 32])
    error_message = "A permission set's name takes 32 letters."
  }
}

variable "assignments" {
  description = "Which group may do what, in which account: the group as the directory calls it, a permission set, an account's name."
  type = list(object({
    group          = string
    permission_set = string
    account        = string
  }))
  nullable = false
}

variable "accounts" {
  description = "The accounts' numbers, by name."
  type        = map(string)
  nullable    = false
}
