//! From a byte offset to a line and a column.

use std::cell::OnceCell;

use super::error::Location;

/// The bytes between two places that are remembered, so that a file of one long line is no slower than one of many.
const BLOCK: usize = 1024;

/// Where every byte of a text stands.
pub(crate) struct Positions<'a> {
    bytes: &'a [u8],
    /// The place of each block's first byte; counted only when the first error asks.
    blocks: OnceCell<Vec<Location>>,
}

impl<'a> Positions<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, blocks: OnceCell::new() }
    }

    pub(crate) fn at(&self, offset: usize) -> Location {
        let offset = offset.min(self.bytes.len());
        let blocks = self.blocks.get_or_init(|| {
            let mut place = Location { line: 1, column: 1 };
            let mut blocks = vec![place];
            for block in self.bytes.chunks(BLOCK) {
                place = after(place, block);
                blocks.push(place);
            }
            blocks
        });
        let block = offset / BLOCK;
        let start = blocks.get(block).copied().unwrap_or(Location { line: 1, column: 1 });
        after(start, self.bytes.get(block * BLOCK..offset).unwrap_or_default())
    }
}

fn after(place: Location, bytes: &[u8]) -> Location {
    bytes.iter().fold(place, |Location { line, column }, byte| match byte {
        b'\n' => Location { line: line + 1, column: 1 },
        // The second and later bytes of a character.
        0x80..=0xBF => Location { line, column },
        _ => Location { line, column: column + 1 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_index_agrees_with_counting_from_the_start(text in "[a\nü€]{0,3000}", offset in 0_usize..4000) {
            let offset = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            let before = &text[..offset];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            prop_assert_eq!(Positions::new(text.as_bytes()).at(offset), Location { line, column });
        }
    }
}
