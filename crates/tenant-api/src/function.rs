//! What the Lambda runtime calls: it tells requests from events.

use std::time::Instant;

use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_http::request::LambdaRequest;
use lambda_http::{Body, Request, Response};
use naming::runtime;
use serde::Serialize;
use serde_json::Value;

use crate::event::{EventError, LifecycleEvent};
use crate::http::Api;
use crate::settings::Settings;

/// The tenant's function.
#[derive(Clone, Debug)]
pub struct Function {
    settings: Settings,
    api: Api,
}

/// What goes back to Lambda.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// The response to a request, as a function URL wants it.
    Response(Box<ApiGatewayV2httpResponse>),
    /// An event was taken.
    Acknowledged {
        /// The event's id.
        acknowledged: String,
    },
}

/// Why a payload is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// Neither a request nor an event.
    #[error(
        "the payload is neither a request of a function URL nor an event of EventBridge; call the tenant's function URL"
    )]
    Unknown,
    /// It looks like a request, and is none.
    #[error("the payload is no request of a function URL")]
    Request(#[source] serde_json::Error),
    /// It looks like an event, and is none.
    #[error("the payload is no event of EventBridge")]
    Event(#[source] serde_json::Error),
    /// The event is not this tenant's.
    #[error(transparent)]
    Refused(#[from] EventError),
}

impl PayloadError {
    /// The name under which Lambda reports it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unknown | Self::Request(_) | Self::Event(_) => "UnreadablePayload",
            Self::Refused(_) => "CrossTenantRefused",
        }
    }
}

enum Payload {
    Request(Box<ApiGatewayV2httpRequest>),
    Event(LifecycleEvent),
}

impl Payload {
    fn parse(payload: Value) -> Result<Self, PayloadError> {
        let has = |key| payload.get(key).is_some();
        if has("detail-type") && has("detail") {
            serde_json::from_value(payload).map(Self::Event).map_err(PayloadError::Event)
        } else if has("requestContext") {
            serde_json::from_value(payload).map(Self::Request).map_err(PayloadError::Request)
        } else {
            Err(PayloadError::Unknown)
        }
    }
}

impl Function {
    /// The function of a tenant.
    pub fn new(settings: Settings) -> Self {
        Self { api: Api::new(settings.clone()), settings }
    }

    /// Takes what Lambda was called with, and logs it in one line.
    ///
    /// # Errors
    /// When the payload is neither a request nor an event of this tenant. Lambda then repeats an event, and at last sends it to the
    /// dead-letter queue.
    pub fn call(&self, payload: Value, request_id: &str) -> Result<Reply, PayloadError> {
        let tenant = self.settings.tenant.as_str();
        let called = match Payload::parse(payload) {
            Ok(Payload::Request(request)) => Ok(self.request(*request, request_id)),
            Ok(Payload::Event(event)) => self.event(event, request_id).map_err(PayloadError::from),
            Err(error) => Err(error),
        };
        called.inspect_err(|error| {
            let event =
                if matches!(error, PayloadError::Refused(_)) { runtime::CROSS_TENANT_REFUSED } else { "unreadable" };
            tracing::error!(tenant, request_id, event, error = crate::chain(error), "refused");
        })
    }

    fn request(&self, request: ApiGatewayV2httpRequest, request_id: &str) -> Reply {
        let start = Instant::now();
        let request: Request = LambdaRequest::ApiGatewayV2(request).into();
        let answer = self.api.respond(&request, request_id);
        tracing::info!(
            tenant = self.settings.tenant.as_str(),
            request_id,
            method = request.method().as_str(),
            route = answer.route,
            status = answer.response.status().as_u16(),
            latency_ms = start.elapsed().as_micros() as f64 / 1_000.0,
            "request"
        );
        Reply::Response(Box::new(function_url_response(answer.response)))
    }

    fn event(&self, event: LifecycleEvent, request_id: &str) -> Result<Reply, EventError> {
        event.check(&self.settings)?;
        let LifecycleEvent { id, source, detail_type, .. } = event;
        let tenant = self.settings.tenant.as_str();
        tracing::info!(tenant, request_id, event = "lifecycle", event_id = id, source, detail_type, "event taken");
        Ok(Reply::Acknowledged { acknowledged: id })
    }
}

