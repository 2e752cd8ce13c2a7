//! Alerts that back-fill found in CloudTrail and nobody had sent: stored as any alert, and marked in the same
//! transaction with a tag, so that a filter finds them (`tag:backfill`) and the journal says who looked.
//! Their `detected_at` is the time of the back-fill, since the detector saw them then for the first time.

use detector::AlertId;
use jiff::Timestamp;
use rusqlite::TransactionBehavior;

use super::database::Database;
use super::insert::Insert;
use super::triage::apply_commands;
use super::{StoreError, related};
use crate::model::{BACK_FILLED, Incoming, Row, TriageAction, TriageCommand};

impl Database {
    /// Stores a batch and marks the alerts that were new. Returns the rows for the app, and the ids of the new alerts.
    pub(super) fn insert_found(
        &mut self,
        batch: &[Incoming],
        by: &str,
        at: Timestamp,
    ) -> Result<(Vec<Row>, Vec<AlertId>), StoreError> {
        let mut new = Vec::new();
        let transaction = self.connection_mut().transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut insert = Insert::new(&transaction)?;
            for incoming in batch {
                if insert.one(incoming)?.is_none() {
                    new.push(incoming.id.clone());
                }
            }
        }
        let mark = TriageCommand { alerts: new.clone(), action: TriageAction::Tag(BACK_FILLED.to_owned()) };
        apply_commands(&transaction, &[mark], by, at)?;
        related::keep_up(&transaction)?;
        transaction.commit()?;
        Ok((self.changes_since_last()?, new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::alert;

    #[test]
    fn what_is_new_is_marked_and_what_was_here_stays_as_it_is() {
        let mut database = Database::in_memory().unwrap();
        database.insert(&[alert("here", 1)]).unwrap();
        let batch = [alert("here", 1), alert("lost", 2)];
        let (rows, new) = database.insert_found(&batch, "ana", Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(new, [AlertId("lost".to_owned())]);
        let row = rows.iter().find(|row| row.id.0 == "lost").unwrap();
        assert!(row.is_back_filled() && row.tags().eq([BACK_FILLED]));
        assert_eq!(row.remarks.as_ref().unwrap().by, "ana");
        assert!(rows.iter().all(|row| row.id.0 != "here" || !row.is_back_filled()));

        let (rows, new) = database.insert_found(&batch, "ana", Timestamp::UNIX_EPOCH).unwrap();
        assert!(rows.is_empty() && new.is_empty(), "a second run finds nothing: {rows:?}");
    }
}
