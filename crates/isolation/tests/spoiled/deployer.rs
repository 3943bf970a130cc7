//! The deployer, whose sessions are each for one tenant, and the runner that opens them.

use serde_json::{Value, json};

use crate::fleet::{ACCOUNT, Fleet, PLATFORM, STRANGER, TECH, arn, iam};
use crate::spoiling::Expect::{Caught, Harmless};
use crate::spoiling::Layer::{Boundary, Identity, KeyPolicy, ResourcePolicy, Trust};
use crate::spoiling::{Spoiling, access, outside};
use crate::steps::{KEY, wide};

const ROLE: &str = "aws_iam_role.deployer";
const LIMIT: &str = "aws_iam_policy.deployer";
const NETWORK: &str = "aws_iam_policy.deployer_network";
const KEYS: &str = "aws_iam_policy.deployer_key";
const ROLES: &str = "aws_iam_policy.deployer_roles";
const STORAGE: &str = "aws_iam_policy.deployer_storage";
const COMPUTE: &str = "aws_iam_policy.deployer_compute";
const RUNNER: &str = "aws_iam_role.runner";
const RUNNER_POLICY: &str = "aws_iam_role_policy.runner";
const RUNNER_LIMIT: &str = "aws_iam_policy.runner";
const STATES: &str = "aws_s3_bucket_policy.states";
const PLATFORM_KEY: &str = "aws_kms_key_policy.platform";

const OPENS: &str = "AllowRunnerForOneTenant";
const BECOMES: &str = "BecomeDeployer";
const OF_RESOURCE: &str = "aws:ResourceTag/TenantId";
const OF_REQUEST: &str = "aws:RequestTag/TenantId";
/// The session's tag, as Terraform passes it on.
const OWN: &str = "$${aws:PrincipalTag/TenantId}";

/// A statement of one of the deployer's policies speaks of other resources, and its boundary lets that through.
fn speaks_of(fleet: &mut Fleet, policy: &str, sid: &str, resource: impl Into<Value>) {
    let resource = resource.into();
    fleet.at(PLATFORM, policy).element(sid, "Resource", resource.clone());
    open(fleet, resource);
}

/// The deployer may do more, and its boundary lets it through.
fn widen(fleet: &mut Fleet, policy: &str, actions: &[&str], resource: impl Into<Value>) {
    let resource = resource.into();
    fleet.at(PLATFORM, policy).also(wide(actions, resource.clone()));
    open(fleet, resource);
}

/// The boundary allows everything on a resource, and no longer denies what is tagged as another's.
fn open(fleet: &mut Fleet, resource: Value) {
    fleet.at(PLATFORM, LIMIT).also(wide(&["*"], resource));
    fleet.at(PLATFORM, LIMIT).without("DenyOthers");
}

/// The same of the runner and its boundary.
fn runner(fleet: &mut Fleet, actions: &[&str], resource: impl Into<Value>) {
    let resource = resource.into();
    fleet.at(PLATFORM, RUNNER_POLICY).also(wide(actions, resource.clone()));
    fleet.at(PLATFORM, RUNNER_LIMIT).also(wide(actions, resource));
}

/// The runner's own policy and boundary no longer ask for a condition of the session it opens.
fn asks_nothing(fleet: &mut Fleet, operator: &str) {
    for policy in [RUNNER_POLICY, RUNNER_LIMIT] {
        fleet.at(PLATFORM, policy).unconditioned(BECOMES, operator, OF_REQUEST);
    }
}

fn named(service: &str, name: &str) -> String {
    arn(service, name)
}

