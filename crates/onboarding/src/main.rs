//! The onboarding workflow's Lambda function.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use lambda_runtime::{Context, Diagnostic, LambdaEvent, service_fn};
use onboarding::{Answer, Desk, Line, Log, Settings, StepError, chain, client};
use registry::store::dynamodb::DynamoDbStore;
use registry::{Registry, Timestamp};
use serde_json::Value;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What is made once, at the cold start.
struct Function {
    desk: Desk<DynamoDbStore>,
    log: Log,
    cold: AtomicBool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    log_as_json();
    let function = match start() {
        Ok(function) => Arc::new(function),
        Err(error) => {
            tracing::error!(error = chain(error.as_ref()), "cannot start");
            return ExitCode::FAILURE;
        }
    };
    let handler = service_fn(|LambdaEvent { payload, context }: LambdaEvent<Value>| {
        let function = Arc::clone(&function);
        async move {
            // The registry's calls block, so they have a thread of their own.
            let call = tokio::task::spawn_blocking(move || function.call(payload, &context));
            call.await.unwrap_or_else(|_| {
                Err(Diagnostic {
                    error_type: "Panic".to_owned(),
                    error_message: "the step ended in a panic".to_owned(),
                })
            })
        }
    });
    match lambda_runtime::run(handler).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = error.to_string(), "the Lambda runtime ended");
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<Function, Box<dyn std::error::Error>> {
    let settings = Settings::parse(&variable)?;
    let store = DynamoDbStore::new(client(&variable)?, settings.table.clone())?;
    let registry = Registry::new(store, settings.rules.clone());
    Ok(Function { desk: Desk::new(registry, settings), log: Log::stdout(), cold: AtomicBool::new(true) })
}

impl Function {
    fn call(&self, payload: Value, context: &Context) -> Result<Answer, Diagnostic> {
        let begun = Instant::now();
        let call = Desk::<DynamoDbStore>::read(payload);
        let (step, execution, tenant) = match &call {
            Ok(call) => (Some(call.name()), Some(call.execution().to_string()), call.tenant().map(ToString::to_string)),
            Err(_) => (None, None, None),
        };
        let result = call.and_then(|call| self.desk.step(call, Timestamp::now()));
        let error = result.as_ref().err();
        let attention = match &result {
            Ok(Answer::Sweep(sweep)) if sweep.go == onboarding::Go::End => Some(sweep.attention),
            _ => None,
        };
        let line = Line {
            level: if error.is_some() { "ERROR" } else { "INFO" },
            step,
            environment_suffix: &self.desk.registry().rules().environment,
            tenant: tenant.as_deref(),
            execution: execution.as_deref(),
            request_id: &context.request_id,
            outcome: result.as_ref().ok().and_then(|answer| answer.go().map(onboarding::Go::as_str)),
            error_type: error.map(StepError::name),
            error: error.map(|error| chain(error)),
            latency_ms: begun.elapsed().as_secs_f64() * 1_000.0,
            cold_start: self.cold.swap(false, Ordering::Relaxed),
            orphans: match &result {
                Ok(Answer::Sweep(sweep)) => &sweep.orphans,
                _ => &[],
            },
            attention,
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.log.write(&line, u64::try_from(now.as_millis()).unwrap_or_default());
        result.map_err(|error| Diagnostic { error_type: error.name().to_owned(), error_message: chain(&error) })
    }
}

/// What the runtime and the client of AWS have to say, one line of JSON each; the function writes its own.
fn log_as_json() {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false);
    let levels =
        Targets::new().with_default(LevelFilter::WARN).with_target("lambda_runtime::layers::panic", LevelFilter::OFF);
    tracing_subscriber::registry().with(lines).with(levels).init();
}

#[expect(clippy::disallowed_methods, reason = "a Lambda's cold start is where it reads its environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
