mock_provider "aws" {
  override_during = plan
  source          = "../../tests/mocks"
}

variables {
  lambda_zip = "../../tests/fixtures/arm64.package"
  trail      = "company"
}

run "plans" {
  command = plan

  assert {
    condition     = length(output.consoles) == 1
    error_message = "It plans, and no check complains."
  }
}
