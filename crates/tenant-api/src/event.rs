//! Lifecycle events, which the platform's event bus routes to their tenant's function.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::settings::Settings;

/// An event as EventBridge delivers it
/// ([structure](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html)).
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct LifecycleEvent {
    /// The event's id, the same at every delivery.
    #[serde(default)]
    pub id: String,
    /// Who announces it.
    #[serde(default)]
    pub source: String,
    /// What happened.
    #[serde(rename = "detail-type")]
    pub detail_type: String,
    /// To whom, and more.
    pub detail: Map<String, Value>,
}

/// Why an event is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// It is another tenant's.
    #[error(
        "refused the event `{event}`: it names the tenant `{given}`, and this function belongs to `{tenant}`; correct the rule that sent it"
    )]
    OtherTenant {
        /// What the event says.
        given: String,
        /// Whose function this is.
        tenant: String,
        /// The event's id.
        event: String,
    },
    /// It is nobody's.
    #[error("refused the event `{event}`: it names no tenant; send it again with `tenant_id` in its detail")]
    NoTenant {
        /// The event's id.
        event: String,
    },
    /// It is the tenant's, but of another environment.
    #[error(
        "refused the event `{event}`: it is for the environment `{given}`, and this function belongs to `{suffix}`; correct the rule that sent it"
    )]
    OtherEnvironment {
        /// What the event says.
        given: String,
        /// Whose function this is.
        suffix: String,
        /// The event's id.
        event: String,
    },
}

impl LifecycleEvent {
    /// Makes sure that the event is meant for the tenant and environment of the settings.
    ///
    /// # Errors
    /// When it is not, or does not say so.
    pub fn check(&self, settings: &Settings) -> Result<(), EventError> {
        let event = || self.id.clone();
        let (tenant, suffix) = (settings.tenant.as_str(), settings.suffix.as_str());
        match self.detail.get("tenant_id") {
            Some(Value::String(given)) if given == tenant => {}
            Some(Value::String(given)) => {
                return Err(EventError::OtherTenant {
                    given: given.clone(),
                    tenant: tenant.to_owned(),
                    event: event(),
                });
            }
            _ => return Err(EventError::NoTenant { event: event() }),
        }
        match self.detail.get("environment_suffix") {
            None => Ok(()),
            Some(Value::String(given)) if given == suffix => Ok(()),
            Some(given) => {
                let given = given.as_str().map_or_else(|| given.to_string(), str::to_owned);
                Err(EventError::OtherEnvironment { given, suffix: suffix.to_owned(), event: event() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(detail: Value) -> Result<(), EventError> {
        let event =
            json!({ "id": "e-1", "source": "palisade.platform", "detail-type": "TenantProvisioned", "detail": detail });
        let event: LifecycleEvent = serde_json::from_value(event).unwrap();
        event.check(&Settings { tenant: "acme-corp".parse().unwrap(), suffix: "dev".parse().unwrap() })
    }

    #[test]
    fn only_events_that_name_this_tenant_are_taken() {
        assert_eq!(check(json!({ "tenant_id": "acme-corp", "environment_suffix": "dev" })), Ok(()));
        assert_eq!(check(json!({ "tenant_id": "acme-corp" })), Ok(()));
        for given in ["acme", "acme-corp-x", "tech-startup", "ACME-CORP", " acme-corp", ""] {
            let error = check(json!({ "tenant_id": given })).unwrap_err();
            assert!(matches!(error, EventError::OtherTenant { .. }), "{given}");
        }
        for detail in [
            json!({}),
            json!({ "tenant_id": null }),
            json!({ "tenant_id": ["acme-corp"] }),
            json!({ "tenantId": "acme-corp" }),
        ] {
            assert_eq!(check(detail.clone()), Err(EventError::NoTenant { event: "e-1".into() }), "{detail}");
        }
        for suffix in [json!("prod"), json!(null), json!(1)] {
            let error = check(json!({ "tenant_id": "acme-corp", "environment_suffix": suffix })).unwrap_err();
            assert!(matches!(error, EventError::OtherEnvironment { .. }), "{suffix}");
        }
    }
}
