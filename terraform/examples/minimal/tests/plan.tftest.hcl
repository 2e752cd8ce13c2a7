mock_provider "aws" {
  override_during = plan
  source          = "../../tests/mocks"
}

variables {
  lambda_zip        = "../../tests/fixtures/arm64.package"
  slack_webhook_url = "https://hooks.slack.com/services/T000/B000/XXXX"
}

run "plans" {
  command = plan

  assert {
    condition     = toset(keys(output.consoles)) == toset(["oncall"]) && module.sentinel.slack_webhook_parameter == "/iam-sentinel/slack-webhook"
    error_message = "One console, and Slack."
  }
}
