variable "name" {
  description = "The function's name."
  type        = string
  nullable    = false
}

variable "package" {
  description = "The zip of the authorizer: `matapalo package` makes it."
  type        = string
  nullable    = false
}

variable "login" {
  description = "What a caller shows, and who is asked about it: the blueprint's `security.login`, as JSON."
  type        = string
  nullable    = false
}

variable "public" {
  description = "Routes that anybody may call, as JSON."
  type        = string
  default     = "[]"
  nullable    = false
}

variable "optional" {
  description = "Routes where a login is checked when there is one, as JSON."
  type        = string
  default     = "[]"
  nullable    = false
}

variable "door" {
  description = "The word by which it knows that a request came through CloudFront."
  type        = string
  sensitive   = true
  nullable    = false
}

variable "secret_arn" {
  description = "The secret that proves to the security system who we are."
  type        = string
  default     = null
}

variable "secrets_key_arn" {
  description = "The KMS key that encrypts secrets, and the function's environment."
  type        = string
  nullable    = false
}

variable "logs_key_arn" {
  description = "The KMS key that encrypts logs."
  type        = string
  nullable    = false
}

variable "log_retention" {
  description = "For how many days its log is kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "architecture" {
  description = "The processors that the package was made for."
  type        = string
  default     = "arm64"
  nullable    = false
}

variable "network" {
  description = "Where in the network it runs, if the security system is reached by a link, and what it reaches there; outside of it where not given."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
    reaches = list(object({
      cidr = string
      port = number
    }))
  })
  default = null
}

variable "concurrency" {
  description = "How many may run at once. The security system need not bear more than it bears today."
  type        = number
  default     = 50
  nullable    = false
}

variable "tracing" {
  description = "Follow calls through it (X-Ray)."
  type        = bool
  default     = true
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "The topic that is told of alarms."
  type        = string
  nullable    = false
}

variable "boundary_arn" {
  description = "The most that its roles may do, whatever they are given (see the module `boundary`)."
  type        = string
  default     = null
}
