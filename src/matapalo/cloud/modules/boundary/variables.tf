variable "name" {
  description = "The policy's name."
  type        = string
  nullable    = false
}

variable "pipelines" {
  description = "The roles of pipelines, as patterns of ARNs: nobody who runs takes them, or gives them to something."
  type        = list(string)
  nullable    = false
}
