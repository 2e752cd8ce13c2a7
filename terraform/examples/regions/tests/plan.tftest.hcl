mock_provider "aws" {
  override_during = plan
  source          = "../../tests/mocks"
}

mock_provider "aws" {
  alias           = "us_east_2"
  override_during = plan
  source          = "../../tests/mocks"

  override_data {
    target = module.us_east_2.data.aws_region.current
    values = { endpoint = "ec2.us-east-2.amazonaws.com" }
  }
}

mock_provider "aws" {
  alias           = "eu_north_1"
  override_during = plan
  source          = "../../tests/mocks"

  override_data {
    target = module.eu_north_1.data.aws_region.current
    values = { endpoint = "ec2.eu-north-1.amazonaws.com" }
  }
}

mock_provider "aws" {
  alias           = "ap_southeast_2"
  override_during = plan
  source          = "../../tests/mocks"

  override_data {
    target = module.ap_southeast_2.data.aws_region.current
    values = { endpoint = "ec2.ap-southeast-2.amazonaws.com" }
  }
}

variables {
  lambda_zip = "../../tests/fixtures/arm64.package"
}

run "plans" {
  command = plan

  assert {
    condition     = module.sentinel.event_bus_arn == "arn:aws:events:us-east-1:111122223333:event-bus/default" && toset(keys(module.sentinel.health_queue_arns)) == toset(["slack", "console-oncall"])
    error_message = "The forwarders have a bus to send to, and queues that hear of their alarms."
  }
}
