# Everything encrypted by a customer-managed key: queues, topics, log, the webhook's parameter, the
# function's environment, the trail. Who may read alerts is then the key's policy to say, too.
#
# By default a key is made (1 USD a month). For a key of your own give its ARN, and put the statements
# that `terraform plan` shows as kms_key_policy into its policy first.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "kms_key_arn" {
  description = "A key of your own; null makes one."
  type        = string
  default     = null
}

variable "slack_webhook_url" {
  description = "Slack's incoming webhook."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "lambda_zip" {
  description = "The Lambda package; null is where the build puts it."
  type        = string
  default     = null
}

module "sentinel" {
  source = "../.."

  lambda_zip            = var.lambda_zip
  create_kms_key        = var.kms_key_arn == null
  kms_key_arn           = var.kms_key_arn
  slack_webhook_url     = var.slack_webhook_url
  slack_webhook_version = 1
  log_retention_days    = 365
}

output "consoles" {
  description = "For each console the command that starts it."
  value       = module.sentinel.consoles
}

output "kms_key_policy" {
  description = "What the policy of a key of your own must hold."
  value       = module.sentinel.kms_key_policy
}
