//! What the function writes to its log: one line of JSON for each step, which is at the same time a record of metrics
//! ([embedded metric format](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html)).
//! Nothing of an event but ids stands in it.

use std::io::Write;
use std::sync::Arc;

use naming::EnvironmentSuffix;
use serde::Serialize;
use serde_json::{Value, json};

/// The namespace of the metrics.
const NAMESPACE: &str = "Palisade";
/// The metric on which an alarm watches: how many tenants wait for somebody, told at the end of each reconciliation.
const ATTENTION: &str = "TenantsThatNeedAttention";

/// Where lines go.
#[derive(Clone)]
pub struct Log(Arc<dyn Fn(&str) + Send + Sync>);

/// One step. What is not known is left out.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    /// `INFO` or `ERROR`.
    pub level: &'static str,
    /// The step, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<&'static str>,
    /// The environment.
    pub environment_suffix: &'a EnvironmentSuffix,
    /// The tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<&'a str>,
    /// The run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution: Option<&'a str>,
    /// Lambda's id of the invocation.
    pub request_id: &'a str,
    /// What comes next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// The name of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_type: Option<&'static str>,
    /// The error and its causes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How long it took.
    pub latency_ms: f64,
    /// Whether it is the first one of its execution environment.
    pub cold_start: bool,
    /// States that are nobody's, each with what to do.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub orphans: &'a [String],
    /// How many tenants and states wait for somebody, at the end of a reconciliation.
    #[serde(rename = "TenantsThatNeedAttention", skip_serializing_if = "Option::is_none")]
    pub attention: Option<u32>,
}

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

    /// Writes a line. `millis` is the time, in milliseconds since 1970.
    pub fn write(&self, line: &Line<'_>, millis: u64) {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(line) else { return };
        fields.insert("steps".to_owned(), json!(1));
        fields.insert("faults".to_owned(), json!(u8::from(line.error.is_some())));
        let mut metrics = vec![
            json!({ "Name": "latency_ms", "Unit": "Milliseconds" }),
            json!({ "Name": "steps", "Unit": "Count" }),
            json!({ "Name": "faults", "Unit": "Count" }),
        ];
        if line.attention.is_some() {
            metrics.push(json!({ "Name": ATTENTION, "Unit": "Count" }));
        }
        let directive = json!({ "Namespace": NAMESPACE, "Dimensions": [["environment_suffix"]], "Metrics": metrics });
        fields.insert("_aws".to_owned(), json!({ "Timestamp": millis, "CloudWatchMetrics": [directive] }));
        (self.0)(&Value::Object(fields).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn every_metric_that_is_declared_stands_in_the_line() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&lines);
        let suffix = "dev".parse().unwrap();
        let log = Log::to(move |line| seen.lock().unwrap().push(line.to_owned()));
        for attention in [None, Some(3)] {
            let line = Line {
                level: "INFO",
                step: Some("reconcile"),
                environment_suffix: &suffix,
                tenant: None,
                execution: None,
                request_id: "r",
                outcome: Some("end"),
                error_type: None,
                error: None,
                latency_ms: 1.5,
                cold_start: false,
                orphans: &[],
                attention,
            };
            log.write(&line, 7);
        }
        for (line, count) in lines.lock().unwrap().iter().zip([3, 4]) {
            let line: Value = serde_json::from_str(line).unwrap();
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            let metrics = directive["Metrics"].as_array().unwrap();
            assert_eq!(metrics.len(), count);
            for metric in metrics {
                assert!(line[metric["Name"].as_str().unwrap()].is_number(), "{metric}");
            }
            assert!(line[directive["Dimensions"][0][0].as_str().unwrap()].is_string());
        }
    }
}
