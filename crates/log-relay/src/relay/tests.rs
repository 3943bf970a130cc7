//! The relay against a log group in memory that fails and rejects as it is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use proptest::prelude::*;

use super::*;
use crate::batch::Event;
use crate::batch::tests::{logs, logs_of, packed};
use crate::chain;
use crate::settings::tests::parse;
use crate::time::MILLISECONDS_PER_DAY as DAY;

const GROUP: &str = "tenant-acme-corp-api-log-dev";
/// 2026-01-31, midnight.
const NOW: i64 = 1_769_817_600_000;

/// What the log group does with a request.
#[derive(Clone, Debug)]
enum Answer {
    Take,
    Reject(Rejection),
    Throttle,
    Hang,
}

/// Records what it is told. It answers by its script, and takes everything when that is over.
#[derive(Default)]
struct Fake {
    script: Mutex<VecDeque<Answer>>,
    calls: Mutex<Vec<String>>,
    streams: Mutex<BTreeMap<String, Vec<(i64, String)>>>,
    no_group: bool,
}

impl Fake {
    fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { script: Mutex::new(answers.into_iter().collect()), ..Self::default() }
    }

    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    /// All that was written, stream by stream.
    fn written(&self) -> Vec<(i64, String)> {
        self.streams.lock().unwrap().values().flatten().cloned().collect()
    }
}

impl CentralLog for &Fake {
    async fn create_stream(&self, stream: &str) -> Result<(), WriteError> {
        self.calls.lock().unwrap().push(format!("create {stream}"));
        if self.no_group {
            return Err(WriteError::NoGroup("platform-central-log-dev".into()));
        }
        self.streams.lock().unwrap().entry(stream.to_owned()).or_default();
        Ok(())
    }

    async fn put(&self, stream: &str, pieces: &[Piece]) -> Result<Rejection, WriteError> {
        self.calls.lock().unwrap().push(format!("put {} {stream}", pieces.len()));
        if !self.streams.lock().unwrap().contains_key(stream) {
            return Err(WriteError::NoStream);
        }
        let answer = self.script.lock().unwrap().pop_front();
        let rejection = match answer.unwrap_or(Answer::Take) {
            Answer::Take => Rejection::default(),
            Answer::Reject(rejection) => rejection,
            Answer::Throttle => {
                let source = "ThrottlingException: Rate exceeded".into();
                return Err(WriteError::Failed { operation: "PutLogEvents", source });
            }
            Answer::Hang => return std::future::pending().await,
        };
        let taken = pieces.iter().enumerate().filter(|(place, _)| rejection.of(*place).is_none());
        let taken = taken.map(|(_, piece)| (piece.timestamp, piece.message.clone()));
        self.streams.lock().unwrap().entry(stream.to_owned()).or_default().extend(taken);
        Ok(rejection)
    }

    fn attempts(&self) -> u64 {
        self.calls.lock().unwrap().len() as u64
    }
}

/// One execution environment of the function.
struct Environment<'a>(Relay<&'a Fake>);

impl<'a> Environment<'a> {
    fn new(fake: &'a Fake) -> Self {
        Self(Relay::new(parse(&[]).unwrap(), fake))
    }

    fn copy(&self, payload: &Payload) -> (Tally, Result<(), RelayError>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let invocation = Invocation { account: "123456789012", now: NOW, time_left: Duration::from_millis(50) };
        let mut tally = Tally::default();
        let result = runtime.block_on(self.0.copy(payload, invocation, &mut tally));
        (tally, result)
    }
}

fn copy(fake: &Fake, payload: &Payload) -> (Tally, Result<(), RelayError>) {
    Environment::new(fake).copy(payload)
}

fn event(timestamp: i64, message: &str) -> Event {
    Event { timestamp, message: message.into() }
}

fn text(timestamp: i64, message: &str) -> (i64, String) {
    (timestamp, message.into())
}

/// "writes `{tenant}/{source}/{date}` streams of the central group in order"
#[test]
fn events_go_to_the_tenants_stream_of_their_day_in_order() {
    let fake = Fake::default();
    let events = [event(NOW, "c"), event(NOW - DAY, "a"), event(NOW - DAY + 1, "b"), event(NOW, "")];
    let (tally, result) = copy(&fake, &logs(GROUP, &events));
    result.unwrap();
    let counted = Tally { events: 4, empty: 1, pieces: 3, written: 3, requests: 2, ..Tally::default() };
    assert_eq!(tally, Tally { streams: 2, attempts: 6, ..counted });
    let (yesterday, today) = ("acme-corp/api-log/2026-01-30", "acme-corp/api-log/2026-01-31");
    assert_eq!(
        fake.calls(),
        [
            format!("put 2 {yesterday}"),
            format!("create {yesterday}"),
            format!("put 2 {yesterday}"),
            format!("put 1 {today}"),
            format!("create {today}"),
            format!("put 1 {today}"),
        ]
    );
    assert_eq!(fake.written(), [text(NOW - DAY, "a"), text(NOW - DAY + 1, "b"), text(NOW, "c")]);
}

