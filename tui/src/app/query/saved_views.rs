//! Saved views: filters, columns, order and times that the user has put together and wants back, by name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::list::sort::Sort;
use crate::app::query::columns::{Placed, TimeStyle};

/// The views by name.
pub(crate) type Views = BTreeMap<String, SavedView>;

/// A view. Those of earlier versions are a list of filters, and set nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Written")]
pub(crate) struct SavedView {
    pub(crate) filters: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) columns: Option<Vec<Placed>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sort: Option<Sort>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) times: Option<TimeStyle>,
}

/// A view as a file may hold it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Filters(Vec<String>),
    Whole {
        #[serde(default)]
        filters: Vec<String>,
        columns: Option<Vec<Placed>>,
        sort: Option<Sort>,
        times: Option<TimeStyle>,
    },
}

impl From<Written> for SavedView {
    fn from(written: Written) -> Self {
        match written {
            Written::Filters(filters) => Self { filters, ..Self::default() },
            Written::Whole { filters, columns, sort, times } => Self { filters, columns, sort, times },
        }
    }
}

/// A change to the saved views.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ViewChange {
    /// Save this view under this name, over what was there.
    Save(String, SavedView),
    Remove(String),
}
