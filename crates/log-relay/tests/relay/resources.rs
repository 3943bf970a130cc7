//! What the function costs: the time to start, and memory.

use crate::function::{Function, batch, now};
use crate::logs_api::LogsApi;

/// "Cold start in the local runtime at most 30 ms median"
#[test]
fn half_of_the_cold_starts_take_at_most_30_milliseconds() {
    let logs = LogsApi::start();
    let mut times: Vec<u128> = (0..15).map(|_| Function::start(&logs).cold_start.as_millis()).collect();
    times.sort_unstable();
    assert!(times[7] <= 30, "{times:?}");
}

/// "peak memory at most 64 MiB", with the largest payload that Lambda takes in an asynchronous invocation, 1 MB
#[test]
fn the_largest_payload_takes_at_most_64_mib() {
    let logs = LogsApi::start();
    let mut function = Function::start(&logs);
    // Lines like those of a function, which gzip packs to about a tenth.
    let mut state = 7_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let now = now();
    let events: Vec<(i64, String)> = (0..30_000)
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
    assert!((900_000..1_048_576).contains(&bytes), "{bytes}");
    function.invoke(&payload).result.unwrap();
    assert_eq!(logs.messages().len(), 30_000);
    let peak = function.peak_memory();
    assert!(peak <= 64 * 1_024, "{peak} KiB");
}
