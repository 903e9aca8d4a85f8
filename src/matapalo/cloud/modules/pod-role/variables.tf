variable "name" {
  description = "The role's name."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.name) <= 64
    error_message = "IAM takes 64 letters."
  }
}

variable "cluster" {
  description = "The cluster's name."
  type        = string
  nullable    = false
}

variable "namespace" {
  description = "The namespace of the pods."
  type        = string
  nullable    = false
}

variable "service_account" {
  description = "The Kubernetes service account that the pods run as."
  type        = string
  nullable    = false
}

variable "statements" {
  description = "What the pods may do. No statement, no rights."
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
    conditions = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })), [])
  }))
  default  = []
  nullable = false
}

variable "boundary_arn" {
  description = "The most that its roles may do, whatever they are given (see the module `boundary`)."
  type        = string
  default     = null
}
