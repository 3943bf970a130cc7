//! The tenant API's Lambda function.

use std::process::ExitCode;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use tenant_api::{Function, Settings, chain};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    log_as_json();
    let function = match Settings::parse(&variable) {
        Ok(settings) => Function::new(settings),
        Err(error) => {
            tracing::error!(error = chain(&error), "cannot start");
            return ExitCode::FAILURE;
        }
    };
    let function = &function;
    let handler = service_fn(|event: LambdaEvent<Value>| async move {
        function
            .call(event.payload, &event.context.request_id)
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

/// One line of JSON for each event, without the runtime's spans, and without its own line for an error that is logged here.
fn log_as_json() {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false);
    let levels =
        Targets::new().with_default(LevelFilter::INFO).with_target("lambda_runtime::layers::panic", LevelFilter::OFF);
    tracing_subscriber::registry().with(lines).with(levels).init();
}

#[expect(clippy::disallowed_methods, reason = "a Lambda's cold start is where it reads its environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
