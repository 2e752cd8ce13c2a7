//! Formats of an exported file.

use std::path::Path;

use clap::ValueEnum;

/// Format of an exported file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Full alerts, one JSON object per line.
    Jsonl,
    /// Table for spreadsheets; formulas are escaped.
    Csv,
    /// Table for tickets and reports.
    #[value(alias = "md")]
    Markdown,
}

impl ExportFormat {
    pub(crate) const ALL: [Self; 3] = [Self::Jsonl, Self::Csv, Self::Markdown];

    /// Extension of the names of such files, without the dot.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Markdown => "md",
        }
    }

    /// Name of the format on the screen.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Jsonl => "JSON Lines",
            Self::Csv => "CSV",
            Self::Markdown => "Markdown",
        }
    }

    /// Purpose of the format, in a few words.
    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::Jsonl => "full alerts",
            Self::Csv => "table for spreadsheets",
            Self::Markdown => "table for tickets and reports",
        }
    }

    /// Returns the format that a file name's extension stands for; `None` where it stands for none.
    pub(crate) fn of_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" | "json" => Some(Self::Jsonl),
            "csv" => Some(Self::Csv),
            "md" | "markdown" => Some(Self::Markdown),
            _ => None,
        }
    }
}
