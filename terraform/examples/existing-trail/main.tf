# For an account that has a trail already, its own or its organization's: no second one is made, which
# would cost 2 USD per 100,000 events. The trail must log management events, reads included, in all
# regions:
#
#   aws cloudtrail get-event-selectors --trail-name NAME     (IncludeManagementEvents, ReadWriteType All)
#   aws cloudtrail describe-trails --trail-name-list NAME    (IsMultiRegionTrail)

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

variable "trail" {
  description = "The trail's name or ARN. A change to it is told as tampering with the pipeline."
  type        = string
}

variable "lambda_zip" {
  description = "The Lambda package; null is where the build puts it."
  type        = string
  default     = null
}

module "sentinel" {
  source = "../.."

  lambda_zip     = var.lambda_zip
  create_trail   = false
  existing_trail = var.trail
}

output "consoles" {
  description = "For each console the command that starts it."
  value       = module.sentinel.consoles
}
