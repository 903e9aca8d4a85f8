variable "name" {
  description = "The topic's name."
  type        = string
  nullable    = false
}

variable "addresses" {
  description = "Mail addresses that are told; each has to say once that it wants to be."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "key_arn" {
  description = "The KMS key that encrypts the topic."
  type        = string
  nullable    = false
}
