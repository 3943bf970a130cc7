//! The registry in AWS: the platform's table, keyed by `tenant_id` and `record`.
//!
//! An item's body lies in attributes of its own, so that a state machine can read them. Every write names the version that it replaces.
//! The SDK gives each call of a transaction a token of its own, so that what it sends twice is carried out once
//! ([idempotency](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html)); the same transaction in another
//! call is another one, whose conditions no longer hold.
//!
//! The calls wait, with a runtime of the store's own; call it from a thread that is not a worker of another one
//! (`tokio::task::spawn_blocking`).

use std::collections::BTreeMap;
use std::error::Error;
use std::future::Future;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, Delete, KeysAndAttributes, Put, TransactWriteItem};
use naming::ResourceName;
use serde_json::{Map, Number, Value};
use tokio::runtime::Runtime;

use super::{Expected, KEY_ATTRIBUTES, Key, Page, Store, StoreError, Stored, Transaction, Write};

const VERSION: &str = "version";
/// The most keys of one `BatchGetItem`.
const BATCH: usize = 100;
/// How often keys are asked for again that a batch left out.
const ROUNDS: u32 = 8;

/// The codes with which DynamoDB turns a request away that may be sent again
/// ([error codes](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html)).
const BUSY: [&str; 6] = [
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "ThrottlingError",
    "TransactionConflictException",
];

/// The registry in the platform's table.
pub struct DynamoDbStore {
    client: Client,
    table: ResourceName,
    runtime: Runtime,
}

type Attributes = std::collections::BTreeMap<String, AttributeValue>;

impl DynamoDbStore {
    /// The registry in a table, with a client whose retries and timeouts are the caller's choice.
    ///
    /// # Errors
    /// When the system gives no thread for the calls.
    pub fn new(client: Client, table: ResourceName) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        Ok(Self { client, table, runtime })
    }

    fn wait<T>(&self, call: impl Future<Output = T>) -> T {
        self.runtime.block_on(call)
    }

    async fn batch(&self, keys: &[Key]) -> Result<BTreeMap<Key, Stored>, StoreError> {
        let mut found = BTreeMap::new();
        let mut wanted: Vec<_> = keys.iter().map(|key| attributes_of(key).into_iter().collect()).collect();
        for round in 0..ROUNDS {
            let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
            let request = request.map_err(|error| StoreError::Refused(error.into()))?;
            let answer = self.client.batch_get_item().request_items(self.table.as_str(), request).send().await;
            let answer = answer.map_err(reading)?;
            for items in answer.responses.into_iter().flatten().map(|(_, items)| items) {
                for item in items {
                    let (key, stored) = parse(item.into_iter().collect())?;
                    found.insert(key, stored);
                }
            }
            let mut left = answer.unprocessed_keys.unwrap_or_default();
            match left.remove(self.table.as_str()) {
                Some(left) if !left.keys.is_empty() => wanted = left.keys,
                _ => return Ok(found),
            }
            tokio::time::sleep(std::time::Duration::from_millis(20 << round)).await;
        }
        Err(StoreError::Throttled(None))
    }
}

impl Store for DynamoDbStore {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, StoreError> {
        let mut found = BTreeMap::new();
        for batch in keys.chunks(BATCH) {
            found.append(&mut self.wait(self.batch(batch))?);
        }
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }

    fn page(&self, partition: &str, after: Option<&str>, limit: usize) -> Result<Page, StoreError> {
        let [tenant_id, record] = KEY_ATTRIBUTES;
        let condition = match after {
            Some(_) => "#partition = :partition AND #record > :after",
            None => "#partition = :partition",
        };
        let mut query = self
            .client
            .query()
            .table_name(self.table.as_str())
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX).max(1))
            .key_condition_expression(condition)
            .expression_attribute_names("#partition", tenant_id)
            .expression_attribute_values(":partition", AttributeValue::S(partition.to_owned()));
        if let Some(after) = after {
            query = query
                .expression_attribute_names("#record", record)
                .expression_attribute_values(":after", AttributeValue::S(after.to_owned()));
        }
        let answer = self.wait(query.send()).map_err(reading)?;
        let items = answer.items.unwrap_or_default().into_iter().map(|item| parse(item.into_iter().collect()));
        let items = items.map(|item| item.map(|(key, stored)| (key.record, stored)));
        let next = match answer.last_evaluated_key.and_then(|mut key| key.remove(record)) {
            Some(AttributeValue::S(record)) => Some(record),
            _ => None,
        };
        Ok(Page { items: items.collect::<Result<_, _>>()?, next })
    }

    fn transact(&self, transaction: &Transaction) -> Result<(), StoreError> {
        let parts =
            transaction.writes.iter().map(|write| part(self.table.as_str(), write)).collect::<Result<_, _>>()?;
        let call = self.client.transact_write_items().set_transact_items(Some(parts)).send();
        let Err(error) = self.wait(call) else { return Ok(()) };
        let reasons = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                Some(cancelled.cancellation_reasons().to_vec())
            }
            _ => None,
        };
        Err(match reasons {
            Some(reasons) => cancellation(transaction, &reasons, error),
            None => writing(error),
        })
    }
}

