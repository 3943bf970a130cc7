//! The write loop: from a payload to the central log group.

use std::error::Error;
use std::future::Future;

use crate::batch::{DecodeError, Delivery, Event, Payload};
use crate::request::requests;
use crate::settings::Settings;

/// The central log group.
pub trait CentralLog {
    /// Makes a stream; one that is there already is fine.
    fn create_stream(&self, stream: &str) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// Writes the events of one request and tells what was rejected.
    fn put(&self, stream: &str, events: Vec<Event>) -> impl Future<Output = Result<Rejected, WriteError>> + Send;
}

/// Why CloudWatch Logs did not do something, after the SDK's retries.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed")]
pub struct WriteError {
    /// The operation.
    pub operation: &'static str,
    /// What the SDK says.
    pub source: Box<dyn Error + Send + Sync>,
}

/// How many events of a request CloudWatch Logs did not take, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rejected {
    /// More than two hours in the future.
    pub too_new: usize,
    /// More than 14 days old.
    pub too_old: usize,
    /// Older than what the log group keeps.
    pub expired: usize,
}

impl Rejected {
    /// None at all.
    pub const NONE: Self = Self { too_new: 0, too_old: 0, expired: 0 };

    fn add(&mut self, other: Self) {
        self.too_new += other.too_new;
        self.too_old += other.too_old;
        self.expired += other.expired;
    }
}

/// Why a batch was not copied, or not as a whole.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The payload is no batch.
    #[error("cannot read the batch")]
    Decode(#[from] DecodeError),
    /// The batch comes from a log group that this relay does not serve.
    #[error("refused a batch of the log group `{given}`; this relay takes `{relayed}` only")]
    NotRelayed {
        /// The log group of the batch.
        given: String,
        /// The one that is taken.
        relayed: String,
    },
    /// CloudWatch Logs failed.
    #[error("cannot write to the stream `{stream}` of the central log group")]
    Write {
        /// The stream.
        stream: String,
        /// What failed.
        source: WriteError,
    },
    /// CloudWatch Logs took the requests but not all events.
    #[error(
        "the central log group rejected {} events as too new, {} as too old and {} as expired; they stand in `{relayed}` only",
        rejected.too_new, rejected.too_old, rejected.expired
    )]
    Rejected {
        /// How many.
        rejected: Rejected,
        /// The log group that still has them.
        relayed: String,
    },
}

impl RelayError {
    /// The name under which Lambda reports it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Decode(_) => "UnreadableBatch",
            Self::NotRelayed { .. } => "ForeignLogGroup",
            Self::Write { .. } => "CentralLogUnavailable",
            Self::Rejected { .. } => "EventsRejected",
        }
    }
}

/// What was done with a payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// How many events were delivered.
    pub events: usize,
    /// How many requests it took.
    pub requests: usize,
}

/// Copies batches of one log group of one tenant.
#[derive(Clone, Debug)]
pub struct Relay<C> {
    settings: Settings,
    central: C,
}

impl<C: CentralLog> Relay<C> {
    /// A relay that writes to a central log group.
    pub fn new(settings: Settings, central: C) -> Self {
        Self { settings, central }
    }

    /// Copies one batch. A control message is taken and nothing done.
    ///
    /// # Errors
    /// When the batch is none of the relayed log group, or was not written as a whole. The batch is then to be delivered again.
    pub async fn copy(&self, payload: &Payload) -> Result<Copied, RelayError> {
        let Delivery::Logs(batch) = payload.decode()? else { return Ok(Copied::default()) };
        let relayed = &self.settings.relayed;
        if batch.log_group != relayed.name() || batch.log_group == self.settings.central {
            return Err(RelayError::NotRelayed { given: batch.log_group, relayed: relayed.name().to_owned() });
        }
        let mut copied = Copied { events: batch.events.len(), requests: 0 };
        let mut rejected = Rejected::NONE;
        let mut day_before = None;
        for request in requests(batch.events) {
            let stream = relayed.stream(request.day);
            let failed = |source| RelayError::Write { stream: stream.clone(), source };
            if day_before.replace(request.day) != Some(request.day) {
                self.central.create_stream(&stream).await.map_err(failed)?;
            }
            // What is rejected is too old or too new for ever; the rest of the batch is written all the same.
            rejected.add(self.central.put(&stream, request.events).await.map_err(failed)?);
            copied.requests += 1;
        }
        if rejected != Rejected::NONE {
            return Err(RelayError::Rejected { rejected, relayed: relayed.name().to_owned() });
        }
        Ok(copied)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::batch::tests::{logs, packed};
    use crate::settings::tests::parse;

    const GROUP: &str = "tenant-acme-corp-api-log-dev";
    const DAY: i64 = 86_400_000;

    /// Records what it is told, and fails or rejects on demand.
    #[derive(Default)]
    struct Fake {
        calls: Mutex<Vec<String>>,
        written: Mutex<Vec<Event>>,
        throttle_put: Option<usize>,
        throttle_create: bool,
        reject: Rejected,
    }

    impl CentralLog for &Fake {
        async fn create_stream(&self, stream: &str) -> Result<(), WriteError> {
            self.calls.lock().unwrap().push(format!("create {stream}"));
            if self.throttle_create { Err(throttled("CreateLogStream")) } else { Ok(()) }
        }

        async fn put(&self, stream: &str, events: Vec<Event>) -> Result<Rejected, WriteError> {
            let mut calls = self.calls.lock().unwrap();
            let puts = calls.iter().filter(|call| call.starts_with("put")).count();
            if self.throttle_put == Some(puts) {
                return Err(throttled("PutLogEvents"));
            }
            calls.push(format!("put {} {stream}", events.len()));
            self.written.lock().unwrap().extend(events);
            Ok(self.reject)
        }
    }

    fn throttled(operation: &'static str) -> WriteError {
        WriteError { operation, source: "ThrottlingException: Rate exceeded".into() }
    }

    fn copy(fake: &Fake, payload: &Payload) -> Result<Copied, RelayError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(Relay::new(parse(&[]).unwrap(), fake).copy(payload))
    }

