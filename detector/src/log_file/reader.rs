//! From an input to a window on its text: gzip or not is told by the first bytes, never by a name.
//!
//! A small file, which is what CloudTrail writes, is unpacked at once by libdeflate, twice as fast as
//! a stream can be. Whatever is large, endless, of several gzip members, cut off or damaged is a
//! stream: slower, bounded, and it gives all records before the damage.

use std::io::{self, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;
use libdeflater::Decompressor;
use memchr::memmem;

use super::records::Records;
use super::window::Window;

/// Files up to this size are read whole, and unpacked whole up to this size. It bounds what a worker
/// holds; CloudTrail's own files are smaller.
const WHOLE: usize = 16 * 1024 * 1024;
/// How every gzip member that anybody writes begins (RFC 1952; 8 is deflate, the only method).
const MEMBER: &[u8] = &[0x1f, 0x8b, 8];
/// How gzip is told from text.
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
    /// Where the beginning can't be read; what comes up later is told by [`Records`].
    pub fn read<'a>(&'a mut self, mut input: impl Read + 'a, size: Option<u64>) -> io::Result<Records<'a>> {
        let small = size.is_some_and(|size| size <= WHOLE as u64);
        let first = if small { WHOLE + 1 } else { GZIP.len() };
        self.packed.clear();
        input.by_ref().take(first as u64).read_to_end(&mut self.packed)?;
        let packed = self.packed.starts_with(GZIP);
        // It may have grown since it was measured.
        let whole = small && self.packed.len() < first;
        let window = match (packed, whole) {
            (false, true) => {
                let length = self.packed.len();
                Window::whole(&mut self.packed, length)
            }
            (true, true) => match unpack(&mut self.inflater, &self.packed, &mut self.text) {
                Some(length) => Window::whole(&mut self.text, length),
                None => Window::on(&mut self.text, Box::new(MultiGzDecoder::new(self.packed.as_slice()))),
            },
            (false, false) => {
                Window::on(&mut self.text, Box::new(Cursor::new(self.packed.as_slice()).chain(input)))
            }
            (true, false) => {
                let input = Cursor::new(self.packed.as_slice()).chain(input);
                let input = BufReader::with_capacity(PACKED_CHUNK, input);
                Window::on(&mut self.text, Box::new(MultiGzDecoder::new(input)))
            }
        };
        Ok(Records::new(window))
    }

    /// Bytes that it keeps from one file to the next.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.packed.capacity() + self.text.capacity()
    }
}

/// Unpacks a file of one gzip member at once; its length. `None` where that is not certain to give
/// all of it: the stream then finds out.
fn unpack(inflater: &mut Decompressor, packed: &[u8], text: &mut Vec<u8>) -> Option<usize> {
    // The length stands in the last four bytes, modulo 2^32.
    let length_in_file = *packed.last_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(length_in_file)).ok()?;
    if length > WHOLE {
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
