# An organization: the detector in the security account, and a forwarder in each account and region.
#
#   member account, any region:  CloudTrail -> default bus -> rule (forwarder) --+
#   security account:            bus iam-sentinel-organization <-----------------+
#                                rules -> detector -> Slack and consoles
#
# The bus's policy lets only forwarders of this organization in. Give the forwarders the same name as
# the core: the policy knows their roles by it. Every account needs a trail; the organization's is one
# for all of them.
#
# The security account's other regions need forwarders too (../regions). For many accounts make the
# pairs of provider and module from a list (provider 5 has no for_each on providers).

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

# The security account: credentials from the environment.
provider "aws" {
  region = "us-east-1"
}

provider "aws" {
  alias  = "workload_us_east_1"
  region = "us-east-1"

  assume_role {
    role_arn = "arn:aws:iam::${var.workload_account}:role/${var.role}"
  }
}

provider "aws" {
  alias  = "workload_eu_north_1"
  region = "eu-north-1"

  assume_role {
    role_arn = "arn:aws:iam::${var.workload_account}:role/${var.role}"
  }
}

variable "organization_id" {
  description = "The organization's id, o-..."
  type        = string
}

variable "organization_trail" {
  description = "The organization's trail, name or ARN. It logs all accounts, all regions, reads included."
  type        = string
}

variable "workload_account" {
  description = "A member account's id."
  type        = string
}

variable "role" {
  description = "The role in member accounts that may deploy."
  type        = string
  default     = "OrganizationAccountAccessRole"
}

variable "operations_emails" {
  description = "Who gets alarms by mail. Alarms of a member account can not reach the security account's queues, so mail is how they are heard."
  type        = set(string)
}

variable "lambda_zip" {
  description = "The Lambda package; null is where the build puts it."
  type        = string
  default     = null
}

module "sentinel" {
  source = "../.."

  lambda_zip        = var.lambda_zip
  create_trail      = false
  existing_trail    = var.organization_trail
  organization_id   = var.organization_id
  operations_emails = var.operations_emails

  # Trust in the organization's own accounts is not trust in strangers.
  watched = { organizations = [var.organization_id] }
}

# IAM's own events are told in us-east-1 of each account, so each account needs this one.
module "workload_us_east_1" {
  source    = "../../forwarder"
  providers = { aws = aws.workload_us_east_1 }

  event_bus_arn     = module.sentinel.organization_bus_arn
  operations_emails = var.operations_emails
}

module "workload_eu_north_1" {
  source    = "../../forwarder"
  providers = { aws = aws.workload_eu_north_1 }

  event_bus_arn     = module.sentinel.organization_bus_arn
  operations_emails = var.operations_emails
}

output "consoles" {
  description = "For each console the command that starts it."
  value       = module.sentinel.consoles
}
