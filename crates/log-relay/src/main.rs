//! The log relay's Lambda function.

use std::process::ExitCode;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use log_relay::{Aws, CloudWatch, Payload, Relay, Settings, SettingsError, chain};
use tracing_subscriber::EnvFilter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(EnvFilter::new("info")).init();
    let (relay, tenant) = match start() {
        Ok(started) => started,
        Err(error) => {
            tracing::error!(error = chain(&error), "cannot start");
            return ExitCode::FAILURE;
        }
    };
    let (relay, tenant) = (&relay, tenant.as_str());
    let handler = service_fn(|event: LambdaEvent<Payload>| async move {
        let request_id = event.context.request_id;
        match relay.copy(&event.payload).await {
            Ok(copied) => {
                tracing::info!(tenant, request_id, events = copied.events, requests = copied.requests, "relayed");
                Ok(())
            }
            Err(error) => {
                let error_message = chain(&error);
                tracing::error!(tenant, request_id, error = error_message, "not relayed");
                Err(Diagnostic { error_type: error.name().to_owned(), error_message })
            }
        }
    });
    match lambda_runtime::run(handler).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(tenant, error = error.to_string(), "the Lambda runtime ended");
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<(Relay<CloudWatch>, String), SettingsError> {
    let settings = Settings::parse(&variable)?;
    let central = CloudWatch::new(Aws::parse(&variable)?, settings.central.clone());
    let tenant = settings.relayed.tenant().to_string();
    Ok((Relay::new(settings, central), tenant))
}

#[expect(clippy::disallowed_methods, reason = "a Lambda's cold start is where it reads its environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