pub(crate) const ALL: &[Spoiling] = &[
    Spoiling {
        name: "deployer: functions by a wildcard for the tenant",
        why: "its boundary still names the session's own",
        spoil: |fleet| {
            fleet.at(PLATFORM, COMPUTE).element(
                "Functions",
                "Resource",
                json!(named("lambda", "function:tenant-*-api-dev")),
            );
        },
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "deployer: functions by a wildcard for the tenant, in the boundary too",
        why: "every tenant's function can be given other code",
        spoil: |fleet| speaks_of(fleet, COMPUTE, "Functions", named("lambda", "function:tenant-*-api-dev")),
        expect: Caught(&[access(PLATFORM, COMPUTE, "Functions")]),
    },
    Spoiling {
        name: "deployer: functions by a prefix that is another tenant's prefix too, in the boundary too",
        why: "`tenant-acme-*` also means `tenant-acme-corp-api-dev`",
        spoil: |fleet| {
            fleet.rename("tech-startup", "acme");
            speaks_of(fleet, COMPUTE, "Functions", named("lambda", &format!("function:tenant-{OWN}-*")));
        },
        expect: Caught(&[access(PLATFORM, COMPUTE, "Functions")]),
    },
    Spoiling {
        name: "deployer: log groups by a wildcard for the tenant, in the boundary too",
        why: "a subscription filter on another's group gets its events",
        spoil: |fleet| speaks_of(fleet, COMPUTE, "LogGroups", named("logs", "log-group:tenant-*")),
        expect: Caught(&[access(PLATFORM, COMPUTE, "LogGroups")]),
    },
    Spoiling {
        name: "deployer: alarms by a wildcard for the tenant, in the boundary too",
        why: "another's alarm can be taken away",
        spoil: |fleet| speaks_of(fleet, COMPUTE, "Alarms", named("cloudwatch", "alarm:tenant-*-api-errors-dev")),
        expect: Caught(&[access(PLATFORM, COMPUTE, "Alarms")]),
    },
    Spoiling {
        name: "deployer: rules by a wildcard for the tenant, in the boundary too",
        why: "another's rule can be taken away",
        spoil: |fleet| speaks_of(fleet, COMPUTE, "Rule", named("events", "rule/tenant-*-events-dev")),
        expect: Caught(&[access(PLATFORM, COMPUTE, "Rule")]),
    },
    Spoiling {
        name: "deployer: queues by a wildcard for the tenant, in the boundary too",
        why: "a queue denies who is tagged as another tenant",
        spoil: |fleet| speaks_of(fleet, COMPUTE, "Queue", named("sqs", "tenant-*-dlq-dev")),
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "deployer: buckets by a wildcard for the tenant, in the boundary too",
        why: "a bucket denies who is tagged as another tenant",
        spoil: |fleet| speaks_of(fleet, STORAGE, "Bucket", "arn:aws:s3:::tenant-*-data-dev"),
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "deployer: buckets by a wildcard for the tenant, in the boundary too, and one that denies nobody",
        why: "its policy can be replaced",
        spoil: |fleet| {
            speaks_of(fleet, STORAGE, "Bucket", "arn:aws:s3:::tenant-*-data-dev");
            fleet.remove(TECH, "aws_s3_bucket_policy.data");
        },
        expect: Caught(&[access(PLATFORM, STORAGE, "Bucket")]),
    },
    Spoiling {
        name: "deployer: roles by a wildcard for the tenant, in the boundary too",
        why: "another's role can be taken away",
        spoil: |fleet| speaks_of(fleet, ROLES, "Roles", iam("role/tenant-*")),
        expect: Caught(&[access(PLATFORM, ROLES, "Roles")]),
    },
    Spoiling {
        name: "deployer: makes roles without a boundary",
        why: "its own boundary asks for the tenant's around each role",
        spoil: |fleet| fleet.at(PLATFORM, ROLES).unconditioned("MakeRoles", "StringEquals", "iam:PermissionsBoundary"),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "deployer: makes roles without a boundary, as its own boundary lets it",
        why: "such a role can do what the session cannot",
        spoil: |fleet| {
            fleet.at(PLATFORM, ROLES).unconditioned("MakeRoles", "StringEquals", "iam:PermissionsBoundary");
            fleet.at(PLATFORM, LIMIT).without("DenyUnbounded");
        },
        expect: Caught(&[access(PLATFORM, ROLES, "MakeRoles")]),
    },
    Spoiling {
        name: "deployer: makes roles with any boundary, as its own boundary lets it",
        why: "AdministratorAccess is one",
        spoil: |fleet| {
            fleet.at(PLATFORM, ROLES).operator("MakeRoles", "StringEquals", "StringLike");
            fleet.at(PLATFORM, ROLES).value("MakeRoles", "StringLike", "iam:PermissionsBoundary", json!("*"));
            fleet.at(PLATFORM, LIMIT).without("DenyUnbounded");
        },
        expect: Caught(&[access(PLATFORM, ROLES, "MakeRoles")]),
    },
    Spoiling {
        name: "deployer: makes roles with the boundary of any tenant, as its own boundary lets it",
        why: "a role of one tenant with another's rights",
        spoil: |fleet| {
            let any = iam("policy/tenant-*-boundary-dev");
            fleet.at(PLATFORM, ROLES).operator("MakeRoles", "StringEquals", "StringLike");
            fleet.at(PLATFORM, ROLES).value("MakeRoles", "StringLike", "iam:PermissionsBoundary", json!(any));
            fleet.at(PLATFORM, LIMIT).without("DenyUnbounded");
        },
        expect: Caught(&[access(PLATFORM, ROLES, "MakeRoles")]),
    },
    Spoiling {
        name: "deployer: makes roles with any tag, as its own boundary lets it",
        why: "the tag says whose a role is",
        spoil: |fleet| {
            fleet.at(PLATFORM, ROLES).unconditioned("MakeRoles", "StringEquals", OF_REQUEST);
            fleet.at(PLATFORM, LIMIT).without("DenyTagOfAnother");
        },
        expect: Caught(&[access(PLATFORM, ROLES, "MakeRoles")]),
    },
    Spoiling {
        name: "deployer: gives policies to roles without a boundary, as its own boundary lets it",
        why: "a role without one can do what the policy says",
        spoil: |fleet| {
            fleet.at(PLATFORM, ROLES).unconditioned("BoundRoles", "StringEquals", "iam:PermissionsBoundary");
            fleet.at(PLATFORM, LIMIT).without("DenyUnbounded");
        },
        expect: Caught(&[access(PLATFORM, ROLES, "BoundRoles")]),
    },
    Spoiling {
        name: "deployer: takes boundaries away",
        why: "its own boundary denies it",
        spoil: |fleet| fleet.at(PLATFORM, ROLES).also(wide(&["iam:DeleteRolePermissionsBoundary"], iam("role/*"))),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "deployer: takes boundaries away, as its own boundary lets it",
        why: "what is left can do what its policies say",
        spoil: |fleet| {
            let own = iam(&format!("role/tenant-{OWN}-api-role-dev"));
            fleet.at(PLATFORM, ROLES).also(wide(&["iam:DeleteRolePermissionsBoundary"], own));
            fleet.at(PLATFORM, LIMIT).without("DenyNever");
        },
        expect: Caught(&[access(PLATFORM, ROLES, "Wide")]),
    },
    Spoiling {
        name: "deployer: the boundaries of all tenants, in its own boundary too",
        why: "another's boundary can be made to say anything",
        spoil: |fleet| speaks_of(fleet, ROLES, "Boundary", iam("policy/tenant-*-boundary-dev")),
        expect: Caught(&[access(PLATFORM, ROLES, "Boundary")]),
    },
    Spoiling {
        name: "deployer: passes any role, in its boundary too",
        why: "a function of one tenant with another's role",
        spoil: |fleet| speaks_of(fleet, ROLES, "PassToLambda", "*"),
        expect: Caught(&[access(PLATFORM, ROLES, "PassToLambda")]),
    },
    Spoiling {
        name: "deployer: passes any role",
        why: "its boundary names the session's own",
        spoil: |fleet| fleet.at(PLATFORM, ROLES).element("PassToLambda", "Resource", json!("*")),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "deployer: passes the platform's roles, in its boundary too",
        why: "a function of a tenant with the platform's role",
        spoil: |fleet| speaks_of(fleet, ROLES, "PassToLambda", iam("role/platform-*")),
        expect: Caught(&[access(PLATFORM, ROLES, "PassToLambda")]),
    },
    Spoiling {
        name: "deployer: tags its own role, in its boundary too",
        why: "a session without a tag of its own has the role's",
        spoil: |fleet| widen(fleet, ROLES, &["iam:TagRole"], iam("role/platform-deployer-role-dev")),
        expect: Caught(&[access(PLATFORM, ROLES, "Wide")]),
    },
    Spoiling {
        name: "deployer: its own policies, in its boundary too",
        why: "who writes his own policy has every right",
        spoil: |fleet| widen(fleet, ROLES, &["iam:CreatePolicyVersion"], iam("policy/platform-deployer-*")),
        expect: Caught(&[access(PLATFORM, ROLES, "Wide")]),
    },
    Spoiling {
        name: "deployer: tags roles as anybody's",
        why: "its boundary denies every tag but the session's own",
        spoil: |fleet| fleet.at(PLATFORM, ROLES).unconditioned("TagRoles", "StringEqualsIfExists", OF_REQUEST),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "deployer: tags roles as anybody's, as its boundary lets it",
        why: "a role of one tenant that counts as another's",
        spoil: |fleet| {
            fleet.at(PLATFORM, ROLES).unconditioned("TagRoles", "StringEqualsIfExists", OF_REQUEST);
            fleet.at(PLATFORM, LIMIT).without("DenyTagOfAnother");
        },
        expect: Caught(&[access(PLATFORM, ROLES, "TagRoles")]),
    },
    Spoiling {
        name: "deployer: takes the tag away from roles, as its boundary lets it",
        why: "a role without the tag is no tenant's",
        spoil: |fleet| {
            fleet.at(PLATFORM, LIMIT).without("DenyNoOwner");
            fleet.at(PLATFORM, ROLES).without("DenyNoOwner");
        },
        expect: Caught(&[access(PLATFORM, ROLES, "TagRoles")]),
    },
    Spoiling {
        name: "deployer: a network by no tag",
        why: "its boundary asks for the tag",
        spoil: |fleet| fleet.at(PLATFORM, NETWORK).unconditioned("Own", "StringEquals", OF_RESOURCE),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "deployer: a network by no tag, in the boundary too",
        why: "another's VPC can be taken away",
        spoil: |fleet| {
            fleet.at(PLATFORM, NETWORK).unconditioned("Own", "StringEquals", OF_RESOURCE);
            open(fleet, json!(named("ec2", "*")));
        },
        expect: Caught(&[access(PLATFORM, NETWORK, "Own")]),
    },
    Spoiling {
        name: "deployer: a network by no tag, in what its boundary allows too",
        why: "the boundary denies what has another's tag",
        spoil: |fleet| {
            fleet.at(PLATFORM, NETWORK).unconditioned("Own", "StringEquals", OF_RESOURCE);
            fleet.at(PLATFORM, LIMIT).also(wide(&["ec2:*Route*", "ec2:*Vpc", "ec2:*Subnet"], named("ec2", "vpc/*")));
        },
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "deployer: a network by any tag, in the boundary too",
        why: "every tenant's has one",
        spoil: |fleet| {
            fleet.at(PLATFORM, NETWORK).operator("Own", "StringEquals", "StringLike");
            fleet.at(PLATFORM, NETWORK).value("Own", "StringLike", OF_RESOURCE, json!("*"));
            open(fleet, json!(named("ec2", "*")));
        },
        expect: Caught(&[access(PLATFORM, NETWORK, "Own")]),
    },
    Spoiling {
        name: "deployer: a network by the tag if it has one",
        why: "everything that a tenant has in EC2 has one",
        spoil: |fleet| fleet.at(PLATFORM, NETWORK).operator("Own", "StringEquals", "StringEqualsIfExists"),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "deployer: tags any network as its own, in the boundary too",
        why: "who tags it has it",
        spoil: |fleet| {
            fleet.at(PLATFORM, NETWORK).unconditioned("TagOwn", "StringEquals", OF_RESOURCE);
            open(fleet, json!(named("ec2", "*")));
        },
        expect: Caught(&[access(PLATFORM, NETWORK, "TagOwn")]),
    },
    Spoiling {
        name: "deployer: tags what is there as if it made it, in the boundary too",
        why: "`ec2:CreateAction` alone tells making from taking",
        spoil: |fleet| {
            fleet.at(PLATFORM, NETWORK).unconditioned("TagMade", "StringEquals", "ec2:CreateAction");
            open(fleet, json!(named("ec2", "*")));
        },
        expect: Caught(&[access(PLATFORM, NETWORK, "TagMade")]),
    },
    Spoiling {
        name: "deployer: tags default groups that are another's, in the boundary too",
        why: "the condition on a missing tag is what spares them",
        spoil: |fleet| {
            fleet.at(PLATFORM, NETWORK).unconditioned("TagDefaults", "Null", OF_RESOURCE);
            open(fleet, json!(named("ec2", "*")));
        },
        expect: Caught(&[access(PLATFORM, NETWORK, "TagDefaults")]),
    },
    Spoiling {
        name: "deployer: empties default ACLs that are another's, in the boundary too",
        why: "the condition on a missing tag is what spares them",
        spoil: |fleet| {
            fleet.at(PLATFORM, NETWORK).unconditioned("EmptyDefaultAcl", "Null", OF_RESOURCE);
            open(fleet, json!(named("ec2", "*")));
        },
        expect: Caught(&[access(PLATFORM, NETWORK, "EmptyDefaultAcl")]),
    },
    Spoiling {
        name: "deployer: makes subnets anywhere, in the boundary too",
        why: "EC2 asks for the VPC as well: with the tag of the request it would be anybody's",
        spoil: |fleet| speaks_of(fleet, NETWORK, "MakeSubnet", named("ec2", "*")),
        expect: Caught(&[access(PLATFORM, NETWORK, "MakeSubnet")]),
    },
    Spoiling {
        name: "deployer: makes subnets anywhere",
        why: "its boundary denies what has another's tag",
        spoil: |fleet| fleet.at(PLATFORM, NETWORK).element("MakeSubnet", "Resource", json!(named("ec2", "*"))),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "deployer: interfaces that carry no tag, in the boundary too",
        why: "Lambda's interfaces carry none, whosever they are",
        spoil: |fleet| {
            widen(fleet, NETWORK, &["ec2:DeleteNetworkInterface"], named("ec2", "network-interface/*"));
            fleet.at(PLATFORM, LIMIT).without("DenyInterfaces");
        },
        expect: Caught(&[access(PLATFORM, NETWORK, "Wide")]),
    },
    Spoiling {
        name: "deployer: keys by no tag, in the boundary too",
        why: "a key denies who is tagged as another tenant",
        spoil: |fleet| {
            fleet.at(PLATFORM, KEYS).unconditioned("OwnKey", "StringEquals", OF_RESOURCE);
            open(fleet, json!(named("kms", "key/*")));
        },
        expect: Harmless(KeyPolicy),
    },
    Spoiling {
        name: "deployer: keys by no tag, in the boundary too, and one that denies nobody",
        why: "`kms:PutKeyPolicy` on another's key",
        spoil: |fleet| {
            fleet.at(PLATFORM, KEYS).unconditioned("OwnKey", "StringEquals", OF_RESOURCE);
            open(fleet, json!(named("kms", "key/*")));
            fleet.at(TECH, KEY).without("DenyOtherTenants");
            fleet.at(PLATFORM, KEYS).without("TagMadeKey");
        },
        expect: Caught(&[access(PLATFORM, KEYS, "OwnKey")]),
    },
    Spoiling {
        name: "deployer: a key that does not deny other tenants",
        why: "AWS may see a key's tag minutes late: until then a session could tag it as its own",
        spoil: |fleet| fleet.at(TECH, KEY).without("DenyOtherTenants"),
        expect: Caught(&[access(PLATFORM, KEYS, "TagMadeKey")]),
    },
    Spoiling {
        name: "deployer: the aliases of all tenants, in the boundary too",
        why: "another's alias can be taken away",
        spoil: |fleet| speaks_of(fleet, KEYS, "OwnAlias", named("kms", "alias/tenant-*-key-dev")),
        expect: Caught(&[access(PLATFORM, KEYS, "OwnAlias")]),
    },
    Spoiling {
        name: "deployer: makes keys for anybody, as its boundary lets it",
        why: "a key that counts as another's",
        spoil: |fleet| {
            fleet.at(PLATFORM, KEYS).unconditioned("MakeKey", "StringEquals", OF_REQUEST);
            fleet.at(PLATFORM, LIMIT).without("DenyTagOfAnother");
            open(fleet, json!("*"));
        },
        expect: Caught(&[access(PLATFORM, KEYS, "MakeKey")]),
    },
    Spoiling {
        name: "deployer: all states, in the boundary too",
        why: "the bucket leaves it that of its own tenant",
        spoil: |fleet| speaks_of(fleet, STORAGE, "State", "arn:aws:s3:::platform-state-dev/*"),
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "deployer: all states, in the boundary and the bucket too",
        why: "a state holds what a stack is made of",
        spoil: |fleet| {
            speaks_of(fleet, STORAGE, "State", "arn:aws:s3:::platform-state-dev/*");
            fleet.at(PLATFORM, STATES).without("DenyDeployerOtherStates");
        },
        expect: Caught(&[access(PLATFORM, STORAGE, "State")]),
    },
    Spoiling {
        name: "deployer: states by a prefix that is another tenant's prefix too, in the boundary and the bucket too",
        why: "`tenant-acme*` also means `tenant-acme-corp-dev.tfstate`",
        spoil: |fleet| {
            fleet.rename("tech-startup", "acme");
            speaks_of(fleet, STORAGE, "State", format!("arn:aws:s3:::platform-state-dev/tenant-{OWN}*"));
            fleet.at(PLATFORM, STATES).without("DenyDeployerOtherStates");
        },
        expect: Caught(&[access(PLATFORM, STORAGE, "State")]),
    },
    Spoiling {
        name: "deployer: lists all states, in the boundary too",
        why: "the list names every tenant",
        spoil: |fleet| {
            fleet.at(PLATFORM, STORAGE).unconditioned("StateList", "StringEquals", "s3:prefix");
            fleet.at(PLATFORM, LIMIT).unconditioned("StateList", "StringEquals", "s3:prefix");
        },
        expect: Caught(&[access(PLATFORM, STORAGE, "StateList")]),
    },
    Spoiling {
        name: "deployer: the platform's key for any service, in the boundary too",
        why: "the key leaves it S3 alone",
        spoil: |fleet| {
            fleet.at(PLATFORM, STORAGE).element("StateKey", "Condition", json!({}));
            fleet.at(PLATFORM, LIMIT).element("StateKey", "Condition", json!({}));
        },
        expect: Harmless(KeyPolicy),
    },
    Spoiling {
        name: "deployer: the platform's key for any service, in the boundary and the key too",
        why: "the registry lies under it",
        spoil: |fleet| {
            fleet.at(PLATFORM, STORAGE).element("StateKey", "Condition", json!({}));
            fleet.at(PLATFORM, LIMIT).element("StateKey", "Condition", json!({}));
            fleet.at(PLATFORM, PLATFORM_KEY).without("DenyDeployerOtherServices");
        },
        expect: Caught(&[access(PLATFORM, STORAGE, "StateKey")]),
    },
    Spoiling {
        name: "deployer: the registry, in the boundary too",
        why: "it denies who is tagged as a tenant",
        spoil: |fleet| {
            fleet.at(PLATFORM, LIMIT).without("DenyNever");
            widen(fleet, STORAGE, &["dynamodb:PutItem"], named("dynamodb", "table/platform-registry-dev"));
        },
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "deployer: starts the onboarding workflow, in the boundary too",
        why: "what it says there is done for whatever tenant it names",
        spoil: |fleet| widen(fleet, COMPUTE, &["states:StartExecution"], named("states", "stateMachine:*")),
        expect: Caught(&[access(PLATFORM, COMPUTE, "Wide")]),
    },
    Spoiling {
        name: "deployer: the code of every function, in the boundary too",
        why: "its code does what the function's role may",
        spoil: |fleet| widen(fleet, COMPUTE, &["lambda:UpdateFunctionCode"], "*"),
        expect: Caught(&[access(PLATFORM, COMPUTE, "Wide")]),
    },
    Spoiling {
        name: "deployer: calls every function",
        why: "its boundary denies calls of functions",
        spoil: |fleet| widen(fleet, COMPUTE, &["lambda:InvokeFunction"], "*"),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "deployer: reads the central log, as its boundary lets it",
        why: "all tenants' events are in it",
        spoil: |fleet| {
            fleet.at(PLATFORM, LIMIT).without("DenyNever");
            widen(fleet, COMPUTE, &["logs:GetLogEvents"], named("logs", "log-group:platform-central-log-dev:*"));
        },
        expect: Caught(&[access(PLATFORM, COMPUTE, "Wide")]),
    },
    Spoiling {
        name: "deployer: becomes other roles, in the boundary too",
        why: "whatever trusts the account",
        spoil: |fleet| widen(fleet, ROLES, &["sts:AssumeRole"], iam("role/*")),
        expect: Caught(&[access(PLATFORM, ROLES, "Wide")]),
    },
    Spoiling {
        name: "deployer: no boundary",
        why: "its policies are for the session's own tenant",
        spoil: |fleet| fleet.at(PLATFORM, ROLE).unset("permissions_boundary"),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "deployer: everything, without a boundary",
        why: "nothing binds it to a tenant",
        spoil: |fleet| {
            fleet.at(PLATFORM, ROLE).unset("permissions_boundary");
            fleet.at(PLATFORM, COMPUTE).also(wide(&["*"], "*"));
        },
        expect: Caught(&[access(PLATFORM, COMPUTE, "Wide")]),
    },
    Spoiling {
        name: "deployer: opened without a tenant",
        why: "the runner's boundary asks for one",
        spoil: |fleet| fleet.at(PLATFORM, ROLE).unconditioned(OPENS, "Null", OF_REQUEST),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "deployer: opened without a tenant, as the runner may",
        why: "such a session counts as the platform's own",
        spoil: |fleet| {
            fleet.at(PLATFORM, ROLE).unconditioned(OPENS, "Null", OF_REQUEST);
            asks_nothing(fleet, "Null");
        },
        expect: Caught(&[access(PLATFORM, ROLE, OPENS)]),
    },
    Spoiling {
        name: "deployer: opened for the platform, as the runner may",
        why: "such a session has what is tagged as the platform's",
        spoil: |fleet| {
            fleet.at(PLATFORM, ROLE).unconditioned(OPENS, "StringNotEquals", OF_REQUEST);
            asks_nothing(fleet, "StringNotEquals");
        },
        expect: Caught(&[access(PLATFORM, ROLE, OPENS)]),
    },
    Spoiling {
        name: "deployer: opened with any tags",
        why: "policies ask for other tags too",
        spoil: |fleet| fleet.at(PLATFORM, ROLE).without("DenyOtherTags"),
        expect: Caught(&[access(PLATFORM, ROLE, OPENS)]),
    },
    Spoiling {
        name: "deployer: opened with any tags beside the tenant's",
        why: "`ForAllValues` denies only when no tag is the tenant's",
        spoil: |fleet| {
            let (one, all) = ("ForAnyValue:StringNotEquals", "ForAllValues:StringNotEquals");
            fleet.at(PLATFORM, ROLE).operator("DenyOtherTags", one, all);
        },
        expect: Caught(&[access(PLATFORM, ROLE, OPENS)]),
    },
    Spoiling {
        name: "deployer: trusts another role of the platform",
        why: "it denies everybody but the runner",
        spoil: |fleet| trusts(fleet, &["${aws_iam_role.runner.arn}", "${aws_iam_role.starter.arn}"]),
        expect: Harmless(Trust),
    },
    Spoiling {
        name: "deployer: trusts another role of the platform, and denies nobody",
        why: "two say for which tenant a session is",
        spoil: |fleet| {
            trusts(fleet, &["${aws_iam_role.runner.arn}", "${aws_iam_role.starter.arn}"]);
            fleet.at(PLATFORM, ROLE).without("DenyAllButRunner");
        },
        expect: Caught(&[access(PLATFORM, ROLE, OPENS)]),
    },
    Spoiling {
        name: "deployer: trusts the account, and denies tenants only",
        why: "who is tagged as a tenant, or called like its role, is denied",
        spoil: |fleet| {
            trusts(fleet, &[&iam("root")]);
            fleet.at(PLATFORM, ROLE).without("DenyAllButRunner");
        },
        expect: Harmless(Trust),
    },
    Spoiling {
        name: "deployer: trusts the account, and denies nobody",
        why: "people of every tenant open sessions for any other",
        spoil: |fleet| {
            trusts(fleet, &[&iam("root")]);
            fleet.at(PLATFORM, ROLE).without("DenyAllButRunner");
            fleet.at(PLATFORM, ROLE).without("DenyTenants");
        },
        expect: Caught(&[access(PLATFORM, ROLE, OPENS)]),
    },
    Spoiling {
        name: "deployer: trusts another account, and denies nobody there",
        why: "somebody outside opens sessions for any tenant",
        spoil: |fleet| {
            trusts(fleet, &["${aws_iam_role.runner.arn}", &format!("arn:aws:iam::{STRANGER}:root")]);
            fleet.at(PLATFORM, ROLE).without("DenyAllButRunner");
        },
        expect: Caught(&[outside(PLATFORM, ROLE, OPENS)]),
    },
    Spoiling {
        name: "runner: functions of all tenants",
        why: "its boundary names nothing of a tenant",
        spoil: |fleet| {
            fleet.at(PLATFORM, RUNNER_POLICY).also(wide(&["lambda:*"], named("lambda", "function:tenant-*")))
        },
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "runner: functions of all tenants, in the boundary too",
        why: "it acts on tenants without being a session of one",
        spoil: |fleet| runner(fleet, &["lambda:*"], named("lambda", "function:tenant-*")),
        expect: Caught(&[access(PLATFORM, RUNNER_POLICY, "Wide")]),
    },
    Spoiling {
        name: "runner: objects of all tenants, in the boundary too",
        why: "a bucket denies who is tagged as another",
        spoil: |fleet| runner(fleet, &["s3:GetObject"], "arn:aws:s3:::tenant-*/*"),
        expect: Harmless(ResourcePolicy),
    },
    Spoiling {
        name: "runner: states of all tenants, in the boundary too",
        why: "a state is its session's to read",
        spoil: |fleet| runner(fleet, &["s3:PutObject"], "arn:aws:s3:::platform-state-dev/tenant-*"),
        expect: Caught(&[access(PLATFORM, RUNNER_POLICY, "Wide")]),
    },
    Spoiling {
        name: "runner: becomes any role, in the boundary too",
        why: "whatever trusts the account",
        spoil: |fleet| runner(fleet, &["sts:AssumeRole"], "*"),
        expect: Caught(&[access(PLATFORM, RUNNER_POLICY, "Wide")]),
    },
    Spoiling {
        name: "runner: changes roles, in the boundary too",
        why: "it can give itself and others every right",
        spoil: |fleet| runner(fleet, &["iam:UpdateAssumeRolePolicy"], iam("role/*")),
        expect: Caught(&[access(PLATFORM, RUNNER_POLICY, "Wide")]),
    },
    Spoiling {
        name: "runner: a tenant may assume it",
        why: "its trust denies tenants",
        spoil: |fleet| {
            fleet.at(PLATFORM, RUNNER).statement("AllowAssume", |statement| {
                statement["Principal"] = json!({ "AWS": iam("root") });
                statement.as_object_mut().expect("a statement").remove("Condition");
            });
        },
        expect: Harmless(Trust),
    },
    Spoiling {
        name: "runner: people of tenants may assume it",
        why: "they open sessions for any tenant",
        spoil: |fleet| {
            fleet.at(PLATFORM, RUNNER).statement("AllowAssume", |statement| {
                statement["Principal"] = json!({ "AWS": iam("root") });
                statement.as_object_mut().expect("a statement").remove("Condition");
            });
            fleet.at(PLATFORM, RUNNER).without("DenyTenants");
        },
        expect: Caught(&[access(PLATFORM, RUNNER, "AllowAssume")]),
    },
];

