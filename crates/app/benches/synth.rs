//! What a synthesis costs without the disk: the tenants file is parsed, every stack declared, serialised and judged.
//!
//! `bench/run` measures the whole program, with the disk.

#![expect(clippy::panic, reason = "a benchmark of what cannot be synthesised has no result")]

use app::stacks::{Onboarding, platform_stack, tenant_stack};
use app::unbuilt;
use construct::{Backend, Settings, Stack};
use criterion::{BenchmarkId, Criterion, Throughput};
use naming::Owner;
use naming::fleet::{Fleet, Overrides};

/// A fleet with small blocks, so that 4,096 tenants fit.
fn tenants_file(tenants: usize) -> Vec<u8> {
    let list: Vec<String> = (0..tenants).map(|n| format!(r#"{{ "id": "tenant{n}", "network_index": {n} }}"#)).collect();
    let network = r#"{ "supernet": "10.0.0.0/8", "prefix_length": 20 }"#;
    format!(r#"{{ "environment_suffix": "bench", "network": {network}, "tenants": [{}] }}"#, list.join(","))
        .into_bytes()
}

fn document<O: Owner>(stack: Stack<O>, settings: &Settings, judged: &mut isolation::Fleet) -> usize {
    let name = stack.owner().stack_name();
    let document = stack.synth(settings).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
    judged.add(&name, &document);
    serde_json::to_vec_pretty(&document).map_or(0, |bytes| bytes.len())
}

/// The bytes of all documents.
fn synthesise(file: &[u8]) -> usize {
    let fleet = Fleet::parse(file, "bench", &Overrides::default()).unwrap_or_else(|errors| panic!("{errors}"));
    let settings = Settings { backend: Backend::Local { directory: "../../..".to_owned() } };
    let mut judged = isolation::Fleet::new();
    let onboarding =
        Onboarding { code: app::unbuilt_onboarding(), network: fleet.plan, tenant_limit: fleet.plan.capacity() };
    let mut bytes = document(platform_stack(fleet.platform(), onboarding), &settings, &mut judged);
    for tenant in fleet.tenants {
        bytes += document(tenant_stack(tenant.tenant, unbuilt()), &settings, &mut judged);
    }
    let findings = judged.verdict().findings;
    assert!(findings.is_empty(), "a fleet that is not isolated measures the wrong thing: {findings:?}");
    bytes
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("synth");
    group.sample_size(10);
    for tenants in [3, 256, 1024, 4096] {
        let file = tenants_file(tenants);
        group.throughput(Throughput::Elements(tenants as u64));
        group.bench_with_input(BenchmarkId::from_parameter(tenants), &file, |bench, file| {
            bench.iter(|| synthesise(file));
        });
    }
    group.finish();
    criterion.final_summary();
}
