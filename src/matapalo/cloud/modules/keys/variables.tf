variable "name" {
  description = "What the keys' aliases begin with."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,100}$", var.name))
    error_message = "Lower-case letters, digits and hyphens; a letter first."
  }
}

variable "keys" {
  description = "The keys by name: what they encrypt, after how many days they are renewed, and the roles that may use them without a service of AWS between."
  type = map(object({
    description = optional(string, "")
    rotation    = optional(number, 365)
    protects    = set(string)
    users       = optional(set(string), [])
  }))
  nullable = false

  validation {
    condition = alltrue([
      for key in var.keys : length(setsubtract(key.protects, ["stores", "secrets", "logs", "buckets", "events", "images"])) == 0
    ])
    error_message = "Keys protect stores, secrets, logs, buckets, events or images."
  }

  validation {
    condition     = alltrue([for key in var.keys : key.rotation >= 90 && key.rotation <= 2560])
    error_message = "KMS renews keys after 90 to 2560 days."
  }
}
