//! One line of JSON for each invocation, which is also the metrics of the relay
//! ([embedded metric format](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html)).

use std::io::{self, Write};

use naming::{TenantId, runtime};
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::{RelayError, chain};
use crate::relay::Tally;
use crate::time::Moment;

/// The namespace of the stack's metrics.
const NAMESPACE: &str = "Palisade";

/// What is said of an invocation.
#[derive(Debug)]
pub struct Report<'a> {
    /// The tenant.
    pub tenant: &'a TenantId,
    /// Lambda's id of the invocation; an attempt to repeat it has the same.
    pub request_id: &'a str,
    /// When it began, in milliseconds since 1970-01-01.
    pub now: i64,
    /// How long it took.
    pub latency_ms: f64,
    /// Whether it is the first one of its execution environment.
    pub cold_start: bool,
    /// What was done.
    pub tally: &'a Tally,
    /// How it ended.
    pub result: &'a Result<(), RelayError>,
}

#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'static str,
    message: &'static str,
    tenant: &'a TenantId,
    request_id: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    cold_start: bool,
    #[serde(flatten)]
    tally: &'a Tally,
    #[serde(rename = "TenantId")]
    dimension: &'a TenantId,
    #[serde(rename = "RelayedEvents")]
    written: usize,
    #[serde(rename = "RejectedEvents")]
    rejected: usize,
    #[serde(rename = "RelayLatency")]
    latency_ms: f64,
    #[serde(rename = "_aws")]
    metrics: Value,
}

impl Report<'_> {
    /// The line.
    ///
    /// # Errors
    /// Never in practice: all of it can be written as JSON.
    pub fn line(&self) -> serde_json::Result<String> {
        let Tally { rejected_too_old, rejected_expired, rejected_too_new, .. } = self.tally;
        let (status, message) = match self.result {
            Ok(()) if self.tally.control => ("ignored", "a control message"),
            Ok(()) => ("relayed", "the batch is in the central log group"),
            Err(error) if error.is_foreign() => ("refused", "the batch is somebody else's"),
            Err(_) => ("failed", "the batch is not, or not as a whole, in the central log group"),
        };
        let error = self.result.as_ref().err();
        serde_json::to_string(&Line {
            timestamp: Moment(self.now).to_string(),
            level: if error.is_some() { "ERROR" } else { "INFO" },
            message,
            tenant: self.tenant,
            request_id: self.request_id,
            status,
            event: error.filter(|error| error.is_foreign()).map(|_| runtime::CROSS_TENANT_REFUSED),
            error_type: error.map(RelayError::name),
            error: error.map(|error| chain(error)),
            cold_start: self.cold_start,
            tally: self.tally,
            dimension: self.tenant,
            written: self.tally.written,
            rejected: rejected_too_old + rejected_expired + rejected_too_new,
            latency_ms: self.latency_ms,
            metrics: json!({
                "Timestamp": self.now,
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [["TenantId"]],
                    "Metrics": [
                        { "Name": "RelayedEvents", "Unit": "Count" },
                        { "Name": "RejectedEvents", "Unit": "Count" },
                        { "Name": "RelayLatency", "Unit": "Milliseconds" },
                    ],
                }],
            }),
        })
    }

    /// Writes the line to standard output, which Lambda sends to the relay's log group. Nothing is left to do if that fails.
    pub fn print(&self) {
        if let Ok(line) = self.line() {
            let _ = writeln!(io::stdout().lock(), "{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(tally: &Tally, result: &Result<(), RelayError>) -> Value {
        let tenant = "acme-corp".parse().unwrap();
        let (now, latency_ms) = (1_769_817_661_007, 12.5);
        let report = Report { tenant: &tenant, request_id: "r-1", now, latency_ms, cold_start: true, tally, result };
        let line = report.line().unwrap();
        assert!(!line.contains('\n'));
        serde_json::from_str(&line).unwrap()
    }

    /// "one structured JSON line per request (tenant, request id, route, status, latency, cold start)"
    #[test]
    fn the_line_says_who_what_how_and_how_long() {
        let line = line(&Tally { events: 3, written: 2, rejected_too_old: 1, ..Tally::default() }, &Ok(()));
        for (name, value) in [
            ("timestamp", json!("2026-01-31T00:01:01.007Z")),
            ("level", json!("INFO")),
            ("tenant", json!("acme-corp")),
            ("request_id", json!("r-1")),
            ("status", json!("relayed")),
            ("cold_start", json!(true)),
            ("events", json!(3)),
            ("written", json!(2)),
            ("rejected_too_old", json!(1)),
            ("RelayLatency", json!(12.5)),
        ] {
            assert_eq!(line[name], value, "{name}");
        }
        assert!(line.get("error").is_none() && line.get("event").is_none());
    }

    /// "embedded metrics"
    #[test]
    fn every_metric_that_is_declared_stands_in_the_line() {
        let line = line(&Tally { written: 2, ..Tally::default() }, &Ok(()));
        let declared = &line["_aws"]["CloudWatchMetrics"][0];
        for metric in declared["Metrics"].as_array().unwrap() {
            assert!(line[metric["Name"].as_str().unwrap()].is_number(), "{metric}");
        }
        for dimension in declared["Dimensions"][0].as_array().unwrap() {
            assert!(line[dimension.as_str().unwrap()].is_string(), "{dimension}");
        }
        assert_eq!(line["_aws"]["Timestamp"], 1_769_817_661_007_i64);
        assert_eq!(line["RelayedEvents"], 2);
    }

    #[test]
    fn each_end_has_its_status() {
        let control = Tally { control: true, ..Tally::default() };
        assert_eq!(line(&control, &Ok(()))["status"], "ignored");
        let failed = line(&Tally::default(), &Err(RelayError::OutOfTime));
        assert_eq!((&failed["status"], &failed["error_type"]), (&json!("failed"), &json!("OutOfTime")));
        assert_eq!(failed["level"], "ERROR");
        let foreign = RelayError::ForeignAccount { given: "1".into(), own: "2".into() };
        let refused = line(&Tally::default(), &Err(foreign));
        assert_eq!((&refused["status"], &refused["event"]), (&json!("refused"), &json!(runtime::CROSS_TENANT_REFUSED)));
    }
}
