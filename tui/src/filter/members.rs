//! Members of the incidents that a filter names. A filter reads no database: a reader of incidents gives it their
//! alerts before it is asked, and again whenever they change.

use std::sync::Arc;

use jiff::Timestamp;

use super::Subject;
use crate::model::{Field, Members};

/// An incident as a filter names it.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// Beginning of the id of any of its alerts.
    id: String,
    /// `None` until somebody gives them: nothing is let through.
    members: Option<Arc<Members>>,
    /// State of the reader of incidents that was asked for them last.
    asked: Option<u64>,
}

impl Named {
    pub(super) const fn new(id: String) -> Self {
        Self { id, members: None, asked: None }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Gives it its alerts, once for each state of their reader; where they are not known, those that it has stay.
    /// Returns true where they changed.
    pub(super) fn bind(&mut self, state: u64, members: &dyn Fn(&str) -> Option<Arc<Members>>) -> bool {
        if self.asked.replace(state) == Some(state) {
            return false;
        }
        let new = members(&self.id).filter(|new| self.members.as_ref() != Some(new));
        let is_new = new.is_some();
        self.members = new.or_else(|| self.members.take());
        is_new
    }

    pub(super) fn holds(&self, subject: &impl Subject) -> bool {
        let Some(members) = &self.members else { return false };
        subject.any(Field::Id, &mut |id| members.alerts.contains(id))
    }

    /// Returns the bounds in time of its alerts; all of time while they are not known.
    pub(super) fn span(&self) -> (Timestamp, Timestamp) {
        self.members.as_ref().map_or((Timestamp::MIN, Timestamp::MAX), |members| members.span)
    }
}
