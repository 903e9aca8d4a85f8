variable "name" {
  description = "The distribution's name, for people and for what belongs to it."
  type        = string
  nullable    = false
}

variable "site" {
  description = "The static site: the path where it begins, its index, and whether a path without a file answers the index. Without one, everything goes to the API."
  type = object({
    bucket = string
    path   = optional(string, "/")
    index  = optional(string, "index.html")
    spa    = optional(bool, false)
  })
  default = null
}

variable "api_domain" {
  description = "Where the API answers: the host of API Gateway."
  type        = string
  nullable    = false
}

variable "api_paths" {
  description = "The paths that are the API's where the site begins at `/`, with all that lies below them."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.api_paths) <= 37
    error_message = "CloudFront takes 75 behaviors, and each path takes two; name what the paths have in common."
  }
}

variable "door" {
  description = "The word by which API Gateway knows that a request came through here."
  type        = string
  sensitive   = true
  nullable    = false
}

variable "aliases" {
  description = "The names that it is found by."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "certificate_arn" {
  description = "The certificate of those names, of us-east-1."
  type        = string
  default     = null
}

variable "firewall_arn" {
  description = "The firewall before it."
  type        = string
  nullable    = false
}

variable "countries" {
  description = "Only callers from these countries; every country where none is named."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "key_arn" {
  description = "The KMS key that encrypts the site's files."
  type        = string
  nullable    = false
}

variable "content_security_policy" {
  description = "What the site's pages may load."
  type        = string
  default     = "base-uri 'self'; frame-ancestors 'none'; object-src 'none'"
  nullable    = false
}

variable "price_class" {
  description = "From where in the world it answers: PriceClass_100, PriceClass_200 or PriceClass_All."
  type        = string
  default     = "PriceClass_All"
  nullable    = false
}

variable "log_retention" {
  description = "For how many days access logs are kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "access_logs" {
  description = "Whether every request is written down."
  type        = bool
  default     = true
  nullable    = false
}

variable "protected" {
  description = "Whether the site's bucket has to be empty before it can be deleted."
  type        = bool
  default     = true
  nullable    = false
}