#[test]
fn a_stream_that_is_there_is_written_without_another_call() {
    let fake = Fake::default();
    let environment = Environment::new(&fake);
    environment.copy(&logs(GROUP, &[event(NOW, "a")])).1.unwrap();
    fake.calls();
    environment.copy(&logs(GROUP, &vec![event(NOW, "x"); 25_000])).1.unwrap();
    assert_eq!(fake.calls(), [10_000, 10_000, 5_000].map(|count| format!("put {count} acme-corp/api-log/2026-01-31")));
}

/// "refuse batches whose log group is the central group or its own, and whose owner/tenant is another's"
#[test]
fn a_batch_of_another_log_group_is_refused_and_nothing_written() {
    for group in [
        "platform-central-log-dev",
        "tenant-acme-corp-relay-log-dev",
        "tenant-acme-corp-flow-log-dev",
        "tenant-tech-startup-api-log-dev",
        "tenant-acme-corp-api-log-prod",
        "",
    ] {
        let fake = Fake::default();
        let error = copy(&fake, &logs(group, &[event(NOW, "x")])).1.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("refused a batch of the log group `{group}`; this relay takes `{GROUP}` only")
        );
        assert!(error.is_foreign() && fake.calls().is_empty(), "{group}");
    }
}

#[test]
fn a_batch_of_another_account_is_refused_and_nothing_written() {
    for owner in ["999999999999", ""] {
        let fake = Fake::default();
        let error = copy(&fake, &logs_of(owner, GROUP, &[event(NOW, "x")])).1.unwrap_err();
        assert!(matches!(&error, RelayError::ForeignAccount { given, .. } if given == owner), "{error}");
        assert!(error.is_foreign() && fake.calls().is_empty());
    }
}

