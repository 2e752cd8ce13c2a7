//! The tabs of the open alert.

/// Tab of the open alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tab {
    #[default]
    Summary,
    Parameters,
    Policy,
    Record,
    Related,
    Respond,
}

impl Tab {
    /// In the order of the screen.
    pub(crate) const ALL: [Self; 6] =
        [Self::Summary, Self::Parameters, Self::Policy, Self::Record, Self::Related, Self::Respond];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Summary => "Summary",
            Self::Parameters => "Params",
            Self::Policy => "Policy",
            Self::Record => "Record",
            Self::Related => "Related",
            Self::Respond => "Respond",
        }
    }

    /// The next one, round and round.
    pub(crate) fn next(self) -> Self {
        Self::ALL.into_iter().cycle().skip_while(|tab| *tab != self).nth(1).unwrap_or_default()
    }

    /// The one before, round and round.
    pub(crate) fn previous(self) -> Self {
        Self::ALL.into_iter().rev().cycle().skip_while(|tab| *tab != self).nth(1).unwrap_or_default()
    }
}

/// Contents of a tab, in a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nothing that is counted.
    Plain,
    /// Nothing is in it.
    Empty,
    /// Number of things in it.
    Count(usize),
    /// Number of things in it that deserve a second look.
    Warnings(usize),
}

/// The shown tab and its form. They stay when another alert is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Showing {
    pub(crate) tab: Tab,
    /// True where the record is shown as text.
    pub(crate) as_text: bool,
}
