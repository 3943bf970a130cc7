//! The function as Lambda runs it: the binary, between an emulated Lambda Runtime API and an emulated CloudWatch Logs API.

mod calls;
mod delivery;
mod faults;
mod function;
mod http;
mod limits;
mod logs_api;
mod resources;
