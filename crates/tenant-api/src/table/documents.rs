//! Documents: read, written, deleted and listed.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure};
use naming::runtime;

use super::condition::{Change, Condition};
use super::error::TableError;
use super::item::{Entry, Item, attribute};
use super::key::Key;
use super::lifecycle::Standing;
use super::{Table, now};
use crate::document::Document;
use crate::etag::{ETag, Preconditions};
use crate::resource_type::ResourceType;

/// What became of a document that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Whether there was none before.
    pub created: bool,
    /// What is known of it now.
    pub entry: Entry,
}

/// A part of the list of documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The documents, in the order of their names.
    pub entries: Vec<Entry>,
    /// Whether there are more.
    pub more: bool,
}

/// The most queries of one page: each reads up to 1 MB of items, documents included.
const QUERIES: usize = 4;
/// How often what DynamoDB left undone is asked for again.
const ROUNDS: usize = 3;

impl Table {
    /// Where the tenant stands, and a document, in one call.
    ///
    /// # Errors
    /// When the table does not answer, or answers with what is not the tenant's.
    pub async fn read(&self, name: &ResourceType) -> Result<(Standing, Option<Document>), TableError> {
        let wanted = Key::Resource(name.clone());
        let mut keys = KeysAndAttributes::builder().consistent_read(true);
        for key in [&Key::Lifecycle, &wanted] {
            keys = keys.keys(key.of(&self.tenant).into_iter().collect());
        }
        let keys = keys.build().map_err(|error| TableError::Refused(error.into()))?;
        let (mut standing, mut document) = (Standing::default(), None);
        let mut asked = [(self.name.to_string(), keys)].into_iter().collect();
        for _ in 0..ROUNDS {
            let output = self.client.batch_get_item().set_request_items(Some(asked)).send().await?;
            for attributes in output.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                let item = Item::own(attributes, &self.tenant)?;
                if item.sort() == wanted.sort() {
                    document = Some(item.document(&self.tenant)?);
                } else if item.sort() == Key::Lifecycle.sort() {
                    standing = Standing::read(item)?;
                } else {
                    return Err(item.unreadable("it was not asked for"));
                }
            }
            match output.unprocessed_keys.filter(|left| !left.is_empty()) {
                None => return Ok((standing, document)),
                Some(left) => asked = left,
            }
        }
        Err(TableError::Busy(None))
    }

    /// Writes a document if the preconditions hold. The writer's id marks the item, so that a write whose answer was lost, and which the
    /// client of AWS repeats, is known for what it is.
    ///
    /// # Errors
    /// When the preconditions do not hold, or the table does not do it.
    pub async fn write(
        &self,
        name: &ResourceType,
        document: &Document,
        preconditions: &Preconditions,
        writer: &str,
    ) -> Result<Written, TableError> {
        let key = Key::Resource(name.clone());
        let (now, bytes) = (now(), document.text().len());
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let condition = Condition::of(preconditions, Change::Write);
        let mut update = self
            .client
            .update_item()
            .table_name(self.name.as_str())
            .set_key(Some(key.of(&self.tenant).into_iter().collect()))
            .update_expression(UPDATE)
            .set_condition_expression(condition.expression)
            .expression_attribute_values(":doc", text(document.text()))
            .expression_attribute_values(":bytes", AttributeValue::N(bytes.to_string()))
            .expression_attribute_values(":etag", text(document.etag().as_str()))
            .expression_attribute_values(":now", text(&now))
            .expression_attribute_values(":writer", text(writer))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        for (value_name, value) in condition.values {
            update = update.expression_attribute_values(value_name, value);
        }
        let attributes = match update.send().await {
            Ok(output) => output.attributes,
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => failed.item().cloned(),
                _ => return Err(error.into()),
            },
        };
        let found = key.of(&self.tenant).into_iter().chain(attributes.into_iter().flatten());
        let mut item = Item::own(found, &self.tenant)?;
        if item.text(attribute::WRITTEN_BY).as_deref() != Some(writer) {
            return Err(TableError::Precondition(item.etag()));
        }
        let created = item.text(attribute::CREATED_BY).as_deref() == Some(writer);
        Ok(Written { created, entry: item.entry()? })
    }

    /// Deletes a document if the preconditions hold. One that is not there has been deleted already.
    ///
    /// # Errors
    /// When the preconditions do not hold, or the table does not do it.
    pub async fn delete(&self, name: &ResourceType, preconditions: &Preconditions) -> Result<(), TableError> {
        let condition = Condition::of(preconditions, Change::Delete);
        let mut delete = self
            .client
            .delete_item()
            .table_name(self.name.as_str())
            .set_key(Some(Key::Resource(name.clone()).of(&self.tenant).into_iter().collect()))
            .set_condition_expression(condition.expression)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        for (value_name, value) in condition.values {
            delete = delete.expression_attribute_values(value_name, value);
        }
        let Err(error) = delete.send().await else { return Ok(()) };
        match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(failed)) => {
                let current = failed.item().and_then(|item| item.get(attribute::ETAG)).and_then(|tag| tag.as_s().ok());
                Err(TableError::Precondition(current.cloned().map(ETag::stored)))
            }
            _ => Err(error.into()),
        }
    }

    /// Up to `limit` documents in the order of their names, after the given one; fewer where documents are large.
    ///
    /// # Errors
    /// When the table does not answer, or answers with what is not the tenant's.
    pub async fn list(&self, after: Option<&ResourceType>, limit: usize) -> Result<Page, TableError> {
        let mut entries = Vec::new();
        let mut start = after.map(|name| Key::Resource(name.clone()).of(&self.tenant).into_iter().collect());
        let [first, end] = Key::RESOURCES;
        for _ in 0..QUERIES {
            // One more than wanted tells whether there are more.
            let missing = (limit + 1).saturating_sub(entries.len());
            let query = self
                .client
                .query()
                .table_name(self.name.as_str())
                .consistent_read(true)
                .key_condition_expression(RANGE)
                .expression_attribute_values(":tenant", AttributeValue::S(self.tenant.to_string()))
                .expression_attribute_values(":first", AttributeValue::S(first.to_owned()))
                .expression_attribute_values(":end", AttributeValue::S(end.to_owned()))
                .projection_expression(PROJECTION)
                .limit(i32::try_from(missing).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start.take());
            let output = query.send().await?;
            for attributes in output.items.into_iter().flatten() {
                entries.push(Item::own(attributes, &self.tenant)?.entry()?);
            }
            start = output.last_evaluated_key;
            if start.is_none() || entries.len() > limit {
                break;
            }
        }
        let more = start.is_some() || entries.len() > limit;
        entries.truncate(limit);
        Ok(Page { entries, more })
    }
}

const _: () = assert!(matches!(runtime::PARTITION_KEY.as_bytes(), b"tenant_id"));
const _: () = assert!(matches!(runtime::SORT_KEY.as_bytes(), b"resource_type"));

const UPDATE: &str = "SET doc = :doc, doc_bytes = :bytes, etag = :etag, updated_at = :now, written_by = :writer, \
                      created_at = if_not_exists(created_at, :now), created_by = if_not_exists(created_by, :writer)";
const RANGE: &str = "tenant_id = :tenant AND resource_type BETWEEN :first AND :end";
const PROJECTION: &str = "tenant_id, resource_type, etag, doc_bytes, created_at, updated_at";
