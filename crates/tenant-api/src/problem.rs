//! Errors as problem details ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)).

use lambda_http::http::StatusCode;
use serde::{Serialize, Serializer};

/// What went wrong with a request. The type is left out, which means `about:blank`: the title says no more than the status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The name of the status.
    pub title: &'static str,
    /// The status.
    #[serde(serialize_with = "number")]
    pub status: StatusCode,
    /// What is wrong with this request, and what would do.
    pub detail: String,
    /// The request, by which it is found in the log.
    pub request_id: String,
}

impl Problem {
    /// The media type.
    pub const MEDIA_TYPE: &str = "application/problem+json";

    /// A problem with a request.
    pub fn new(status: StatusCode, detail: impl Into<String>, request_id: &str) -> Self {
        let title = status.canonical_reason().unwrap_or("Unknown");
        Self { title, status, detail: detail.into(), request_id: request_id.to_owned() }
    }
}

fn number<S: Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}
