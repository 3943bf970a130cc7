//! What can be done to a tenant, and why it may be refused.

use std::collections::BTreeMap;
use std::time::Duration;

use naming::{AccountId, EnvironmentSuffix, NetworkPlan, OutsidePlanError, TenantId, lifecycle};
use serde_json::{Value, json};

use crate::entry::{Purpose, Runs, Status};
use crate::event::{Asked, FailureNote, Received, Signup};
use crate::release::Release;
use crate::text::{LeaseOwner, PlanName, RequestId};
use crate::time::Timestamp;

/// What holds for all tenants of an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The environment.
    pub environment: EnvironmentSuffix,
    /// The network plan: how many tenants fit.
    pub network: NetworkPlan,
    /// How long the environment of a tenant that leaves still stands.
    pub waiting: Duration,
    /// How long the network index of a tenant that is gone rests, counted from the moment when its destroy is recorded.
    pub quarantine: Duration,
    /// How long a run may take to begin before it counts as lost, where events begin them.
    pub patience: Duration,
    /// What begins runs.
    pub runs: Runs,
}

impl Rules {
    /// The rules with the default periods, for runs by hand.
    pub fn new(environment: EnvironmentSuffix, network: NetworkPlan) -> Self {
        let (waiting, quarantine, patience) = (lifecycle::WAITING, lifecycle::QUARANTINE, lifecycle::PATIENCE);
        Self { environment, network, waiting, quarantine, patience, runs: Runs::ByHand }
    }
}

/// Who says what became of a run: the holder of a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The holder.
    pub owner: LeaseOwner,
    /// The token that came with the lease.
    pub token: u64,
}

/// What is to be done to a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// To whom.
    pub tenant: TenantId,
    /// What.
    pub action: Action,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Takes somebody's request.
    Request {
        /// Which one; the same twice counts once.
        request_id: RequestId,
        /// When it was made.
        requested_at: Timestamp,
        /// What is asked.
        request: Request,
    },
    /// Gives the lease to a run. The same owner, which must be one run alone, gets the same lease again.
    Lease {
        /// Who.
        owner: LeaseOwner,
        /// What for.
        purpose: Purpose,
        /// For how long.
        duration: Duration,
    },
    /// Gives a run more time.
    Renew {
        /// Who.
        fence: Fence,
        /// For how long from now.
        duration: Duration,
    },
    /// Ends a run.
    End {
        /// Who.
        fence: Fence,
        /// How it ended.
        outcome: Outcome,
    },
    /// Brings the entry up to what time has done to it: leases and periods that have ended.
    Reconcile,
}

/// What may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// An environment.
    Signup(Signup),
    /// The end of it.
    Offboard {
        /// How long it still stands, where it is not what the rules say.
        waiting: Option<Duration>,
    },
    /// That it stays after all; possible until the destroy is due.
    CancelOffboarding,
    /// Another plan.
    ChangePlan {
        /// The plan.
        plan: PlanName,
    },
    /// That the tenant is not served.
    Suspend,
    /// That it is served again.
    Resume,
    /// That it stays on a release, or no longer does.
    Pin {
        /// The release.
        release: Option<Release>,
    },
}

impl Request {
    /// The word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Signup(_) => "signup",
            Self::Offboard { .. } => "offboarding",
            Self::CancelOffboarding => "cancellation of the offboarding",
            Self::ChangePlan { .. } => "plan change",
            Self::Suspend => "suspension",
            Self::Resume => "resumption",
            Self::Pin { .. } => "pin",
        }
    }

    /// All that it says, to tell one request from another under the same id.
    pub(crate) fn content(&self) -> Value {
        match self {
            Self::Signup(Signup { placement, plan, network_index, .. }) => {
                let (account, role) = match placement {
                    naming::Placement::Shared => (None, None),
                    naming::Placement::OwnAccount { account_id, assume_role_arn } => {
                        (Some(account_id), Some(assume_role_arn))
                    }
                };
                json!({
                    "account_id": account, "assume_role_arn": role, "plan": plan, "network_index": network_index,
                })
            }
            Self::Offboard { waiting } => json!({ "waiting_seconds": waiting.map(|waiting| waiting.as_secs()) }),
            Self::ChangePlan { plan } => json!({ "plan": plan }),
            Self::Pin { release } => json!({ "release": release }),
            Self::CancelOffboarding | Self::Suspend | Self::Resume => json!({}),
        }
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The environment is there.
    Provisioned {
        /// The outputs of its stack; at most [`Outcome::MAX_OUTPUTS`], each at most [`Outcome::MAX_OUTPUT`] characters.
        outputs: BTreeMap<String, String>,
        /// The release that made it.
        release: Option<Release>,
    },
    /// The environment is gone.
    Deprovisioned,
    /// It failed. The attempt is the registry's to count.
    Failed(FailureNote),
    /// Nothing is known.
    Released,
}

impl Outcome {
    /// The most outputs of a stack that are kept.
    pub const MAX_OUTPUTS: usize = 64;
    /// The most characters of an output.
    pub const MAX_OUTPUT: usize = 1024;
}

