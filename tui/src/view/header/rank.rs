//! Order in which words of the header are left out.

/// Rank of a word in the header: where room is short, the last of these is left out first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The intake, and what is wrong with the pipeline itself: never left out.
    State,
    Critical,
    /// Column by which the list is sorted, where its name is not shown over the list.
    Sort,
    Newer,
    Held,
    Alerts,
    /// Account, region and queue, or the files.
    Place,
    High,
    /// Time up to which the alerts are complete, while nothing can be received.
    UpTo,
    Unreadable,
    Behind,
    Waiting,
    Muted,
    Acknowledged,
    Mouse,
    /// The console's own name, which one knows.
    Name,
    /// A probe that came back, or how far the demo is.
    Probe,
    /// Age of the function's probe.
    Heard,
    /// Owner of the credentials in use.
    Identity,
    LastReceive,
    Duplicates,
}
