//! What the registry knows of a tenant.

use std::collections::BTreeMap;

use naming::fleet::TenantState;
use naming::{AccountId, Placement, RoleArn, TenantId};
use serde::{Deserialize, Serialize};

use crate::event::FailureNote;
use crate::release::Release;
use crate::text::{LeaseOwner, PlanName, RequestId};
use crate::time::Timestamp;

/// Where a tenant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The request is taken, and a network index is reserved; no run has begun.
    Requested,
    /// A run makes the environment, or has just ended without a word.
    Provisioning,
    /// The environment is there.
    Active,
    /// The environment could not be made; the entry says why and what to do.
    Failed,
    /// The environment is there, and the tenant is not served.
    Suspended,
    /// The tenant leaves; a run that had begun before is waited for.
    OffboardingRequested,
    /// The tenant leaves; the environment stands until the waiting period is over.
    Waiting,
    /// The environment is to be destroyed, or is being destroyed.
    Deprovisioning,
    /// The environment is gone, and that is recorded; the network index rests.
    Removed,
    /// Nothing is held for the tenant any more but its history. The id may sign up again.
    Forgotten,
}

impl Status {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 10] = [
        Self::Requested,
        Self::Provisioning,
        Self::Active,
        Self::Failed,
        Self::Suspended,
        Self::OffboardingRequested,
        Self::Waiting,
        Self::Deprovisioning,
        Self::Removed,
        Self::Forgotten,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Failed => "failed",
            Self::Suspended => "suspended",
            Self::OffboardingRequested => "offboarding_requested",
            Self::Waiting => "waiting",
            Self::Deprovisioning => "deprovisioning",
            Self::Removed => "removed",
            Self::Forgotten => "forgotten",
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What begins the runs that make environments and take them down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// Somebody's `app deploy`.
    ByHand,
    /// An event, by way of the platform's workflow.
    ByEvent,
}

impl Runs {
    /// How often a run that was lost is begun again: with the first one, three runs for what is under way.
    pub const RESTARTS: u32 = 2;

    /// What is to be done to begin one.
    pub fn begin(self, tenant: &TenantId) -> String {
        match self {
            Self::ByHand => format!("run `app deploy --tenant {tenant}`"),
            Self::ByEvent => "send the tenant's event again".to_owned(),
        }
    }
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To make or change the environment.
    Deploy,
    /// To destroy it.
    Destroy,
}

/// The right to change a tenant's environment, for one run at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Who has it.
    pub owner: LeaseOwner,
    /// The fencing token: every lease of a tenant has a larger one than all before it.
    pub token: u64,
    /// What the run is for.
    pub purpose: Purpose,
    /// The tenant's plan when the run began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanName>,
    /// Since when.
    pub since: Timestamp,
    /// Until when, if it is not renewed.
    pub expires_at: Timestamp,
}

impl Lease {
    /// Whether nobody else may have one.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

/// How a tenant leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    /// The request.
    pub request_id: RequestId,
    /// When it was made.
    pub requested_at: Timestamp,
    /// Until when the environment stands.
    pub waiting_until: Timestamp,
    /// Where the tenant stood before, for a cancellation.
    pub was: Status,
}

/// What a run left behind, so that the same word said twice counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The fencing token of the run.
    pub token: u64,
    /// How it ended.
    pub how: Ending,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The environment is there.
    Provisioned,
    /// The environment is gone.
    Deprovisioned,
    /// It failed.
    Failed,
    /// It gave its lease back and said nothing more.
    Released,
}

/// What the registry knows of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Who.
    pub tenant: TenantId,
    /// The signup.
    pub request_id: RequestId,
    /// When the signup was made.
    pub requested_at: Timestamp,
    /// Where the tenant stands.
    pub status: Status,
    /// Its place in the network plan; nothing where none was free, and when it is forgotten.
    pub network_index: Option<u32>,
    /// Its own AWS account, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// The role that is assumed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assume_role_arn: Option<RoleArn>,
    /// What was bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanName>,
    /// When that was last said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_changed_at: Option<Timestamp>,
    /// The plan with which the environment was last made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied_plan: Option<PlanName>,
    /// The run that may change the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// The fencing token of the last lease; 0 before the first.
    pub fencing_token: u64,
    /// How the last run ended that told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// How many runs were begun for what is under way.
    pub attempt: u32,
    /// How often a run that was lost was begun again for what is under way.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub restarts: u32,
    /// The release that the tenant stays on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<Release>,
    /// The release that made the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// The outputs of its stack.
    #[serde(default)]
    pub outputs: BTreeMap<String, String>,
    /// Why the last run failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureNote>,
    /// How it leaves, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaving: Option<Leaving>,
    /// When the environment was last made or changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioned_at: Option<Timestamp>,
    /// When its destroy was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
    /// Until when nobody else gets its network index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine_until: Option<Timestamp>,
    /// When the entry last changed.
    pub updated_at: Timestamp,
}

