#![doc = include_str!("../README.md")]

pub mod arn;
mod block;
mod document;
mod expr;
pub mod manifest;
mod stack;
#[cfg(feature = "test-util")]
pub mod test_util;
mod text;

pub use arn::{Arn, ArnOf};
pub use block::{Address, Attr, Handle, Mode, Resource, Timeouts};
pub use document::{AWS_PROVIDER, Backend, Fault, S3Backend, Settings, vacant};
pub use expr::Expr;
pub use stack::{Construct, Stack};
pub use text::Text;
