//! The log relay's Lambda function.

use std::process::ExitCode;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use log_relay::{Aws, CloudWatch, Payload, Relay, Settings, SettingsError, chain};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    log_as_json();
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
