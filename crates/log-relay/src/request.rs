//! From log events to the requests that PutLogEvents takes: a pure function, so that its limits can be proved
//! ([limits](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html)).

use crate::piece::Piece;
use crate::time::{Day, MILLISECONDS_PER_DAY};

/// The most events of a request.
pub const MAX_REQUEST_EVENTS: usize = 10_000;
/// The most bytes of a request: the messages in UTF-8 and [`crate::OVERHEAD_BYTES`] for each.
pub const MAX_REQUEST_BYTES: usize = 1_048_576;

/// What one PutLogEvents request writes to one stream, in order of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// The day, which names the stream.
    pub(crate) day: Day,
    /// What is written: at least one.
    pub(crate) pieces: Vec<Piece>,
}

impl Request {
    fn takes(&self, bytes: usize, piece: &Piece) -> bool {
        let first = self.pieces.first().map_or(piece.timestamp, |first| first.timestamp);
        self.day == piece.day()
            && self.pieces.len() < MAX_REQUEST_EVENTS
            && bytes + piece.bytes() <= MAX_REQUEST_BYTES
            && piece.timestamp.saturating_sub(first) < MILLISECONDS_PER_DAY
    }
}

/// Puts pieces into as few requests as the limits allow: ordered by day, then by time; those of one
/// time by when they happened, and then as they were given.
pub(crate) fn requests(mut pieces: Vec<Piece>) -> Vec<Request> {
    pieces.sort_by_key(|piece| (piece.day(), piece.timestamp, piece.happened));
    let mut requests: Vec<Request> = Vec::new();
    let mut bytes = 0;
    for piece in pieces {
        match requests.last_mut() {
            Some(last) if last.takes(bytes, &piece) => {
                bytes += piece.bytes();
                last.pieces.push(piece);
            }
            _ => {
                bytes = piece.bytes();
                requests.push(Request { day: piece.day(), pieces: vec![piece] });
            }
        }
    }
    requests
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::batch::Event;
    use crate::piece::{MAX_MESSAGE_BYTES, MAX_TEXT_BYTES, OVERHEAD_BYTES, pieces};
    use crate::time::Moment;

    const NOW: i64 = 1_769_817_600_000;

    fn event(timestamp: i64, message: impl Into<String>) -> Event {
        Event { timestamp, message: message.into() }
    }

    fn planned(events: Vec<Event>) -> Vec<Request> {
        requests(pieces(events))
    }

    #[test]
    fn a_request_has_at_most_10_000_events() {
        let sizes = |count| planned(vec![event(1, "x"); count]).iter().map(|r| r.pieces.len()).collect::<Vec<_>>();
        assert_eq!(sizes(10_000), [10_000]);
        assert_eq!(sizes(10_001), [10_000, 1]);
    }

    #[test]
    fn a_request_has_at_most_1_048_576_bytes_with_26_for_each_event() {
        let half = "x".repeat(MAX_REQUEST_BYTES / 2 - OVERHEAD_BYTES);
        assert_eq!(planned(vec![event(1, half.clone()), event(1, half.clone())]).len(), 1);
        assert_eq!(planned(vec![event(1, half.clone()), event(1, half + "x")]).len(), 2);
    }

    #[test]
    fn bytes_are_those_of_utf_8() {
        let half = "€".repeat(MAX_REQUEST_BYTES / 6);
        assert_eq!(planned(vec![event(1, half.clone()), event(1, half)]).len(), 2);
    }

    #[test]
    fn days_do_not_share_a_request() {
        let days: Vec<String> = planned(vec![event(86_400_000, "b"), event(86_399_999, "a")])
            .iter()
            .map(|request| request.day.to_string())
            .collect();
        assert_eq!(days, ["1970-01-01", "1970-01-02"]);
    }

    /// "24 h span per batch"
    #[test]
    fn an_event_that_is_written_late_does_not_stretch_a_request_over_a_day() {
        let day_ago = NOW - MILLISECONDS_PER_DAY;
        let mut both = pieces(vec![event(day_ago, "a"), event(day_ago, "b")]);
        let late = both.remove(0).restamped(NOW, crate::Untimely::TooOld);
        let planned = requests(vec![late, both.remove(0)]);
        assert_eq!(planned.iter().map(|request| request.pieces.len()).collect::<Vec<_>>(), [1, 1]);
    }

    /// Times of every kind that matters: together, hours and days apart, too old and too new.
    fn timestamp() -> impl Strategy<Value = i64> {
        prop_oneof![
            4 => NOW..NOW + 4,
            4 => NOW - 300_000_000..NOW,
            1 => NOW - 20 * MILLISECONDS_PER_DAY..NOW + MILLISECONDS_PER_DAY,
            1 => any::<i64>(),
        ]
    }

    /// Messages of every size that matters, without making the test slow.
    fn message() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => any::<String>(),
            2 => (1_usize..3, "[aü€😀]").prop_map(|(times, c)| c.repeat(times * 300_000)),
            1 => (MAX_TEXT_BYTES - 2..MAX_TEXT_BYTES + 3).prop_map(|length| "y".repeat(length)),
        ]
    }

    /// The text of each moment, that of late events at their own.
    fn texts(events: impl Iterator<Item = (i64, String)>) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::<String, String>::new();
        for (timestamp, message) in events.filter(|(_, message)| !message.is_empty()) {
            texts.entry(Moment(timestamp).to_string()).or_default().push_str(&message);
        }
        texts
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        /// "any list of events is split into legal batches, in order, nothing lost or doubled"
        #[test]
        fn nothing_is_lost_or_doubled_order_is_kept_and_all_limits_hold(
            events in prop::collection::vec((timestamp(), message()).prop_map(|(t, m)| event(t, m)), 0..20)
        ) {
            let given = texts(events.iter().map(|event| (event.timestamp, event.message.clone())));
            let all = pieces(events);
            let count = all.len();
            let requests = requests(all.into_iter().map(|piece| piece.timely(NOW)).collect());
            for request in &requests {
                let bytes: usize = request.pieces.iter().map(|piece| piece.message.len() + OVERHEAD_BYTES).sum();
                prop_assert!(bytes <= MAX_REQUEST_BYTES);
                prop_assert!((1..=MAX_REQUEST_EVENTS).contains(&request.pieces.len()));
                prop_assert!(request.pieces.iter().all(|piece| (1..=MAX_MESSAGE_BYTES).contains(&piece.message.len())));
                prop_assert!(request.pieces.iter().all(|piece| piece.day() == request.day));
                prop_assert!(request.pieces.is_sorted_by_key(|piece| (piece.timestamp, piece.happened)));
                let (first, last) = (request.pieces.first().unwrap(), request.pieces.last().unwrap());
                prop_assert!(last.timestamp - first.timestamp < MILLISECONDS_PER_DAY);
                prop_assert!(first.timestamp >= NOW - 14 * MILLISECONDS_PER_DAY && last.timestamp <= NOW + 7_200_000);
            }
            let mut written: Vec<Piece> = requests.into_iter().flat_map(|request| request.pieces).collect();
            written.sort_by_key(|piece| piece.index);
            prop_assert!(written.iter().map(|piece| piece.index).eq(0..count));
            // Each moment has the text that it had before.
            let written = texts(written.into_iter().map(|piece| match piece.restamped {
                None => (piece.timestamp, piece.message),
                Some(_) => (piece.happened.0, piece.message.split_once("] ").unwrap().1.to_owned()),
            }));
            prop_assert!(written == given);
        }

        #[test]
        fn many_small_events_fill_their_requests(count in prop_oneof![1_usize..35_000, 9_998_usize..10_003, 19_998_usize..20_003]) {
            let requests = planned(vec![event(1, "line"); count]);
            prop_assert_eq!(requests.iter().map(|request| request.pieces.len()).sum::<usize>(), count);
            prop_assert_eq!(requests.len(), count.div_ceil(MAX_REQUEST_EVENTS));
        }
    }
}
