//! From log events to the requests that PutLogEvents takes: a pure function, so that its limits can be proved
//! ([limits](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html)).

use std::fmt;

use crate::batch::Event;

/// The most events of a request.
pub const MAX_REQUEST_EVENTS: usize = 10_000;
/// The most bytes of a request: the messages in UTF-8 and [`OVERHEAD_BYTES`] for each.
pub const MAX_REQUEST_BYTES: usize = 1_048_576;
/// What each event counts beyond its message.
pub const OVERHEAD_BYTES: usize = 26;
/// The most bytes of a message. AWS says 1 MB; the smaller reading of it, with the overhead, holds in any case.
pub const MAX_MESSAGE_BYTES: usize = 1_000_000 - OVERHEAD_BYTES;

const MILLISECONDS_PER_DAY: i64 = 86_400_000;

/// A day, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    /// The day of a time in milliseconds since 1970-01-01.
    pub fn of(timestamp: i64) -> Self {
        Self(timestamp.div_euclid(MILLISECONDS_PER_DAY))
    }
}

/// `yyyy-mm-dd`, counted in eras of 400 years that begin on 1 March
/// ([the algorithm](https://howardhinnant.github.io/date_algorithms.html#civil_from_days)).
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0 + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = 400 * era + year_of_era + i64::from(month <= 2);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// The events of one PutLogEvents request, all of one day, in order of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The day, which names the stream.
    pub day: Day,
    /// The events.
    pub events: Vec<Event>,
}

/// Puts log events into as few requests as the limits allow.
///
/// Nothing is lost: events are ordered by time, those of one time stay in the order given, and a message that is too long becomes
/// several of the same time. Only an event without a message is left out, for AWS takes none.
pub fn requests(mut events: Vec<Event>) -> Vec<Request> {
    events.sort_by_key(|event| event.timestamp);
    let mut requests: Vec<Request> = Vec::new();
    let mut bytes = 0;
    for event in events.into_iter().flat_map(pieces) {
        let day = Day::of(event.timestamp);
        let size = event.message.len() + OVERHEAD_BYTES;
        match requests.last_mut() {
            Some(last)
                if last.day == day && last.events.len() < MAX_REQUEST_EVENTS && bytes + size <= MAX_REQUEST_BYTES =>
            {
                bytes += size;
                last.events.push(event);
            }
            _ => {
                bytes = size;
                requests.push(Request { day, events: vec![event] });
            }
        }
    }
    requests
}

