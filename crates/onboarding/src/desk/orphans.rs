//! States that are nobody's: something stands in AWS, and the registry does not know for whom, or has it recorded as gone. They are named
//! and counted; nothing is taken away.

use naming::{EnvironmentSuffix, Platform, TenantId};
use registry::Status;
use registry::store::Store;
use serde::Deserialize;
use serde_json::Value;

use super::Desk;
use crate::call::{Answer, Go, Sweep};
use crate::error::StepError;

/// The most bytes of a state that has nothing in it: Terraform leaves one of about 200 when everything is destroyed, and the smallest
/// resource takes more than this.
const EMPTY: u64 = 512;

/// What S3 says of a part of the bucket
/// ([ListObjectsV2](https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html)), or the error with which it did not.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    contents: Vec<Object>,
    #[serde(default)]
    is_truncated: bool,
    error: Option<String>,
    cause: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Object {
    key: String,
    #[serde(default)]
    size: u64,
}

impl<S: Store> Desk<S> {
    pub(super) fn orphans(&self, sweep: Sweep, states: Value) -> Result<Answer, StepError> {
        let listed: Listed = serde_json::from_value(states).map_err(StepError::BadCall)?;
        let mut orphans = Vec::new();
        if let Some(error) = &listed.error {
            let cause = listed.cause.as_deref().unwrap_or_default();
            orphans.push(format!(
                "the states could not be listed ({error}: {cause}); deploy the platform's stack again, so that its workflow may"
            ));
        }
        for object in listed.contents.iter().filter(|object| object.size > EMPTY) {
            let Some(tenant) = tenant_of(&object.key, &self.registry.rules().environment) else { continue };
            let status = self.registry.entry(&tenant)?.map(|entry| entry.status);
            if let Some(what) = orphan(&tenant, status) {
                orphans.push(format!("`{}`: {what}", object.key));
            }
        }
        let attention = sweep.attention.saturating_add(u32::try_from(orphans.len()).unwrap_or(u32::MAX));
        let (go, after) = match listed.contents.last() {
            Some(last) if listed.is_truncated => (Go::States, last.key.clone()),
            _ => (Go::End, String::new()),
        };
        Ok(Answer::Sweep(Sweep { go, after, attention, orphans, ..sweep }))
    }
}

/// Whose state it is; nobody's where it is none of a tenant of this environment, as a lock is none.
fn tenant_of(key: &str, environment: &EnvironmentSuffix) -> Option<TenantId> {
    let [before, behind] = Platform::around_stack_of(environment);
    key.strip_suffix(".tfstate")?.strip_prefix(&before)?.strip_suffix(&behind)?.parse().ok()
}

/// What is wrong with a state that has something in it, and what to do.
fn orphan(tenant: &TenantId, status: Option<Status>) -> Option<String> {
    let why = match status {
        None => "the registry has no such tenant",
        Some(Status::Removed | Status::Forgotten) => "the registry has its destroy recorded",
        Some(_) => return None,
    };
    Some(format!(
        "something of tenant `{tenant}` stands in AWS, and {why}; nothing is taken away by itself: to be rid of it, list the tenant as \
         `removed` in a tenants file with this environment's backend and run `app deploy --tenant {tenant}`; where it is to stand, sign it up \
         with its network index, or keep the state of a fleet of your own in another bucket"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_tenants_state_or_nothing() {
        let of = |key: &str| tenant_of(key, &"dev".parse().unwrap()).map(|tenant| tenant.to_string());
        assert_eq!(of("tenant-acme-dev.tfstate").as_deref(), Some("acme"));
        assert_eq!(of("tenant-acme-dev-dev.tfstate").as_deref(), Some("acme-dev"));
        for other in [
            "tenant-acme-dev.tfstate.tflock",
            "tenant-acme-prod.tfstate",
            "platform-dev.tfstate",
            "releases/0.1.0/palisade.zip",
            "tenant--dev.tfstate",
            "tenant-dev.tfstate",
            "tenant-platform-dev.tfstate",
            "tenant-../x-dev.tfstate",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
