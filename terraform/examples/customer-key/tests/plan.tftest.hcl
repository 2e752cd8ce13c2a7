mock_provider "aws" {
  override_during = plan
  source          = "../../tests/mocks"
}

variables {
  lambda_zip        = "../../tests/fixtures/arm64.package"
  slack_webhook_url = "https://hooks.slack.com/services/T000/B000/XXXX"
}

run "makes_a_key" {
  command = plan
}

run "takes_a_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/own"
  }
}
