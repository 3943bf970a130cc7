//! The tenant API as it is deployed: the built function, called as Lambda calls it, against a real server of DynamoDB.

mod contract;
mod documents;
mod faults;
mod isolation;
mod lifecycle;
mod local;
mod package;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::support::emulator::{Proxy, create_table, emulator};
use crate::support::http::Message;
use crate::support::lambda::{Function, tenant_api, url_payload, url_response};

/// One tenant's function and table.
pub(crate) struct Stage {
    pub(crate) function: Function,
    pub(crate) proxy: Proxy,
    pub(crate) emulator: SocketAddr,
    pub(crate) table: String,
    pub(crate) suffix: String,
}

impl Stage {
    /// A function of a tenant with an empty table; nothing where there is no emulator.
    pub(crate) fn of(test: &str, tenant: &str) -> Option<Self> {
        static STAGES: AtomicU32 = AtomicU32::new(0);
        let suffix = format!("t{}", STAGES.fetch_add(1, Ordering::Relaxed));
        let emulator = emulator(test)?;
        let table = format!("tenant-{tenant}-metadata-{suffix}");
        create_table(emulator, &table);
        let proxy = Proxy::before(emulator);
        let function = start(tenant, &suffix, proxy.address);
        Some(Self { function, proxy, emulator, table, suffix })
    }

    /// Sends a request through the function URL.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Message {
        let request = Message::new(format!("{method} {path} HTTP/1.1"), headers, body);
        url_response(&self.function.call(&url_payload(&request)))
    }

    pub(crate) fn get(&self, path: &str) -> Message {
        self.send("GET", path, &[], "")
    }

    /// Puts a document under preconditions.
    pub(crate) fn put(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Message {
        self.send("PUT", path, &[&[("content-type", "application/json")], headers].concat(), body)
    }

    /// An event of the platform for the function's tenant.
    pub(crate) fn event(&self, tenant: &str, id: &str, kind: &str, time: &str) -> Value {
        let detail = json!({ "version": "1", "tenant_id": tenant, "environment_suffix": self.suffix });
        json!({
            "version": "0", "id": id, "detail-type": kind, "source": "palisade.platform", "account": "123456789012",
            "time": time, "region": "us-east-1", "resources": [], "detail": detail
        })
    }
}

/// Starts the function of a tenant.
pub(crate) fn start(tenant: &str, suffix: &str, endpoint: SocketAddr) -> Function {
    let table = format!("tenant-{tenant}-metadata-{suffix}");
    let endpoint = format!("http://{endpoint}");
    let environment = [
        ("TENANT_ID", tenant),
        ("ENVIRONMENT_SUFFIX", suffix),
        ("TABLE_NAME", table.as_str()),
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.as_str()),
    ];
    Function::start(tenant_api(), &environment)
}

pub(crate) fn status(answer: &Message) -> u16 {
    answer.word(1).parse().expect("a status")
}

pub(crate) fn body(answer: &Message) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("no JSON: {answer:?}"))
}

/// The status of a problem and the last part of its type.
pub(crate) fn problem(answer: &Message) -> (u16, String) {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:?}");
    let told = body(answer);
    (status(answer), told["type"].as_str().unwrap().trim_start_matches("urn:palisade:problem:").to_owned())
}

pub(crate) fn etag(answer: &Message) -> String {
    answer.header("etag").unwrap_or_else(|| panic!("no tag: {answer:?}")).to_owned()
}
