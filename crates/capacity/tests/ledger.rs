//! The ledger from outside: what is counted, what fits, what is admitted, and the schema of the report.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod ledger {
    mod admission;
    mod counting;
    mod fixture;
    mod properties;
    mod report;
}
