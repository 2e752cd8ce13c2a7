//! `sentinel-tui backfill`.

use clap::Args;

use crate::filter::criteria::TimeArg;

const BACKFILL_EXAMPLES: &str = "\
Examples:
  sentinel-tui backfill                        last 24 hours, in the queue's region
  sentinel-tui backfill --since 7d --dry-run   only list missed alerts
  sentinel-tui backfill --since 2h --regions us-east-1,us-east-2,eu-north-1,ap-southeast-2
  sentinel-tui backfill --json --fail-on-missing > missed.jsonl     for a scheduled job

CloudTrail delivers to EventBridge on a best-effort basis. This command queries CloudTrail itself (LookupEvents: \
last 90 days of this account, 50 events per call, 2 calls per second and region, free of charge), runs the \
detector, and stores missed alerts with the tag backfill (filter: tag:backfill). Run it on the host of the \
console's database; messages waiting in the queue are received and stored first. If the function has custom \
exceptions or watchlists, pass the same --rules, otherwise suppressed alerts count as missed.
CloudTrail lists events up to 15 minutes late: younger alerts that are not stored yet are not counted as missed.
Exit code 0 if all regions could be queried and read, else 1; with --fail-on-missing also 1 if alerts were \
missed. 130 after Ctrl-C, alerts stored so far remain.";

/// Time and regions to look in.
#[derive(Debug, Args)]
#[command(after_help = BACKFILL_EXAMPLES)]
pub(crate) struct Backfill {
    /// Start of the time range: RFC 3339, a date (UTC), or an age such as 2h or 30d.
    #[arg(long, value_name = "TIME", default_value = "24h")]
    pub(crate) since: TimeArg,

    /// End of the time range (exclusive). Default: 15 minutes ago.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<TimeArg>,

    /// Regions to query, instead of the queue's; include the regions of forwarders.
    #[arg(long, value_name = "REGION,…", value_delimiter = ',')]
    pub(crate) regions: Vec<String>,

    /// Only list missed alerts; store and receive nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Print missed alerts as JSON Lines.
    #[arg(long)]
    pub(crate) json: bool,

    /// Exit with code 1 if alerts were missed.
    #[arg(long)]
    pub(crate) fail_on_missing: bool,
}
