//! A run that is killed at any moment leaves the old output, the new one, or none; never a mixture.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const TENANTS: usize = 24;
const KILLS: u32 = 60;

fn start(project: &Path, region: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_app"));
    command.current_dir(project).args(["--region", region, "--output", "out"]);
    command.env_remove("CDKTF_CONTEXT_JSON").env_remove("PALISADE_ENVIRONMENT_SUFFIX").env_remove("PALISADE_BACKEND");
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// All documents and the manifest; hidden files, which are the program's own or Terraform's, are left out.
fn content(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            found.extend(content(&entry.path()));
        } else {
            found.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
    found
}

#[test]
fn whoever_reads_after_a_kill_finds_a_whole_output_or_no_manifest() {
    let project = tempfile::tempdir().unwrap();
    let listed: Vec<String> =
        (0..TENANTS).map(|n| format!(r#"{{ "id": "tenant{n}", "network_index": {n} }}"#)).collect();
    let file = format!(r#"{{ "environment_suffix": "dev", "tenants": [{}] }}"#, listed.join(","));
    fs::write(project.path().join("tenants.json"), file).unwrap();
    let out = project.path().join("out");
    let whole = |region: &str| {
        assert!(start(project.path(), region).wait().unwrap().success());
        content(&out)
    };
    let (one, other) = (whole("us-east-1"), whole("eu-west-1"));
    assert!(one.len() == TENANTS + 2 && one.keys().eq(other.keys()) && one != other);
    let link = out.join("stacks/tenant-tenant0-dev/.terraform");
    fs::create_dir(&link).unwrap();

    let started = Instant::now();
    whole("us-east-1");
    let usual = started.elapsed();
    for kill in 0..KILLS {
        let region = if kill % 2 == 0 { "eu-west-1" } else { "us-east-1" };
        let mut run = start(project.path(), region);
        if kill < KILLS / 2 {
            std::thread::sleep(usual.mul_f64(f64::from(kill) / f64::from(KILLS / 2)));
        } else {
            // The moves are a small part of a run: these kills wait for them.
            while !out.join(".commit").exists() && run.try_wait().unwrap().is_none() {}
            let moves = Instant::now();
            while moves.elapsed() < Duration::from_micros(u64::from(kill - KILLS / 2) * 40) {}
        }
        run.kill().unwrap();
        run.wait().unwrap();
        let found = content(&out);
        let has_manifest = found.keys().any(|path| path.ends_with("manifest.json"));
        assert!(!has_manifest || found == one || found == other, "a mixture after kill {kill}");
    }
    let last = whole("us-east-1");
    let paths: BTreeSet<&PathBuf> = last.keys().chain(one.keys()).collect();
    let differ: Vec<_> = paths.into_iter().filter(|path| last.get(*path) != one.get(*path)).collect();
    assert!(differ.is_empty(), "the next run repairs what kills left: {differ:?}");
    assert!(link.is_dir(), "Terraform's own files stay");
}
