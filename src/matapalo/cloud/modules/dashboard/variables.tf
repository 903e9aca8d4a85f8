variable "name" {
  description = "The dashboard's name, and what its alarms begin with."
  type        = string
  nullable    = false
}

variable "region" {
  description = "The region of its metrics."
  type        = string
  nullable    = false
}

variable "cluster" {
  description = "The cluster's name."
  type        = string
  nullable    = false
}

variable "namespace" {
  description = "The product's namespace in the cluster."
  type        = string
  nullable    = false
}

variable "services" {
  description = "The product's services."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "functions" {
  description = "The product's functions: their names on AWS by their names."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "slices" {
  description = "The slices that this product takes over, and what their gates ask for: the error rate in percent, the p99 in milliseconds."
  type = map(object({
    max_error_rate = number
    max_p99_ms     = number
  }))
  default  = {}
  nullable = false
}

variable "meters" {
  description = "What the edge's meters are below."
  type        = string
  nullable    = false
}

variable "metrics" {
  description = "Further metrics, by the title of their picture: each a list as CloudWatch takes it (namespace, name, dimension, value, …)."
  type        = map(list(list(string)))
  default     = {}
  nullable    = false
}

variable "alarm_topic_arn" {
  description = "The topic that is told of alarms."
  type        = string
  nullable    = false
}
