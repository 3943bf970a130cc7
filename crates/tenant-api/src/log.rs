//! What the function writes to its log: one line of JSON for each call, which is at the same time a record of metrics
//! ([embedded metric format](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html)).

use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::{Value, json};

/// The namespace of the metrics; the metrics that filters make of the log lie there as well.
const NAMESPACE: &str = "Palisade";

/// Where lines go.
#[derive(Clone)]
pub struct Log(Arc<dyn Fn(&str) + Send + Sync>);

/// One call of the function. What is not known is left out.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Line<'a> {
    pub(crate) level: &'static str,
    /// What happened: `request`, `lifecycle`, or a refusal that an alarm counts.
    pub(crate) event: &'static str,
    pub(crate) tenant: &'a str,
    pub(crate) request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trace_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) route: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    pub(crate) latency_ms: f64,
    pub(crate) cold_start: bool,
}

/// The metrics of a line: their names among its fields, and their units.
const METRICS: [(&str, &str); 4] =
    [("latency_ms", "Milliseconds"), ("calls", "Count"), ("faults", "Count"), ("cold_starts", "Count")];

impl Log {
    /// Lines that go to a function.
    pub fn to(sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sink))
    }

    /// Lines on the standard output, from where Lambda takes them to the log group.
    pub fn stdout() -> Self {
        // Where stdout is closed there is nobody to tell.
        Self::to(|line| drop(writeln!(std::io::stdout().lock(), "{line}")))
    }

    pub(crate) fn write(&self, line: &Line<'_>) {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(line) else { return };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = u64::try_from(now.as_millis()).unwrap_or_default();
        let fault = line.level == "ERROR";
        fields.insert("calls".to_owned(), json!(1));
        fields.insert("faults".to_owned(), json!(u8::from(fault)));
        fields.insert("cold_starts".to_owned(), json!(u8::from(line.cold_start)));
        let metrics: Vec<Value> = METRICS.iter().map(|(name, unit)| json!({ "Name": name, "Unit": unit })).collect();
        let directive = json!({ "Namespace": NAMESPACE, "Dimensions": [["tenant"]], "Metrics": metrics });
        fields.insert("_aws".to_owned(), json!({ "Timestamp": millis, "CloudWatchMetrics": [directive] }));
        (self.0)(&Value::Object(fields).to_string());
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}
