//! The tenant's table. Every call to AWS that this crate makes is made below this module; `calls.json` lists them.

#[cfg(test)]
mod calls;
mod client;
mod condition;
mod documents;
mod error;
mod item;
mod key;
mod lifecycle;
mod secret;

use std::time::SystemTime;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::{DateTime, DateTimeFormat};
use naming::{ResourceName, TenantId};

pub(crate) use documents::Page;
pub use error::TableError;
pub(crate) use item::Entry;
#[cfg(test)]
pub(crate) use key::Key;
pub(crate) use lifecycle::{Applied, Standing};

use crate::settings::{Aws, Settings};

/// The tenant's table.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: ResourceName,
    tenant: TenantId,
}

impl Table {
    /// The table of the settings' tenant. Its client is made here, once.
    pub fn new(settings: &Settings, aws: Aws) -> Self {
        Self::with_client(settings, client::new(aws))
    }

    fn with_client(settings: &Settings, client: Client) -> Self {
        Self { client, name: settings.table(), tenant: settings.tenant.clone() }
    }
}

/// Now, as it is stored and shown.
fn now() -> String {
    DateTime::from(SystemTime::now()).fmt(DateTimeFormat::DateTime).unwrap_or_default()
}

/// Now, in seconds since 1970.
fn now_in_seconds() -> i64 {
    DateTime::from(SystemTime::now()).secs()
}

#[cfg(test)]
pub(crate) mod test_util {
    use aws_smithy_http_client::test_util::infallible_client_fn;
    use lambda_http::http::{Request, Response};
    use serde_json::Value;

    use super::*;

    /// A table whose answers are made up: a function gets the operation and its input, and gives status and body.
    pub(crate) fn table(
        settings: &Settings,
        answer: impl Fn(&str, Value) -> (u16, Value) + Send + Sync + 'static,
    ) -> Table {
        let http = infallible_client_fn(move |request: Request<_>| {
            let body: &[u8] = request.body().bytes().unwrap();
            let input = serde_json::from_slice(body).unwrap();
            let target = request.headers()["x-amz-target"].to_str().unwrap();
            let (status, output) = answer(target.trim_start_matches("DynamoDB_20120810."), input);
            Response::builder().status(status).body(output.to_string()).unwrap()
        });
        let aws = Aws {
            region: "us-east-1".to_owned(),
            access_key_id: "id".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: None,
            endpoint: None,
        };
        let config = client::config(aws).http_client(http).build();
        Table::with_client(settings, Client::from_conf(config))
    }
}
