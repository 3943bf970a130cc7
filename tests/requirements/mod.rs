//! The owner's requirements, line by line, over every resource of every stack. Each test quotes the line that it proves; docs/requirements.md
//! says which test proves which line, and `coverage` keeps that true.

mod architecture;
mod data;
mod deployment;
mod identity;
mod network;
mod operations;
