//! The key of cursors: made by the first function that needs it, and kept in the tenant's table.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use naming::runtime;
use ring::rand::{SecureRandom, SystemRandom};

use super::error::TableError;
use super::item::Item;
use super::key::Key;
use super::{Table, now};
use crate::cursor::CursorKey;

const SECRET: &str = "secret";

impl Table {
    /// The key of this tenant's cursors.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn cursor_key(&self) -> Result<CursorKey, TableError> {
        if let Some(key) = self.stored_cursor_key().await? {
            return Ok(key);
        }
        let mut secret = [0; CursorKey::BYTES];
        SystemRandom::new().fill(&mut secret).map_err(|_| TableError::Refused("no random numbers".into()))?;
        let put = self
            .client
            .put_item()
            .table_name(self.name.as_str())
            .set_item(Some(Key::Secret.of(&self.tenant).into_iter().collect()))
            .item(SECRET, AttributeValue::B(Blob::new(secret)))
            .item("created_at", AttributeValue::S(now()))
            .condition_expression(format!("attribute_not_exists({})", runtime::SORT_KEY));
        match put.send().await {
            Ok(_) => Ok(CursorKey::new(&secret)),
            Err(error)
                if matches!(error.as_service_error(), Some(PutItemError::ConditionalCheckFailedException(_))) =>
            {
                // Another one was quicker, or the answer to our own attempt was lost.
                self.stored_cursor_key().await?.ok_or(TableError::Busy(None))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn stored_cursor_key(&self) -> Result<Option<CursorKey>, TableError> {
        let Some(mut item) = self.get(&Key::Secret).await? else { return Ok(None) };
        let secret = item.bytes(SECRET).and_then(|bytes| <[u8; CursorKey::BYTES]>::try_from(bytes).ok());
        secret.map(|secret| Some(CursorKey::new(&secret))).ok_or_else(|| item.unreadable("it holds no secret"))
    }

    /// One item that the function keeps for itself.
    pub(super) async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        let output = self
            .client
            .get_item()
            .table_name(self.name.as_str())
            .set_key(Some(key.of(&self.tenant).into_iter().collect()))
            .consistent_read(true)
            .send()
            .await?;
        output.item.map(|attributes| Item::own(attributes, &self.tenant)).transpose()
    }
}
