mock_provider "aws" {
  override_during = plan
  source          = "../../tests/mocks"
}

mock_provider "aws" {
  alias           = "workload_us_east_1"
  override_during = plan
  source          = "../../tests/mocks"

  override_data {
    target = module.workload_us_east_1.data.aws_region.current
    values = { endpoint = "ec2.us-east-1.amazonaws.com" }
  }
}

mock_provider "aws" {
  alias           = "workload_eu_north_1"
  override_during = plan
  source          = "../../tests/mocks"

  override_data {
    target = module.workload_eu_north_1.data.aws_region.current
    values = { endpoint = "ec2.eu-north-1.amazonaws.com" }
  }
}

variables {
  lambda_zip         = "../../tests/fixtures/arm64.package"
  organization_id    = "o-a1b2c3d4e5"
  organization_trail = "arn:aws:cloudtrail:us-east-1:999988887777:trail/organization"
  workload_account   = "444455556666"
  operations_emails  = ["ops@example.com"]
}

run "plans" {
  command = plan

  assert {
    condition     = module.sentinel.organization_bus_arn == "arn:aws:events:us-east-1:111122223333:event-bus/iam-sentinel-organization"
    error_message = "The forwarders have a bus to send to."
  }
}
