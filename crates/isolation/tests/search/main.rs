//! The policy engine against an evaluator that shares nothing with it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/mod.rs"]
mod support;

mod naive;

use std::path::Path;

/// The evaluator is not believed, but held against AWS's documentation first.
#[test]
fn the_naive_evaluator_decides_every_case_of_the_documentation() {
    let cases = support::corpus::cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws/cases"));
    let wrong = cases.iter().filter(|case| naive::allowed(&case.situation, &case.ask) != case.allowed);
    let wrong: Vec<String> = wrong.map(|case| format!("{} ({}) is allowed: {}", case.name, case.doc, case.allowed)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
