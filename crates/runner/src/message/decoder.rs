//! From bytes as they come to lines.

use super::Entry;

/// The longest line that is read: 1 MiB. What is longer is no message that a run needs: the longest one, a diagnostic, quotes a stack's
/// document, some 100 KiB.
pub const MAX_LINE: usize = 1024 * 1024;

/// What is kept of a line that is too long.
const START: usize = 200;

/// What a buffer may keep from one line to the next.
const KEPT: usize = 64 * 1024;

/// Cuts what comes, in pieces of any size, into entries. It needs no more memory than [`MAX_LINE`] and the entry at hand.
///
/// ```
/// use runner::message::{Decoder, Entry, Message};
///
/// let mut entries = Vec::new();
/// let mut decoder = Decoder::default();
/// decoder.push(b"{\"type\":\"log\",\"@mess", &mut |entry| entries.push(entry));
/// decoder.push(b"age\":\"hello\"}\nnot a message", &mut |entry| entries.push(entry));
/// decoder.finish(&mut |entry| entries.push(entry));
/// assert_eq!(entries, [Entry::Message(Message::Log("hello".into())), Entry::Text("not a message".into())]);
/// ```
#[derive(Debug, Default)]
pub struct Decoder {
    line: Vec<u8>,
    /// How much of a line that is too long is left out already.
    dropped: u64,
}

impl Decoder {
    /// Takes what came and gives the entries that are complete.
    pub fn push(&mut self, bytes: &[u8], give: &mut dyn FnMut(Entry)) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            match piece.split_last() {
                Some((b'\n', rest)) => {
                    self.take(rest);
                    self.end(give);
                }
                _ => self.take(piece),
            }
        }
    }

    /// Nothing comes any more: gives the last line, if it has no line feed.
    pub fn finish(&mut self, give: &mut dyn FnMut(Entry)) {
        if !self.line.is_empty() || self.dropped > 0 {
            self.end(give);
        }
    }

    fn take(&mut self, piece: &[u8]) {
        if self.dropped == 0 && self.line.len() + piece.len() <= MAX_LINE {
            self.line.extend_from_slice(piece);
            return;
        }
        let missing = START.saturating_sub(self.line.len()).min(piece.len());
        let (first, rest) = piece.split_at_checked(missing).unwrap_or((piece, &[]));
        self.line.extend_from_slice(first);
        self.dropped += rest.len() as u64 + self.line.len().saturating_sub(START) as u64;
        self.line.truncate(START);
    }

    fn end(&mut self, give: &mut dyn FnMut(Entry)) {
        let entry = if self.dropped > 0 {
            let bytes = self.dropped + self.line.len() as u64;
            Entry::TooLong { bytes, start: String::from_utf8_lossy(&self.line).into_owned() }
        } else {
            Entry::of(&self.line)
        };
        self.dropped = 0;
        self.line.clear();
        self.line.shrink_to(KEPT);
        give(entry);
    }
}
