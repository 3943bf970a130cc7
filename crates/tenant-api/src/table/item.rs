//! Items as they come out of the table: each is checked to be the tenant's, and what was asked for, before anything is done with it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use naming::{TenantId, runtime};
use serde::Serialize;

use super::error::TableError;
use crate::document::{Document, DocumentError};
use crate::etag::ETag;
use crate::lock::OtherTenant;
use crate::resource_type::ResourceType;

/// The attributes of documents.
pub(super) mod attribute {
    pub(crate) const DOCUMENT: &str = "doc";
    pub(crate) const BYTES: &str = "doc_bytes";
    pub(crate) const ETAG: &str = "etag";
    pub(crate) const CREATED_AT: &str = "created_at";
    pub(crate) const CREATED_BY: &str = "created_by";
    pub(crate) const UPDATED_AT: &str = "updated_at";
    pub(crate) const WRITTEN_BY: &str = "written_by";
}

/// What is known of a document without the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The document's name.
    pub resource_type: String,
    /// Its entity tag, with quotes, as `If-Match` wants it.
    pub etag: String,
    /// Its size in bytes.
    pub bytes: usize,
    /// When it was made.
    pub created_at: String,
    /// When it was last written.
    pub updated_at: String,
}

/// An item of this tenant.
pub(super) struct Item {
    sort: String,
    attributes: BTreeMap<String, AttributeValue>,
}

impl Item {
    /// Takes an item that is the tenant's.
    pub(super) fn own(
        attributes: impl IntoIterator<Item = (String, AttributeValue)>,
        tenant: &TenantId,
    ) -> Result<Self, TableError> {
        let mut attributes: BTreeMap<_, _> = attributes.into_iter().collect();
        let mut key = |name| match attributes.remove(name) {
            Some(AttributeValue::S(text)) => text,
            _ => String::new(),
        };
        let (given, sort) = (key(runtime::PARTITION_KEY), key(runtime::SORT_KEY));
        if given != tenant.as_str() {
            return Err(OtherTenant { place: "stored item", given }.into());
        }
        Ok(Self { sort, attributes })
    }

    pub(super) fn sort(&self) -> &str {
        &self.sort
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.attributes.remove(name)? {
            AttributeValue::S(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn number(&mut self, name: &str) -> Option<i64> {
        match self.attributes.remove(name)? {
            AttributeValue::N(number) => number.parse().ok(),
            _ => None,
        }
    }

    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.attributes.remove(name)? {
            AttributeValue::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    pub(super) fn bytes(&mut self, name: &str) -> Option<Vec<u8>> {
        match self.attributes.remove(name)? {
            AttributeValue::B(bytes) => Some(bytes.into_inner()),
            _ => None,
        }
    }

    pub(super) fn unreadable(&self, problem: impl Into<String>) -> TableError {
        TableError::Unreadable { item: self.sort.clone(), problem: problem.into() }
    }

    /// The document in it.
    pub(super) fn document(mut self, tenant: &TenantId) -> Result<Document, TableError> {
        let text = self.text(attribute::DOCUMENT).unwrap_or_default();
        Document::parse(text.into_bytes(), tenant).map_err(|error| match error {
            DocumentError::OtherTenant(OtherTenant { given, .. }) => {
                OtherTenant { place: "stored document", given }.into()
            }
            other => self.unreadable(other.to_string()),
        })
    }

    /// The tag of the document in it.
    pub(super) fn etag(&mut self) -> Option<ETag> {
        self.text(attribute::ETAG).map(ETag::stored)
    }

    /// What is known of the document in it.
    pub(super) fn entry(mut self) -> Result<Entry, TableError> {
        let name: ResourceType = self.sort.parse().map_err(|_| self.unreadable("it is no document"))?;
        let mut text = |name: &str| self.text(name);
        let found = (text(attribute::ETAG), text(attribute::CREATED_AT), text(attribute::UPDATED_AT));
        let bytes = self.number(attribute::BYTES).and_then(|bytes| usize::try_from(bytes).ok());
        match (found, bytes) {
            ((Some(etag), Some(created_at), Some(updated_at)), Some(bytes)) => Ok(Entry {
                resource_type: name.as_str().to_owned(),
                etag: format!("\"{etag}\""),
                bytes,
                created_at,
                updated_at,
            }),
            _ => Err(self.unreadable("an attribute is missing")),
        }
    }
}
