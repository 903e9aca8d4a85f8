variable "name" {
  description = "What the policies' names begin with."
  type        = string
  nullable    = false
}

variable "targets" {
  description = "What the guardrails are laid upon: the ids of the root, of units and of accounts, by name."
  type        = map(string)
  nullable    = false
}

variable "regions" {
  description = "The only regions in use; every one where none is named."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "deny_root_user" {
  description = "Whether root users can do nothing."
  type        = bool
  default     = true
  nullable    = false
}

variable "deny_leaving" {
  description = "Whether no account leaves the organization."
  type        = bool
  default     = true
  nullable    = false
}

variable "protect_logs" {
  description = "Whether nobody stops or deletes the trail, or the detectors."
  type        = bool
  default     = true
  nullable    = false
}

variable "deny_public_buckets" {
  description = "Whether no bucket becomes public."
  type        = bool
  default     = true
  nullable    = false
}

variable "except_roles" {
  description = "Names of roles that set up accounts, and that the guard of buckets and logs lets through."
  type        = set(string)
  nullable    = false
}
