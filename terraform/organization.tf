# A bus for the organization's other accounts, where organization_id is set.
#
# CloudTrail's events reach the default bus of the account they happened in, so each account forwards
# them (the module forwarder/). They arrive on a bus of their own and not on the default bus: its
# policy then belongs to this deployment alone, and whoever may put events here can neither fake a
# canary nor reach other rules of this account.

locals {
  hears_organization = var.organization_id != null
  organization_bus   = "${var.name}-organization"
}

resource "aws_cloudwatch_event_bus" "organization" {
  count = local.hears_organization ? 1 : 0

  name = local.organization_bus
  tags = local.tags
}

resource "aws_cloudwatch_event_bus_policy" "organization" {
  count = local.hears_organization ? 1 : 0

  event_bus_name = aws_cloudwatch_event_bus.organization[0].name
  policy         = data.aws_iam_policy_document.organization_bus[0].json
}

data "aws_iam_policy_document" "organization_bus" {
  count = local.hears_organization ? 1 : 0

  statement {
    sid       = "ForwardersMayPut"
    actions   = ["events:PutEvents"]
    resources = ["${local.arn.events}:event-bus/${local.organization_bus}"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = [var.organization_id]
    }

    # The forwarders' roles (forwarder/main.tf), in any account of the organization.
    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:${local.partition}:iam::*:role/${var.name}-forwarder-*"]
    }
  }
}
