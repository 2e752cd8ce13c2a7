//! `sentinel-tui backfill`.

use clap::Args;

use crate::filter::criteria::TimeArg;

const BACKFILL_EXAMPLES: &str = "\
Examples:
  sentinel-tui backfill                        the last day, in the queue's region
  sentinel-tui backfill --since 7d --dry-run   only says what never arrived
  sentinel-tui backfill --since 2h --regions us-east-1,us-east-2,eu-north-1,ap-southeast-2
  sentinel-tui backfill --json --fail-on-missing > missed.jsonl     for a timer

CloudTrail's delivery to EventBridge is best effort. This asks CloudTrail itself (LookupEvents: the last 90 \
days of this account, 50 events a call, 2 calls a second and region, free of charge), runs the detector, and \
stores what the database does not have, with the tag backfill (filter: tag:backfill). Run it where the console's \
database is: what waits in the queue is received and stored first, as the console does. With exceptions or watched \
names of your own, give --rules as the function has them, else what they keep silent counts as never arrived.
CloudTrail lists a call up to 15 minutes late: what is younger \
and not here yet may still be on its way, and is not called lost.
The exit code is 0 where all could be asked and read, else 1; with --fail-on-missing also 1 where something \
never arrived. Ctrl-C ends it (130): what is stored by then is stored.";

/// Time and regions to look in.
#[derive(Debug, Args)]
#[command(after_help = BACKFILL_EXAMPLES)]
pub(crate) struct Backfill {
    /// Calls made at this time or later: RFC 3339, a day (UTC), or a span back from now such as 2h or 30d.
    #[arg(long, value_name = "TIME", default_value = "24h")]
    pub(crate) since: TimeArg,

    /// Calls made before this time; 15 minutes ago where nobody says.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<TimeArg>,

    /// The regions to ask, instead of the queue's; forwarders' regions too.
    #[arg(long, value_name = "REGION,…", value_delimiter = ',')]
    pub(crate) regions: Vec<String>,

    /// Only say what never arrived: nothing is stored, and nothing received.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Write what never arrived as JSON, one alert a line.
    #[arg(long)]
    pub(crate) json: bool,

    /// End with exit code 1 where something never arrived.
    #[arg(long)]
    pub(crate) fail_on_missing: bool,
}
