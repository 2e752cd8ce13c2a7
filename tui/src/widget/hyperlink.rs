//! Hyperlinks of a screen: cells that are a link, and its address. They are written beside the cells, which have no
//! place for an address.

/// Cells of one line that link to an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hyperlink {
    pub(crate) x: u16,
    pub(crate) y: u16,
    pub(crate) width: u16,
    /// The address, of printable ASCII: all else is percent-encoded.
    pub(crate) url: String,
}
