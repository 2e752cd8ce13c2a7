variable "name" {
  description = "The name of the deployment that is forwarded to: the prefix of everything that is made here too."
  type        = string
  default     = "iam-sentinel"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 31 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen."
  }
}

variable "event_bus_arn" {
  description = "The bus that the detector listens on: the core's output event_bus_arn in the same account, organization_bus_arn in another account of the organization."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9._/-]+$", var.event_bus_arn))
    error_message = "event_bus_arn takes a bus's ARN: arn:aws:events:us-east-1:111122223333:event-bus/default, for instance."
  }
}

variable "health_queue_arns" {
  description = "The queues that hear of this forwarder's alarms: the core's output of that name, in the same account. The core's queues let this name's forwarders send, but not from regions that accounts opt into (af-south-1, eu-south-1 and the like): there use operations_emails."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.health_queue_arns) : can(regex("^arn:[a-z-]+:sqs:", arn))])
    error_message = "health_queue_arns takes ARNs of SQS queues."
  }
}

variable "operations_emails" {
  description = "Who gets this forwarder's alarms by mail. AWS asks each address to confirm."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.operations_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "operations_emails takes mail addresses."
  }
}

variable "alarm_actions" {
  description = "ARNs that each alarm tells besides the operations topic. CloudWatch can tell topics of this region only."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_actions : startswith(arn, "arn:")]) && length(var.alarm_actions) <= 4
    error_message = "alarm_actions takes up to four ARNs: CloudWatch allows five actions, and the operations topic is one."
  }
}

variable "tags" {
  description = "Tags for everything that takes tags."
  type        = map(string)
  default     = {}
  nullable    = false
}
