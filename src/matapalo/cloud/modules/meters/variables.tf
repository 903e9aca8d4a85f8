variable "namespace" {
  description = "What the metrics are below."
  type        = string
  nullable    = false
}

variable "log_group" {
  description = "Where the containers' logs are."
  type        = string
  nullable    = false
}
