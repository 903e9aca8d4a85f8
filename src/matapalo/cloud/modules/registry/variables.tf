variable "repositories" {
  description = "The names of the repositories."
  type        = set(string)
  nullable    = false
}

variable "key_arn" {
  description = "The KMS key that encrypts the images."
  type        = string
  nullable    = false
}

variable "kept" {
  description = "How many images of each repository are kept; the oldest go first."
  type        = number
  default     = 50
  nullable    = false

  validation {
    condition     = var.kept >= 5
    error_message = "Fewer than 5 leave no way back."
  }
}

variable "readers" {
  description = "ARNs of accounts (`arn:aws:iam::<id>:root`) that may pull, beside this one."
  type        = set(string)
  default     = []
  nullable    = false
}
