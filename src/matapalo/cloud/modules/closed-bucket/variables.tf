variable "bucket" {
  description = "The bucket's name, as its resource tells it."
  type        = string
  nullable    = false
}

variable "key_arn" {
  description = "The KMS key that encrypts it; S3's own key where none is given."
  type        = string
  default     = null
}

variable "versioned" {
  description = "Whether former versions of a file are kept."
  type        = bool
  default     = true
  nullable    = false
}

variable "former_days" {
  description = "For how many days former versions are kept."
  type        = number
  default     = 90
  nullable    = false
}

variable "former_count" {
  description = "So many former versions are kept longer than that."
  type        = number
  default     = null
}

variable "archive_after" {
  description = "After how many days files move to a cheaper class."
  type        = number
  default     = null
}

variable "expire_after" {
  description = "After how many days files are deleted."
  type        = number
  default     = null
}

variable "policies" {
  description = "Who else may do what with it: policies in JSON."
  type        = list(string)
  default     = []
  nullable    = false
}
