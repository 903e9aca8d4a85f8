variable "name" {
  description = "The role's name."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.name) <= 64
    error_message = "IAM takes 64 letters."
  }
}

variable "description" {
  description = "What the pipeline does with it."
  type        = string
  nullable    = false
}

variable "provider_arn" {
  description = "The provider of GitHub's tokens; null for pipelines that run on AWS."
  type        = string
  default     = null
}

variable "subjects" {
  description = "Who takes it, as GitHub's token says it: `repo:owner/repository:environment:prod`."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for subject in var.subjects : !strcontains(subject, "*")])
    error_message = "A subject is one environment of one repository."
  }
}

variable "services" {
  description = "Services of AWS that take it, where pipelines run on AWS."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "policy_arns" {
  description = "Policies that exist."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "statements" {
  description = "What it may do."
  type = list(object({
    sid       = string
    effect    = optional(string, "Allow")
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

variable "hours" {
  description = "How long one run may have it."
  type        = number
  default     = 1
  nullable    = false
}
