//! What CloudWatch Logs sends to a subscribed function
//! ([format](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample)).

use std::io::{self, BufReader, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;

/// The most bytes of an unpacked batch. A payload has at most 1 MB, but gzip packs up to a thousandfold.
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
    /// The account whose log group it is.
    pub owner: String,
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
    owner: String,
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
        let message = unpack(&packed, MAX_UNPACKED_BYTES)?;
        match message.message_type.as_str() {
            "CONTROL_MESSAGE" => Ok(Delivery::Control),
            "DATA_MESSAGE" => Ok(Delivery::Logs(Batch {
                owner: message.owner,
                log_group: message.log_group,
                events: message.log_events,
            })),
            _ => Err(DecodeError::MessageType(message.message_type)),
        }
    }
}

/// Parses while unpacking, so that the unpacked text is never held as a whole.
fn unpack(packed: &[u8], limit: u64) -> Result<Message, DecodeError> {
    let mut unpacked = MultiGzDecoder::new(packed).take(limit + 1);
    let message = serde_json::from_reader(BufReader::new(&mut unpacked));
    if unpacked.limit() == 0 {
        return Err(DecodeError::TooLarge);
    }
    message.map_err(|error: serde_json::Error| match error.is_io() {
        true => DecodeError::Gzip(io::Error::from(error)),
        false => DecodeError::Json(error),
    })
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
        logs_of("123456789012", log_group, events)
    }

    pub(crate) fn logs_of(owner: &str, log_group: &str, events: &[Event]) -> Payload {
        let events: Vec<Value> = events
            .iter()
            .enumerate()
            .map(|(id, event)| json!({ "id": id.to_string(), "timestamp": event.timestamp, "message": event.message }))
            .collect();
        let message = json!({
            "messageType": "DATA_MESSAGE",
            "owner": owner,
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
        assert_eq!((batch.owner.as_str(), batch.log_group.as_str()), ("123456789123", "testLogGroup"));
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
    }

    #[test]
    fn a_batch_that_unpacks_to_more_than_the_limit_is_refused() {
        let packed = STANDARD.decode(packed(br#"{"messageType":"CONTROL_MESSAGE"}"#).awslogs.data).unwrap();
        assert!(unpack(&packed, 33).is_ok());
        let error = unpack(&packed, 32).err().unwrap();
        assert_eq!(
            error.to_string(),
            "the batch has more than 67108864 bytes when unpacked; copy it from the log group by hand"
        );
    }

    #[test]
    fn a_batch_that_was_cut_or_damaged_on_its_way_is_refused() {
        let whole =
            STANDARD.decode(logs("group", &[Event { timestamp: 1, message: "x".into() }]).awslogs.data).unwrap();
        for length in 0..whole.len() {
            let cut = Payload { awslogs: Awslogs { data: STANDARD.encode(&whole[..length]) } };
            assert!(cut.decode().is_err(), "{length} bytes");
        }
        let checksum = whole.len() - 8;
        let damaged: Vec<u8> = whole.iter().enumerate().map(|(at, byte)| byte ^ u8::from(at == checksum)).collect();
        let damaged = Payload { awslogs: Awslogs { data: STANDARD.encode(damaged) } };
        assert!(damaged.decode().unwrap_err().to_string().contains("not gzip"));
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
