//! The list of documents, page by page.

use std::sync::{Mutex, PoisonError};

use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use serde::Serialize;

use super::api::{only, served, unless_known};
use super::{Api, Failure, Incoming, reply};
use crate::cursor::{CursorError, CursorKey};
use crate::etag::Preconditions;
use crate::problem::{Kind, Problem};
use crate::resource_type::ResourceType;
use crate::table::{Entry, Page};

/// How many documents a page has when nothing is said, and at most.
const DEFAULT: usize = 50;
const MOST: usize = 100;

/// What lists remember: the key of cursors, once it is known.
#[derive(Debug, Default)]
pub(super) struct Lists(Mutex<Option<CursorKey>>);

impl Lists {
    fn known(&self) -> Option<CursorKey> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, key: &CursorKey) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(key.clone());
    }
}

#[derive(Serialize)]
struct List<'a> {
    resources: &'a [Entry],
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Api {
    pub(super) async fn list(
        &self,
        request: &Incoming,
        preconditions: &Preconditions,
    ) -> Result<Response<Body>, Failure> {
        only(request, &["limit", "cursor"])?;
        let value =
            |wanted: &str| request.query.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let limit = value("limit").map_or(Ok(DEFAULT), limit)?;
        served(self.table.standing().await?)?;
        let after = match value("cursor") {
            None => None,
            Some(cursor) => Some(self.open(cursor).await?),
        };
        let Page { entries, more } = self.table.list(after.as_ref(), limit).await?;
        let last = entries.last().filter(|_| more).and_then(|entry| entry.resource_type.parse().ok());
        let next_cursor = match last {
            None => None,
            Some(last) => Some(self.cursor_key().await?.seal(&self.settings.tenant, &last)),
        };
        let list = List { resources: &entries, next_cursor };
        let response = reply::json(StatusCode::OK, &list);
        let body = match response.body() {
            Body::Text(text) => text.clone(),
            _ => String::new(),
        };
        unless_known(response, &body, preconditions)
    }

    /// Where a cursor goes on. When the key does not fit, the table may hold a new one.
    async fn open(&self, cursor: &str) -> Result<ResourceType, Failure> {
        let tenant = &self.settings.tenant;
        let opened = match self.lists.known().map(|key| key.open(tenant, cursor)) {
            None | Some(Err(CursorError::Invalid)) => self.fresh_cursor_key().await?.open(tenant, cursor),
            Some(opened) => opened,
        };
        opened.map_err(|error| match error {
            CursorError::Invalid => Problem::new(Kind::InvalidCursor, error.to_string()).into(),
            CursorError::OtherTenant(other) => Failure::OtherTenant(other),
        })
    }

    async fn cursor_key(&self) -> Result<CursorKey, Failure> {
        match self.lists.known() {
            Some(key) => Ok(key),
            None => self.fresh_cursor_key().await,
        }
    }

    async fn fresh_cursor_key(&self) -> Result<CursorKey, Failure> {
        let key = self.table.cursor_key().await?;
        self.lists.remember(&key);
        Ok(key)
    }
}

fn limit(text: &str) -> Result<usize, Problem> {
    let limit = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    limit
        .filter(|limit| (1..=MOST).contains(limit))
        .ok_or_else(|| Problem::new(Kind::InvalidRequest, format!("`limit` must be a whole number from 1 to {MOST}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_whole_number_from_1_to_100() {
        assert_eq!([limit("1"), limit("100")], [Ok(1), Ok(100)]);
        for text in ["0", "101", "-1", "+1", "1.0", "", "a", "99999999999999999999", " 1"] {
            assert!(limit(text).is_err(), "{text}");
        }
    }
}
