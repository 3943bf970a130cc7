//! Where the tenant stands in its life, and the events that change it.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use naming::runtime;

use super::error::TableError;
use super::item::Item;
use super::key::Key;
use super::{Table, now, now_in_seconds};
use crate::event::{Change, Lifecycle, Status};

/// Where a tenant stands. A tenant of which nothing is known yet is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is served.
    pub status: Status,
    /// Whether its settings forbid changes.
    pub read_only: bool,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It changed where the tenant stands.
    Changed,
    /// It was taken before.
    Repeated,
    /// A later one was taken before it.
    Superseded,
}

impl Applied {
    /// The word for the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Repeated => "repeated",
            Self::Superseded => "superseded",
        }
    }
}

/// How long the record of an event is kept: as long as a dead-letter queue keeps the event, from where it may be sent again.
const KEPT_SECONDS: i64 = 14 * 24 * 60 * 60;
/// How often an event is tried that met another change, and the first pause.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(50);

const READ_ONLY: &str = "read_only";
const STATUS: &str = "tenant_status";

impl Standing {
    pub(super) fn read(mut item: Item) -> Result<Self, TableError> {
        let status = match item.text(STATUS) {
            None => Status::Active,
            Some(text) => Status::parse(&text).ok_or_else(|| item.unreadable(format!("unknown status `{text}`")))?,
        };
        Ok(Self { status, read_only: item.flag(READ_ONLY).unwrap_or(false) })
    }
}

impl Table {
    /// Where the tenant stands.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn standing(&self) -> Result<Standing, TableError> {
        self.get(&Key::Lifecycle).await?.map_or(Ok(Standing::default()), Standing::read)
    }

    /// Takes an event once: its record and the change it makes are written together, or neither is.
    ///
    /// # Errors
    /// When the table does not do it; the event can be sent again.
    pub async fn apply(&self, event: &Lifecycle) -> Result<Applied, TableError> {
        let mut pause = PAUSE;
        for _ in 0..TRIES {
            match self.try_to_apply(event).await? {
                Some(applied) => return Ok(applied),
                None => tokio::time::sleep(pause).await,
            }
            pause *= 2;
        }
        Err(TableError::Busy(None))
    }

    /// One try; nothing when another change was under way.
    async fn try_to_apply(&self, event: &Lifecycle) -> Result<Option<Applied>, TableError> {
        let record = self.record(event, Applied::Changed)?;
        let change = TransactWriteItem::builder().update(self.change(event)?).build();
        let record = TransactWriteItem::builder().put(record).build();
        let Err(error) = self.client.transact_write_items().transact_items(record).transact_items(change).send().await
        else {
            return Ok(Some(Applied::Changed));
        };
        let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error() else {
            return Err(error.into());
        };
        let failed = |index: usize| {
            let reason = canceled.cancellation_reasons().get(index).and_then(|reason| reason.code());
            (reason == Some("ConditionalCheckFailed"), reason.is_some_and(|code| WAITS.contains(&code)))
        };
        match (failed(0), failed(1)) {
            ((true, _), _) => Ok(Some(Applied::Repeated)),
            (_, (true, _)) => self.record_superseded(event).await.map(Some),
            ((_, true), _) | (_, (_, true)) => Ok(None),
            _ => Err(error.into()),
        }
    }

    async fn record_superseded(&self, event: &Lifecycle) -> Result<Applied, TableError> {
        let record = self.record(event, Applied::Superseded)?;
        let put = self.client.put_item().table_name(self.name.as_str()).set_item(Some(record.item));
        // Taken at the same time by another delivery: the record is there, whoever wrote it.
        put.send().await?;
        Ok(Applied::Superseded)
    }

    fn record(&self, event: &Lifecycle, outcome: Applied) -> Result<Put, TableError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let expiry = now_in_seconds() + KEPT_SECONDS;
        let put = Put::builder()
            .table_name(self.name.as_str())
            .set_item(Some(Key::Event(event.id.clone()).of(&self.tenant).into_iter().collect()))
            .item("detail_type", text(event.change.detail_type()))
            .item("event_time", AttributeValue::N(event.time.to_string()))
            .item("taken_at", text(&now()))
            .item("outcome", text(outcome.as_str()))
            .item(runtime::EXPIRY, AttributeValue::N(expiry.to_string()))
            .condition_expression(format!("attribute_not_exists({})", runtime::SORT_KEY));
        put.build().map_err(|error| TableError::Refused(error.into()))
    }

    /// The change that an event makes, unless a later event of the same kind made one. Events of the same second count in the order in
    /// which they come, since EventBridge tells no more.
    fn change(&self, event: &Lifecycle) -> Result<Update, TableError> {
        let (attribute, time, value) = match &event.change {
            Change::Status { status, .. } => (STATUS, "status_time", AttributeValue::S(status.as_str().to_owned())),
            Change::Settings(settings) => (READ_ONLY, "settings_time", AttributeValue::Bool(settings.read_only)),
        };
        let update = Update::builder()
            .table_name(self.name.as_str())
            .set_key(Some(Key::Lifecycle.of(&self.tenant).into_iter().collect()))
            .update_expression(format!("SET {attribute} = :value, {time} = :time"))
            .condition_expression(format!("attribute_not_exists({time}) OR {time} <= :time"))
            .expression_attribute_values(":value", value)
            .expression_attribute_values(":time", AttributeValue::N(event.time.to_string()));
        update.build().map_err(|error| TableError::Refused(error.into()))
    }
}

/// The reasons of a cancelled transaction that pass by themselves.
const WAITS: [&str; 3] = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
