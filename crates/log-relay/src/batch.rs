//! What CloudWatch Logs sends to a subscribed function
//! ([format](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample)).

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;

/// The most bytes of an unpacked batch. A payload has at most 6 MB, but gzip packs up to a thousandfold.
const MAX_UNPACKED_BYTES: u64 = 64 * 1024 * 1024;

/// The payload of an invocation.
#[derive(Clone, Debug, Deserialize)]
pub struct Payload {
    /// Its only field.
    pub awslogs: Awslogs,
}

/// The packed batch.
#[derive(Clone, Debug, Deserialize)]
pub struct Awslogs {
    /// JSON, in gzip, in base64.
    pub data: String,
}

/// What was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// CloudWatch Logs tries whether the function can be reached. Nothing is to be done.
    Control,
    /// Log events.
    Logs(Batch),
}

/// Log events of one stream of one log group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The log group they come from.
    pub log_group: String,
    /// The log events.
    pub events: Vec<Event>,
}

/// One log event.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// Milliseconds since 1970-01-01, UTC.
    pub timestamp: i64,
    /// The text.
    pub message: String,
}

/// Why a payload is no batch.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No base64.
    #[error("the data of the batch is not base64; only a CloudWatch Logs subscription may invoke the relay")]
    Base64(#[source] base64::DecodeError),
    /// No gzip.
    #[error("the data of the batch is not gzip; only a CloudWatch Logs subscription may invoke the relay")]
    Gzip(#[source] std::io::Error),
    /// Larger than the function's memory allows.
    #[error("the batch has more than {MAX_UNPACKED_BYTES} bytes when unpacked; copy it from the log group by hand")]
    TooLarge,
    /// No batch of log events.
    #[error("the unpacked batch is not what CloudWatch Logs documents")]
    Json(#[source] serde_json::Error),
    /// Neither log events nor a control message.
    #[error("the batch has the message type `{0}`; known are `DATA_MESSAGE` and `CONTROL_MESSAGE`")]
    MessageType(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    message_type: String,
    #[serde(default)]
    log_group: String,
    #[serde(default)]
    log_events: Vec<Event>,
}

impl Payload {
    /// Unpacks the batch.
    ///
    /// # Errors
    /// When the payload does not come from a subscription, or is too large.
    pub fn decode(&self) -> Result<Delivery, DecodeError> {
        let packed = STANDARD.decode(&self.awslogs.data).map_err(DecodeError::Base64)?;
        let mut json = Vec::new();
        let mut unpacked = MultiGzDecoder::new(packed.as_slice()).take(MAX_UNPACKED_BYTES + 1);
        let length = unpacked.read_to_end(&mut json).map_err(DecodeError::Gzip)?;
        if length as u64 > MAX_UNPACKED_BYTES {
            return Err(DecodeError::TooLarge);
        }
        let message: Message = serde_json::from_slice(&json).map_err(DecodeError::Json)?;
        match message.message_type.as_str() {
            "CONTROL_MESSAGE" => Ok(Delivery::Control),
            "DATA_MESSAGE" => Ok(Delivery::Logs(Batch { log_group: message.log_group, events: message.log_events })),
            _ => Err(DecodeError::MessageType(message.message_type)),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    pub(crate) fn packed(json: &[u8]) -> Payload {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(json).unwrap();
        Payload { awslogs: Awslogs { data: STANDARD.encode(gzip.finish().unwrap()) } }
    }

    pub(crate) fn logs(log_group: &str, events: &[Event]) -> Payload {
        let events: Vec<Value> = events
            .iter()
            .enumerate()
            .map(|(id, event)| json!({ "id": id.to_string(), "timestamp": event.timestamp, "message": event.message }))
            .collect();
        let message = json!({
            "messageType": "DATA_MESSAGE",
            "owner": "123456789012",
            "logGroup": log_group,
            "logStream": "2026/01/31/[$LATEST]0",
            "subscriptionFilters": ["tenant-acme-corp-log-filter-dev"],
            "logEvents": events,
        });
        packed(message.to_string().as_bytes())
    }

    #[test]
    fn the_example_of_the_documentation_is_read() {
        // The test event of the Lambda console.
        let data = "H4sIAAAAAAAAAHWPwQqCQBCGX0Xm7EFtK+smZBEUgXoLCdMhFtKV3akI8d0bLYmibvPPN3wz00CJxmQnTO41whwWQRIctmEcB6sQbFC3CjW3XW8kxpOpP+OC22d1Wml1qZkQGtoMsScxaczKN3plG8zlaHIta5KqWsozoTYw3/djzwhpLwivWFGHGpAFe7DL68JlBUk+l7KSN7tCOEJ4M3/qOI49vMHj+zCKdlFqLaU2ZHV2a4Ct/an0/ivdX8oYc1UVX860fQDQiMdxRQEAAA==";
        let payload = Payload { awslogs: Awslogs { data: data.into() } };
        let Delivery::Logs(batch) = payload.decode().unwrap() else { panic!("a control message") };
        assert_eq!(batch.log_group, "testLogGroup");
        assert_eq!(batch.events[0].message, "[ERROR] First test message");
    }

    #[test]
    fn a_control_message_is_told_from_log_events() {
        let payload = packed(br#"{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","subscriptionFilters":[],"logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination"}]}"#);
        assert_eq!(payload.decode().unwrap(), Delivery::Control);
    }

    #[test]
    fn what_is_no_batch_is_refused_with_the_reason() {
        let message = |payload: Payload| payload.decode().unwrap_err().to_string();
        let raw = |data: &str| Payload { awslogs: Awslogs { data: data.into() } };
        assert!(message(raw("?")).contains("not base64"));
        assert!(message(raw("aGVsbG8=")).contains("not gzip"));
        assert!(message(packed(b"[]")).contains("not what CloudWatch Logs documents"));
        assert!(message(packed(br#"{"messageType":"OTHER"}"#)).contains("message type `OTHER`"));
        assert!(message(packed(&vec![b' '; MAX_UNPACKED_BYTES as usize + 1])).contains("more than 67108864 bytes"));
    }

    proptest! {
        #[test]
        fn unpacking_undoes_packing(events in prop::collection::vec((0_i64.., any::<String>()), 0..20)) {
            let events: Vec<Event> = events.into_iter().map(|(timestamp, message)| Event { timestamp, message }).collect();
            let Delivery::Logs(batch) = logs("group", &events).decode().unwrap() else { panic!("a control message") };
            prop_assert_eq!(batch.events, events);
        }
    }
}
