//! What the Lambda runtime calls: it tells requests from events, keeps to the time there is, and writes the log.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_http::{Body, Response};
use naming::runtime;
use serde::Serialize;
use serde_json::Value;

use crate::event::{Event, EventError};
use crate::http::{Answer, Api, Failure, Incoming};
use crate::log::{Line, Log};
use crate::problem::{Kind, Problem};
use crate::settings::Settings;
use crate::table::{Applied, Table, TableError};

/// The tenant's function.
#[derive(Debug)]
pub struct Function {
    settings: Settings,
    table: Table,
    api: Api,
    log: Log,
    called: AtomicBool,
}

/// What Lambda says of a call.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// The call's id.
    pub request_id: &'a str,
    /// The trace it belongs to.
    pub trace_id: Option<&'a str>,
    /// How long it may take, if Lambda says so.
    pub time_left: Option<Duration>,
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
        /// What became of it.
        outcome: &'static str,
    },
}

/// Why a payload is not taken. Lambda repeats an event, and at last sends it to the dead-letter queue.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// Neither a request nor an event.
    #[error(
        "the payload is neither a request of a function URL nor an event of EventBridge; call the tenant's function URL"
    )]
    Unknown,
    /// It looks like an event, and is none.
    #[error("the payload is no event of EventBridge")]
    Event(#[source] serde_json::Error),
    /// The event is not for this function.
    #[error(transparent)]
    Refused(#[from] EventError),
    /// The event could not be recorded.
    #[error(transparent)]
    Table(#[from] TableError),
    /// There was no time.
    #[error("there was no time left")]
    TimedOut,
}

impl PayloadError {
    /// The name under which Lambda reports it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unknown | Self::Event(_) => "UnreadablePayload",
            Self::Refused(error) if error.is_foreign() => "CrossTenantRefused",
            Self::Refused(_) => "EventRefused",
            Self::Table(_) | Self::TimedOut => "NotRecorded",
        }
    }

    fn is_foreign(&self) -> bool {
        matches!(self, Self::Refused(error) if error.is_foreign())
            || matches!(self, Self::Table(TableError::OtherTenant(_)))
    }
}

/// What of the time that is left is kept for the answer.
const RESERVE: Duration = Duration::from_secs(1);
/// The most that a call takes.
const LONGEST: Duration = Duration::from_secs(25);

enum Payload {
    Request(Box<Result<ApiGatewayV2httpRequest, serde_json::Error>>),
    Event(Event),
}

impl Payload {
    fn parse(payload: Value) -> Result<Self, PayloadError> {
        let has = |key| payload.get(key).is_some();
        if has("detail-type") && has("detail") {
            serde_json::from_value(payload).map(Self::Event).map_err(PayloadError::Event)
        } else if has("requestContext") {
            Ok(Self::Request(Box::new(serde_json::from_value(payload))))
        } else {
            Err(PayloadError::Unknown)
        }
    }
}

impl Function {
    /// The function of a tenant.
    pub fn new(settings: Settings, table: Table, log: Log) -> Self {
        let api = Api::new(settings.clone(), table.clone());
        Self { settings, table, api, log, called: AtomicBool::new(false) }
    }

    /// Takes what Lambda was called with, and logs it in one line.
    ///
    /// # Errors
    /// When the payload is neither a request nor an event of this tenant, or an event cannot be recorded.
    pub async fn call(&self, payload: Value, call: Call<'_>) -> Result<Reply, PayloadError> {
        let start = Instant::now();
        let mut line = Line {
            level: "INFO",
            event: "unreadable",
            tenant: self.settings.tenant.as_str(),
            request_id: call.request_id,
            trace_id: call.trace_id,
            cold_start: !self.called.swap(true, Ordering::Relaxed),
            ..Line::default()
        };
        let limit = call.time_left.map_or(LONGEST, |left| left.saturating_sub(RESERVE).min(LONGEST));
        let done = match Payload::parse(payload) {
            Ok(Payload::Request(request)) => Ok(self.request(*request, call.request_id, limit, &mut line).await),
            Ok(Payload::Event(event)) => {
                line.event = "lifecycle";
                let taken = tokio::time::timeout(limit, Box::pin(self.event(&event)))
                    .await
                    .unwrap_or(Err(PayloadError::TimedOut));
                line.outcome = taken.as_ref().ok().map(|outcome| outcome.as_str());
                let reply = taken
                    .map(|outcome| Reply::Acknowledged { acknowledged: event.id.clone(), outcome: outcome.as_str() });
                self.finish(&mut line, &reply, start);
                // Only here are the texts of the event still at hand.
                self.log.write(&Line { event_id: Some(&event.id), detail_type: Some(&event.detail_type), ..line });
                return reply;
            }
            Err(error) => Err(error),
        };
        self.finish(&mut line, &done, start);
        self.log.write(&line);
        done
    }

    fn finish(&self, line: &mut Line<'_>, done: &Result<Reply, PayloadError>, start: Instant) {
        line.latency_ms = start.elapsed().as_micros() as f64 / 1_000.0;
        if let Err(error) = done {
            line.level = "ERROR";
            line.error = Some(crate::chain(error));
            if error.is_foreign() {
                line.event = runtime::CROSS_TENANT_REFUSED;
            }
        }
    }

    async fn request(
        &self,
        request: Result<ApiGatewayV2httpRequest, serde_json::Error>,
        request_id: &str,
        limit: Duration,
        line: &mut Line<'_>,
    ) -> Reply {
        let request = request
            .map_err(|_| Problem::new(Kind::InvalidRequest, "the request has a header or a method that is none"))
            .and_then(Incoming::try_from);
        let answer = match request {
            Err(problem) => Answer::refused(problem.into(), request_id),
            Ok(request) => {
                line.method = Some(method(request.method.as_str()));
                let answered = tokio::time::timeout(limit, Box::pin(self.api.respond(request, request_id))).await;
                answered
                    .unwrap_or_else(|elapsed| Answer::refused(TableError::TimedOut(elapsed.into()).into(), request_id))
            }
        };
        let status = answer.response.status();
        line.event = "request";
        line.route = Some(answer.route);
        line.status = Some(status.as_u16());
        if let Some(failure) = &answer.failure {
            line.problem = Some(failure.problem().kind.slug());
            line.error = logged(failure);
            line.level = if status.is_server_error() { "ERROR" } else { "WARN" };
            if failure.is_foreign() {
                line.level = "ERROR";
                line.event = runtime::CROSS_TENANT_REFUSED;
            }
        }
        Reply::Response(Box::new(function_url_response(answer.response)))
    }

    async fn event(&self, event: &Event) -> Result<Applied, PayloadError> {
        let lifecycle = event.understand(&self.settings)?;
        Ok(self.table.apply(&lifecycle).await?)
    }
}

/// What the log tells of a failure. A problem with a request is told by its name alone: the request may hold anything.
fn logged(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Problem(_) | Failure::Table(TableError::Precondition(_)) => None,
        Failure::OtherTenant(_) | Failure::Table(_) => Some(crate::chain(failure)),
    }
}

/// The method for the log, from a closed list.
fn method(given: &str) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST", "PATCH"];
    KNOWN.into_iter().find(|known| *known == given).unwrap_or("other")
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
mod tests;
