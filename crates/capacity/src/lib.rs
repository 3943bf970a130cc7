#![doc = include_str!("../README.md")]

mod admit;
mod count;
mod document;
mod fleet;
mod ledger;
mod limits;
mod measure;
mod quota;
mod report;
mod request;
mod size;
mod usage;

pub use admit::{Admission, Shortage};
pub use fleet::{Fleet, Part, Place};
pub use ledger::Key;
pub use limits::{KeyError, Limit, Limits, Origin};
pub use quota::{Quota, Raise, Scope, Unit, UpTo};
pub use report::{AccountLedger, Blocks, Cells, Fits, Question, Report, Row, SCHEMA};
pub use usage::{Fullest, Usage};
