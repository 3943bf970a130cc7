//! The tenant API's Lambda function.

use std::process::ExitCode;

use lambda_runtime::{Context, Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use tenant_api::{Aws, Call, Function, Log, Settings, SettingsError, Table, chain};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    log_as_json();
    let function = match start() {
        Ok(function) => function,
        Err(error) => {
            tracing::error!(error = chain(&error), "cannot start");
            return ExitCode::FAILURE;
        }
    };
    let function = &function;
    let handler = service_fn(|LambdaEvent { payload, context }: LambdaEvent<Value>| async move {
        let Context { request_id, xray_trace_id, .. } = &context;
        // A deadline that has passed before the call begins is none: cargo-lambda's server gives such ones.
        let time_left = context.deadline().duration_since(std::time::SystemTime::now()).ok();
        let call = Call { request_id, trace_id: xray_trace_id.as_deref(), time_left };
        function
            .call(payload, call)
            .await
            .map_err(|error| Diagnostic { error_type: error.name().to_owned(), error_message: chain(&error) })
    });
    match lambda_runtime::run(handler).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = error.to_string(), "the Lambda runtime ended");
            ExitCode::FAILURE
        }
    }
}

/// Everything that calls share is made here, once.
fn start() -> Result<Function, SettingsError> {
    let settings = Settings::parse(&variable)?;
    let table = Table::new(&settings, Aws::parse(&variable)?);
    Ok(Function::new(settings, table, Log::stdout()))
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
