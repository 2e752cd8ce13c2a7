variable "name" {
  description = "The prefix of everything that is made. Two copies with two names live side by side."
  type        = string
  default     = "iam-sentinel"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 31 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen."
  }
}

variable "region" {
  description = "Where it is deployed. IAM's events appear in one region only: us-east-1, us-gov-west-1 in GovCloud, cn-north-1 in China."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = contains(["us-east-1", "us-gov-west-1", "cn-north-1"], var.region)
    error_message = "CloudTrail delivers IAM's events in us-east-1 only (us-gov-west-1 in GovCloud, cn-north-1 in China): a detector anywhere else would hear nothing. Set region to that one."
  }
}

variable "lambda_zip" {
  description = "The Lambda package: a zip with the detector as `bootstrap` (see README, Deploy)."
  type        = string
  default     = "../target/lambda/detector/bootstrap.zip"
}

variable "architecture" {
  description = "The processor that the package was built for: arm64 or x86_64."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture must be arm64 or x86_64."
  }
}

variable "create_trail" {
  description = "Whether to make a trail. EventBridge hears of calls only where a trail logs management events. The first copy of them is free; a second trail costs 2 USD per 100,000 events, so say false where one is there already."
  type        = bool
  default     = true
}

variable "trail_retention_days" {
  description = "Days that the trail's log files are kept."
  type        = number
  default     = 90

  validation {
    condition     = var.trail_retention_days >= 7
    error_message = "Keep the trail's log files for 7 days at least: they are the evidence."
  }
}

variable "consoles" {
  description = "The consoles: one queue each, since two readers of one queue would each see half."
  type        = set(string)
  default     = ["oncall"]

  validation {
    condition     = alltrue([for name in var.consoles : can(regex("^[a-z0-9][a-z0-9-]{0,19}$", name))])
    error_message = "A console's name must be 1 to 20 lower-case letters, digits and hyphens."
  }
}

variable "slack_webhook_url" {
  description = "Slack's incoming webhook. It is written to an SSM parameter and never kept in state. Set it with TF_VAR_slack_webhook_url."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.slack_webhook_url == null || can(regex("^https://hooks\\.slack(-gov)?\\.com/", var.slack_webhook_url))
    error_message = "A Slack webhook begins with https://hooks.slack.com/ (or https://hooks.slack-gov.com/)."
  }
}

variable "slack_webhook_version" {
  description = "Terraform does not see the webhook's value, so it does not see a change either: raise this to write slack_webhook_url. 0 makes no parameter."
  type        = number
  default     = 0

  validation {
    condition     = var.slack_webhook_version >= 0 && floor(var.slack_webhook_version) == var.slack_webhook_version
    error_message = "The version must be 0 (no webhook) or a whole number that you raise with each new one."
  }

  validation {
    condition     = var.slack_webhook_version == 0 || var.slack_webhook_url != null || var.slack_webhook_parameter != null
    error_message = "slack_webhook_version asks for a webhook to be written, and slack_webhook_url is not set: export TF_VAR_slack_webhook_url, in every plan and apply."
  }
}

variable "slack_webhook_parameter" {
  description = "The name of an SSM SecureString that holds the webhook already, encrypted with the account's key alias/aws/ssm. Terraform then never sees it at all."
  type        = string
  default     = null

  validation {
    condition     = var.slack_webhook_parameter == null || can(regex("^/?[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*$", var.slack_webhook_parameter))
    error_message = "This is no name of an SSM parameter."
  }
}

variable "slack_min_severity" {
  description = "The least severity that is posted to Slack: LOW, MEDIUM, HIGH or CRITICAL. The consoles get all."
  type        = string
  default     = "LOW"

  validation {
    condition     = contains(["LOW", "MEDIUM", "HIGH", "CRITICAL"], var.slack_min_severity)
    error_message = "The severity must be LOW, MEDIUM, HIGH or CRITICAL."
  }
}

variable "watched" {
  description = "Names that only you can know to matter: a change to them, or their use, weighs more than the event alone. Exact names, ARNs, or either with * and ?. trusted_accounts are partners that may be let in like your own organization; organizations are the ids (o-...) of your own, identities the subjects and audiences of your own at shared identity providers (repo:example/*); where there are some, any other counts as foreign."
  type = object({
    actors           = optional(list(string), [])
    targets          = optional(list(string), [])
    roles            = optional(list(string), [])
    policies         = optional(list(string), [])
    groups           = optional(list(string), [])
    accounts         = optional(list(string), [])
    detector         = optional(list(string), [])
    trusted_accounts = optional(list(string), [])
    organizations    = optional(list(string), [])
    identities       = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for id in concat(var.watched.trusted_accounts, var.watched.accounts) : can(regex("^[0-9]{12}$", id))])
    error_message = "accounts and trusted_accounts take account ids of twelve digits, without wildcards."
  }

  validation {
    condition     = alltrue([for id in var.watched.organizations : can(regex("^o-[a-z0-9]{10,32}$", id))])
    error_message = "organizations takes ids such as o-a1b2c3d4e5."
  }

  validation {
    # Lambda takes 4 KB of environment in all.
    condition     = length(jsonencode(var.watched)) <= 2500
    error_message = "The lists are longer than the function's environment takes (2,500 characters): use wildcards, or put the names into detector/rules/watched.yml and build the package again."
  }
}

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
}

variable "tags" {
  description = "Tags for everything that takes tags."
  type        = map(string)
  default     = {}
}
