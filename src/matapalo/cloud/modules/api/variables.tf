variable "name" {
  description = "The API's name."
  type        = string
  nullable    = false
}

variable "description" {
  description = "What it is, for people."
  type        = string
  default     = ""
  nullable    = false
}

variable "routes" {
  description = "Who answers what: by route key (`GET /api/limits`, `$default`) the target, and whether a login is needed (`login`), looked at (`optional`), or not asked for (`public`)."
  type = map(object({
    target = string
    login  = optional(string, "login")
  }))
  nullable = false

  validation {
    condition     = alltrue([for route in var.routes : contains(["login", "optional", "public"], route.login)])
    error_message = "login, optional or public."
  }

  validation {
    condition     = length(var.routes) <= 300
    error_message = "An API takes 300 routes; give paths what they have in common, or ask AWS for more."
  }
}

variable "targets" {
  description = "Who can answer, by name. `edge` and `balancer` are reached through the load balancer, `function` by Lambda, `http` by the internet."
  type = map(object({
    kind          = string
    url           = optional(string)
    invoke_arn    = optional(string)
    function_name = optional(string)
    qualifier     = optional(string)
    timeout       = optional(number, 30)
  }))
  nullable = false

  validation {
    condition     = alltrue([for target in var.targets : contains(["edge", "balancer", "function", "http"], target.kind)])
    error_message = "edge, balancer, function or http."
  }

  validation {
    condition     = alltrue([for target in var.targets : target.timeout > 0 && target.timeout <= 30])
    error_message = "API Gateway waits for 30 seconds at most."
  }
}

variable "listener_arn" {
  description = "The load balancer's listener; null where nothing is behind one."
  type        = string
  default     = null
}

variable "server_name" {
  description = "The name on the load balancer's certificate; null where it has none."
  type        = string
  default     = null
}

variable "link" {
  description = "Where the link into the network begins; null where nothing is behind one."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null
}

variable "authorizer" {
  description = "Who says who a caller is; nobody is asked without one. `sources` are what a caller shows, `keep` is how long an answer is used again, in seconds."
  type = object({
    function_name = string
    invoke_arn    = string
    sources       = list(string)
    keep          = number
  })
  default = null
}

variable "throttle" {
  description = "How many requests a second it takes in all, and how many at once."
  type = object({
    rate  = number
    burst = number
  })
  default  = { rate = 5000, burst = 2000 }
  nullable = false
}

variable "logs_key_arn" {
  description = "The KMS key that encrypts the access log."
  type        = string
  nullable    = false
}

variable "log_retention" {
  description = "For how many days the access log is kept."
  type        = number
  default     = 30
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "The topic that is told of alarms."
  type        = string
  nullable    = false
}
