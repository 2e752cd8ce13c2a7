# IAM Sentinel: CloudTrail -> EventBridge -> Lambda -> SNS -> Slack and consoles.
#
# This folder is a module and a deployment alike, so it has no provider block: one inside would take
# count, for_each and providers away from whoever calls it, and could not be removed without its state.
# Applied as it is, the provider takes region and credentials from the environment, as the AWS command
# line does (export AWS_REGION=us-east-1); examples/ call it with a provider of their own.

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

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  account_id = data.aws_caller_identity.current.account_id
  # Provider 5 calls the region id and name, provider 6 region, and warns of the others. Both know this
  # host: ec2.us-east-1.amazonaws.com.
  region = element(split(".", data.aws_region.current.endpoint), 1)

  # ARNs from names, so that policies can name what is made later and nothing waits for nothing.
  # Beginning of every ARN of a service in this region and account.
  arn = {
    for service in ["cloudtrail", "cloudwatch", "events", "lambda", "logs", "scheduler", "sns", "sqs", "ssm"] :
    service => "arn:${local.partition}:${service}:${local.region}:${local.account_id}"
  }
  # Links are no alerts, and for consoles alone.
  publishes_links = var.links != "none" && length(var.consoles) > 0

  function_arn   = "${local.arn.lambda}:function:${var.name}"
  topic_arns     = { for topic in concat(["alerts", "consoles", "operations"], local.publishes_links ? ["links"] : []) : topic => "${local.arn.sns}:${var.name}-${topic}" }
  trail_arn      = "${local.arn.cloudtrail}:trail/${var.name}"
  log_group_arn  = "${local.arn.logs}:log-group:/aws/lambda/${var.name}"
  default_bus    = "${local.arn.events}:event-bus/default"
  canary_dlq_arn = "${local.arn.sqs}:${var.name}-canary-dlq"

  # The source of events that are the pipeline's own. Only AWS can send a source that begins with
  # "aws.", so no real event can pass as a test and no test as a real event.
  self_test_source = "sentinel.${var.name}"

  tags = merge({ Application = var.name }, var.tags)

  # IAM's events are in one region of each partition only.
  home_regions = {
    aws        = "us-east-1"
    aws-us-gov = "us-gov-west-1"
    aws-cn     = "cn-north-1"
  }
  home_region = lookup(local.home_regions, local.partition, "another region")
}

check "trail" {
  assert {
    condition     = var.create_trail || var.existing_trail != null
    error_message = "create_trail is false and existing_trail names none: EventBridge hears of calls only where a trail logs management events, reads included, in all regions. Set existing_trail to the trail that does; its name is then watched like the pipeline's own parts, too."
  }
}
