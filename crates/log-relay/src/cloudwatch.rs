//! The central log group in CloudWatch Logs. Only this module calls AWS; `calls.json` lists its calls.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_cloudwatchlogs::config::retry::RetryConfig;
use aws_sdk_cloudwatchlogs::config::timeout::TimeoutConfig;
use aws_sdk_cloudwatchlogs::config::{
    BehaviorVersion, Builder, ConfigBag, Credentials, Intercept, Region, RuntimeComponents,
};
use aws_sdk_cloudwatchlogs::types::{InputLogEvent, RejectedLogEventsInfo};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use crate::central::{CentralLog, Rejection, WriteError};
use crate::piece::Piece;
use crate::settings::Aws;

/// How often a call is tried, with a random part of a wait before each, that doubles up to the longest. All of it ends with the
/// invocation's own deadline, and the SDK's budget for retries is shared by all calls of the environment.
const ATTEMPTS: u32 = 10;
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How long one attempt may take: far less than the function's 60 seconds.
const CONNECT: Duration = Duration::from_secs(2);
const ATTEMPT: Duration = Duration::from_secs(8);

/// A log group of CloudWatch Logs.
#[derive(Clone, Debug)]
pub struct CloudWatch {
    client: Client,
    log_group: String,
    attempts: Attempts,
}

impl CloudWatch {
    /// The log group with a name. The client is made once, at the cold start.
    pub fn new(aws: Aws, log_group: String) -> Self {
        let http =
            aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let credentials =
            Credentials::new(aws.access_key_id, aws.secret_access_key, aws.session_token, None, "LambdaEnvironment");
        let retry = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(FIRST_WAIT)
            .with_max_backoff(LONGEST_WAIT);
        let attempts = Attempts::default();
        let mut config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(credentials)
            .http_client(http)
            .region(Region::new(aws.region))
            .retry_config(retry)
            .timeout_config(
                TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build(),
            )
            .interceptor(attempts.clone());
        config.set_endpoint_url(aws.endpoint);
        Self { client: Client::from_conf(config.build()), log_group, attempts }
    }
}

impl CentralLog for CloudWatch {
    async fn create_stream(&self, stream: &str) -> Result<(), WriteError> {
        let created =
            self.client.create_log_stream().log_group_name(&self.log_group).log_stream_name(stream).send().await;
        match created {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(known) if known.is_resource_already_exists_exception() => Ok(()),
                Some(known) if known.is_resource_not_found_exception() => {
                    Err(WriteError::NoGroup(self.log_group.clone()))
                }
                _ => Err(failed("CreateLogStream", error)),
            },
        }
    }

    async fn put(&self, stream: &str, pieces: &[Piece]) -> Result<Rejection, WriteError> {
        let events: Result<Vec<_>, _> = pieces
            .iter()
            .map(|piece| InputLogEvent::builder().timestamp(piece.timestamp).message(&piece.message).build())
            .collect();
        let put = self
            .client
            .put_log_events()
            .log_group_name(&self.log_group)
            .log_stream_name(stream)
            .set_log_events(Some(events.map_err(|error| failed("PutLogEvents", error))?));
        match put.send().await {
            Ok(output) => Ok(output.rejected_log_events_info().map(rejection).unwrap_or_default()),
            Err(error) => match error.as_service_error() {
                Some(known) if known.is_resource_not_found_exception() => Err(WriteError::NoStream),
                _ => Err(failed("PutLogEvents", error)),
            },
        }
    }

    fn attempts(&self) -> u64 {
        self.attempts.0.load(Ordering::Relaxed)
    }
}

fn failed(operation: &'static str, error: impl Error + Send + Sync + 'static) -> WriteError {
    WriteError::Failed { operation, source: error.into() }
}

fn rejection(info: &RejectedLogEventsInfo) -> Rejection {
    let index = |index: Option<i32>| index.and_then(|index| usize::try_from(index).ok());
    Rejection {
        expired_end: index(info.expired_log_event_end_index()).unwrap_or(0),
        too_old_end: index(info.too_old_log_event_end_index()).unwrap_or(0),
        too_new_start: index(info.too_new_log_event_start_index()),
    }
}

/// Counts what is sent.
#[derive(Clone, Debug, Default)]
struct Attempts(Arc<AtomicU64>);

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
