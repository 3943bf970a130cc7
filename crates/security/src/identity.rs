//! Who acts for a tenant: its key, its roles, what they may do, and the boundary around all of them.

use construct::arn::{Key, Policy, Role as RoleMarker, SecurityGroup, Subnet, Vpc};
use construct::{Address, ArnOf, Construct, Stack, Text};
use naming::{Kind, Owner};

use crate::arns::TenantArns;
use crate::grants::Grants;
use crate::key::{KeyUsers, tenant_key_policy};
use crate::policy::{Statement, TenantPolicy};
use crate::resources::{KmsAlias, KmsKey, KmsKeyPolicy, ManagedPolicy, Role, RolePolicy};
use crate::{boundary, trust};

/// The parts of the tenant's network that its functions' roles are tied to.
#[derive(Clone, Debug)]
pub struct Walls {
    /// The VPC.
    pub vpc: ArnOf<Vpc>,
    /// The private subnets.
    pub subnets: [ArnOf<Subnet>; 2],
    /// The security group of the functions.
    pub function_security_group: ArnOf<SecurityGroup>,
}

/// The tenant's key and roles.
pub struct TenantIdentity {
    /// What the roles are tied to.
    pub walls: Walls,
}

/// What other families need of the tenant's key and roles.
pub struct Identity {
    /// The tenant's key.
    pub key: ArnOf<Key>,
    /// What must exist before the key can be used: its policy.
    pub key_ready: Address,
    /// The execution role of the tenant API.
    pub api_role: ArnOf<RoleMarker>,
    /// The execution role of the log relay.
    pub relay_role: ArnOf<RoleMarker>,
    /// The role that writes the VPC flow log.
    pub flow_role: ArnOf<RoleMarker>,
    /// The role that calls the API.
    pub caller_role: ArnOf<RoleMarker>,
    /// The role that reads the tenant's logs.
    pub reader_role: ArnOf<RoleMarker>,
    /// What must exist before a role can act: the roles' own policies.
    pub roles_ready: Vec<Address>,
}

/// One role of the tenant, before it is declared.
struct RolePlan {
    id: &'static str,
    kind: Kind,
    description: &'static str,
    trust: Text,
    allowed: Vec<Statement>,
    denied: Vec<Statement>,
}

impl RolePlan {
    fn declare(self, stack: &mut Stack, boundary: &ArnOf<Policy>) -> (ArnOf<RoleMarker>, Address) {
        let tenant = stack.owner();
        let (name, tags) = (tenant.name(self.kind), tenant.tags());
        let policy = TenantPolicy::new(&tenant.id).allow(self.allowed).deny(self.denied).text();
        let role = stack.add(
            self.id,
            Role {
                name: name.clone(),
                description: Text::literal(self.description),
                assume_role_policy: self.trust,
                permissions_boundary: Some(boundary.clone()),
                force_detach_policies: true,
                tags,
            },
        );
        let own = stack.add(self.id, RolePolicy { name, role: role.get(Role::NAME), policy });
        (role.get(Role::ARN), own.address())
    }
}

impl Construct for TenantIdentity {
    type Exports = Identity;

    fn declare(self, stack: &mut Stack) -> Identity {
        let tenant = stack.owner();
        let (tags, alias) = (tenant.tags(), tenant.name(Kind::Key));
        let key = stack.add(
            "tenant",
            KmsKey {
                description: Text::literal(format!("All data of tenant {}", stack.owner().id)),
                deletion_window_in_days: 7,
                enable_key_rotation: true,
                // AWS names it by a number, and its alias comes later.
                tags: tags.clone().named(alias.clone()),
            },
        );
        stack.add(
            "tenant",
            KmsAlias { name: Text::literal("alias/").then(alias), target_key_id: key.get(KmsKey::KEY_ID) },
        );

        let arns = TenantArns::of(stack);
        let key_arn = key.get(KmsKey::ARN);
        let grants = Grants { stack, arns: &arns, key: &key_arn, walls: &self.walls };
        let boundary = ManagedPolicy {
            name: stack.owner().name(Kind::Boundary),
            description: Text::literal("The most that any role of the tenant can do"),
            policy: boundary::text(&grants),
            tags,
        };
        let [api, relay, flow, caller, reader] = roles(&grants);
        let boundary = stack.add("tenant", boundary).get(ManagedPolicy::ARN);
        let (api_role, api_ready) = api.declare(stack, &boundary);
        let (relay_role, relay_ready) = relay.declare(stack, &boundary);
        let (flow_role, flow_ready) = flow.declare(stack, &boundary);
        let (caller_role, caller_ready) = caller.declare(stack, &boundary);
        let (reader_role, reader_ready) = reader.declare(stack, &boundary);

        let users = KeyUsers { api: api_role.clone(), relay: relay_role.clone() };
        let policy = tenant_key_policy(stack, &key_arn, &users);
        let key_policy = stack.add("tenant", KmsKeyPolicy { key_id: key.get(KmsKey::KEY_ID), policy });
        Identity {
            key: key_arn,
            key_ready: key_policy.address(),
            api_role,
            relay_role,
            flow_role,
            caller_role,
            reader_role,
            roles_ready: vec![api_ready, relay_ready, flow_ready, caller_ready, reader_ready],
        }
    }
}

fn roles(grants: &Grants<'_>) -> [RolePlan; 5] {
    let stack = grants.stack;
    [
        RolePlan {
            id: "api",
            kind: Kind::ApiRole,
            description: "Runs the tenant API",
            trust: trust::lambda(stack),
            allowed: grants.api(),
            denied: grants.deny().to_vec(),
        },
        RolePlan {
            id: "relay",
            kind: Kind::RelayRole,
            description: "Runs the log relay",
            trust: trust::lambda(stack),
            allowed: grants.relay(),
            denied: grants.deny().to_vec(),
        },
        RolePlan {
            id: "flow",
            kind: Kind::FlowRole,
            description: "Writes the VPC flow log",
            trust: trust::flow_logs(stack),
            allowed: grants.flow(),
            denied: Vec::new(),
        },
        RolePlan {
            id: "caller",
            kind: Kind::CallerRole,
            description: "Calls the tenant API",
            trust: trust::own_people(stack),
            allowed: grants.caller(),
            denied: Vec::new(),
        },
        RolePlan {
            id: "reader",
            kind: Kind::ReaderRole,
            description: "Reads the tenant's logs, stream by stream",
            trust: trust::own_people(stack),
            allowed: grants.reader(),
            denied: Vec::new(),
        },
    ]
}
