//! From an input to a window on its text: gzip or not is told by the first bytes, never by a name.
//!
//! A small file, which is what CloudTrail writes, is unpacked at once by libdeflate, twice as fast as
//! a stream can be. Whatever is large, endless, of several gzip members, cut off or damaged is a
//! stream: slower, bounded, and it gives all records before the damage.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;
use libdeflater::Decompressor;
use memchr::memmem;

use super::records::Records;
use super::utf16::{self, Utf16};
use super::window::Window;

/// Files up to this many bytes are read whole, and unpacked whole up to this size. It bounds what a
/// worker holds; CloudTrail's own files are smaller.
pub const WHOLE: u64 = 16 * 1024 * 1024;
/// First bytes of every gzip member that anybody writes (RFC 1952; 8 is deflate, the only method).
const MEMBER: &[u8] = &[0x1f, 0x8b, 8];
/// First bytes of gzip, which tell it from text.
const GZIP: &[u8] = &[0x1f, 0x8b];
/// Bytes of a gzip stream that are read at a time.
const PACKED_CHUNK: usize = 128 * 1024;

/// Reads log files one after another, and keeps its memory from one to the next.
pub struct Reader {
    packed: Vec<u8>,
    text: Vec<u8>,
    inflater: Decompressor,
}

impl Default for Reader {
    fn default() -> Self {
        Self { packed: Vec::new(), text: Vec::new(), inflater: Decompressor::new() }
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl Reader {
    /// The records of an input. `size` is how long it is, if that is known: what has no known end is
    /// read as it comes.
    ///
    /// # Errors
    /// Returns an error where the beginning can't be read; later errors are told by [`Records`].
    pub fn read<'a>(&'a mut self, mut input: impl Read + 'a, size: Option<u64>) -> io::Result<Records<'a>> {
        if size.is_none_or(|size| size > WHOLE) {
            return Ok(Records::new(Window::on(&mut self.text, Box::new(unpacked(input)?))));
        }
        self.packed.clear();
        input.by_ref().take(WHOLE + 1).read_to_end(&mut self.packed)?;
        let length = self.packed.len();
        let window = if length as u64 > WHOLE {
            // It has grown since it was measured.
            let all = Cursor::new(self.packed.as_slice()).chain(input);
            Window::on(&mut self.text, Box::new(unpacked(all)?))
        } else if utf16::order(&self.packed).is_some() {
            Window::on(&mut self.text, Box::new(unpacked(self.packed.as_slice())?))
        } else if !self.packed.starts_with(GZIP) {
            Window::whole(&mut self.packed, length)
        } else if let Some(length) = unpack(&mut self.inflater, &self.packed, &mut self.text) {
            Window::whole(&mut self.text, length)
        } else {
            Window::on(&mut self.text, Box::new(unpacked(self.packed.as_slice())?))
        };
        Ok(Records::new(window))
    }

    /// Bytes that it keeps from one file to the next.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.packed.capacity() + self.text.capacity()
    }
}

/// The text of an input, unpacked as it is read where it is gzip.
///
/// # Errors
/// Returns an error where the beginning can't be read.
pub fn unpacked<R: Read>(mut input: R) -> io::Result<impl Read + use<R>> {
    let mut first = Vec::with_capacity(GZIP.len());
    input.by_ref().take(GZIP.len() as u64).read_to_end(&mut first)?;
    let (is_gzip, order) = (first == GZIP, utf16::order(&first));
    let input = BufReader::with_capacity(PACKED_CHUNK, Cursor::new(first).chain(input));
    Ok(match order {
        _ if is_gzip => Unpacked::Gzip(Box::new(MultiGzDecoder::new(input))),
        Some(order) => Unpacked::Utf16(Utf16::new(input, order)),
        None => Unpacked::Plain(input),
    })
}

enum Unpacked<R> {
    Gzip(Box<MultiGzDecoder<R>>),
    Utf16(Utf16<R>),
    Plain(R),
}

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(input) => input.read(buffer),
            Self::Utf16(input) => input.read(buffer),
            Self::Plain(input) => input.read(buffer),
        }
    }
}

/// Unpacks a file of one gzip member at once; its length. `None` where that is not certain to give
/// all of it: the stream then finds out.
fn unpack(inflater: &mut Decompressor, packed: &[u8], text: &mut Vec<u8>) -> Option<usize> {
    // The length stands in the last four bytes, modulo 2^32.
    let length_in_file = *packed.last_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(length_in_file)).ok()?;
    if length as u64 > WHOLE {
        return None;
    }
    if text.len() < length {
        text.resize(length, 0);
    }
    let unpacked = inflater.gzip_decompress(packed, text.get_mut(..length)?).ok()?;
    // libdeflate unpacks the first member and passes over others without a word. A second one would
    // begin right behind the length of the first.
    let mut seam = Vec::from(length_in_file);
    seam.extend_from_slice(MEMBER);
    let alone = memmem::find(packed, &seam).is_none();
    (alone && unpacked == length).then_some(length)
}