/// "CONTROL_MESSAGE batches are accepted and ignored."
#[test]
fn a_control_message_is_taken_and_nothing_written() {
    let fake = Fake::default();
    let (tally, result) = copy(&fake, &packed(br#"{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs"}"#));
    result.unwrap();
    assert_eq!(tally, Tally { control: true, ..Tally::default() });
    assert!(fake.calls().is_empty());
}

#[test]
fn without_the_central_log_group_the_error_says_what_would_do() {
    let fake = Fake { no_group: true, ..Fake::default() };
    let error = copy(&fake, &logs(GROUP, &[event(NOW, "x")])).1.unwrap_err();
    assert_eq!(error.name(), "CentralLogUnavailable");
    assert!(
        chain(&error).contains("no log group `platform-central-log-dev`; deploy the platform's stack"),
        "{error:?}"
    );
}

#[test]
fn a_failed_batch_is_an_error_and_its_next_attempt_writes_only_what_is_missing() {
    let payload = logs(GROUP, &vec![event(NOW, "x"); 25_000]);
    for failure in [Answer::Throttle, Answer::Hang] {
        let fake = Fake::answering([Answer::Take, failure]);
        let environment = Environment::new(&fake);
        let (tally, result) = environment.copy(&payload);
        let error = result.unwrap_err();
        assert!(["CentralLogUnavailable", "OutOfTime"].contains(&error.name()), "{error}");
        assert_eq!(tally.written, 10_000, "nothing after the failure");

        let (tally, result) = environment.copy(&payload);
        result.unwrap();
        assert_eq!((tally.written_before, tally.written), (10_000, 15_000));
        assert_eq!(fake.written().len(), 25_000);
        // A later delivery of the same batch is a new one: it may have been redriven on purpose.
        environment.copy(&payload).1.unwrap();
        assert_eq!(fake.written().len(), 50_000);
    }
}

#[test]
fn another_environment_writes_the_whole_batch_rather_than_lose_a_part() {
    let payload = logs(GROUP, &vec![event(NOW, "x"); 15_000]);
    let fake = Fake::answering([Answer::Take, Answer::Throttle]);
    copy(&fake, &payload).1.unwrap_err();
    copy(&fake, &payload).1.unwrap();
    assert_eq!(fake.written().len(), 25_000);
}

/// "for partial rejection the rejected events alone must not be lost nor the accepted ones duplicated"
#[test]
fn rejected_events_are_reported_and_written_at_the_present_time() {
    let rejection = Rejection { expired_end: 1, too_old_end: 2, too_new_start: Some(3) };
    let fake = Fake::answering([Answer::Reject(rejection)]);
    let events = [event(NOW - 4, "a"), event(NOW - 3, "b"), event(NOW - 2, "c"), event(NOW - 1, "d")];
    let (tally, result) = copy(&fake, &logs(GROUP, &events));
    result.unwrap();
    assert_eq!((tally.rejected_expired, tally.rejected_too_old, tally.rejected_too_new), (1, 1, 1));
    assert_eq!((tally.pieces, tally.written, tally.restamped), (4, 4, 3));
    assert_eq!(
        fake.written(),
        [
            text(NOW - 2, "c"),
            text(NOW, "[2026-01-30T23:59:59.996Z, expired] a"),
            text(NOW, "[2026-01-30T23:59:59.997Z, too old] b"),
            text(NOW, "[2026-01-30T23:59:59.999Z, too new] d"),
        ]
    );
}

#[test]
fn events_that_would_be_rejected_are_not_sent_at_their_own_time() {
    let fake = Fake::default();
    let events = [event(NOW - 15 * DAY, "old"), event(NOW + DAY, "new"), event(NOW, "x")];
    let (tally, result) = copy(&fake, &logs(GROUP, &events));
    result.unwrap();
    assert_eq!((tally.written, tally.restamped, tally.requests), (3, 2, 3));
    assert!(fake.written().iter().all(|(timestamp, _)| *timestamp == NOW));
    assert!(
        fake.calls().contains(&"put 1 acme-corp/api-log/2026-01-16".to_owned()),
        "the stream is that of its own day"
    );
}

#[test]
fn events_that_are_rejected_at_the_present_time_too_are_an_error_and_hold_up_no_other() {
    let first = Answer::Reject(Rejection { too_old_end: 2, ..Rejection::default() });
    let fake = Fake::answering([first.clone(), first]);
    let environment = Environment::new(&fake);
    let events: Vec<Event> = (0..15_000).map(|number| event(NOW, &number.to_string())).collect();
    let payload = logs(GROUP, &events);
    let (tally, result) = environment.copy(&payload);
    let error = result.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the central log group rejected 2 events at their own time and at the present one; they stand in `{GROUP}` only"
        )
    );
    assert_eq!((tally.rejected_too_old, tally.written), (4, 14_998));

    let (tally, result) = environment.copy(&payload);
    result.unwrap();
    assert_eq!((tally.written_before, tally.written), (14_998, 2), "the rejected events alone are tried again");
    assert_eq!(fake.written().len(), 15_000);
}

fn answer() -> impl Strategy<Value = Answer> {
    let end = || prop_oneof![2 => Just(0_usize), 1 => 0..6_usize];
    let rejection = (end(), end(), prop::option::of(0..6_usize));
    prop_oneof![
        3 => Just(Answer::Take),
        2 => Just(Answer::Throttle),
        3 => rejection.prop_map(|(expired_end, too_old_end, too_new_start)| {
            Answer::Reject(Rejection { expired_end, too_old_end, too_new_start })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_fails_on_the_way_each_event_is_in_the_central_group_once_when_the_batch_is_done(
        times in prop::collection::vec(NOW - 3 * DAY..NOW, 1..40),
        script in prop::collection::vec(answer(), 0..12),
    ) {
        let events: Vec<Event> = times.iter().enumerate().map(|(n, time)| event(*time, &format!("event {n}"))).collect();
        let payload = logs(GROUP, &events);
        let fake = Fake::answering(script);
        let environment = Environment::new(&fake);
        // As often as the script can make it fail, and once more.
        let done = (0..14).any(|_| environment.copy(&payload).1.is_ok());
        prop_assert!(done);
        let written = fake.written();
        let texts: BTreeSet<&str> =
            written.iter().map(|(_, message)| message.rsplit_once("] ").map_or(message.as_str(), |(_, text)| text)).collect();
        prop_assert_eq!(written.len(), events.len(), "nothing twice");
        prop_assert_eq!(texts, events.iter().map(|event| event.message.as_str()).collect(), "nothing lost");
    }
}
