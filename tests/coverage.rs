//! docs/requirements.md tells the truth: every numbered line has a row, and what a row names exists.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::root;

/// The numbered lines of the owner's requirements.
const LINES: &[&str] = &[
    "A1.1", "A1.2", "A1.3", "A1.4", "A2.1", "A2.2", "A2.3", "A2.4", "A3.1", "A3.2", "A3.3", "A3.4", "A3.5", "A4.1",
    "A4.2", "A4.3", "A4.4", "A5.1", "A5.2", "A5.3", "A5.4", "A6.1", "A6.2", "A6.3", "A6.4", "A7.1", "A7.2", "A7.3",
    "A8.1", "A8.2", "A8.3", "A8.4", "A9", "A10.1", "A10.2", "A10.3", "B1.1", "B1.2", "B1.3", "B1.4", "B1.5", "B2.1",
    "B2.2", "B2.3", "B3.1", "B3.2", "B3.3", "B3.4", "B3.5", "B4.1", "B4.2", "B4.3", "B4.4",
];

fn sources(dir: &Path, found: &mut String) {
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The texts in backticks of a cell.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_line_is_met_somewhere_and_shown_by_a_test() {
    let table = std::fs::read_to_string(root().join("docs/requirements.md")).unwrap();
    let mut code = String::new();
    for dir in ["tests", "crates"] {
        sources(&root().join(dir), &mut code);
    }
    let mut seen = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| A") || line.starts_with("| B")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [line, _, places, tests] = cells[..] else { panic!("not four cells: {row}") };
        assert!(LINES.contains(&line) && seen.insert(line), "{line} is no line, or stands twice");
        assert!(!quoted(places).is_empty() && !quoted(tests).is_empty(), "{line}");
        for place in quoted(places) {
            assert!(root().join(place).exists(), "{line}: {place} does not exist");
        }
        for test in quoted(tests) {
            assert!(code.contains(&format!("fn {test}(")), "{line}: no test `{test}`");
        }
    }
    let missing: Vec<&&str> = LINES.iter().filter(|line| !seen.contains(**line)).collect();
    assert!(missing.is_empty(), "without a row: {missing:?}");
}