fn part(table: &str, write: &Write) -> Result<TransactWriteItem, StoreError> {
    let refused = |error: aws_sdk_dynamodb::error::BuildError| StoreError::Refused(error.into());
    let [tenant_id, _] = KEY_ATTRIBUTES;
    let (condition, name, value) = match write.expected {
        Expected::Absent => ("attribute_not_exists(#own)", tenant_id, None),
        Expected::Version(version) => ("#own = :version", VERSION, Some(AttributeValue::N(version.to_string()))),
    };
    let value = value.map(|value| [(":version".to_owned(), value)].into_iter().collect());
    let key = attributes_of(&write.key);
    let item = TransactWriteItem::builder();
    Ok(match &write.becomes {
        None => {
            let delete = Delete::builder()
                .table_name(table)
                .set_key(Some(key.into_iter().collect()))
                .condition_expression(condition)
                .expression_attribute_names("#own", name)
                .set_expression_attribute_values(value);
            item.delete(delete.build().map_err(refused)?).build()
        }
        Some(stored) => {
            let own = [(VERSION.to_owned(), AttributeValue::N(stored.version.to_string()))];
            let body = stored.body.iter().map(|(name, value)| (name.clone(), attribute(value)));
            let put = Put::builder()
                .table_name(table)
                // The key and the version come last, so that no body can change them.
                .set_item(Some(body.chain(key).chain(own).collect()))
                .condition_expression(condition)
                .expression_attribute_names("#own", name)
                .set_expression_attribute_values(value);
            item.put(put.build().map_err(refused)?).build()
        }
    })
}

fn attributes_of(key: &Key) -> Attributes {
    let values = [&key.tenant_id, &key.record].map(|text| AttributeValue::S(text.clone()));
    KEY_ATTRIBUTES.map(str::to_owned).into_iter().zip(values).collect()
}

fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(is) => AttributeValue::Bool(*is),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(items) => AttributeValue::L(items.iter().map(attribute).collect()),
        Value::Object(fields) => {
            AttributeValue::M(fields.iter().map(|(name, value)| (name.clone(), attribute(value))).collect())
        }
    }
}

fn value(attribute: AttributeValue) -> Result<Value, StoreError> {
    let foreign = |what: String| StoreError::Refused(format!("an item of the registry holds {what}").into());
    Ok(match attribute {
        AttributeValue::Null(_) => Value::Null,
        AttributeValue::Bool(is) => Value::Bool(is),
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::N(text) => match text.parse::<Number>() {
            Ok(number) => Value::Number(number),
            Err(_) => return Err(foreign(format!("the number `{}`", naming::shown(&text)))),
        },
        AttributeValue::L(items) => Value::Array(items.into_iter().map(value).collect::<Result<_, _>>()?),
        AttributeValue::M(fields) => Value::Object(object(fields.into_iter().collect())?),
        _ => return Err(foreign("a set or bytes".to_owned())),
    })
}

fn object(fields: Attributes) -> Result<Map<String, Value>, StoreError> {
    fields.into_iter().map(|(name, attribute)| Ok((name, value(attribute)?))).collect()
}

fn parse(item: Attributes) -> Result<(Key, Stored), StoreError> {
    let mut body = object(item)?;
    let mut text = |name: &str| match body.remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    let [tenant_id, record] = KEY_ATTRIBUTES;
    let key = Key { tenant_id: text(tenant_id), record: text(record) };
    // What others wrote has none, and is told as what it is when its body is read.
    let version = body.remove(VERSION).and_then(|version| version.as_u64()).unwrap_or(0);
    Ok((key, Stored { version, body }))
}

type Failed<E> = SdkError<E, HttpResponse>;

fn is_busy<E: ProvideErrorMetadata>(error: &Failed<E>) -> bool {
    error.code().is_some_and(|code| BUSY.contains(&code))
}

/// Whether it is not the request that is wrong: no answer, or one of the server's own failures.
fn is_lost<E>(error: &Failed<E>) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(error) => error.raw().status().is_server_error(),
        _ => false,
    }
}

fn reading<E>(error: Failed<E>) -> StoreError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    if is_busy(&error) || is_lost(&error) {
        StoreError::Throttled(Some(error.into()))
    } else {
        StoreError::Refused(error.into())
    }
}

fn writing<E>(error: Failed<E>) -> StoreError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    if is_busy(&error) {
        StoreError::Throttled(Some(error.into()))
    } else if is_lost(&error) || error.code() == Some("TransactionInProgressException") {
        StoreError::Unknown(Some(error.into()))
    } else {
        StoreError::Refused(error.into())
    }
}

/// Why a transaction was cancelled: a condition that does not hold counts before what passes by itself.
fn cancellation(
    transaction: &Transaction,
    reasons: &[CancellationReason],
    error: Failed<TransactWriteItemsError>,
) -> StoreError {
    const PASSING: [&str; 3] = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    let coded = || reasons.iter().zip(&transaction.writes).filter_map(|(reason, write)| Some((reason.code()?, write)));
    let keys: Vec<Key> =
        coded().filter(|(code, _)| *code == "ConditionalCheckFailed").map(|(_, write)| write.key.clone()).collect();
    if !keys.is_empty() {
        StoreError::Conflict { keys }
    } else if coded().any(|(code, _)| PASSING.contains(&code)) {
        StoreError::Throttled(Some(error.into()))
    } else {
        StoreError::Refused(error.into())
    }
}
