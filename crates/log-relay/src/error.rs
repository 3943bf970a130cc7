//! Why a batch was not copied.

use std::error::Error;

use crate::batch::DecodeError;
use crate::central::WriteError;

/// Why a batch was not copied, or not as a whole. Lambda then repeats it, and sends it to the dead-letter queue at last.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The payload is no batch.
    #[error("cannot read the batch")]
    Decode(#[from] DecodeError),
    /// The batch comes from a log group that this relay does not serve.
    #[error("refused a batch of the log group `{given}`; this relay takes `{relayed}` only")]
    ForeignLogGroup {
        /// The log group of the batch.
        given: String,
        /// The one that is taken.
        relayed: String,
    },
    /// The batch comes from a log group of another account.
    #[error("refused a batch of the account `{given}`; this relay takes those of its own, `{own}`, only")]
    ForeignAccount {
        /// The account of the batch.
        given: String,
        /// The relay's own.
        own: String,
    },
    /// CloudWatch Logs failed.
    #[error("cannot write to the stream `{stream}` of the central log group")]
    Write {
        /// The stream.
        stream: String,
        /// What failed.
        source: WriteError,
    },
    /// The invocation's time was over.
    #[error("the central log group did not take the whole batch in the time of the invocation")]
    OutOfTime,
    /// CloudWatch Logs took the requests but not all events.
    #[error(
        "the central log group rejected {pieces} events at their own time and at the present one; they stand in `{relayed}` only"
    )]
    Rejected {
        /// How many.
        pieces: usize,
        /// The log group that still has them.
        relayed: String,
    },
}

impl RelayError {
    /// The name under which Lambda reports it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Decode(_) => "UnreadableBatch",
            Self::ForeignLogGroup { .. } => "ForeignLogGroup",
            Self::ForeignAccount { .. } => "ForeignAccount",
            Self::Write { .. } => "CentralLogUnavailable",
            Self::OutOfTime => "OutOfTime",
            Self::Rejected { .. } => "EventsRejected",
        }
    }

    /// Whether the batch belongs to somebody else.
    pub fn is_foreign(&self) -> bool {
        matches!(self, Self::ForeignLogGroup { .. } | Self::ForeignAccount { .. })
    }
}

/// An error and all its causes in one line.
pub fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