impl Entry {
    /// A tenant of which nothing more is known.
    pub(crate) fn new(
        tenant: TenantId,
        request_id: RequestId,
        requested_at: Timestamp,
        status: Status,
        now: Timestamp,
    ) -> Self {
        Self {
            tenant,
            request_id,
            requested_at,
            status,
            network_index: None,
            account_id: None,
            assume_role_arn: None,
            plan: None,
            plan_changed_at: None,
            applied_plan: None,
            lease: None,
            fencing_token: 0,
            ended: None,
            attempt: 0,
            restarts: 0,
            pinned: None,
            release: None,
            outputs: BTreeMap::new(),
            failure: None,
            leaving: None,
            provisioned_at: None,
            removed_at: None,
            quarantine_until: None,
            updated_at: now,
        }
    }

    /// Whether the environment is not what was asked last: of another plan, or of another release than it is pinned to.
    pub fn is_stale(&self) -> bool {
        self.plan != self.applied_plan || self.pinned.is_some() && self.pinned != self.release
    }

    /// Whether a run should be under way and is not, nor did one say why: it never began, or it was lost.
    pub(crate) fn is_lost(&self) -> bool {
        let is_silent = self.failure.as_ref().is_none_or(|failure| failure.phase == FailureNote::LOST);
        let wants_one = match self.status {
            Status::Requested | Status::Provisioning | Status::Deprovisioning => true,
            Status::Failed => self.network_index.is_some(),
            Status::Active | Status::Suspended => self.is_stale(),
            Status::OffboardingRequested | Status::Waiting | Status::Removed | Status::Forgotten => false,
        };
        self.lease.is_none() && is_silent && wants_one
    }

    /// Whether nothing happens to it by itself any more, though something should. [`Entry::next_step`] says what to do.
    pub fn needs_somebody(&self, runs: Runs) -> bool {
        let restarts =
            runs == Runs::ByEvent && self.is_lost() && (self.restarts < Runs::RESTARTS || self.failure.is_none());
        if self.lease.is_some() || restarts {
            return false;
        }
        match self.status {
            Status::Requested | Status::Provisioning | Status::Failed | Status::Deprovisioning => true,
            Status::Active | Status::Suspended => self.failure.is_some() || self.is_stale(),
            Status::OffboardingRequested | Status::Waiting | Status::Removed | Status::Forgotten => false,
        }
    }

    /// In which AWS account it lives.
    pub fn placement(&self) -> Placement {
        match (&self.account_id, &self.assume_role_arn) {
            (Some(account_id), Some(assume_role_arn)) => {
                Placement::OwnAccount { account_id: account_id.clone(), assume_role_arn: assume_role_arn.clone() }
            }
            _ => Placement::Shared,
        }
    }

    /// What a tenants file says of it: its place in the network plan and its state; nothing where it has no line there.
    pub fn line(&self) -> Option<(u32, TenantState)> {
        let was = self.leaving.as_ref().map(|leaving| leaving.was);
        let state = match self.status {
            Status::Forgotten => return None,
            Status::Suspended => TenantState::Suspended,
            Status::OffboardingRequested | Status::Waiting if was == Some(Status::Suspended) => TenantState::Suspended,
            Status::Deprovisioning | Status::Removed => TenantState::Removed,
            _ => TenantState::Active,
        };
        Some((self.network_index?, state))
    }

