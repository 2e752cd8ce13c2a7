//! The alerts that this database holds already. A back-fill stores those that are missing; a dry run only
//! looks, and makes no database.

use std::path::Path;

use detector::{Alert, AlertId};
use jiff::Timestamp;

use crate::model::{Content, Incoming};
use crate::store::{Reader, Store, StoreError};

/// The database, as a back-fill or as a dry run has it.
pub(crate) enum Memory {
    Writes {
        store: Store,
        reader: Reader,
    },
    /// `None` where there is no database yet.
    Reads(Option<Reader>),
}

impl Memory {
    /// To look only.
    pub(crate) fn to_read(path: &Path) -> Result<Self, StoreError> {
        match Reader::open(path) {
            Ok(reader) => Ok(Self::Reads(Some(reader))),
            Err(StoreError::None { .. }) => Ok(Self::Reads(None)),
            Err(error) => Err(error),
        }
    }

    /// To store what is missing in a database that `store` has open.
    pub(crate) fn to_write(path: &Path, store: Store) -> Result<Self, StoreError> {
        Ok(Self::Writes { store, reader: Reader::open(path)? })
    }

    const fn reader(&self) -> Option<&Reader> {
        match self {
            Self::Writes { reader, .. } => Some(reader),
            Self::Reads(reader) => reader.as_ref(),
        }
    }

    /// Returns the time at which the first entry that is still here was received; `None` where there is no
    /// entry, or no database yet.
    pub(crate) fn begins(&self) -> Result<Option<Timestamp>, StoreError> {
        self.reader().map_or(Ok(None), Reader::first_received)
    }

    /// Returns true where this alert is in the database.
    pub(crate) fn has(&self, id: &AlertId) -> Result<bool, StoreError> {
        self.reader().map_or(Ok(false), |reader| reader.has(id))
    }

    /// Returns the alerts that were not here. In a back-fill, not in a dry run, it stores and marks them.
    pub(crate) async fn take(&self, alerts: Vec<Alert>, now: Timestamp) -> Result<Vec<Alert>, StoreError> {
        let missing = match self {
            Self::Reads(_) => {
                let mut missing = Vec::new();
                for alert in &alerts {
                    if !self.has(&alert.id)? {
                        missing.push(alert.id.clone());
                    }
                }
                missing
            }
            Self::Writes { .. } if alerts.is_empty() => Vec::new(),
            Self::Writes { store, .. } => {
                let incoming = alerts.iter().map(|alert| Incoming {
                    id: alert.id.clone(),
                    received: now,
                    content: Content::Alert(Box::new(alert.clone())),
                });
                store.insert_found(incoming.collect()).await?
            }
        };
        Ok(alerts.into_iter().filter(|alert| missing.contains(&alert.id)).collect())
    }
}
