//! What can go wrong between the function and its table.

use std::error::Error;

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::etag::ETag;
use crate::lock::OtherTenant;
use crate::problem::{Kind, Problem};

/// Why the table did not do what it was asked to. What AWS said is in the source, for the log; a caller gets a `Problem` instead.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It turns requests away for now.
    #[error("the table is busy")]
    Busy(#[source] Option<Box<dyn Error + Send + Sync>>),
    /// It failed, or cannot be reached.
    #[error("the table is not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// It did not answer in time.
    #[error("the table did not answer in time")]
    TimedOut(#[source] Box<dyn Error + Send + Sync>),
    /// It refused the call, or the call could not be made: a mistake of the function or of its stack.
    #[error("the table refused the call")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
    /// An item is not what this function writes.
    #[error("the item `{item}` cannot be read: {problem}")]
    Unreadable {
        /// The item's sort key.
        item: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An item is another tenant's.
    #[error(transparent)]
    OtherTenant(#[from] OtherTenant),
    /// What the caller demands of the current document does not hold.
    #[error("the document is not in the demanded state")]
    Precondition(Option<ETag>),
}

/// The codes with which DynamoDB turns a request away that may be sent again
/// ([error codes](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html)).
const BUSY: [&str; 7] = [
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "ThrottlingError",
    "TransactionConflictException",
    "TransactionInProgressException",
];

impl<E> From<SdkError<E, HttpResponse>> for TableError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let busy = error.code().is_some_and(|code| BUSY.contains(&code));
        let server = error.raw_response().is_none_or(|response| response.status().is_server_error());
        match &error {
            SdkError::TimeoutError(_) => Self::TimedOut(error.into()),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::TimedOut(error.into()),
            SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Self::Unavailable(error.into()),
            SdkError::ServiceError(_) if busy => Self::Busy(Some(error.into())),
            SdkError::ServiceError(_) if server => Self::Unavailable(error.into()),
            _ => Self::Refused(error.into()),
        }
    }
}

impl TableError {
    /// What a caller is told.
    pub fn problem(&self) -> Problem {
        let new = |kind, detail: &str| Problem::new(kind, detail);
        match self {
            Self::Busy(_) => new(Kind::Busy, "too many requests at once; send this one again after a pause"),
            Self::Unavailable(_) => new(Kind::Unavailable, "the storage failed; send the request again after a pause"),
            Self::TimedOut(_) => new(
                Kind::TimedOut,
                "the storage did not answer in time; a change may have been made: read before you repeat it",
            ),
            Self::Refused(_) | Self::Unreadable { .. } => {
                new(Kind::Internal, "a mistake on this side; report the request id")
            }
            Self::OtherTenant(_) => new(Kind::OtherTenant, "the request reached what is another tenant's"),
            Self::Precondition(current) => Problem {
                current: current.clone(),
                ..new(Kind::PreconditionFailed, "`If-Match` or `If-None-Match` does not hold; read the resource again")
            },
        }
    }
}
