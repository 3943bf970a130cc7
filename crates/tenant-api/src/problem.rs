//! Errors as problem details ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)).

use lambda_http::http::StatusCode;
use serde_json::{Value, json};

use crate::etag::ETag;

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $status:ident, $slug:literal, $title:literal;)+) => {
        /// What can be wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $variant,)+ }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The status.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            /// The last part of the problem's type.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)+ }
            }

            /// The problem's title, the same for every problem of the kind.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

kinds! {
    /// A header, query parameter or path segment is not what it must be.
    InvalidRequest = BAD_REQUEST, "invalid-request", "The request is malformed";
    /// The cursor was not given out by this API.
    InvalidCursor = BAD_REQUEST, "invalid-cursor", "The cursor is not valid";
    /// The body is no document.
    InvalidDocument = BAD_REQUEST, "invalid-document", "The body is no acceptable JSON document";
    /// The request names another tenant.
    OtherTenant = FORBIDDEN, "other-tenant", "The request names another tenant";
    /// The tenant is suspended.
    Suspended = FORBIDDEN, "tenant-suspended", "The tenant is suspended";
    /// The tenant leaves: its data can be read, not changed.
    Offboarding = FORBIDDEN, "tenant-offboarding", "The tenant is leaving";
    /// The tenant's settings forbid changes.
    ReadOnly = FORBIDDEN, "tenant-read-only", "The tenant's data is read-only";
    /// There is no such path.
    NoSuchPath = NOT_FOUND, "no-such-path", "There is nothing at this path";
    /// There is no such document.
    NoSuchResource = NOT_FOUND, "no-such-resource", "There is no such resource";
    /// The method is not for this path.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method-not-allowed", "The method is not allowed here";
    /// What the request demands of the current representation does not hold.
    PreconditionFailed = PRECONDITION_FAILED, "precondition-failed", "The resource is not in the demanded state";
    /// The body is too large.
    TooLarge = PAYLOAD_TOO_LARGE, "document-too-large", "The document is too large";
    /// The body is of another kind.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body must be JSON";
    /// A mistake of ours.
    Internal = INTERNAL_SERVER_ERROR, "internal", "The request could not be handled";
    /// The storage turns requests away for now.
    Busy = SERVICE_UNAVAILABLE, "busy", "The service is busy";
    /// The storage does not answer as it should.
    Unavailable = SERVICE_UNAVAILABLE, "unavailable", "The service is not available";
    /// The storage did not answer in time.
    TimedOut = GATEWAY_TIMEOUT, "timed-out", "The service took too long";
}

/// What went wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which problem.
    pub kind: Kind,
    /// What is wrong with this request, and what would do.
    pub detail: String,
    /// The tag of the current representation, where a precondition failed.
    pub current: Option<ETag>,
}

impl Problem {
    /// The media type.
    pub const MEDIA_TYPE: &str = "application/problem+json";

    /// A problem with a request.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), current: None }
    }

    /// The body of the answer. The request id finds the request in the log.
    pub fn body(&self, request_id: &str) -> Value {
        json!({
            "type": format!("urn:palisade:problem:{}", self.kind.slug()),
            "title": self.kind.title(),
            "status": self.kind.status().as_u16(),
            "detail": self.detail,
            "request_id": request_id,
        })
    }

    /// After how many seconds the same request may do better.
    pub fn retry_after(&self) -> Option<&'static str> {
        matches!(self.kind, Kind::Busy | Kind::Unavailable | Kind::TimedOut).then_some("1")
    }
}
