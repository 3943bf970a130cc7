#![doc = include_str!("../README.md")]

pub mod arn;
mod block;
mod document;
mod expr;
pub mod manifest;
mod stack;
mod text;

pub use arn::{Arn, ArnOf};
pub use block::{Address, Attr, Handle, Mode, Resource, Timeouts};
pub use document::{Backend, Fault, S3Backend, Settings};
pub use expr::Expr;
pub use stack::{Construct, Stack};
pub use text::Text;
