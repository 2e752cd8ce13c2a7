//! The bytes of a text that end a JSON string or must be looked at inside one, 64 bytes at a time.

use wide::u8x16;

/// Bytes that are looked at together: one for each bit of `Marks::bits`.
const BLOCK: usize = u64::BITS as usize;

/// Quotes, backslashes and control characters in one block of a text.
#[derive(Clone, Copy, Default)]
pub(super) struct Marks {
    /// Offset of the byte behind the block.
    end: usize,
    /// A bit for each byte of the block, the first byte's the lowest.
    bits: u64,
}

impl Marks {
    /// Returns the offset of the first mark at or behind `from`, which is behind the mark of the call before.
    #[inline]
    pub(super) fn next(&mut self, text: &[u8], from: usize) -> Option<usize> {
        debug_assert!(from + BLOCK >= self.end, "behind the last mark");
        if from < self.end {
            // Blocks end 64 bytes behind their beginning, so the shift is less than that.
            let bits = self.bits >> ((from + BLOCK - self.end) % BLOCK);
            if bits != 0 {
                return Some(from + bits.trailing_zeros() as usize);
            }
        }
        let (start, bits) = block(text, from.max(self.end))?;
        (self.end, self.bits) = (start + BLOCK, bits);
        Some(start + bits.trailing_zeros() as usize)
    }
}

/// Finds the next block with a mark: its beginning, at or behind `start`, and its marks.
fn block(text: &[u8], mut start: usize) -> Option<(usize, u64)> {
    let mut rest = text.get(start..)?;
    while let Some((block, behind)) = rest.split_first_chunk() {
        let bits = marked(block);
        if bits != 0 {
            return Some((start, bits));
        }
        (rest, start) = (behind, start + BLOCK);
    }
    let bits = marked_in_end(rest);
    (bits != 0).then_some((start, bits))
}

#[inline]
fn marked(block: &[u8; BLOCK]) -> u64 {
    let [a, b, c, d] = *block.as_chunks().0 else { return 0 };
    let pieces = [a, b, c, d].map(u8x16::new);
    let [a, b, c, d] = pieces;
    let bits =
        joined(pieces.map(|piece| piece.simd_eq(u8x16::splat(b'"')) | piece.simd_eq(u8x16::splat(b'\\'))));
    // Compact JSON has no control characters: one comparison of the four pieces' minimum shows that.
    if controls(a.min(b).min(c.min(d))).to_bitmask() == 0 {
        bits
    } else {
        bits | joined(pieces.map(controls))
    }
}

/// Returns 0xff for each control character and 0 for every other byte.
#[inline]
fn controls(bytes: u8x16) -> u8x16 {
    bytes.min(u8x16::splat(0x1f)).simd_eq(bytes)
}

/// Returns 64 bits, set where a byte is 0xff.
#[inline]
fn joined(pieces: [u8x16; 4]) -> u64 {
    let [a, b, c, d] = pieces.map(|piece| u64::from(piece.to_bitmask()));
    a | b << 16 | c << 32 | d << 48
}

/// Marks of the last bytes of all, fewer than a block.
#[cold]
fn marked_in_end(rest: &[u8]) -> u64 {
    let mut block = [b' '; BLOCK];
    for (into, byte) in block.iter_mut().zip(rest) {
        *into = *byte;
    }
    marked(&block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_096))]

        #[test]
        fn every_mark_is_found_wherever_it_is(text in prop::collection::vec(
            prop_oneof![
                6 => 0x5d..=0xff_u8,
                1 => prop::sample::select(&b"\"\\\x1f\x20!#[]\x00\xa2\xdc\x80"[..]),
            ], 0..300), steps in prop::collection::vec(0..90_usize, 0..20)) {
            let is_mark = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
            let (mut marks, mut from) = (Marks::default(), 0);
            for step in steps.into_iter().chain(std::iter::repeat(0)) {
                from += step;
                let expected = text.get(from..).and_then(|rest| rest.iter().position(is_mark)).map(|at| from + at);
                prop_assert_eq!(marks.next(&text, from), expected);
                let Some(found) = expected else { break };
                from = found + 1;
            }
        }
    }
}
