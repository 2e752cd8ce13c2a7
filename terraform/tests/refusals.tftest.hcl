# Refusals of Terraform: each message says what to do.

mock_provider "aws" {
  override_during = plan
  source          = "./tests/mocks"
}

# The same in a region where IAM's events never appear.
mock_provider "aws" {
  alias           = "elsewhere"
  override_during = plan
  source          = "./tests/mocks"

  override_data {
    target = data.aws_region.current
    values = { endpoint = "ec2.eu-west-1.amazonaws.com" }
  }
}

variables {
  lambda_zip = "tests/fixtures/arm64.package"
}

run "wrong_region" {
  command   = plan
  providers = { aws = aws.elsewhere }

  expect_failures = [aws_lambda_function.detector]
}

run "missing_package" {
  command = plan

  variables {
    lambda_zip = "nowhere.zip"
  }

  expect_failures = [aws_lambda_function.detector]
}

run "package_of_the_other_architecture" {
  command = plan

  variables {
    architecture = "x86_64"
  }

  expect_failures = [aws_lambda_function.detector]
}

run "package_of_the_other_architecture_again" {
  command = plan

  variables {
    lambda_zip = "tests/fixtures/x86_64.package"
  }

  expect_failures = [aws_lambda_function.detector]
}

run "webhook_version_not_whole" {
  command = plan

  variables {
    slack_webhook_url     = "https://hooks.slack.com/services/T000/B000/XXXX"
    slack_webhook_version = 0.5
  }

  expect_failures = [var.slack_webhook_version]
}

run "webhook_host_with_a_path" {
  command = plan

  variables {
    slack_webhook_hosts = ["https://chat.example.com/"]
  }

  expect_failures = [var.slack_webhook_hosts]
}

run "webhook_host_that_only_begins_like_slack_s" {
  command = plan

  variables {
    slack_webhook_url     = "https://hooks.slack.com.example.net/services/T000/B000/XXXX"
    slack_webhook_version = 1
  }

  expect_failures = [var.slack_webhook_url]
}

run "webhook_forgotten" {
  command = plan

  variables {
    slack_webhook_version = 1
  }

  expect_failures = [var.slack_webhook_version]
}

run "two_trails" {
  command = plan

  variables {
    existing_trail = "company"
  }

  expect_failures = [var.existing_trail]
}

run "two_keys" {
  command = plan

  variables {
    create_kms_key = true
    kms_key_arn    = "arn:aws:kms:us-east-1:111122223333:key/own"
  }

  expect_failures = [var.kms_key_arn]
}

run "key_of_no_parameter" {
  command = plan

  variables {
    slack_webhook_kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/own"
  }

  expect_failures = [var.slack_webhook_kms_key_arn]
}

run "name_that_systems_manager_keeps" {
  command = plan

  variables {
    name = "aws-sentinel"
  }

  expect_failures = [var.name]
}

run "other_name_that_systems_manager_keeps" {
  command = plan

  variables {
    name = "ssm-sentinel"
  }

  expect_failures = [var.name]
}

run "name_like_a_console_s_queue" {
  command = plan

  variables {
    name = "my-console-sentinel"
  }

  expect_failures = [var.name]
}

run "name_that_ends_like_a_console_s_queue" {
  command = plan

  variables {
    name = "sentinel-console"
  }

  expect_failures = [var.name]
}

run "bad_values" {
  command = plan

  variables {
    name                 = "Sentinel_"
    architecture         = "mips"
    consoles             = ["On Call"]
    slack_webhook_url    = "https://example.com/hook"
    slack_min_severity   = "PURPLE"
    slack_pace_ms        = -1
    log_retention_days   = 31
    trail_retention_days = 1
    watched              = { organizations = ["example"] }
    alarm_actions        = ["mail me"]
    alert_emails         = { "oncall@example.com" = "PURPLE" }
    operations_emails    = ["nobody"]
    canary_minutes       = 0
    reserved_concurrency = 0
    kms_key_arn          = "alias/mine"
    organization_id      = "example"
  }

  expect_failures = [
    var.name,
    var.architecture,
    var.consoles,
    var.slack_webhook_url,
    var.slack_min_severity,
    var.slack_pace_ms,
    var.log_retention_days,
    var.trail_retention_days,
    var.watched,
    var.alarm_actions,
    var.alert_emails,
    var.operations_emails,
    var.canary_minutes,
    var.reserved_concurrency,
    var.kms_key_arn,
    var.organization_id,
  ]
}
