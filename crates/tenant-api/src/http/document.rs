//! One document: read, written, deleted.

use lambda_http::http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use lambda_http::http::{HeaderMap, HeaderValue, StatusCode};
use lambda_http::{Body, Response};

use super::api::{changeable, readable, served};
use super::{Api, Failure, Incoming, reply};
use crate::document::{Document, DocumentError};
use crate::etag::Preconditions;
use crate::problem::{Kind, Problem};
use crate::resource_type::ResourceType;

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::TooLarge(_) => Problem::new(Kind::TooLarge, error.to_string()).into(),
            DocumentError::Json(detail) => Problem::new(Kind::InvalidDocument, detail).into(),
            DocumentError::OtherTenant(other) => Self::OtherTenant(other),
        }
    }
}

impl Api {
    pub(super) async fn get(
        &self,
        name: &ResourceType,
        preconditions: &Preconditions,
    ) -> Result<Response<Body>, Failure> {
        let (standing, document) = self.table.read(name).await?;
        served(standing)?;
        readable(document.as_ref().map(Document::etag), preconditions)?;
        let Some(document) = document else {
            return Err(Problem::new(Kind::NoSuchResource, format!("there is no resource `{}`", name.as_str())).into());
        };
        let etag = document.etag().clone();
        if preconditions.reader_has(&etag) {
            return Ok(reply::not_modified(&etag));
        }
        Ok(reply::tagged(StatusCode::OK, document.into_text(), &etag))
    }

    pub(super) async fn put(
        &self,
        name: &ResourceType,
        request: Incoming,
        preconditions: &Preconditions,
        request_id: &str,
    ) -> Result<Response<Body>, Failure> {
        is_json(&request.headers)?;
        let document = Document::parse(request.body, &self.settings.tenant)?;
        changeable(self.table.standing().await?)?;
        let written = self.table.write(name, &document, preconditions, request_id).await?;
        let status = if written.created { StatusCode::CREATED } else { StatusCode::OK };
        // The tag is that of the document, which was stored as it came.
        let mut response = reply::with_etag(reply::json(status, &written.entry), Some(document.etag()));
        if let (true, Ok(location)) =
            (written.created, HeaderValue::from_str(&format!("/v1/resources/{}", name.as_str())))
        {
            response.headers_mut().insert(LOCATION, location);
        }
        Ok(response)
    }

    pub(super) async fn delete(
        &self,
        name: &ResourceType,
        preconditions: &Preconditions,
    ) -> Result<Response<Body>, Failure> {
        changeable(self.table.standing().await?)?;
        self.table.delete(name, preconditions).await?;
        Ok(reply::empty(StatusCode::NO_CONTENT))
    }
}

/// Makes sure that the body is said to be JSON, in UTF-8, and not compressed.
fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (kind, parameters) = value.split_once(';').unwrap_or((value, ""));
    let utf8 = parameters.split(';').map(str::trim).filter(|parameter| !parameter.is_empty()).all(|parameter| {
        let parameter = parameter.replace('"', "");
        parameter.eq_ignore_ascii_case("charset=utf-8")
    });
    let plain =
        headers.get(CONTENT_ENCODING).is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if kind.trim().eq_ignore_ascii_case("application/json") && utf8 && plain {
        Ok(())
    } else {
        let detail = "send the document as `Content-Type: application/json`, in UTF-8, without a `Content-Encoding`";
        Err(Problem::new(Kind::UnsupportedMediaType, detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_is_taken() {
        let check =
            |kind: &'static str| is_json(&[(CONTENT_TYPE, HeaderValue::from_static(kind))].into_iter().collect());
        for kind in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
            "application/json;",
        ] {
            assert_eq!(check(kind), Ok(()), "{kind}");
        }
        for kind in
            ["", "text/plain", "application/json-patch+json", "application/jsonx", "application/json; charset=latin1"]
        {
            assert!(check(kind).is_err(), "{kind}");
        }
        assert!(is_json(&HeaderMap::new()).is_err());
        let zipped = [(CONTENT_TYPE, "application/json"), (CONTENT_ENCODING, "gzip")];
        let zipped = zipped.map(|(name, value)| (name, HeaderValue::from_static(value)));
        assert!(is_json(&zipped.into_iter().collect()).is_err());
    }
}