/// The event, or its parts when the message is too long.
fn pieces(event: Event) -> Vec<Event> {
    if event.message.is_empty() {
        return Vec::new();
    }
    if event.message.len() <= MAX_MESSAGE_BYTES {
        return vec![event];
    }
    let mut rest = event.message.as_str();
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(rest.floor_char_boundary(MAX_MESSAGE_BYTES));
        pieces.push(Event { timestamp: event.timestamp, message: piece.to_owned() });
        rest = tail;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn event(timestamp: i64, message: impl Into<String>) -> Event {
        Event { timestamp, message: message.into() }
    }

    #[test]
    fn days_are_written_as_in_the_calendar() {
        for (timestamp, day) in [
            (0, "1970-01-01"),
            (86_399_999, "1970-01-01"),
            (951_782_400_000, "2000-02-29"),
            (1_709_164_800_000, "2024-02-29"),
            (1_735_689_599_999, "2024-12-31"),
            (1_735_689_600_000, "2025-01-01"),
            (4_107_542_400_000, "2100-03-01"),
        ] {
            assert_eq!(Day::of(timestamp).to_string(), day, "{timestamp}");
        }
    }

    #[test]
    fn a_request_has_at_most_10_000_events() {
        let sizes = |count| requests(vec![event(1, "x"); count]).iter().map(|r| r.events.len()).collect::<Vec<_>>();
        assert_eq!(sizes(10_000), [10_000]);
        assert_eq!(sizes(10_001), [10_000, 1]);
    }

    #[test]
    fn a_request_has_at_most_1_048_576_bytes_with_26_for_each_event() {
        let half = "x".repeat(MAX_REQUEST_BYTES / 2 - OVERHEAD_BYTES);
        assert_eq!(requests(vec![event(1, half.clone()), event(1, half.clone())]).len(), 1);
        assert_eq!(requests(vec![event(1, half.clone()), event(1, half + "x")]).len(), 2);
    }

    #[test]
    fn a_long_message_is_split_between_characters() {
        let message = "€".repeat(MAX_MESSAGE_BYTES);
        let split = requests(vec![event(7, message.clone())]);
        let parts: Vec<&Event> = split.iter().flat_map(|request| &request.events).collect();
        assert_eq!(
            parts.len(),
            4,
            "three and a rest, for characters of three bytes do not fill the limit to the last byte"
        );
        assert_eq!(parts.iter().map(|part| part.message.as_str()).collect::<String>(), message);
    }

    #[test]
    fn days_do_not_share_a_request() {
        let days: Vec<String> = requests(vec![event(86_400_000, "b"), event(86_399_999, "a")])
            .iter()
            .map(|request| request.day.to_string())
            .collect();
        assert_eq!(days, ["1970-01-01", "1970-01-02"]);
    }

    /// Messages of every size that matters, without making the test slow.
    fn message() -> impl Strategy<Value = String> {
        prop_oneof![
            8 => any::<String>(),
            2 => (1_usize..3, "[aü€😀]").prop_map(|(times, c)| c.repeat(times * 300_000)),
            1 => (MAX_MESSAGE_BYTES - 2..MAX_MESSAGE_BYTES + 3).prop_map(|length| "y".repeat(length)),
        ]
    }

    /// The text of each moment.
    fn texts(events: &[Event]) -> BTreeMap<i64, String> {
        let mut texts = BTreeMap::<i64, String>::new();
        for event in events.iter().filter(|event| !event.message.is_empty()) {
            texts.entry(event.timestamp).or_default().push_str(&event.message);
        }
        texts
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn nothing_is_lost_order_is_kept_and_all_limits_hold(
            events in prop::collection::vec((prop_oneof![0_i64..4, 0_i64..300_000_000], message()).prop_map(|(t, m)| event(t, m)), 0..20)
        ) {
            let requests = requests(events.clone());
            for request in &requests {
                let bytes: usize = request.events.iter().map(|event| event.message.len() + OVERHEAD_BYTES).sum();
                prop_assert!(bytes <= MAX_REQUEST_BYTES);
                prop_assert!((1..=MAX_REQUEST_EVENTS).contains(&request.events.len()));
                prop_assert!(request.events.iter().all(|event| (1..=MAX_MESSAGE_BYTES).contains(&event.message.len())));
                prop_assert!(request.events.iter().all(|event| Day::of(event.timestamp) == request.day));
                prop_assert!(request.events.is_sorted_by_key(|event| event.timestamp));
                let (first, last) = (request.events.first().unwrap(), request.events.last().unwrap());
                prop_assert!(last.timestamp - first.timestamp < 24 * 60 * 60 * 1_000);
            }
            // Each moment has the text that it had before.
            let written: Vec<Event> = requests.into_iter().flat_map(|request| request.events).collect();
            prop_assert!(texts(&written) == texts(&events));
        }

        #[test]
        fn many_small_events_fill_their_requests(count in prop_oneof![1_usize..35_000, 9_998_usize..10_003, 19_998_usize..20_003]) {
            let requests = requests(vec![event(1, "line"); count]);
            prop_assert_eq!(requests.iter().map(|request| request.events.len()).sum::<usize>(), count);
            prop_assert_eq!(requests.len(), count.div_ceil(MAX_REQUEST_EVENTS));
        }
    }
}
