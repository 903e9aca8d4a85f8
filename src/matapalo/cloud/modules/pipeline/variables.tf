variable "name" {
  description = "What names begin with: those of projects, pipelines and their roles."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.name) <= 50
    error_message = "50 letters at most: CodePipeline and IAM take no long names."
  }
}

variable "bucket" {
  description = "The name of the bucket of artifacts."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,62}$", var.bucket))
    error_message = "3 to 63 lower-case letters, digits and hyphens; a letter first."
  }
}

variable "connection_arn" {
  description = "The connection to the repository's host, which a person has agreed to."
  type        = string
  nullable    = false
}

variable "repository" {
  description = "The repository: `owner/name`."
  type        = string
  nullable    = false
}

variable "branch" {
  description = "The branch that is delivered."
  type        = string
  nullable    = false
}

variable "log_retention" {
  description = "How many days logs of builds are kept."
  type        = number
  nullable    = false
}

variable "projects" {
  description = "What builds, by name. `role` is the name of its role, `docker` whether it builds images."
  type = map(object({
    description = string
    role        = string
    buildspec   = string
    docker      = optional(bool, false)
    minutes     = optional(number, 60)
    environment = optional(map(string), {})
  }))
  nullable = false
}

variable "pipelines" {
  description = "When what is built, by name. Actions of one `order` run side by side; one without a project asks a person."
  type = map(object({
    paths    = optional(list(string), [])
    schedule = optional(string)
    queued   = optional(bool, false)
    stages = list(object({
      name = string
      actions = list(object({
        name        = string
        order       = optional(number, 1)
        project     = optional(string)
        environment = optional(map(string), {})
        inputs      = optional(list(string), [])
        outputs     = optional(list(string), [])
      }))
    }))
  }))
  nullable = false

  validation {
    condition     = alltrue([for it in var.pipelines : length(it.paths) <= 8])
    error_message = "CodePipeline takes 8 patterns of paths."
  }

  validation {
    condition     = alltrue(flatten([for it in var.pipelines : [for stage in it.stages : length(stage.actions) <= 50]]))
    error_message = "CodePipeline takes 50 actions in a stage."
  }
}
