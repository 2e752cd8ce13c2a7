//! Incidents of the stored alerts: of the newest ones, with all links from the oldest of these on.

use jiff::Timestamp;
use rusqlite::Connection;

use super::{StoreError, links, reader};
use crate::incidents::{Overview, Record, Records};
use crate::model::{Content, TriageState};

/// Alerts that are looked at: some months of a large organisation.
const NEWEST: usize = 20_000;

/// Returns the incidents of the newest alerts.
pub(super) fn overview(connection: &Connection) -> Result<Overview, StoreError> {
    let alerts = reader::newest(connection, NEWEST)?;
    let since = alerts.last().map(|last| last.time).filter(|_| alerts.len() == NEWEST);
    let mut records = Records::default();
    for stored in &alerts {
        if let Content::Alert(alert) = &stored.content {
            records.add(Record::of_alert(alert, stored.state == TriageState::Acknowledged));
        }
    }
    for link in links::since(connection, since.unwrap_or(Timestamp::MIN))? {
        records.add(Record::of_link(link));
    }
    Ok(Overview { incidents: records.incidents(), since })
}
