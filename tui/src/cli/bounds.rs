//! Options of `replay` and `export` that choose alerts.

use clap::Args;
use detector::Severity;

use crate::filter::Filter;
use crate::filter::criteria::{self, Criteria, TimeArg};

/// Bounds of time and severity.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Bounds {
    /// Only events since this time: RFC 3339, a date (UTC), or an age such as 2h or 30d.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<TimeArg>,

    /// Only events before this time.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<TimeArg>,

    /// Minimum severity.
    #[arg(long, value_name = "SEVERITY", ignore_case = true, value_parser = criteria::severity())]
    pub(crate) min_severity: Option<Severity>,
}

impl Bounds {
    /// Returns the criteria of these bounds and a filter.
    pub(crate) fn and(self, filter: Option<Filter>) -> Criteria {
        Criteria {
            since: self.since.map(|moment| moment.0),
            until: self.until.map(|moment| moment.0),
            severity: self.min_severity,
            filter,
        }
    }
}
