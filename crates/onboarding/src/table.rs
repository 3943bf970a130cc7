//! The registry's table in DynamoDB. Every call to AWS that this crate makes is made here; `calls.json` lists them.
//!
//! An item has the key of the registry's item, its version, and the fields of its body. A transaction is one `TransactWriteItems`: all of
//! its conditions hold, or nothing is written. Reads are consistent.

use std::collections::BTreeMap;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, KeysAndAttributes, Put, TransactWriteItem};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use naming::runtime;
use registry::store::{Expected, Key, Page, Store, StoreError, Stored, Transaction, Write};
use serde_json::{Map, Number, Value};
use tokio::runtime::Runtime;

use crate::settings::SettingsError;

/// How often a call is tried by the client; the registry and the workflow try again beyond that.
const ATTEMPTS: u32 = 3;
const CONNECT: Duration = Duration::from_secs(1);
const ATTEMPT: Duration = Duration::from_secs(3);
const CALL: Duration = Duration::from_secs(10);
/// `BatchGetItem` takes 100 keys ([quotas](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html)).
const KEYS: usize = 100;
/// The attribute that holds an item's version.
const VERSION: &str = "version";

/// The codes with which DynamoDB turns a request away that may be sent again
/// ([error codes](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html)).
const BUSY: [&str; 7] = [
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "ThrottlingError",
    "TransactionConflictException",
    "TransactionInProgressException",
];

type Item = std::collections::BTreeMap<String, AttributeValue>;
type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// The registry's table.
pub struct Table {
    client: Client,
    name: String,
    runtime: Runtime,
}

/// Why there is no client of the table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A variable is missing.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The thread that waits for answers cannot be set up.
    #[error("cannot wait for answers of DynamoDB")]
    Runtime(#[source] std::io::Error),
}

