//! The deployed shape, whole: `terraform/` applied by the real provider to an emulated AWS, the real
//! function started from the package that was deployed, real SNS and SQS protocol, a Slack and an
//! SNS that fail, and the real console in a terminal.
//!
//! ```text
//!  schedule ─► bus ◄─ PutEvents, test-alert
//!               └─► rule ─► function ─► topic ─┬─► queue "slack" ─► function ─► Slack (stub)
//!                                              ├─► queue "console-oncall" ─► sentinel-tui in a pty
//!                                              └─► queue "console-lead" ─► another one
//! ```
//!
//! It brings what it needs: moto into a virtual environment under `target/`. It needs python3 and
//! terraform, and says so where they are missing; under `CI` that is a failure.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod aws;
mod chapters;
mod console;
mod events;
mod files;
mod incident;
mod slack;
mod terraform;
mod world;

use std::time::Duration;

/// The longest that anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Its name, and what happens in it.
type Chapter = (&'static str, fn(&mut world::World));

#[test]
fn an_event_goes_the_whole_way_and_nothing_is_lost_or_told_twice() {
    let Some(mut world) = world::World::new() else { return };
    let chapters: [Chapter; 18] = [
        ("the quotas", chapters::the_quotas),
        ("an alert", chapters::an_alert),
        ("an incident", incident::an_incident),
        ("the canary", chapters::the_canary),
        ("Slack goes and comes", chapters::slack_goes_and_comes),
        ("SNS goes and comes", chapters::sns_goes_and_comes),
        ("a storm", chapters::a_storm),
        ("tampering", chapters::tampering),
        ("the probe", chapters::the_probe),
        ("the test alert", chapters::the_test_alert),
        ("the back-fill", chapters::the_back_fill),
        ("an alarm", chapters::an_alarm),
        ("the unreadable", chapters::the_unreadable),
        ("two consoles", chapters::two_consoles),
        ("forged", chapters::forged),
        ("a webhook of another host", chapters::a_webhook_of_another_host),
        ("an upgrade", chapters::an_upgrade),
        ("a restart", chapters::a_restart),
    ];
    for (name, tell) in chapters {
        tell(&mut world);
        println!("{name}: {}", world.aws.timings());
    }
    chapters::the_log(&world);
    world.slack.assert_told_once();
    world.deployed.destroy();
    println!("destroyed: {}", world.aws.timings());
}
