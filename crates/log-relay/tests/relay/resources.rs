//! What the function costs as it is deployed: the time to start, and memory.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value;

use crate::function::{Function, batch, now};
use crate::logs_api::LogsApi;

/// The optimised binary: `$LOG_RELAY_BOOTSTRAP`, else built here, once. One test at a time, for they measure.
#[expect(clippy::disallowed_methods, reason = "the test's own setting")]
fn deployed() -> (&'static Path, MutexGuard<'static, ()>) {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    static ONE: Mutex<()> = Mutex::new(());
    let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let binary = BINARY.get_or_init(|| std::env::var("LOG_RELAY_BOOTSTRAP").map_or_else(|_| build(), PathBuf::from));
    (binary, one)
}

fn build() -> PathBuf {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--release", "--quiet", "--package", "log-relay", "--bin", "log-relay"]);
    let built = command.args(["--message-format", "json"]).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let executable = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    };
    String::from_utf8(built.stdout).unwrap().lines().filter_map(executable).next_back().unwrap()
}

/// "peak memory at most 64 MiB", with the largest payload that Lambda takes in an asynchronous invocation, 1 MB
#[test]
fn the_largest_payload_takes_at_most_64_mib() {
    let (binary, _one) = deployed();
    let logs = LogsApi::start();
    let mut function = Function::start_binary(binary, &logs);
    // Lines like those of a function, which gzip packs to about a tenth.
    let mut state = 7_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let now = now();
    let events: Vec<(i64, String)> = (0..50_000)
        .map(|number| {
            let (id, time) = (random(), random() % 1_000);
            let line = format!(
                r#"{{"level":"INFO","message":"answered","tenant":"acme-corp","request_id":"{id:032x}","route":"/v1/resources","status":200,"latency_ms":{time},"cold_start":false}}"#
            );
            (now + number / 100, line)
        })
        .collect();
    let payload = batch(&events);
    let bytes = payload.to_string().len();
    assert!((700_000..1_048_576).contains(&bytes), "{bytes}");
    let ended = function.invoke(&payload);
    ended.result.unwrap();
    assert_eq!(logs.messages().len(), 50_000);
    let peak = function.peak_memory();
    println!("payload {bytes} bytes, peak {peak} KiB, {} ms", ended.line["RelayLatency"]);
    assert!(peak <= 64 * 1_024, "{peak} KiB");
}

/// "256 MB memory"
#[test]
fn the_largest_batch_that_is_unpacked_fits_the_functions_memory() {
    let (binary, _one) = deployed();
    let logs = LogsApi::start();
    let mut function = Function::start_binary(binary, &logs);
    let now = now();
    let events: Vec<(i64, String)> = (0..300_000).map(|number| (now, format!("{number:0>115}"))).collect();
    let payload = batch(&events);
    assert!(payload.to_string().len() < 6 * 1_024 * 1_024);
    function.invoke(&payload).result.unwrap();
    assert_eq!(logs.messages().len(), 300_000);
    let peak = function.peak_memory();
    println!("peak {peak} KiB");
    assert!(peak <= 200 * 1_024, "{peak} KiB");
}