impl Table {
    /// A client of a table, from what Lambda sets for every function
    /// ([variables](https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime)), or for an
    /// emulator.
    ///
    /// # Errors
    /// When a variable is missing.
    pub fn new(name: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, TableError> {
        let optional = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let required = |name: &'static str| optional(name).ok_or(SettingsError::Missing(name));
        let endpoint = optional("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| optional("AWS_ENDPOINT_URL"));
        // A connector with TLS reads the system's certificates, which an emulator on plain HTTP does not need.
        let plain = endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let http = aws_smithy_http_client::Builder::new();
        let http =
            if plain { http.build_http() } else { http.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https() };
        let credentials = Credentials::new(
            required("AWS_ACCESS_KEY_ID")?,
            required("AWS_SECRET_ACCESS_KEY")?,
            optional("AWS_SESSION_TOKEN"),
            None,
            "LambdaEnvironment",
        );
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(CALL)
            .build();
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(credentials)
            .region(Region::new(required("AWS_REGION")?))
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(timeouts)
            .http_client(http);
        config.set_endpoint_url(endpoint);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(TableError::Runtime)?;
        Ok(Self { client: Client::from_conf(config.build()), name: name.to_owned(), runtime })
    }

    fn wait<T>(&self, call: impl Future<Output = T>) -> T {
        self.runtime.block_on(call)
    }

    async fn batch(&self, keys: &[Key]) -> Result<BTreeMap<Key, Stored>, StoreError> {
        let mut found = BTreeMap::new();
        let mut open: Vec<Key> = keys.to_vec();
        while !open.is_empty() {
            let asked = KeysAndAttributes::builder()
                .set_keys(Some(open.iter().map(|key| key_of(key).into_iter().collect()).collect()))
                .consistent_read(true)
                .build()
                .map_err(|error| StoreError::Refused(error.into()))?;
            let output = self
                .client
                .batch_get_item()
                .request_items(&self.name, asked)
                .send()
                .await
                .map_err(|error| failed(error, false))?;
            for items in output.responses.unwrap_or_default().into_values() {
                for item in items {
                    let (key, stored) = stored(item.into_iter().collect())?;
                    found.insert(key, stored);
                }
            }
            let unprocessed = output.unprocessed_keys.unwrap_or_default();
            let left: Vec<Key> = unprocessed
                .into_values()
                .flat_map(|left| left.keys)
                .filter_map(|key| key_from(&key.into_iter().collect()))
                .collect();
            if left.len() == open.len() {
                return Err(StoreError::Throttled(None));
            }
            open = left;
        }
        Ok(found)
    }
}

impl Store for Table {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, StoreError> {
        let mut found = BTreeMap::new();
        // A batch names no key twice.
        let mut distinct: Vec<Key> = keys.to_vec();
        distinct.sort();
        distinct.dedup();
        for keys in distinct.chunks(KEYS) {
            found.append(&mut self.wait(self.batch(keys))?);
        }
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }

    fn page(&self, partition: &str, after: Option<&str>, limit: usize) -> Result<Page, StoreError> {
        let start = after.map(|record| {
            key_of(&Key { tenant_id: partition.to_owned(), record: record.to_owned() }).into_iter().collect()
        });
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#partition = :partition")
            .expression_attribute_names("#partition", runtime::PARTITION_KEY)
            .expression_attribute_values(":partition", AttributeValue::S(partition.to_owned()))
            .consistent_read(true)
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start);
        let output = self.wait(query.send()).map_err(|error| failed(error, false))?;
        let items = output.items.unwrap_or_default().into_iter().map(|item| {
            let (key, stored) = stored(item.into_iter().collect())?;
            Ok((key.record, stored))
        });
        let items = items.collect::<Result<Vec<_>, StoreError>>()?;
        let next = output.last_evaluated_key.and_then(|key| key_from(&key.into_iter().collect()));
        Ok(Page { items, next: next.map(|key| key.record) })
    }

    fn transact(&self, transaction: &Transaction) -> Result<(), StoreError> {
        let writes = transaction.writes.iter().map(|write| self.write(write));
        let writes = writes.collect::<Result<Vec<_>, StoreError>>()?;
        let call = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            // The client's own attempts are one transaction.
            .client_request_token(token());
        match self.wait(call.send()) {
            Ok(_) => Ok(()),
            Err(error) => Err(cancelled(&error, transaction).unwrap_or_else(|| failed(error, true))),
        }
    }
}

impl Table {
    fn write(&self, write: &Write) -> Result<TransactWriteItem, StoreError> {
        let (condition, values) = match write.expected {
            Expected::Absent => ("attribute_not_exists(#key)", None),
            Expected::Version(version) => {
                let version = AttributeValue::N(version.to_string());
                ("#key = :version", Some([(":version".to_owned(), version)].into_iter().collect()))
            }
        };
        let named = if values.is_some() { VERSION } else { runtime::PARTITION_KEY };
        let refused = |error: aws_sdk_dynamodb::error::BuildError| StoreError::Refused(error.into());
        let item = match &write.becomes {
            Some(becomes) => {
                let put = Put::builder()
                    .table_name(&self.name)
                    .set_item(Some(item_of(&write.key, becomes).into_iter().collect()))
                    .condition_expression(condition)
                    .expression_attribute_names("#key", named)
                    .set_expression_attribute_values(values)
                    .build()
                    .map_err(refused)?;
                TransactWriteItem::builder().put(put)
            }
            None => {
                let delete = Delete::builder()
                    .table_name(&self.name)
                    .set_key(Some(key_of(&write.key).into_iter().collect()))
                    .condition_expression(condition)
                    .expression_attribute_names("#key", named)
                    .set_expression_attribute_values(values)
                    .build()
                    .map_err(refused)?;
                TransactWriteItem::builder().delete(delete)
            }
        };
        Ok(item.build())
    }
}

/// What a transaction met that was cancelled: conditions that do not hold, or another transaction at the same items.
fn cancelled(error: &SdkError<TransactWriteItemsError>, transaction: &Transaction) -> Option<StoreError> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return None;
    };
    let codes: Vec<&str> =
        cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or_default()).collect();
    let keys: Vec<Key> = transaction
        .writes
        .iter()
        .zip(&codes)
        .filter(|(_, code)| **code == "ConditionalCheckFailed")
        .map(|(write, _)| write.key.clone())
        .collect();
    if !keys.is_empty() {
        return Some(StoreError::Conflict { keys });
    }
    let busy = ["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"];
    codes.iter().any(|code| busy.contains(code)).then_some(StoreError::Throttled(None))
}

