# Options: nothing here must be set.

variable "log_retention_days" {
  description = "Days that the function's log is kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "alarm_actions" {
  description = "ARNs that each alarm tells besides the operations topic, of SNS topics or others."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_actions : startswith(arn, "arn:")]) && length(var.alarm_actions) <= 4
    error_message = "alarm_actions takes up to four ARNs: CloudWatch allows five actions, and the operations topic is one."
  }
}

variable "alert_emails" {
  description = "Who gets alerts by mail, and from which severity on: { \"oncall@example.com\" = \"HIGH\" }. A severity that comes later is mailed to all. AWS asks each address to confirm."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for address in keys(var.alert_emails) : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "alert_emails takes mail addresses as keys."
  }

  validation {
    condition     = alltrue([for severity in values(var.alert_emails) : contains(["LOW", "MEDIUM", "HIGH", "CRITICAL"], severity)])
    error_message = "alert_emails takes LOW, MEDIUM, HIGH or CRITICAL as values."
  }
}

variable "operations_emails" {
  description = "Who gets alarms about the pipeline by mail. AWS asks each address to confirm."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.operations_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "operations_emails takes mail addresses."
  }
}

variable "canary_minutes" {
  description = "Minutes between canaries. Three missing ones (and 15 minutes at least) ring the alarm canary-missing."
  type        = number
  default     = 5

  validation {
    condition     = var.canary_minutes >= 1 && var.canary_minutes <= 60 && floor(var.canary_minutes) == var.canary_minutes
    error_message = "canary_minutes must be a whole number from 1 to 60."
  }
}

variable "links" {
  description = "Records that are no alerts and that consoles need to see an attack as one incident: roles that people and other roles assume, sign-ins. default publishes about 1,000 a day for 30 accounts; all adds roles that instances, functions and pods assume (16,000 a day); none publishes none. Upgrade the consoles before you apply: an older one counts each as of an unknown kind, or shows it as an unreadable message."
  type        = string
  default     = "default"
  nullable    = false

  validation {
    condition     = contains(["default", "all", "none"], var.links)
    error_message = "links must be default, all or none."
  }
}

variable "reserved_concurrency" {
  description = "Concurrent executions kept for the function, and its most. null reserves none: a new account has ten in all, and AWS lets none of them be reserved."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null ? true : var.reserved_concurrency >= 3 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "reserved_concurrency must be null or a whole number from 3 up: two functions may be busy with Slack, and events need one besides. 0 would silence the pipeline."
  }
}

variable "create_kms_key" {
  description = "Whether to make a customer-managed key (1 USD a month) for queues, topics, log, parameter, the function's environment and the trail. Else AWS's own keys encrypt, which are free."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = "A customer-managed key of your own for the same, in the same region. Its policy must hold the statements of the output kms_key_policy."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn takes a key's ARN (arn:aws:kms:...:key/...), no alias: permissions name keys."
  }

  validation {
    condition     = var.kms_key_arn == null || !var.create_kms_key
    error_message = "Give a key of your own (kms_key_arn) or have one made (create_kms_key), not both."
  }
}

variable "organization_id" {
  description = "Your organization's id (o-...), to hear the other accounts too: it makes the bus NAME-organization, which takes events from the forwarders of that organization (forwarder/). null makes none."
  type        = string
  default     = null

  validation {
    condition     = var.organization_id == null || can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id takes an id such as o-a1b2c3d4e5."
  }
}

variable "tags" {
  description = "Tags for everything that takes tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
