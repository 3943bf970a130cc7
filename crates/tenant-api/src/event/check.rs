//! For whom an event is, and whether it is understood.

use naming::lifecycle;
use serde_json::Value;

use super::Event;
use crate::lock::OtherTenant;
use crate::settings::Settings;

/// Why an event is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// It is another tenant's.
    #[error("{0}, and this function belongs to another one; correct the rule that sent it")]
    OtherTenant(#[from] OtherTenant),
    /// It is the tenant's, but of another environment.
    #[error(
        "the event is for the environment `{given}`, and this function belongs to `{suffix}`; correct the rule that sent it"
    )]
    OtherEnvironment {
        /// What the event says.
        given: String,
        /// Whose function this is.
        suffix: String,
    },
    /// Somebody else announces it.
    #[error("the event comes from `{0}`; only `{platform}` announces what becomes of a tenant", platform = lifecycle::SOURCE)]
    OtherSource(String),
    /// It is of a version that is not known.
    #[error("the event's detail has the version {0}; this function understands \"{known}\"", known = lifecycle::DETAIL_VERSION)]
    UnknownVersion(String),
    /// It is of a kind that is not known.
    #[error("the function does not understand the event `{0}`")]
    UnknownType(String),
    /// It does not keep to its form.
    #[error("the event cannot be read: {0}")]
    Malformed(&'static str),
}

impl EventError {
    /// Whether it was meant for somebody else.
    pub fn is_foreign(&self) -> bool {
        matches!(self, Self::OtherTenant(_) | Self::OtherEnvironment { .. })
    }
}

/// Makes sure that the event is for the tenant and environment of the settings.
pub(super) fn addressed(event: &Event, settings: &Settings) -> Result<(), EventError> {
    let detail = |name| event.detail.get(name).and_then(Value::as_str);
    match detail("tenant_id") {
        None => return Err(EventError::Malformed("its detail names no `tenant_id`")),
        Some(given) if given == settings.tenant.as_str() => {}
        Some(given) => return Err(OtherTenant { place: "event", given: given.to_owned() }.into()),
    }
    match detail("environment_suffix") {
        None => return Err(EventError::Malformed("its detail names no `environment_suffix`")),
        Some(given) if given == settings.suffix.as_str() => {}
        Some(given) => {
            let (given, suffix) = (given.to_owned(), settings.suffix.to_string());
            return Err(EventError::OtherEnvironment { given, suffix });
        }
    }
    if event.source == lifecycle::SOURCE { Ok(()) } else { Err(EventError::OtherSource(event.source.clone())) }
}

/// Makes sure that the detail is of the version that is understood.
pub(super) fn version(event: &Event) -> Result<(), EventError> {
    match event.detail.get("version") {
        Some(Value::String(version)) if version == lifecycle::DETAIL_VERSION => Ok(()),
        other => Err(EventError::UnknownVersion(other.unwrap_or(&Value::Null).to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event::{Change, Status, TenantSettings};

    fn event(changes: Value) -> Event {
        let mut event = json!({
            "id": "e-1", "source": "palisade.platform", "detail-type": "TenantSuspended", "time": "2026-01-31T00:00:01Z",
            "detail": { "version": "1", "tenant_id": "acme-corp", "environment_suffix": "dev" }
        });
        for (name, value) in changes.as_object().unwrap() {
            match event["detail"].as_object_mut().unwrap() {
                _ if event_field(name) => event[name] = value.clone(),
                detail => drop(detail.insert(name.clone(), value.clone())),
            }
        }
        serde_json::from_value(event).unwrap()
    }

    fn event_field(name: &str) -> bool {
        ["id", "source", "detail-type", "time"].contains(&name)
    }

    fn understand(changes: Value) -> Result<super::super::Lifecycle, EventError> {
        event(changes).understand(&Settings { tenant: "acme-corp".parse().unwrap(), suffix: "dev".parse().unwrap() })
    }

    #[test]
    fn only_events_that_name_this_tenant_are_taken() {
        assert_eq!(understand(json!({})).unwrap().time, 1_769_817_601);
        for given in ["acme", "acme-corp-x", "tech-startup", "ACME-CORP", " acme-corp", ""] {
            let error = understand(json!({ "tenant_id": given })).unwrap_err();
            assert!(error.is_foreign(), "{given}: {error}");
        }
        for suffix in ["prod", ""] {
            assert!(understand(json!({ "environment_suffix": suffix })).unwrap_err().is_foreign(), "{suffix}");
        }
        for changes in [
            json!({ "tenant_id": null }),
            json!({ "tenant_id": ["acme-corp"] }),
            json!({ "environment_suffix": 1 }),
            json!({ "time": "yesterday" }),
            json!({ "id": "" }),
            json!({ "id": "a b" }),
            json!({ "detail-type": "TenantSettingsChanged" }),
            json!({ "detail-type": "TenantSettingsChanged", "settings": { "read_only": "yes" } }),
        ] {
            assert!(matches!(understand(changes.clone()), Err(EventError::Malformed(_))), "{changes}");
        }
        assert!(matches!(understand(json!({ "source": "evil" })), Err(EventError::OtherSource(_))));
    }

    /// "versioned detail … unknown versions to the DLQ"
    #[test]
    fn unknown_versions_and_kinds_are_refused() {
        for version in [json!("2"), json!(1), json!(null), json!("")] {
            let error = understand(json!({ "version": version })).unwrap_err();
            assert!(matches!(error, EventError::UnknownVersion(_)), "{version}");
        }
        assert!(matches!(understand(json!({ "detail-type": "TenantSignup" })), Err(EventError::UnknownType(_))));
    }

    #[test]
    fn each_event_says_where_the_tenant_stands() {
        for (kind, status) in [
            ("TenantProvisioned", Status::Active),
            ("TenantResumed", Status::Active),
            ("TenantSuspended", Status::Suspended),
            ("TenantOffboarding", Status::Offboarding),
        ] {
            let change = understand(json!({ "detail-type": kind })).unwrap().change;
            assert_eq!(change, Change::Status { event: change.detail_type(), status });
            assert_eq!(change.detail_type(), kind);
        }
        let settings =
            json!({ "detail-type": "TenantSettingsChanged", "settings": { "read_only": true, "plan": "gold" } });
        assert_eq!(understand(settings).unwrap().change, Change::Settings(TenantSettings { read_only: true }));
    }
}