    /// What happens next, and what a person is to do, if anything.
    pub fn next_step(&self, now: Timestamp, runs: Runs) -> String {
        let begin = runs.begin(&self.tenant);
        let soon = match runs {
            Runs::ByEvent if self.restarts < Runs::RESTARTS => "a run begins by itself".to_owned(),
            _ => begin.clone(),
        };
        let fix = self.failure.as_ref().map(|failure| format!("{}: {}; {}", failure.phase, failure.cause, failure.fix));
        match (self.status, &self.lease) {
            (_, Some(lease)) if lease.is_valid(now) => {
                format!("a run of `{}` is under way; it holds the lease until {}", lease.owner, lease.expires_at)
            }
            (_, Some(lease)) => format!(
                "the run of `{}` said nothing until its lease ended at {}; reconciliation takes the lease back, then {soon}",
                lease.owner, lease.expires_at
            ),
            (Status::Requested | Status::Provisioning, None) if runs == Runs::ByEvent => {
                format!("nothing; a run begins, and is begun again by itself if it is lost{}", self.restarted())
            }
            (Status::Requested | Status::Provisioning, None) => begin,
            (Status::Failed, None) => fix.unwrap_or(begin),
            (Status::Active | Status::Suspended, None) => match (fix, &self.pinned) {
                (Some(fix), _) => format!("the environment stands as it was; the last change failed in {fix}"),
                (None, _) if self.plan != self.applied_plan => {
                    format!("the plan changed; {soon} to bring the environment up to it")
                }
                (None, Some(pinned)) if self.pinned != self.release => {
                    format!(
                        "it is pinned to release {pinned}, and another one made the environment; {soon} to bring it there"
                    )
                }
                (None, _) if self.status == Status::Suspended => {
                    "nothing; it is not served until it is resumed".to_owned()
                }
                (None, _) => "nothing".to_owned(),
            },
            (Status::OffboardingRequested | Status::Waiting, None) => match &self.leaving {
                Some(leaving) => format!("nothing until {}; then it is destroyed", leaving.waiting_until),
                None => "reconciliation begins the destroy".to_owned(),
            },
            (Status::Deprovisioning, None) => match fix {
                Some(fix) => format!("the destroy failed in {fix}"),
                None if runs == Runs::ByEvent => {
                    format!(
                        "nothing; a run destroys it, and is begun again by itself if it is lost{}",
                        self.restarted()
                    )
                }
                None => format!("{begin}, which destroys it"),
            },
            (Status::Removed, None) => match self.quarantine_until {
                Some(until) => format!("nothing; its network index is free again after {until}"),
                None => "nothing".to_owned(),
            },
            (Status::Forgotten, None) => "nothing; the id may sign up again".to_owned(),
        }
    }

    /// How often a lost run was begun again, where one was.
    fn restarted(&self) -> String {
        match self.restarts {
            0 => String::new(),
            restarts => format!(" (that was done {restarts} of {} times)", Runs::RESTARTS),
        }
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A change that was made to a tenant, kept for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The version that the entry got by it: 1, 2, 3 … (A store keeps the word `version` for its own.)
    #[serde(rename = "entry_version")]
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// By which request or which run.
    pub by: String,
    /// What was done.
    pub what: What,
    /// Where the tenant stood then.
    pub status: Status,
    /// More, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A signup was taken and an index reserved.
    SignedUp,
    /// A signup was taken, and no index was free.
    NotAdmitted,
    /// The tenant was found in the tenants file, where a person had written it.
    Adopted,
    /// A person changed the tenants file.
    Edited,
    /// A run got the lease.
    Leased,
    /// A run got more time.
    Renewed,
    /// A run gave the lease back without an outcome.
    Released,
    /// The environment is there.
    Provisioned,
    /// A run failed.
    Failed,
    /// The environment is gone.
    Deprovisioned,
    /// The tenant leaves.
    Offboarded,
    /// The tenant stays after all.
    OffboardingCancelled,
    /// Another plan.
    PlanChanged,
    /// Not served.
    Suspended,
    /// Served again.
    Resumed,
    /// It stays on a release, or no longer does.
    Pinned,
    /// A lease ended without a word from its holder.
    LeaseExpired,
    /// A run that was lost is begun again.
    Restarted,
    /// A run that was lost was begun again often enough.
    GivenUp,
    /// The waiting period is over.
    DestroyDue,
    /// The quarantine of the index is over.
    Forgotten,
}
