//! The log relay's Lambda function.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use lambda_runtime::{Context, Diagnostic, LambdaEvent, service_fn};
use log_relay::{Aws, CloudWatch, Invocation, Payload, Relay, Report, Settings, SettingsError, Tally, chain};
use naming::TenantId;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What the relay leaves of an invocation's time, to say how it went before Lambda ends it.
const MARGIN: Duration = Duration::from_secs(3);

/// What is made once, at the cold start.
struct Function {
    relay: Relay<CloudWatch>,
    tenant: TenantId,
    cold: AtomicBool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    log_as_json();
    let function = match Function::start() {
        Ok(function) => function,
        Err(error) => {
            tracing::error!(error = chain(&error), "cannot start");
            return ExitCode::FAILURE;
        }
    };
    let function = &function;
    let handler =
        service_fn(|event: LambdaEvent<Payload>| async move { function.call(&event.payload, &event.context).await });
    match lambda_runtime::run(handler).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(tenant = function.tenant.as_str(), error = error.to_string(), "the Lambda runtime ended");
            ExitCode::FAILURE
        }
    }
}

impl Function {
    fn start() -> Result<Self, SettingsError> {
        let settings = Settings::parse(&variable)?;
        let central = CloudWatch::new(Aws::parse(&variable)?, settings.central.clone());
        let tenant = settings.relayed.tenant().clone();
        Ok(Self { relay: Relay::new(settings, central), tenant, cold: AtomicBool::new(true) })
    }

    async fn call(&self, payload: &Payload, context: &Context) -> Result<(), Diagnostic> {
        let (begun, time) = (Instant::now(), SystemTime::now());
        let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let invocation = Invocation {
            account: account(&context.invoked_function_arn),
            now: i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX),
            time_left: context.deadline().duration_since(time).unwrap_or_default().saturating_sub(MARGIN),
        };
        let mut tally = Tally::default();
        let result = self.relay.copy(payload, invocation, &mut tally).await;
        let report = Report {
            tenant: &self.tenant,
            request_id: &context.request_id,
            now: invocation.now,
            latency_ms: begun.elapsed().as_secs_f64() * 1_000.0,
            cold_start: self.cold.swap(false, Ordering::Relaxed),
            tally: &tally,
            result: &result,
        };
        report.print();
        result.map_err(|error| Diagnostic { error_type: error.name().to_owned(), error_message: chain(&error) })
    }
}

/// The account in the name that Lambda gives the function: `arn:aws:lambda:{region}:{account}:function:{name}`.
fn account(function_arn: &str) -> &str {
    function_arn.split(':').nth(4).unwrap_or_default()
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