/// The deployer's trust names these.
fn trusts(fleet: &mut Fleet, who: &[&str]) {
    fleet.at(PLATFORM, ROLE).element(OPENS, "Principal", json!({ "AWS": who }));
}

/// Changes that mean the same, or less.
pub(crate) const HARMLESS: &[crate::harmless::Change] = &[
    ("deployer: one statement less", |fleet| fleet.at(PLATFORM, COMPUTE).without("Alarms")),
    ("deployer: exact actions for one alarm alone", |fleet| {
        let own = named("cloudwatch", &format!("alarm:tenant-{OWN}-api-errors-dev"));
        fleet.at(PLATFORM, COMPUTE).element("Alarms", "Resource", json!(own));
    }),
    ("deployer: the id by the other form of the operator", |fleet| {
        fleet.at(PLATFORM, NETWORK).operator("Own", "StringEquals", "StringLike");
    }),
    ("deployer: a tag condition twice", |fleet| {
        fleet.at(PLATFORM, NETWORK).statement("Own", |statement| {
            statement["Condition"]["StringLike"] = json!({ OF_RESOURCE: OWN });
        });
    }),
    ("deployer: more is denied", |fleet| {
        let deny = json!({ "Sid": "More", "Effect": "Deny", "Action": "ec2:CreateVpc", "Resource": "*" });
        fleet.at(PLATFORM, LIMIT).also(deny);
    }),
    ("deployer: the account by its number in the trust", |fleet| {
        fleet.at(PLATFORM, ROLE).element(
            OPENS,
            "Principal",
            json!({ "AWS": format!("arn:aws:iam::{ACCOUNT}:role/platform-runner-role-dev") }),
        );
    }),
    ("runner: one release alone", |fleet| {
        fleet.at(PLATFORM, RUNNER_POLICY).element(
            "Releases",
            "Resource",
            json!("arn:aws:s3:::platform-state-dev/releases/1/x.zip"),
        );
    }),
];
