variable "domain" {
  description = "The name that it is good for."
  type        = string
  nullable    = false
}

variable "also" {
  description = "Further names."
  type        = set(string)
  default     = []
  nullable    = false
}
