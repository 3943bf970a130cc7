//! Who deploys a tenant's stack: the runner, a build that may do nothing but become the deployer, and the deployer, whose sessions are
//! each for one tenant and can touch nothing of another.

mod runner;
mod trust;

use construct::arn::Key;
use construct::{Address, ArnOf, Construct, Handle, Stack, Text};
use naming::{Owner, Platform, PlatformKind};

use crate::resources::{ManagedPolicy, Role, RolePolicy};

/// The roles of the runner and of the deployer.
pub struct PlatformDeployer {
    /// The platform's key, under which releases, states and the registry lie.
    pub key: ArnOf<Key>,
}

impl PlatformDeployer {
    /// What the keys of the releases begin with that a build can run, in the platform's bucket of states, before a slash.
    pub const RELEASES: &str = "releases";
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

impl Construct<Platform> for PlatformDeployer {
    type Exports = Deployer;

    fn declare(self, stack: &mut Stack<Platform>) -> Deployer {
        let tags = stack.owner().tags();
        let boundary = ManagedPolicy {
            name: stack.owner().name(PlatformKind::RunnerBoundary),
            description: Text::literal("The most that the runner can do"),
            policy: runner::policy(stack, &self.key),
            tags: tags.clone(),
        };
        let boundary = stack.add("runner", boundary);
        let runner = Role {
            name: stack.owner().name(PlatformKind::RunnerRole),
            description: Text::literal("Runs the builds that deploy tenants' stacks"),
            assume_role_policy: trust::runner(stack),
            permissions_boundary: Some(boundary.get(ManagedPolicy::ARN)),
            force_detach_policies: true,
            tags: tags.clone(),
        };
        let runner_role = stack.add("runner", runner);
        let policy = RolePolicy {
            name: stack.owner().name(PlatformKind::RunnerRole),
            role: runner_role.get(Role::NAME),
            policy: runner::policy(stack, &self.key),
        };
        let runner_ready = stack.add("runner", policy).address();
        let deployer = Role {
            name: stack.owner().name(PlatformKind::DeployerRole),
            description: Text::literal("Deploys the stack of the one tenant with which its session is tagged"),
            assume_role_policy: trust::deployer(stack, &runner_role.get(Role::ARN)),
            permissions_boundary: None,
            force_detach_policies: true,
            tags,
        };
        let deployer_role = stack.add("deployer", deployer);
        Deployer { runner_role, deployer_role, ready: vec![runner_ready] }
    }
}