/// What an error means for the store. `wrote` is whether the call may have written.
fn failed<E>(error: SdkError<E>, wrote: bool) -> StoreError
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let busy = error.code().is_some_and(|code| BUSY.contains(&code));
    let server = error.raw_response().is_none_or(|response| response.status().is_server_error());
    let is_construction = matches!(error, SdkError::ConstructionFailure(_));
    let refused = matches!(error, SdkError::ServiceError(_)) && !server;
    let source: BoxedError = error.into();
    match (busy, is_construction || refused, wrote) {
        (true, ..) => StoreError::Throttled(Some(source)),
        (false, true, _) => StoreError::Refused(source),
        (false, false, true) => StoreError::Unknown(Some(source)),
        // A read that was not answered is made again.
        (false, false, false) => StoreError::Throttled(Some(source)),
    }
}

/// A token that names one transaction: 32 digits that nobody else makes.
fn token() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

fn key_of(key: &Key) -> Item {
    BTreeMap::from([
        (runtime::PARTITION_KEY.to_owned(), AttributeValue::S(key.tenant_id.clone())),
        (runtime::RECORD.to_owned(), AttributeValue::S(key.record.clone())),
    ])
}

fn key_from(item: &Item) -> Option<Key> {
    let text = |name: &str| item.get(name)?.as_s().ok().cloned();
    Some(Key { tenant_id: text(runtime::PARTITION_KEY)?, record: text(runtime::RECORD)? })
}

fn item_of(key: &Key, stored: &Stored) -> Item {
    let mut item: Item = stored.body.iter().map(|(name, value)| (name.clone(), attribute(value))).collect();
    item.extend(key_of(key));
    item.insert(VERSION.to_owned(), AttributeValue::N(stored.version.to_string()));
    item
}

fn stored(mut item: Item) -> Result<(Key, Stored), StoreError> {
    let unreadable = || StoreError::Refused("an item has no key or no version".into());
    let key = key_from(&item).ok_or_else(unreadable)?;
    let version = item.remove(VERSION).and_then(|version| version.as_n().ok()?.parse().ok()).ok_or_else(unreadable)?;
    item.retain(|name, _| name != runtime::PARTITION_KEY && name != runtime::RECORD);
    let body: Map<String, Value> = item.into_iter().map(|(name, attribute)| (name, value(attribute))).collect();
    Ok((key, Stored { version, body }))
}

fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(truth) => AttributeValue::Bool(*truth),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(items) => AttributeValue::L(items.iter().map(attribute).collect()),
        Value::Object(fields) => {
            AttributeValue::M(fields.iter().map(|(name, value)| (name.clone(), attribute(value))).collect())
        }
    }
}

fn value(attribute: AttributeValue) -> Value {
    match attribute {
        AttributeValue::Bool(truth) => Value::Bool(truth),
        AttributeValue::N(number) => number.parse::<Number>().map_or(Value::String(number), Value::Number),
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::L(items) => items.into_iter().map(value).collect(),
        AttributeValue::M(fields) => fields.into_iter().map(|(name, attribute)| (name, value(attribute))).collect(),
        // What this module does not write.
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_stored_is_read_back() {
        let body = json!({
            "text": "x", "none": null, "yes": true, "number": 18_446_744_073_709_551_615_u64, "list": [1, "a", {}],
            "object": { "inner": { "deep": [] } },
        });
        let Value::Object(body) = body else { panic!() };
        let key = Key { tenant_id: "acme".to_owned(), record: "tenant".to_owned() };
        let one = Stored { version: 7, body };
        assert_eq!(stored(item_of(&key, &one)).unwrap(), (key, one));
    }

    #[test]
    fn an_item_of_another_program_is_refused() {
        for item in [Item::new(), key_of(&Key { tenant_id: "a".to_owned(), record: "b".to_owned() })] {
            assert!(stored(item).is_err());
        }
    }

    #[test]
    fn no_two_transactions_share_a_token() {
        let (one, other) = (token(), token());
        assert!(one != other && one.len() == 32, "DynamoDB takes 1 to 36 characters");
    }
}
