//! UTF-16 to UTF-8, as it is read: PowerShell writes `>` in UTF-16 with a byte-order mark.

use std::io::{self, Read};

/// Byte order of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// Returns the byte order, where the first bytes are UTF-16: by its mark, or by a bracket of JSON.
pub(super) fn order(first: &[u8]) -> Option<Order> {
    match first {
        [0xff, 0xfe, ..] | [b'{' | b'[', 0, ..] => Some(Order::Little),
        [0xfe, 0xff, ..] | [0, b'{' | b'[', ..] => Some(Order::Big),
        _ => None,
    }
}

/// Reads UTF-16 and gives UTF-8. What is no character becomes U+FFFD, as everywhere.
pub(super) struct Utf16<R> {
    input: R,
    order: Order,
    /// Bytes of a unit, and a first half of a pair, that wait for the rest.
    odd: Option<u8>,
    high: Option<u16>,
    ready: Vec<u8>,
    at: usize,
}

impl<R: Read> Utf16<R> {
    pub(super) const fn new(input: R, order: Order) -> Self {
        Self { input, order, odd: None, high: None, ready: Vec::new(), at: 0 }
    }

    /// Decodes the next bytes of the input; false at its end.
    fn fill(&mut self) -> io::Result<bool> {
        let mut bytes = [0; 8 * 1024];
        let read = self.input.read(&mut bytes)?;
        self.ready.clear();
        self.at = 0;
        let mut units: Vec<u16> = self.high.take().into_iter().collect();
        let all = self.odd.take().into_iter().chain(bytes.get(..read).unwrap_or_default().iter().copied());
        let mut first = None;
        for byte in all {
            match first.take() {
                None => first = Some(byte),
                Some(one) => units.push(match self.order {
                    Order::Little => u16::from_le_bytes([one, byte]),
                    Order::Big => u16::from_be_bytes([one, byte]),
                }),
            }
        }
        self.odd = first;
        if read > 0 && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            self.high = units.pop();
        }
        let mut buffer = [0; 4];
        for character in char::decode_utf16(units) {
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.ready.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
        }
        Ok(read > 0)
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.ready.len() {
            if !self.fill()? && self.ready.is_empty() {
                return Ok(0);
            }
        }
        let ready = self.ready.get(self.at..).unwrap_or_default();
        let length = ready.len().min(buffer.len());
        let (Some(from), Some(to)) = (ready.get(..length), buffer.get_mut(..length)) else { return Ok(0) };
        to.copy_from_slice(from);
        self.at += length;
        Ok(length)
    }
}
