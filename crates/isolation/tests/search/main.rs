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

mod generate;
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

#[test]
fn balance() {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};
    use std::cell::Cell;
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let strategy = generate::worlds().prop_flat_map(|world| (generate::situations(&world), generate::question::questions(&world), proptest::collection::vec(generate::question::choices(), 40)));
    let (yes, no, some, none) = (Cell::new(0), Cell::new(0), Cell::new(0), Cell::new(0));
    let by = |c: &Cell<i32>| c.set(c.get() + 1);
    runner.run(&strategy, |(situation, question, choices)| {
        let mut any = false;
        for choice in &choices {
            let ask = question.request(choice);
            prop_assert!(question.holds(&ask), "{ask:?} {question:?}");
            if naive::allowed(&situation, &ask) { by(&yes); any = true } else { by(&no) }
        }
        by(if any { &some } else { &none });
        Ok(())
    }).unwrap();
    println!("allowed {} denied {} some {} none {}", yes.get(), no.get(), some.get(), none.get());
}
