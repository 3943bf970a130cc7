//! What the relay asks of the central log group.

use std::error::Error;
use std::future::Future;

use crate::piece::{Piece, Untimely};

/// The central log group.
pub trait CentralLog {
    /// Makes a stream; one that is there already is fine.
    fn create_stream(&self, stream: &str) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// Writes one request and tells what was rejected of it.
    fn put(&self, stream: &str, pieces: &[Piece]) -> impl Future<Output = Result<Rejection, WriteError>> + Send;

    /// How many calls have been sent so far, retries among them.
    fn attempts(&self) -> u64;
}

/// Why CloudWatch Logs did not do something, after all retries.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The stream is to be made first.
    #[error("there is no such stream")]
    NoStream,
    /// There is no log group to write to.
    #[error("there is no log group `{0}`; deploy the platform's stack, and then redrive the dead-letter queue")]
    NoGroup(String),
    /// Anything else.
    #[error("{operation} failed")]
    Failed {
        /// The operation.
        operation: &'static str,
        /// What the SDK says.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// Which pieces of a request CloudWatch Logs did not take; the others it took. AWS tells the indices at which those that are too old
/// or expired end, and at which those that are too new begin
/// ([RejectedLogEventsInfo](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_RejectedLogEventsInfo.html)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rejection {
    /// The first one that is not expired.
    pub expired_end: usize,
    /// The first one that is not too old.
    pub too_old_end: usize,
    /// The first one that is too new.
    pub too_new_start: Option<usize>,
}

impl Rejection {
    /// Why a piece of the request was not taken.
    pub fn of(self, place: usize) -> Option<Untimely> {
        if place < self.expired_end {
            Some(Untimely::Expired)
        } else if place < self.too_old_end {
            Some(Untimely::TooOld)
        } else if self.too_new_start.is_some_and(|start| place >= start) {
            Some(Untimely::TooNew)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_rejected_is_told_from_the_indices() {
        use Untimely::{Expired, TooNew, TooOld};
        let rejection = Rejection { expired_end: 1, too_old_end: 3, too_new_start: Some(4) };
        let reasons: Vec<_> = (0..6).map(|place| rejection.of(place)).collect();
        assert_eq!(reasons, [Some(Expired), Some(TooOld), Some(TooOld), None, Some(TooNew), Some(TooNew)]);
        assert!((0..10_000).all(|place| Rejection::default().of(place).is_none()));
    }
}
