# Alarms: each stands for a place where an alert could be lost or late. Its text says
# what it means and what to do, since that is what Slack, the consoles and mail show.
#
# An alarm costs 0.10 USD a month for each metric it looks at, so summing metrics in one alarm saves
# nothing; it is done where the parts mean the same, so that one thing that breaks rings once.
#
# Senders have alarms besides their dead-letter queues: a queue that was idle for hours tells its count
# up to 15 minutes late. FailedInvocations of the rules has none: what fails for good is counted in one
# of the two metrics of the dead-letter queue, too.

locals {
  function_dimension = { FunctionName = var.name }
  own_dimension      = { Function = var.name }
  schedule_dimension = { ScheduleGroup = var.name }

  # Rules by what rings together. An alarm looks at ten metrics at most, so where there are more rules
  # there is a second group. A rule on a bus of its own has that bus as a dimension too.
  rule_dimensions = merge(
    { rule = concat([for key, rule in local.rules : { RuleName = rule.name } if rule.bus == null], [{ RuleName = local.self_test_rule }]) },
    local.hears_organization ? {
      rule-organization = [for key, rule in local.rules : { EventBusName = rule.bus, RuleName = rule.name } if rule.bus != null]
    } : {},
  )
  metrics_an_alarm = 10
  rule_groups = merge([
    for group, rules in local.rule_dimensions : {
      for index, part in chunklist(rules, local.metrics_an_alarm) : index == 0 ? group : "${group}-${index + 1}" => part
    }
  ]...)
  topic_dimensions = [for topic in keys(local.topic_arns) : { TopicName = "${var.name}-${topic}" }]

  # Defaults: Sum over 5 minutes is above 0, and no data means that nothing happened.
  alarms = merge(
    {
      function-errors = {
        text    = "The function failed or ran out of time. Lambda tries an event three times, then it is in ${var.name}-function-dlq. Do: read the log /aws/lambda/${var.name} (level ERROR), mend the cause, then sentinel-tui redrive function."
        metrics = [{ namespace = "AWS/Lambda", name = "Errors", dimensions = local.function_dimension }]
      }
      function-throttles = {
        text    = "The function was refused a place to run: the account's concurrency, or what is reserved for the function, is used up. Do: see what else runs in the account; raise its quota or reserved_concurrency. Events wait up to six hours."
        metrics = [{ namespace = "AWS/Lambda", name = "Throttles", dimensions = local.function_dimension }]
      }
      function-dropped = {
        text    = "Lambda gave up on events: after all tries or six hours, or AT ONCE where somebody set the function's concurrency to 0, which silences the pipeline. They are in ${var.name}-function-dlq. Do: look at the function's reserved concurrency and who changed it (PutFunctionConcurrency); else mend what function-errors or function-throttles names; then sentinel-tui redrive function."
        metrics = [{ namespace = "AWS/Lambda", name = "AsyncEventsDropped", dimensions = local.function_dimension }]
      }
      function-destination = {
        text    = "Lambda could not write ${var.name}-function-dlq: failed events are LOST. Do: compare the queue and the role ${var.name}-detector with Terraform (terraform plan), apply, then sentinel-tui backfill for the time of the alarm."
        metrics = [{ namespace = "AWS/Lambda", name = "DestinationDeliveryFailures", dimensions = local.function_dimension }]
      }
      function-late = {
        text    = "Events have waited more than five minutes for the function: it fails and is tried again, or is throttled. Do: see function-errors and function-throttles; alerts come late until it is over, none is lost."
        metrics = [{ namespace = "AWS/Lambda", name = "AsyncEventAge", dimensions = local.function_dimension, stat = "Maximum" }], threshold = 300000
      }
      function-slow = {
        text    = "The function ran nearly as long as it may (${local.function_timeout} s): the next time it may be stopped in the middle, and tell some alerts twice. Do: look whether Slack or SNS is slow (log, slack-failed)."
        metrics = [{ namespace = "AWS/Lambda", name = "Duration", dimensions = local.function_dimension, stat = "Maximum" }], threshold = local.function_timeout * 900
      }
      detection-late = {
        text    = "A call was detected more than 15 minutes after it was made: CloudTrail was late (five minutes are usual, none are promised), or events were moved back from a dead-letter queue. Do: nothing if it was a redrive; else look at AWS's health page and watch function-late."
        metrics = [{ namespace = "IamSentinel", name = "DetectionLagMs", dimensions = local.own_dimension, stat = "Maximum" }], threshold = 900000
      }
      # Whoever may call PutMetricData can count canaries that never flew, but only AWS counts what a rule
      # and the function are invoked for: the least of the three must be one.
      canary-missing = {
        text = "No canary came through in three periods: the pipeline is DEAD, or its schedule is. Nobody would hear of an attack. Do: sentinel-tui test-alert shows the hop where it stops; see canary-schedule, the rule ${local.self_test_rule}, the function's log. If the metric Canary goes on while this rings, somebody forges it (cloudwatch:PutMetricData): treat it as an attack. Afterwards sentinel-tui backfill. Right after a first apply this rings until the first canaries came through."
        metrics = [
          { namespace = "IamSentinel", name = "Canary", dimensions = local.own_dimension },
          { namespace = "AWS/Events", name = "Invocations", dimensions = { RuleName = local.self_test_rule } },
          { namespace = "AWS/Lambda", name = "Invocations", dimensions = local.function_dimension },
        ]
        least      = true
        comparison = "LessThanThreshold", threshold = 1, periods = 3, period = max(300, 60 * var.canary_minutes), missing = "breaching"
      }
      canary-late = {
        text    = "A canary took more than a minute from EventBridge, which received it, to the function; it is a matter of a second: EventBridge or Lambda is behind. Do: see function-late and rule-throttled; alerts come late until it is over."
        metrics = [{ namespace = "IamSentinel", name = "CanaryLagMs", dimensions = local.own_dimension, stat = "Maximum" }], threshold = 60000
      }
      canary-schedule = {
        text = "The scheduler could not put a canary on the bus; it tries again, then keeps it in ${var.name}-canary-dlq. Alerts are not touched, but their proof is. Do: read the attributes of a message there (ERROR_MESSAGE), compare the role ${var.name}-canary with Terraform, then empty the queue: old canaries are worth nothing."
        metrics = [
          for name in ["TargetErrorCount", "InvocationDroppedCount", "InvocationsFailedToBeSentToDeadLetterCount"] :
          { namespace = "AWS/Scheduler", name = name, dimensions = local.schedule_dimension }
        ]
      }
      topic-failed = {
        text    = "SNS could not deliver a message. A queue's is kept in ${var.name}-subscriptions-dlq; a mail address's is not. Do: compare the queues' policies (and the key's) with Terraform, apply, then sentinel-tui redrive subscriptions."
        metrics = [for topic in local.topic_dimensions : { namespace = "AWS/SNS", name = "NumberOfNotificationsFailed", dimensions = topic }]
      }
      topic-redriven = {
        text    = "SNS gave up on a queue and moved messages to ${var.name}-subscriptions-dlq: consoles or Slack did not get them. Do: as for topic-failed, then sentinel-tui redrive subscriptions."
        metrics = [for topic in local.topic_dimensions : { namespace = "AWS/SNS", name = "NumberOfNotificationsRedrivenToDlq", dimensions = topic }]
      }
      topic-lost = {
        text    = "SNS could not deliver, nor write ${var.name}-subscriptions-dlq: messages are LOST to that subscriber. Do: compare that queue (and the key) with Terraform, apply; the other consoles and the trail have the alerts (sentinel-tui backfill)."
        metrics = [for topic in local.topic_dimensions : { namespace = "AWS/SNS", name = "NumberOfNotificationsFailedToRedriveToDlq", dimensions = topic }]
      }
      topic-unfiltered = {
        text = "A message on ${var.name}-alerts or ${var.name}-consoles had no attributes, or some that SNS could not read, so neither Slack nor mail nor a console got it. The function and the consoles always set kind. Do: look who else publishes there; where it is a program of yours, let it set kind = alert and severity; else treat it as an attempt to forge alerts."
        metrics = flatten([for topic in ["alerts", "consoles"] : [
          for name in ["InvalidAttributes", "NoMessageAttributes"] :
          { namespace = "AWS/SNS", name = "NumberOfNotificationsFilteredOut-${name}", dimensions = { TopicName = "${var.name}-${topic}" } }
        ]])
      }
      sns-failed = {
        text    = "The function could not publish an alert or its probe to ${var.name}-alerts: consoles do not hear. Of an alert Slack was told straight away, and its event is tried again. Do: read the log; compare the topic, the role ${var.name}-detector (and the key) with Terraform."
        metrics = [{ namespace = "IamSentinel", name = "SnsFailed", dimensions = local.own_dimension }]
      }
      links-failed = {
        text    = "The function could not publish links to ${var.name}-links: consoles get every alert, and may show one attack as several incidents. Do: read the log; compare the topic and the role ${var.name}-detector with Terraform, apply."
        metrics = [{ namespace = "IamSentinel", name = "LinksFailed", dimensions = local.own_dimension }]
      }
      slack-failed = {
        text    = "Posts to Slack fail: it is away, or refuses the webhook, or the webhook names a host that the function does not post to. They are tried again for four days; consoles are not touched. Do: read the log; after no_service, channel_is_archived or 403/404/410 write a new webhook to the SSM parameter; after a refused host find out who wrote the parameter, or name the host in slack_webhook_hosts."
        metrics = [{ namespace = "IamSentinel", name = "SlackFailed", dimensions = local.own_dimension }]
        # One batch that Slack does not take fails every six minutes: over five it would come and go.
        period = 900
      }
      slack-late = {
        text    = "Alerts have waited for Slack for ten minutes: it is away, refuses the webhook, or the function does not read ${var.name}-slack. Do: see slack-failed and function-errors; look whether the function's trigger is enabled. The consoles have the alerts."
        metrics = [{ namespace = "AWS/SQS", name = "ApproximateAgeOfOldestMessage", dimensions = { QueueName = "${var.name}-slack" }, stat = "Maximum" }], threshold = 600
      }
      # The age above leaves a message out once it was received three times and not deleted. Until its
      # next try it is in flight, which is for all but some seconds.
      slack-stuck = {
        text    = "For 20 minutes some message of ${var.name}-slack was always being tried: Slack takes none, or a storm of alerts is still being told. slack-late forgets messages that were tried three times, so its OK means nothing while this rings. Do: see slack-failed and the log. They are tried for four days, then are in ${var.name}-slack-dlq; the consoles have the alerts."
        metrics = [{ namespace = "AWS/SQS", name = "ApproximateNumberOfMessagesNotVisible", dimensions = { QueueName = "${var.name}-slack" }, stat = "Minimum" }], periods = 4
      }
      unreadable = {
        text    = "The function was given something that it can not read: no event, alert or alarm that it knows, or an alarm that somebody else than CloudWatch published. It is kept: an event in ${var.name}-function-dlq, a message in ${var.name}-slack-dlq. Do: read the log (level ERROR) and the message; find out who sends there, or tell us if AWS does."
        metrics = [{ namespace = "IamSentinel", name = "Unreadable", dimensions = local.own_dimension }]
        # As for slack-failed.
        period = 900
      }
    },
    merge([
      for group, rules in local.rule_groups : {
        "${group}-redriven" = {
          text    = "EventBridge could not give events to the function and moved them to ${var.name}-rule-dlq. Do: read the attributes of a message there (ERROR_CODE: NO_PERMISSIONS is the function's permission, NO_RESOURCE the function), terraform apply, then sentinel-tui redrive rule."
          metrics = [for rule in rules : { namespace = "AWS/Events", name = "InvocationsSentToDlq", dimensions = rule }]
        }
        "${group}-lost" = {
          text    = "EventBridge could not give events to the function, nor write ${var.name}-rule-dlq: events are LOST. Do: compare that queue (and the key) with Terraform, apply, then sentinel-tui backfill for the time of the alarm."
          metrics = [for rule in rules : { namespace = "AWS/Events", name = "InvocationsFailedToBeSentToDlq", dimensions = rule }]
        }
        "${group}-throttled" = {
          text    = "EventBridge slowed the rules down: the account puts or invokes more than its quota. Alerts come late, none is lost. Do: see what floods the bus; ask AWS for a higher invocation quota."
          metrics = [for rule in rules : { namespace = "AWS/Events", name = "ThrottledRules", dimensions = rule }]
        }
      }
    ]...),
    {
      for name, text in local.dead_letter_queues : "${name}-dlq" => {
        text = "${text}: there are some. ${
          name == "canary" ? "Do: see canary-schedule; then empty the queue, old canaries are worth nothing." :
          "Do: mend the cause (another alarm names it), then sentinel-tui redrive ${name}. They are kept 14 days from when they were first sent."
        }"
        metrics = [{ namespace = "AWS/SQS", name = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = "${var.name}-${name}-dlq" }, stat = "Maximum" }]
      }
    },
    {
      for name in var.consoles : "console-${name}-late" => {
        text    = "Alerts have waited for the console ${name} for a day: nobody runs it, or it can not read its queue. After ten days they are gone. Do: start it (terraform output consoles), or take it out of the variable consoles."
        metrics = [{ namespace = "AWS/SQS", name = "ApproximateAgeOfOldestMessage", dimensions = { QueueName = "${var.name}-console-${name}" }, stat = "Maximum" }], threshold = 86400
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  comparison_operator = lookup(each.value, "comparison", "GreaterThanThreshold")
  threshold           = lookup(each.value, "threshold", 0)
  evaluation_periods  = lookup(each.value, "periods", 1)
  # Most of these metrics are there only when something happens.
  treat_missing_data = lookup(each.value, "missing", "notBreaching")
  alarm_actions      = concat([aws_sns_topic.operations.arn], var.alarm_actions)
  ok_actions         = [aws_sns_topic.operations.arn]
  tags               = local.tags

  # One metric stands in the alarm itself; several are summed, or the least of them counts.
  namespace   = length(each.value.metrics) == 1 ? each.value.metrics[0].namespace : null
  metric_name = length(each.value.metrics) == 1 ? each.value.metrics[0].name : null
  dimensions  = length(each.value.metrics) == 1 ? each.value.metrics[0].dimensions : null
  statistic   = length(each.value.metrics) == 1 ? lookup(each.value.metrics[0], "stat", "Sum") : null
  period      = length(each.value.metrics) == 1 ? lookup(each.value, "period", 300) : null

  dynamic "metric_query" {
    for_each = length(each.value.metrics) == 1 ? [] : [each.value.metrics]

    content {
      id    = lookup(each.value, "least", false) ? "least" : "sum"
      label = each.key
      expression = (
        lookup(each.value, "least", false)
        ? "MIN([${join(", ", [for index, metric in metric_query.value : "FILL(m${index}, 0)"])}])"
        : join(" + ", [for index, metric in metric_query.value : "FILL(m${index}, 0)"])
      )
      return_data = true
    }
  }

  dynamic "metric_query" {
    for_each = length(each.value.metrics) == 1 ? [] : each.value.metrics

    content {
      id = "m${metric_query.key}"

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        stat        = "Sum"
        period      = lookup(each.value, "period", 300)
      }
    }
  }

  # Told of nothing before those it tells are there.
  depends_on = [aws_sns_topic_subscription.health]
}
