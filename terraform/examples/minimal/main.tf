# The whole pipeline in one account, as a module of a configuration of your own: a trail, the detector,
# one console, Slack. (As it is, `terraform apply` in terraform/ makes the same.)
#
#   export TF_VAR_slack_webhook_url=https://hooks.slack.com/services/...
#   terraform init && terraform apply
#
# It hears the home region only; ../regions closes the blind spots.

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

  default_tags {
    tags = { Owner = "security" }
  }
}

# Ephemeral: it goes to AWS and into no plan, no state, no output.
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
  slack_webhook_url     = var.slack_webhook_url
  slack_webhook_version = 1 # raise it to write another webhook
}

output "consoles" {
  description = "For each console the command that starts it."
  value       = module.sentinel.consoles
}