    fn event(timestamp: i64, message: &str) -> Event {
        Event { timestamp, message: message.into() }
    }

    #[test]
    fn events_go_to_the_tenants_stream_of_their_day() {
        let fake = Fake::default();
        let events = [event(DAY, "c"), event(0, "a"), event(1, "b")];
        assert_eq!(copy(&fake, &logs(GROUP, &events)).unwrap(), Copied { events: 3, requests: 2 });
        let calls = fake.calls.into_inner().unwrap();
        assert_eq!(
            calls,
            [
                "create acme-corp/api-log/1970-01-01",
                "put 2 acme-corp/api-log/1970-01-01",
                "create acme-corp/api-log/1970-01-02",
                "put 1 acme-corp/api-log/1970-01-02"
            ]
        );
        assert_eq!(fake.written.into_inner().unwrap(), [event(0, "a"), event(1, "b"), event(DAY, "c")]);
    }

    #[test]
    fn a_stream_is_made_once_for_all_requests_of_a_day() {
        let fake = Fake::default();
        copy(&fake, &logs(GROUP, &vec![event(1, "x"); 25_000])).unwrap();
        let calls = fake.calls.into_inner().unwrap();
        assert_eq!(calls.iter().filter(|call| call.starts_with("create")).count(), 1);
        assert_eq!(calls.len(), 4);
    }

    #[test]
    fn a_batch_of_another_log_group_is_refused_and_nothing_written() {
        for group in
            ["platform-central-log-dev", "tenant-tech-startup-api-log-dev", "tenant-acme-corp-relay-log-dev", ""]
        {
            let fake = Fake::default();
            let error = copy(&fake, &logs(group, &[event(1, "x")])).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("refused a batch of the log group `{group}`; this relay takes `{GROUP}` only")
            );
            assert!(fake.calls.into_inner().unwrap().is_empty(), "{group}");
        }
    }

    #[test]
    fn a_control_message_is_taken_and_nothing_written() {
        let fake = Fake::default();
        let control = packed(br#"{"messageType":"CONTROL_MESSAGE"}"#);
        assert_eq!(copy(&fake, &control).unwrap(), Copied::default());
        assert!(fake.calls.into_inner().unwrap().is_empty());
    }

    #[test]
    fn a_throttle_that_outlasts_the_retries_is_an_error_so_that_the_batch_comes_again() {
        let payload = logs(GROUP, &vec![event(1, "x"); 25_000]);
        let fake = Fake { throttle_put: Some(1), ..Fake::default() };
        let error = copy(&fake, &payload).unwrap_err();
        assert_eq!(
            crate::chain(&error),
            "cannot write to the stream `acme-corp/api-log/1970-01-01` of the central log group: PutLogEvents failed: \
             ThrottlingException: Rate exceeded"
        );
        assert_eq!(fake.written.into_inner().unwrap().len(), 10_000, "nothing after the failure");

        let fake = Fake { throttle_create: true, ..Fake::default() };
        assert_eq!(copy(&fake, &payload).unwrap_err().name(), "CentralLogUnavailable");
        assert!(fake.written.into_inner().unwrap().is_empty());
    }

    #[test]
    fn rejected_events_are_counted_and_an_error_but_do_not_hold_up_the_others() {
        let fake = Fake { reject: Rejected { too_new: 0, too_old: 2, expired: 1 }, ..Fake::default() };
        let error = copy(&fake, &logs(GROUP, &vec![event(1, "x"); 15_000])).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "the central log group rejected 0 events as too new, 4 as too old and 2 as expired; they stand in `{GROUP}` only"
            )
        );
        assert_eq!(fake.written.into_inner().unwrap().len(), 15_000);
    }
}
