//! The tenant API's Lambda function.

use std::process::ExitCode;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use tenant_api::{Function, Settings, chain};
use tracing_subscriber::EnvFilter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(EnvFilter::new("info")).init();
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

#[expect(clippy::disallowed_methods, reason = "a Lambda's cold start is where it reads its environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
