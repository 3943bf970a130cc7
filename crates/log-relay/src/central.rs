//! The central log group in CloudWatch Logs.

use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::config::retry::RetryConfig;
use aws_sdk_cloudwatchlogs::config::timeout::TimeoutConfig;
use aws_sdk_cloudwatchlogs::config::{BehaviorVersion, Builder, Credentials, Region};
use aws_sdk_cloudwatchlogs::types::{InputLogEvent, RejectedLogEventsInfo};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use crate::batch::Event;
use crate::relay::{CentralLog, Rejected, WriteError};
use crate::settings::Aws;

/// How often a call is tried. With the SDK's backoff, and [`CALL`], several requests fit into the function's 60 seconds.
const ATTEMPTS: u32 = 5;
const ATTEMPT: Duration = Duration::from_secs(8);
const CALL: Duration = Duration::from_secs(25);

/// A log group of CloudWatch Logs.
#[derive(Clone, Debug)]
pub struct CloudWatch {
    client: Client,
    log_group: String,
}

impl CloudWatch {
    /// The log group with a name. The client is made once, at the cold start.
    pub fn new(aws: Aws, log_group: String) -> Self {
        let http =
            aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let credentials =
            Credentials::new(aws.access_key_id, aws.secret_access_key, aws.session_token, None, "LambdaEnvironment");
        let mut config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(credentials)
            .http_client(http)
            .region(Region::new(aws.region))
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(
                TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(CALL).build(),
            );
        config.set_endpoint_url(aws.endpoint);
        Self { client: Client::from_conf(config.build()), log_group }
    }
}

impl CentralLog for CloudWatch {
    async fn create_stream(&self, stream: &str) -> Result<(), WriteError> {
        let created =
            self.client.create_log_stream().log_group_name(&self.log_group).log_stream_name(stream).send().await;
        match created.map_err(aws_sdk_cloudwatchlogs::error::SdkError::into_service_error) {
            Err(error) if error.is_resource_already_exists_exception() => Ok(()),
            Err(error) => Err(WriteError { operation: "CreateLogStream", source: error.into() }),
            Ok(_) => Ok(()),
        }
    }

    async fn put(&self, stream: &str, events: Vec<Event>) -> Result<Rejected, WriteError> {
        let failed = |source| WriteError { operation: "PutLogEvents", source };
        let count = events.len();
        let events: Result<Vec<_>, _> = events
            .into_iter()
            .map(|event| InputLogEvent::builder().timestamp(event.timestamp).message(event.message).build())
            .collect();
        let put = self
            .client
            .put_log_events()
            .log_group_name(&self.log_group)
            .log_stream_name(stream)
            .set_log_events(Some(events.map_err(|error| failed(error.into()))?));
        let output = put.send().await.map_err(|error| failed(error.into()))?;
        Ok(output.rejected_log_events_info().map(|info| rejected(info, count)).unwrap_or_default())
    }
}

/// AWS tells the indices at which the taken events begin and end: the first ones are expired or too old, the last ones too new.
fn rejected(info: &RejectedLogEventsInfo, count: usize) -> Rejected {
    let index = |index: Option<i32>| index.and_then(|index| usize::try_from(index).ok());
    let expired = index(info.expired_log_event_end_index()).unwrap_or(0);
    Rejected {
        too_new: index(info.too_new_log_event_start_index()).map_or(0, |first| count.saturating_sub(first)),
        too_old: index(info.too_old_log_event_end_index()).unwrap_or(0).saturating_sub(expired),
        expired,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejected_events_are_counted_from_the_indices() {
        let info = RejectedLogEventsInfo::builder();
        assert_eq!(rejected(&info.clone().build(), 10), Rejected::NONE);
        let info = info.expired_log_event_end_index(2).too_old_log_event_end_index(5).too_new_log_event_start_index(9);
        assert_eq!(rejected(&info.build(), 10), Rejected { expired: 2, too_old: 3, too_new: 1 });
    }
}
