//! A pivot: a step from one alert to all that share something with it, with the way back.

use crate::app::query::filters::Chips;
use crate::model::Row;

/// One pivot.
#[derive(Debug)]
pub(crate) struct Pivot {
    /// The filter that was pivoted to.
    pub(crate) text: String,
    /// The filters that were set before.
    pub(crate) chips: Chips,
    /// The alert that was selected before; `None` where the list was followed.
    pub(crate) selected: Option<Row>,
}