fn function_url_response(response: Response<Body>) -> ApiGatewayV2httpResponse {
    let (parts, body) = response.into_parts();
    let mut reply = ApiGatewayV2httpResponse::default();
    reply.status_code = parts.status.as_u16().into();
    reply.headers = parts.headers;
    reply.is_base64_encoded = matches!(body, Body::Binary(_));
    reply.body = Some(body);
    reply
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use serde_json::json;

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What the function replies, and the one line that it logs.
    fn call(payload: Value) -> (Result<Value, PayloadError>, Value) {
        let log = Log::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone()).finish();
        let function = Function::new(Settings { tenant: "acme-corp".parse().unwrap(), suffix: "dev".parse().unwrap() });
        let reply = tracing::subscriber::with_default(subscriber, || function.call(payload, "request-1"));
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert_eq!(log.lines().count(), 1, "{log}");
        (reply.map(|reply| serde_json::to_value(reply).unwrap()), serde_json::from_str(&log).unwrap())
    }

    fn request(method: &str, path: &str) -> Value {
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": "",
            "headers": { "host": "abc.lambda-url.us-east-1.on.aws", "x-forwarded-proto": "https", "x-tenant-id": "tech-startup" },
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "abc",
                "domainName": "abc.lambda-url.us-east-1.on.aws",
                "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test" },
                "requestId": "url-request",
                "routeKey": "$default",
                "stage": "$default",
                "time": "31/Jan/2026:00:00:00 +0000",
                "timeEpoch": 1_769_817_600_000_i64
            },
            "isBase64Encoded": false
        })
    }

    #[test]
    fn a_request_of_the_function_url_is_answered_and_logged_in_one_line() {
        let (reply, line) = call(request("GET", "/health"));
        let reply = reply.unwrap();
        assert_eq!((&reply["statusCode"], &reply["isBase64Encoded"]), (&json!(200), &json!(false)));
        assert_eq!(reply["headers"]["content-type"], "application/json");
        assert_eq!(reply["body"], r#"{"status":"ok","tenant":"acme-corp"}"#);
        for (field, value) in [
            ("tenant", json!("acme-corp")),
            ("request_id", json!("request-1")),
            ("method", json!("GET")),
            ("route", json!("/health")),
            ("status", json!(200)),
        ] {
            assert_eq!(line[field], value, "{field}");
        }
        assert!(line["latency_ms"].is_f64());
    }

    #[test]
    fn an_unknown_path_is_logged_without_the_path() {
        let (reply, line) = call(request("POST", "/secret-in-a-path"));
        assert_eq!(reply.unwrap()["statusCode"], 404);
        assert_eq!(
            (&line["route"], &line["status"], &line["method"]),
            (&json!("unmatched"), &json!(404), &json!("POST"))
        );
        assert!(!line.to_string().contains("secret"));
    }

    fn event(tenant: &str) -> Value {
        json!({
            "version": "0",
            "id": "e-1",
            "detail-type": "TenantSuspended",
            "source": "palisade.platform",
            "account": "123456789012",
            "time": "2026-01-31T00:00:00Z",
            "region": "us-east-1",
            "resources": [],
            "detail": { "version": "1", "tenant_id": tenant, "environment_suffix": "dev" }
        })
    }

    #[test]
    fn an_event_of_this_tenant_is_acknowledged() {
        let (reply, line) = call(event("acme-corp"));
        assert_eq!(reply.unwrap(), json!({ "acknowledged": "e-1" }));
        assert_eq!((&line["event"], &line["detail_type"]), (&json!("lifecycle"), &json!("TenantSuspended")));
    }

    /// The metric filter of the tenant's alarm is `{ $.event = "cross_tenant_refused" }`.
    #[test]
    fn an_event_of_another_tenant_is_an_error_and_raises_the_alarm() {
        let (reply, line) = call(event("tech-startup"));
        assert_eq!(reply.unwrap_err().name(), "CrossTenantRefused");
        assert_eq!((&line["event"], &line["level"]), (&json!("cross_tenant_refused"), &json!("ERROR")));
        assert_eq!(line["tenant"], "acme-corp");
    }

    #[test]
    fn what_is_neither_a_request_nor_an_event_is_an_error() {
        let mut no_detail = event("acme-corp");
        no_detail["detail"] = json!("text");
        for payload in [json!({}), json!(null), json!([1]), no_detail] {
            let (reply, line) = call(payload.clone());
            assert_eq!(reply.unwrap_err().name(), "UnreadablePayload", "{payload}");
            assert_eq!(line["event"], "unreadable");
        }
    }
}
