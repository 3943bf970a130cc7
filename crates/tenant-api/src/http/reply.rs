//! Answers.

use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, RETRY_AFTER};
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::{Body, Response};
use serde::Serialize;

use crate::etag::ETag;
use crate::problem::Problem;

const JSON: &str = "application/json";
/// A client may keep an answer, and asks each time whether it still holds.
const REVALIDATED: &str = "private, no-cache";

/// An answer without a body.
pub(super) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status;
    set(&mut response, CACHE_CONTROL, "no-store");
    response
}

/// An answer with a JSON body, of which no tag is known yet.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    // Only a map with keys that are no text fails here; none of the bodies has one.
    let body = serde_json::to_string(body).unwrap_or_default();
    let etag = ETag::of(body.as_bytes());
    tagged(status, body, &etag)
}

/// An answer with a JSON body and its tag.
pub(super) fn tagged(status: StatusCode, body: String, etag: &ETag) -> Response<Body> {
    let mut response = empty(status);
    *response.body_mut() = Body::Text(body);
    set(&mut response, CONTENT_TYPE, JSON);
    set(&mut response, CACHE_CONTROL, REVALIDATED);
    with_etag(response, Some(etag))
}

/// An answer that the reader already has.
pub(super) fn not_modified(etag: &ETag) -> Response<Body> {
    let mut response = empty(StatusCode::NOT_MODIFIED);
    set(&mut response, CACHE_CONTROL, REVALIDATED);
    with_etag(response, Some(etag))
}

/// A problem as an answer.
pub(crate) fn problem(problem: &Problem, request_id: &str) -> Response<Body> {
    let mut response = empty(problem.kind.status());
    *response.body_mut() = Body::Text(problem.body(request_id).to_string());
    set(&mut response, CONTENT_TYPE, Problem::MEDIA_TYPE);
    if let Some(seconds) = problem.retry_after() {
        set(&mut response, RETRY_AFTER, seconds);
    }
    with_etag(response, problem.current.as_ref())
}

/// Sets a header.
pub(super) fn set(response: &mut Response<Body>, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}

pub(super) fn with_etag(mut response: Response<Body>, etag: Option<&ETag>) -> Response<Body> {
    if let Some(value) = etag.and_then(ETag::header) {
        response.headers_mut().insert(ETAG, value);
    }
    response
}
