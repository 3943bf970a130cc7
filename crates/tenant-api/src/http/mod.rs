//! Requests, routes and answers.

mod api;
mod document;
mod incoming;
mod list;
mod reply;
mod route;

pub(crate) use api::{Answer, Api, Failure};
pub(crate) use incoming::Incoming;
pub(crate) use route::Route;

/// The description of the API, which `/openapi.json` serves.
pub(crate) const OPENAPI: &str = include_str!("../../openapi.json");