impl Command {
    /// What an event asks.
    pub fn of(received: &Received) -> Self {
        let request = match &received.asked {
            Asked::Signup(signup) => Request::Signup(signup.clone()),
            Asked::Offboarding(_) => Request::Offboard { waiting: None },
            Asked::PlanChanged(change) => Request::ChangePlan { plan: change.plan.clone() },
        };
        Self {
            tenant: received.asked.tenant_id().clone(),
            action: Action::Request {
                request_id: received.asked.request_id().clone(),
                requested_at: received.time,
                request,
            },
        }
    }
}

/// Why a command is refused. The same again will be refused too, until somebody does what the message says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// One id for two requests.
    #[error(
        "request `{request_id}` of tenant `{tenant}` was a {first} with other content; give another request another id"
    )]
    RequestReused {
        /// The tenant.
        tenant: TenantId,
        /// The id.
        request_id: RequestId,
        /// What it was first.
        first: String,
    },
    /// The tenant is there.
    #[error(
        "tenant `{tenant}` exists: request `{request_id}` signed it up, and it is {status}; take another id, or ask for it with that \
         request id"
    )]
    Exists {
        /// The tenant.
        tenant: TenantId,
        /// The request that signed it up.
        request_id: RequestId,
        /// Where it stands.
        status: Status,
    },
    /// The tenant is not there.
    #[error("there is no tenant `{tenant}`; if its signup is still on its way, send this again after it")]
    Unknown {
        /// The tenant.
        tenant: TenantId,
    },
    /// The index that was asked for is taken.
    #[error(
        "network_index {index} is taken by tenant `{by}`{}; leave it out to get the lowest free one",
        resting(until)
    )]
    IndexTaken {
        /// The index.
        index: u32,
        /// By whom.
        by: TenantId,
        /// Until when it rests, where that tenant is gone.
        until: Option<Timestamp>,
    },
    /// The index that was asked for is outside the plan.
    #[error(transparent)]
    OutsidePlan(OutsidePlanError),
    /// The account is another tenant's own.
    #[error("account_id {account} is taken by tenant `{by}`; an account of its own serves one tenant")]
    AccountTaken {
        /// The account.
        account: AccountId,
        /// By whom.
        by: TenantId,
    },
    /// Not in this status.
    #[error("tenant `{tenant}` is {status}, so there can be no {wanted}; {help}")]
    Status {
        /// The tenant.
        tenant: TenantId,
        /// Where it stands.
        status: Status,
        /// What was wanted.
        wanted: &'static str,
        /// What would do.
        help: &'static str,
    },
    /// It leaves already.
    #[error(
        "tenant `{tenant}` leaves already, by request `{request_id}`, and is {status}; there is nothing more to ask"
    )]
    Leaves {
        /// The tenant.
        tenant: TenantId,
        /// By which request.
        request_id: RequestId,
        /// Where it stands.
        status: Status,
    },
    /// The request was made before the tenant signed up.
    #[error(
        "the {request} of tenant `{tenant}` was made at {requested_at}, before the signup of {signed_up_at}; it is about an earlier tenant \
         of that id, so nothing is done"
    )]
    BeforeSignup {
        /// The tenant.
        tenant: TenantId,
        /// What was asked.
        request: &'static str,
        /// When.
        requested_at: Timestamp,
        /// When the tenant signed up.
        signed_up_at: Timestamp,
    },
    /// Another run has the lease.
    #[error("a run of `{owner}` works on tenant `{tenant}` and holds the lease until {until}; wait for it")]
    Leased {
        /// The tenant.
        tenant: TenantId,
        /// By whom.
        owner: LeaseOwner,
        /// Until when.
        until: Timestamp,
    },
    /// The run has no lease any more.
    #[error(
        "the run of `{owner}` with token {token} no longer holds the lease of tenant `{tenant}` (the last token is {last}), so what it says \
         does not count; take a new lease"
    )]
    Fenced {
        /// The tenant.
        tenant: TenantId,
        /// Who.
        owner: LeaseOwner,
        /// Its token.
        token: u64,
        /// The last token that was given.
        last: u64,
    },
    /// More than is kept.
    #[error(
        "the stack of tenant `{tenant}` has more than {} outputs, or one of more than {} characters; output less",
        Outcome::MAX_OUTPUTS,
        Outcome::MAX_OUTPUT
    )]
    Outputs {
        /// The tenant.
        tenant: TenantId,
    },
}

fn resting(until: &Option<Timestamp>) -> String {
    until.map(|until| format!(", whose environment is gone, and rests until {until}")).unwrap_or_default()
}

impl Refusal {
    /// A name of the kind of refusal, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::RequestReused { .. } => "request_reused",
            Self::Exists { .. } => "exists",
            Self::Unknown { .. } => "unknown_tenant",
            Self::IndexTaken { .. } => "index_taken",
            Self::OutsidePlan(_) => "outside_plan",
            Self::AccountTaken { .. } => "account_taken",
            Self::Status { .. } => "status",
            Self::Leaves { .. } => "leaves",
            Self::BeforeSignup { .. } => "before_signup",
            Self::Leased { .. } => "leased",
            Self::Fenced { .. } => "fenced",
            Self::Outputs { .. } => "outputs",
        }
    }
}
