# Variables that most deployments set; options.tf has the rest.

variable "name" {
  description = "The prefix of everything that is made. Two copies with two names live side by side."
  type        = string
  default     = "iam-sentinel"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}[a-z0-9]$", var.name))
    error_message = "The name must be 3 to 31 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen."
  }

  # The webhook's parameter begins with it.
  validation {
    condition     = !startswith(var.name, "aws") && !startswith(var.name, "ssm")
    error_message = "The name must not begin with aws or ssm: Systems Manager keeps parameters of such names to itself, and would refuse Slack's webhook."
  }

  # The console's commands tell the deployment from the console in a queue's name NAME-console-X.
  validation {
    condition     = !strcontains("${var.name}-", "-console-")
    error_message = "The name must not hold -console- nor end with -console: it stands between the deployment's name and a console's in the names of queues, and commands would take the wrong part for the name."
  }
}

variable "lambda_zip" {
  description = "The Lambda package: a zip with the detector as `bootstrap` (see docs/deploy.md). null is where the build puts it: target/lambda/ARCHITECTURE/bootstrap.zip beside this folder."
  type        = string
  default     = null
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
  nullable    = false
}

variable "existing_trail" {
  description = "With create_trail = false: the name or ARN of the trail that is there already. It must log management events, reads included, in all regions. A change to it is then told as tampering with the pipeline."
  type        = string
  default     = null

  validation {
    condition     = var.existing_trail == null || can(regex("^(arn:[a-z-]+:cloudtrail:[a-z0-9-]+:[0-9]{12}:trail/)?[A-Za-z0-9][A-Za-z0-9._-]{2,127}$", var.existing_trail))
    error_message = "existing_trail takes a trail's name (3 to 128 letters, digits, points, hyphens and underscores) or its ARN."
  }

  validation {
    condition     = var.existing_trail == null || !var.create_trail
    error_message = "There is a trail already, and create_trail is true: a second one costs 2 USD per 100,000 events. Set create_trail to false, or leave existing_trail out."
  }
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

  validation {
    condition     = !contains(var.consoles, "context")
    error_message = "No console can be called context: its policy would have the name of the policy for the records around an alert."
  }
}

variable "slack_webhook_url" {
  description = "Slack's incoming webhook. It is written to an SSM parameter and never kept in state. Set it with TF_VAR_slack_webhook_url."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = var.slack_webhook_url == null || anytrue([for host in concat(["hooks.slack.com", "hooks.slack-gov.com"], var.slack_webhook_hosts) : startswith(coalesce(var.slack_webhook_url, "none"), "https://${host}/")])
    error_message = "A Slack webhook begins with https://hooks.slack.com/ (or https://hooks.slack-gov.com/). For another host (Mattermost, a relay) name it in slack_webhook_hosts."
  }
}

variable "slack_webhook_hosts" {
  description = "Hosts besides hooks.slack.com and hooks.slack-gov.com that the webhook may name: a Mattermost, a relay of your own. The function posts to no other host, so whoever can only write the parameter can't send the alerts to a host of their own."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for host in var.slack_webhook_hosts : can(regex("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$", host))])
    error_message = "slack_webhook_hosts takes hosts in lower case, with a port where it is not 443: chat.example.com or chat.example.com:8443, without https:// and path."
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
  description = "The name of an SSM SecureString that holds the webhook already. Terraform then never sees it at all. Where it is encrypted by another key than alias/aws/ssm, set slack_webhook_kms_key_arn too."
  type        = string
  default     = null

  validation {
    condition     = var.slack_webhook_parameter == null || can(regex("^/?[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+)*$", var.slack_webhook_parameter))
    error_message = "This is no name of an SSM parameter."
  }
}

variable "slack_webhook_kms_key_arn" {
  description = "The key that slack_webhook_parameter is encrypted with, where it is a key of your own. The function may then decrypt that parameter by it, and nothing else."
  type        = string
  default     = null

  validation {
    condition     = var.slack_webhook_kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.slack_webhook_kms_key_arn))
    error_message = "slack_webhook_kms_key_arn takes a key's ARN (arn:aws:kms:...:key/...), no alias: permissions name keys."
  }

  validation {
    condition     = var.slack_webhook_kms_key_arn == null || var.slack_webhook_parameter != null
    error_message = "slack_webhook_kms_key_arn belongs to slack_webhook_parameter, which is not set. A parameter that Terraform makes is encrypted by kms_key_arn or create_kms_key."
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

variable "slack_pace_ms" {
  description = "Milliseconds that the function waits between two posts. Slack takes one message a second, and two functions may post at a time."
  type        = number
  default     = 2000

  validation {
    condition     = var.slack_pace_ms >= 0 && var.slack_pace_ms <= 10000 && floor(var.slack_pace_ms) == var.slack_pace_ms
    error_message = "The pace must be 0 to 10,000 whole milliseconds."
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
