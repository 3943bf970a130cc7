//! The client of DynamoDB, made once, at the cold start.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use crate::settings::{SettingsError, required};

/// How often a call is tried by the client; the registry and the workflow try again beyond that.
const ATTEMPTS: u32 = 3;
const CONNECT: Duration = Duration::from_secs(1);
const ATTEMPT: Duration = Duration::from_secs(3);
const CALL: Duration = Duration::from_secs(10);

/// A client, from what Lambda sets for every function
/// ([variables](https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime)), or for an
/// emulator.
///
/// # Errors
/// When a variable is missing.
pub fn client(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Client, SettingsError> {
    let optional = |name: &str| lookup(name).filter(|value| !value.is_empty());
    let endpoint = optional("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| optional("AWS_ENDPOINT_URL"));
    // A connector with TLS reads the system's certificates, which an emulator on plain HTTP does not need.
    let plain = endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let http = aws_smithy_http_client::Builder::new();
    let http =
        if plain { http.build_http() } else { http.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https() };
    let credentials = Credentials::new(
        required(lookup, "AWS_ACCESS_KEY_ID")?,
        required(lookup, "AWS_SECRET_ACCESS_KEY")?,
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
        .region(Region::new(required(lookup, "AWS_REGION")?))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts)
        .http_client(http);
    config.set_endpoint_url(endpoint);
    Ok(Client::from_conf(config.build()))
}
