//! What is written for an event: the event itself, or its parts when it is too long, each at a time that CloudWatch Logs takes.

use std::fmt;

use crate::batch::Event;
use crate::time::{Day, MILLISECONDS_PER_DAY, Moment};

/// What each event counts beyond its message.
pub const OVERHEAD_BYTES: usize = 26;
/// The most bytes of a message. AWS says 1 MB; the smaller reading of it, with the overhead, holds in any case.
pub const MAX_MESSAGE_BYTES: usize = 1_000_000 - OVERHEAD_BYTES;
/// Room for what [`Piece::restamped`] puts before a message, so that it never has to be split again.
const NOTE_BYTES: usize = 100;
/// The most bytes of an event's own text in a piece.
pub const MAX_TEXT_BYTES: usize = MAX_MESSAGE_BYTES - NOTE_BYTES;

/// How old an event may be.
const MAX_AGE: i64 = 14 * MILLISECONDS_PER_DAY;
/// How far ahead of its time an event may be.
const MAX_AHEAD: i64 = 2 * 60 * 60 * 1_000;

/// Why CloudWatch Logs does not take an event at its own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Untimely {
    /// More than 14 days old.
    TooOld,
    /// Older than what the log group keeps.
    Expired,
    /// More than two hours in the future.
    TooNew,
}

impl fmt::Display for Untimely {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooOld => "too old",
            Self::Expired => "expired",
            Self::TooNew => "too new",
        })
    }
}

/// An event or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its place among all pieces of the batch, the same whenever the batch comes again.
    pub index: usize,
    /// When the event happened. Its day names the stream.
    pub happened: Moment,
    /// When it is written to have happened, in milliseconds since 1970-01-01.
    pub timestamp: i64,
    /// The text.
    pub message: String,
    /// Why `timestamp` is not the event's own.
    pub restamped: Option<Untimely>,
}

impl Piece {
    /// The day of the stream.
    pub(crate) fn day(&self) -> Day {
        self.happened.day()
    }

    /// What it counts in a request.
    pub(crate) fn bytes(&self) -> usize {
        self.message.len() + OVERHEAD_BYTES
    }

    /// The piece at its own time or, if CloudWatch Logs would not take it there, at the present one.
    pub(crate) fn timely(self, now: i64) -> Self {
        if self.timestamp < now.saturating_sub(MAX_AGE) {
            self.restamped(now, Untimely::TooOld)
        } else if self.timestamp > now.saturating_add(MAX_AHEAD) {
            self.restamped(now, Untimely::TooNew)
        } else {
            self
        }
    }

    /// The piece at the present time, with its own before the text: written late rather than not at all.
    pub(crate) fn restamped(self, now: i64, reason: Untimely) -> Self {
        let message = format!("[{}, {reason}] {}", self.happened, self.message);
        Self { timestamp: now, message, restamped: Some(reason), ..self }
    }
}

/// The events, those that are too long in parts. Only an event without a message has none, for AWS takes none.
pub(crate) fn pieces(events: Vec<Event>) -> Vec<Piece> {
    let parts = events.into_iter().flat_map(|event| {
        let timestamp = event.timestamp;
        parts(event.message).into_iter().map(move |message| (timestamp, message))
    });
    parts
        .enumerate()
        .map(|(index, (timestamp, message))| Piece {
            index,
            happened: Moment(timestamp),
            timestamp,
            message,
            restamped: None,
        })
        .collect()
}

/// A text in parts that are short enough, split between characters.
fn parts(text: String) -> Vec<String> {
    if text.len() <= MAX_TEXT_BYTES {
        return if text.is_empty() { Vec::new() } else { vec![text] };
    }
    let mut rest = text.as_str();
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (part, tail) = rest.split_at(rest.floor_char_boundary(MAX_TEXT_BYTES));
        parts.push(part.to_owned());
        rest = tail;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_769_817_600_000;

    fn piece(timestamp: i64, message: &str) -> Piece {
        pieces(vec![Event { timestamp, message: message.into() }]).remove(0)
    }

    #[test]
    fn a_long_message_is_split_between_characters() {
        let message = "€".repeat(MAX_TEXT_BYTES);
        let split = pieces(vec![Event { timestamp: 7, message: message.clone() }]);
        assert_eq!(
            split.len(),
            4,
            "three and a rest, for characters of three bytes do not fill the limit to the last byte"
        );
        assert!(split.iter().all(|piece| piece.timestamp == 7 && piece.message.len() <= MAX_TEXT_BYTES));
        assert_eq!(split.iter().map(|piece| piece.message.as_str()).collect::<String>(), message);
    }

    #[test]
    fn an_event_without_a_message_has_no_piece() {
        let event = |message: &str| Event { timestamp: 0, message: message.into() };
        let found = pieces(vec![event("a"), event(""), event("b")]);
        assert_eq!(found.iter().map(|p| (p.index, p.message.as_str())).collect::<Vec<_>>(), [(0, "a"), (1, "b")]);
    }

    /// "event age: not older than 14 days …, not more than 2 h in the future"
    #[test]
    fn an_event_outside_the_ages_that_are_taken_is_written_at_the_present_time_with_its_own_before_the_text() {
        for timestamp in [NOW, NOW - MAX_AGE, NOW + MAX_AHEAD] {
            let timely = piece(timestamp, "text").timely(NOW);
            assert_eq!(timely, piece(timestamp, "text"), "{timestamp}");
        }
        let late = piece(NOW - MAX_AGE - 1, "text").timely(NOW);
        assert_eq!(late.message, "[2026-01-16T23:59:59.999Z, too old] text");
        assert_eq!((late.timestamp, late.restamped), (NOW, Some(Untimely::TooOld)));
        assert_eq!(late.happened, Moment(NOW - MAX_AGE - 1), "it stays in the stream of its own day");
        let early = piece(NOW + MAX_AHEAD + 1, "text").timely(NOW);
        assert_eq!(early.message, "[2026-01-31T02:00:00.001Z, too new] text");
    }

    #[test]
    fn what_is_put_before_the_text_fits_whatever_the_time() {
        for timestamp in [i64::MIN, -1, 0, NOW, i64::MAX] {
            let long = piece(timestamp, &"y".repeat(MAX_TEXT_BYTES)).restamped(NOW, Untimely::Expired);
            assert!(long.message.len() <= MAX_MESSAGE_BYTES, "{timestamp}: {}", long.message.len());
        }
    }
}
