variable "name" {
  description = "The trail's name."
  type        = string
  nullable    = false
}

variable "bucket" {
  description = "The name of the bucket that keeps it: one in the whole world."
  type        = string
  nullable    = false
}

variable "organization_id" {
  description = "The organization (`o-…`)."
  type        = string
  nullable    = false
}

variable "management_account" {
  description = "The number of the management account, which the trail belongs to."
  type        = string
  nullable    = false
}

variable "archive_account" {
  description = "The number of the account that keeps it."
  type        = string
  nullable    = false
}

variable "region" {
  description = "The trail's home region. It records all of them."
  type        = string
  nullable    = false
}

variable "keep" {
  description = "For how many days it is kept."
  type        = number
  nullable    = false
}
