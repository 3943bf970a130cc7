//! Events: whether they are taken, and into the registry with them.

use naming::{EnvironmentSuffix, Placement, lifecycle};
use registry::event::{Announced, Announcement, Asked, FailureNote, Header, Received, Rejection, Signup, Version};
use registry::store::Store;
use registry::{Command, LeaseOwner, Refusal, RegistryError, Timestamp};
use serde_json::{Value, json};

use super::{Desk, course, on};
use crate::call::{Answer, Go, Letter, Outgoing, Rejected, TenantRun};
use crate::error::StepError;

impl<S: Store> Desk<S> {
    pub(super) fn validate(&self, event: Value) -> Answer {
        let environment = &self.registry.rules().environment;
        if let Some(run) = restarting(&event, environment) {
            return Answer::Run(Box::new(run));
        }
        // What EventBridge delivered, as JSON again: its size is what counts.
        match Received::parse(event.to_string().as_bytes(), environment) {
            Ok(received) => Answer::Run(Box::new(TenantRun::of(&received, event))),
            Err(rejection) => {
                let letter = Letter {
                    code: rejection.code().to_owned(),
                    message: rejection.to_string(),
                    event: bounded(event, &rejection),
                };
                Answer::Rejected(Rejected { go: Go::Rejected, letter })
            }
        }
    }

    /// Takes a request. The same one again finds the tenant where it stands.
    pub(super) fn take(&self, execution: &LeaseOwner, run: TenantRun, now: Timestamp) -> Result<Answer, StepError> {
        let received = Received::read(&run.event, &self.registry.rules().environment)?;
        if let Asked::Signup(Signup { placement: Placement::OwnAccount { account_id, .. }, .. }) = &received.asked {
            let message = format!(
                "account {account_id} is the tenant's own, and the builds of the platform work in the platform's account only; put the \
                 tenant into the tenants file and run `app deploy --tenant {}`, with credentials that may assume its role",
                run.tenant_id
            );
            return Ok(self.refused(run, &received, "own_account", &message, now));
        }
        match self.registry.apply(&Command::of(&received), now) {
            Ok(applied) => {
                let course = course(&applied.entry, run.kind, execution, now);
                Ok(on(run, &applied.entry, course))
            }
            // Perhaps it overtook the signup: the state machine waits and tries again.
            Err(RegistryError::Refused(refusal @ Refusal::Unknown { .. })) => Err(StepError::UnknownTenant(refusal)),
            Err(RegistryError::Refused(refusal)) => {
                Ok(self.refused(run, &received, refusal.code(), &refusal.to_string(), now))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A request that is right and may not be carried out: it waits for a person, and whoever asked is told.
    fn refused(&self, run: TenantRun, received: &Received, code: &str, message: &str, now: Timestamp) -> Answer {
        let environment = &self.registry.rules().environment;
        let failure = FailureNote {
            phase: "registration".to_owned(),
            address: None,
            cause: format!("{code}: {message}"),
            fix: "do what the cause says, and send another event".to_owned(),
            attempt: 0,
            resumable: false,
        };
        let announced = Announced::ProvisioningFailed(failure.bounded());
        let header = Header {
            version: Version,
            // Of the event, not of the registry, which did not change.
            event_id: format!(
                "{environment}.{}.refused.{}",
                run.tenant_id,
                received.event_id.as_deref().unwrap_or(run.request_id.as_str())
            ),
            tenant_id: run.tenant_id.clone(),
            environment_suffix: environment.clone(),
            request_id: run.request_id.clone(),
            occurred_at: now,
        };
        let detail_type = announced.detail_type();
        let refusal_event = serde_json::to_string(&Announcement { header, announced }).ok().map(|detail| Outgoing {
            source: lifecycle::SOURCE.to_owned(),
            detail_type: detail_type.to_owned(),
            detail,
        });
        let letter = Letter { code: code.to_owned(), message: message.to_owned(), event: run.event.clone() };
        Answer::Run(Box::new(TenantRun {
            go: Go::Refused,
            letter: Some(letter),
            refusal: Some(refusal_event.into_iter().collect()),
            ..run
        }))
    }
}

/// The run of a tenant whose run was lost, if that is what the platform announces. It is told nothing but for whom: the registry says what is due.
fn restarting(event: &Value, environment: &EnvironmentSuffix) -> Option<TenantRun> {
    let text = |name: &str| event.get(name).and_then(Value::as_str);
    let (detail_type, detail) = (text("detail-type")?, event.get("detail")?);
    let Announcement { header, announced: Announced::Restarting(note) } =
        Announcement::read(detail_type, detail).ok().filter(|_| text("source") == Some(lifecycle::SOURCE))?
    else {
        return None;
    };
    (header.environment_suffix == *environment).then(|| TenantRun::again(header, note.purpose, event.clone()))
}

/// The event for a letter: whole, or what names it where it is too large for one.
fn bounded(event: Value, rejection: &Rejection) -> Value {
    match rejection {
        Rejection::Oversized { .. } => {
            let text = |name: &str| {
                event.get(name).and_then(Value::as_str).map(|text| text.chars().take(256).collect::<String>())
            };
            json!({ "id": text("id"), "source": text("source"), "detail-type": text("detail-type"), "time": text("time") })
        }
        _ => event,
    }
}
