//! The deployment packages: what they weigh, and that they change exactly when the code does.

use std::path::Path;

use serde_json::Value;

use crate::support::app::{app, project};
use crate::support::build::built;
use crate::support::root;

/// "checks size and architecture"; "zip at most 5 MB each"
#[test]
fn each_package_is_small_and_for_the_architecture_of_its_stack() {
    let (said, directory) = built();
    for (package, zip) in said.as_array().unwrap().iter().zip(["tenant-api.zip", "log-relay.zip", "onboarding.zip"]) {
        assert_eq!(Path::new(package["path"].as_str().unwrap()).file_name().unwrap(), zip);
        assert!(package["size"].as_u64() < Some(5_000_000), "{package}");
        assert_eq!(package["architecture"], "x86_64");
        assert_eq!(package["size"], std::fs::metadata(directory.join(zip)).unwrap().len());
    }
}

/// "makes both zips reproducibly (same bytes twice: fixed times and order)"
#[test]
fn the_same_code_gives_the_same_bytes_again() {
    let before = built().0.clone();
    let again = app(&root(), &["build", "--format", "json"]).done("app build").json();
    assert_eq!(before, again);
}

/// The hashes of a project whose packages are these.
fn hashes(packages: [&[u8]; 2]) -> [Value; 2] {
    let project = project();
    let lambda = project.path().join("target/lambda");
    std::fs::create_dir_all(&lambda).unwrap();
    for (zip, bytes) in ["tenant-api.zip", "log-relay.zip"].into_iter().zip(packages) {
        std::fs::write(lambda.join(zip), bytes).unwrap();
    }
    app(project.path(), &[]).done("synth");
    let stack = project.path().join("cdktf.out/stacks/tenant-acme-corp-dev/cdk.tf.json");
    let stack: Value = serde_json::from_slice(&std::fs::read(stack).unwrap()).unwrap();
    ["api", "relay"].map(|id| stack["resource"]["aws_lambda_function"][id]["source_code_hash"].clone())
}

/// "the hash in the stack changes exactly when the code does"
#[test]
fn the_hash_in_the_stack_changes_with_the_code_of_its_function_and_with_nothing_else() {
    let (said, directory) = built();
    let [api, relay] = ["tenant-api.zip", "log-relay.zip"].map(|zip| std::fs::read(directory.join(zip)).unwrap());
    let first = hashes([&api, &relay]);
    assert_eq!(first, [said[0]["source_code_hash"].clone(), said[1]["source_code_hash"].clone()]);
    assert_eq!(first, hashes([&api, &relay]), "another time, another place, the same hash");
    let other = hashes([&relay, &relay]);
    assert!(other[0] != first[0] && other[1] == first[1], "{first:?} {other:?}");
}
