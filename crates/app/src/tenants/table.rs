//! The registry in DynamoDB, for a program that was built with it (feature `dynamodb`).

use std::error::Error;

use naming::fleet::Fleet;

/// The registry of an environment.
#[cfg(feature = "dynamodb")]
pub(crate) type Table = registry::store::dynamodb::DynamoDbStore;
/// There is none.
#[cfg(not(feature = "dynamodb"))]
pub(crate) type Table = registry::store::memory::MemoryStore;

/// The registry of an environment. Credentials, and an endpoint in place of AWS's, are found as the AWS SDKs find them.
///
/// # Errors
/// When the system gives no thread for the calls.
#[cfg(feature = "dynamodb")]
pub(crate) fn open(fleet: &Fleet) -> Result<Table, Box<dyn Error>> {
    use aws_config::{BehaviorVersion, Region};
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(fleet.region.to_string()))
        .http_client(http)
        .load();
    let config = tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(config);
    let table = naming::PlatformKind::Registry.name(&fleet.environment_suffix);
    Ok(Table::new(aws_sdk_dynamodb::Client::new(&config), table)?)
}

/// This program has none.
///
/// # Errors
/// Always.
#[cfg(not(feature = "dynamodb"))]
pub(crate) fn open(_: &Fleet) -> Result<Table, Box<dyn Error>> {
    Err("this program was built without DynamoDB; build it with `cargo build --release -p app --features dynamodb`"
        .into())
}
