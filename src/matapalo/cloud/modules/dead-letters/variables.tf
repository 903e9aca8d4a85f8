variable "name" {
  description = "The queue's name; it ends with `.fifo` where what it takes does."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,80}$", trimsuffix(var.name, ".fifo"))) && length(var.name) <= 80
    error_message = "A queue takes 80 letters, digits, hyphens and underscores."
  }
}

variable "alarm" {
  description = "What it means that something waits, for whoever is woken."
  type        = string
  nullable    = false
}

variable "sender" {
  description = "The service of AWS that puts messages here, and for whom (an ARN; for anything of the account where not given). Nobody but SQS itself without one."
  type = object({
    service = string
    source  = optional(string)
  })
  default = null
}

variable "key_arn" {
  description = "The KMS key that encrypts what waits."
  type        = string
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "The topic that alarms go to."
  type        = string
  nullable    = false
}
