//! Whole logs, line by line.

use std::io::{self, BufRead, Read, Write};

use super::Redactor;
use crate::message::MAX_LINE;

/// How much was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Lines.
    pub lines: u64,
    /// Lines in which something was taken out.
    pub redacted: u64,
    /// Lines that were left out whole, as they are longer than [`MAX_LINE`]. Where a log has the only copy of a state
    /// ([`StateDump`](crate::message::Message::StateDump)) the original must be kept.
    pub left_out: u64,
}

impl Redactor {
    /// Copies a log without its secrets, private keys of many lines included. It needs no more memory than a few times [`MAX_LINE`].
    ///
    /// # Errors
    ///
    /// What reading or writing fails with.
    pub fn copy(&self, from: &mut impl BufRead, to: &mut impl Write) -> io::Result<Copied> {
        let mut copied = Copied::default();
        let mut line = Vec::new();
        // How many lines more may belong to a private key.
        let mut key = 0_u32;
        loop {
            line.clear();
            from.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                return Ok(copied);
            }
            copied.lines += 1;
            let ended = line.last() == Some(&b'\n');
            if !ended && line.len() > MAX_LINE {
                let bytes = line.len() as u64 + skip_line(from)?;
                writeln!(to, "[a line of {bytes} bytes was left out]")?;
                copied.left_out += 1;
                continue;
            }
            let whole = line.strip_suffix(b"\n").unwrap_or(&line);
            let mut text = whole;
            if key > 0 {
                match after_key(text) {
                    Some(rest) => (key, text) = (0, rest),
                    // A message is no part of a key: this one was cut off.
                    None if text.starts_with(b"{") => key = 0,
                    None => {
                        key -= 1;
                        copied.redacted += 1;
                        continue;
                    }
                }
            }
            if is_open(text) {
                key = KEY_LINES;
            }
            let clean = self.bytes(text);
            copied.redacted += u64::from(clean.as_ref() != whole);
            to.write_all(&clean)?;
            if ended {
                to.write_all(b"\n")?;
            }
        }
    }
}

fn skip_line(from: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = from.fill_buf()?;
        if buffer.is_empty() {
            return Ok(skipped);
        }
        let (used, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), false),
        };
        from.consume(used);
        skipped += used as u64;
        if ended {
            return Ok(skipped - 1);
        }
    }
}

/// No private key has more lines: one of RSA with 16,384 bits has 200.
const KEY_LINES: u32 = 250;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const KEY: &[u8] = b"PRIVATE KEY-----";

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// Whether a private key begins here and does not end here.
fn is_open(text: &[u8]) -> bool {
    let Some(at) = text.windows(BEGIN.len()).rposition(|window| window == BEGIN) else { return false };
    let rest = text.get(at..).unwrap_or_default();
    find(rest, KEY).is_some() && find(rest, END).is_none()
}

/// What follows the end of a key, if it ends here.
fn after_key(text: &[u8]) -> Option<&[u8]> {
    let end = text.get(find(text, END)?..)?;
    end.get(find(end, KEY)? + KEY.len()..)
}
