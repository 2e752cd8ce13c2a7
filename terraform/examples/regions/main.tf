# The pipeline, and forwarders in the other regions: what most accounts should run.
#
# These three are where AWS tells sign-ins by an account alias. Add each region that you use, and best
# those that you do not: an attacker may. For another region copy a provider and a module; provider 5
# takes one aliased provider a region. In a region that accounts opt into (af-south-1, eu-south-1 and the
# like) give operations_emails instead of health_queue_arns.
#
# If terraform/ is applied by itself already, leave out the module sentinel and write the ARNs that
# `terraform output` shows (event_bus_arn, health_queue_arns) into the forwarders.

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

provider "aws" {
  alias  = "us_east_2"
  region = "us-east-2"
}

provider "aws" {
  alias  = "eu_north_1"
  region = "eu-north-1"
}

provider "aws" {
  alias  = "ap_southeast_2"
  region = "ap-southeast-2"
}

variable "lambda_zip" {
  description = "The Lambda package; null is where the build puts it."
  type        = string
  default     = null
}

module "sentinel" {
  source = "../.."

  lambda_zip = var.lambda_zip
}

module "us_east_2" {
  source    = "../../forwarder"
  providers = { aws = aws.us_east_2 }

  event_bus_arn     = module.sentinel.event_bus_arn
  health_queue_arns = module.sentinel.health_queue_arns
}

module "eu_north_1" {
  source    = "../../forwarder"
  providers = { aws = aws.eu_north_1 }

  event_bus_arn     = module.sentinel.event_bus_arn
  health_queue_arns = module.sentinel.health_queue_arns
}

module "ap_southeast_2" {
  source    = "../../forwarder"
  providers = { aws = aws.ap_southeast_2 }

  event_bus_arn     = module.sentinel.event_bus_arn
  health_queue_arns = module.sentinel.health_queue_arns
}

output "consoles" {
  description = "For each console the command that starts it."
  value       = module.sentinel.consoles
}
