# IAM Sentinel: CloudTrail -> EventBridge -> Lambda -> SNS -> Slack and consoles.

terraform {
  # Ephemeral variables came with 1.10, write-only arguments with 1.11.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = merge({ Application = var.name }, var.tags)
  }
}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  account_id = data.aws_caller_identity.current.account_id

  # ARNs from names, so that policies can name what is made later and nothing waits for nothing.
  function_arn = "arn:${local.partition}:lambda:${var.region}:${local.account_id}:function:${var.name}"
  topic_arn    = "arn:${local.partition}:sns:${var.region}:${local.account_id}:${var.name}-alerts"
  trail_arn    = "arn:${local.partition}:cloudtrail:${var.region}:${local.account_id}:trail/${var.name}"
  rule_prefix  = "${var.name}-events-"
  rule_arns    = [for key in keys(local.event_patterns) : "arn:${local.partition}:events:${var.region}:${local.account_id}:rule/${local.rule_prefix}${key}"]
  sqs_arn      = "arn:${local.partition}:sqs:${var.region}:${local.account_id}"

  # IAM's events are in one region of each partition only.
  home_regions = {
    aws        = "us-east-1"
    aws-us-gov = "us-gov-west-1"
    aws-cn     = "cn-north-1"
  }
}
