//! The client of DynamoDB, made once, at the cold start.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Credentials, Region};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use crate::settings::Aws;

/// How often a call is tried. The SDK's client also keeps a budget of retries, so that a failing table is not asked more and more.
const ATTEMPTS: u32 = 3;
const CONNECT: Duration = Duration::from_secs(1);
const ATTEMPT: Duration = Duration::from_secs(2);
/// A request makes at most a few calls, well within the function's 60 seconds.
const CALL: Duration = Duration::from_secs(6);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// A client of DynamoDB.
pub(crate) fn new(aws: Aws) -> Client {
    // A connector with TLS reads the system's certificates, which an emulator on plain HTTP does not need.
    let plain = aws.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let http = aws_smithy_http_client::Builder::new();
    let http =
        if plain { http.build_http() } else { http.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https() };
    Client::from_conf(config(aws).http_client(http).build())
}

/// All but the HTTP client.
pub(super) fn config(aws: Aws) -> Builder {
    let credentials =
        Credentials::new(aws.access_key_id, aws.secret_access_key, aws.session_token, None, "LambdaEnvironment");
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(FIRST_PAUSE)
        .with_max_backoff(LONGEST_PAUSE);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(CALL)
        .build();
    let mut config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(credentials)
        .region(Region::new(aws.region))
        .retry_config(retries)
        .timeout_config(timeouts);
    config.set_endpoint_url(aws.endpoint);
    config
}
