//! Who deploys a tenant's stack: the runner, a build that may do nothing but become the deployer, and the deployer, whose sessions are
//! each for one tenant and can touch nothing of another.

mod boundary;
mod compute;
mod identity;
mod network;
mod runner;
mod session;
mod storage;
mod trust;

use construct::arn::Key;
use construct::{Address, ArnOf, Construct, Handle, Stack, Text};
use naming::{Owner, Platform, PlatformKind};

pub(crate) use self::session::SessionArns;
use self::session::SessionPolicy;
use crate::resources::{ManagedPolicy, Role, RolePolicy, RolePolicyAttachment};

/// The roles of the runner and of the deployer.
pub struct PlatformDeployer {
    /// The platform's key, under which releases, states and the registry lie.
    pub key: ArnOf<Key>,
}

impl PlatformDeployer {
    /// What the keys of the releases begin with that a build can run, in the platform's bucket of states, before a slash.
    pub const RELEASES: &str = naming::runtime::RELEASES;
    /// What the names of the log streams of builds begin with, before a slash. No tenant's id is or begins so: none of the streams can be
    /// taken for a tenant's.
    pub const BUILD_STREAMS: &str = "_builds";
}

/// What other families need of the two roles.
pub struct Deployer {
    /// The role of the build project ([`PlatformKind::Runner`]).
    pub runner_role: Handle<Role>,
    /// The role that the runner assumes, with the session tag `TenantId`.
    pub deployer_role: Handle<Role>,
    /// What must exist before the roles can act: their policies.
    pub ready: Vec<Address>,
}

/// One of the deployer's managed policies: a role's own policies together may not be long enough.
struct PolicyPlan {
    id: &'static str,
    kind: PlatformKind,
    description: &'static str,
    policy: Text,
}

impl PolicyPlan {
    fn declare(self, stack: &mut Stack<Platform>) -> Handle<ManagedPolicy> {
        let platform = stack.owner();
        let (name, tags) = (platform.name(self.kind), platform.tags());
        let description = Text::literal(self.description);
        stack.add(self.id, ManagedPolicy { name, description, policy: self.policy, tags })
    }
}

impl Construct<Platform> for PlatformDeployer {
    type Exports = Deployer;

    fn declare(self, stack: &mut Stack<Platform>) -> Deployer {
        let (runner_role, runner_ready) = self.runner(stack);
        let arns = SessionArns::of(stack);
        let boundary = PolicyPlan {
            id: "deployer",
            kind: PlatformKind::DeployerBoundary,
            description: "The most that the deployer can do, for the one tenant of its session",
            policy: boundary::text(stack, &arns, &self.key),
        };
        let policies = [
            PolicyPlan {
                id: "deployer_network",
                kind: PlatformKind::DeployerNetwork,
                description: "What the deployer does with the network of its session's tenant",
                policy: SessionPolicy::new(network::allowed(stack)).text(),
            },
            PolicyPlan {
                id: "deployer_key",
                kind: PlatformKind::DeployerKey,
                description: "What the deployer does with the key of its session's tenant",
                policy: SessionPolicy::new(identity::key(stack, &arns)).text(),
            },
            PolicyPlan {
                id: "deployer_roles",
                kind: PlatformKind::DeployerRoles,
                description: "What the deployer does with the roles of its session's tenant",
                policy: SessionPolicy::new(identity::roles(stack, &arns)).deny([identity::keeps_owner()]).text(),
            },
            PolicyPlan {
                id: "deployer_storage",
                kind: PlatformKind::DeployerStorage,
                description: "What the deployer does with bucket, table and state of its session's tenant",
                policy: SessionPolicy::new(storage::allowed(stack, &arns, &self.key)).text(),
            },
            PolicyPlan {
                id: "deployer_compute",
                kind: PlatformKind::DeployerCompute,
                description: "What the deployer does with functions, queue, logs, alarms and rule of its session's tenant",
                policy: SessionPolicy::new(compute::allowed(stack, &arns)).text(),
            },
        ];
        let boundary = boundary.declare(stack).get(ManagedPolicy::ARN);
        let deployer = Role {
            name: stack.owner().name(PlatformKind::DeployerRole),
            description: Text::literal("Deploys the stack of the one tenant with which its session is tagged"),
            assume_role_policy: trust::deployer(stack, &runner_role.get(Role::ARN)),
            permissions_boundary: Some(boundary),
            force_detach_policies: true,
            tags: stack.owner().tags(),
        };
        let deployer_role = stack.add("deployer", deployer);
        let mut ready = vec![runner_ready];
        for policy in policies {
            let id = policy.id;
            let policy_arn = policy.declare(stack).get(ManagedPolicy::ARN);
            let attached = RolePolicyAttachment { policy_arn, role: deployer_role.get(Role::NAME) };
            ready.push(stack.add(id, attached).address());
        }
        Deployer { runner_role, deployer_role, ready }
    }
}

impl PlatformDeployer {
    fn runner(&self, stack: &mut Stack<Platform>) -> (Handle<Role>, Address) {
        let boundary = PolicyPlan {
            id: "runner",
            kind: PlatformKind::RunnerBoundary,
            description: "The most that the runner can do",
            policy: runner::policy(stack, &self.key),
        };
        let boundary = boundary.declare(stack).get(ManagedPolicy::ARN);
        let name = stack.owner().name(PlatformKind::RunnerRole);
        let role = Role {
            name: name.clone(),
            description: Text::literal("Runs the builds that deploy tenants' stacks"),
            assume_role_policy: trust::runner(stack),
            permissions_boundary: Some(boundary),
            force_detach_policies: true,
            tags: stack.owner().tags(),
        };
        let role = stack.add("runner", role);
        let policy = RolePolicy { name, role: role.get(Role::NAME), policy: runner::policy(stack, &self.key) };
        (role, stack.add("runner", policy).address())
    }
}
