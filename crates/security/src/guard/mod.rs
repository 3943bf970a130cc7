//! Resource-side denials: what a bucket, a table, a queue and a key say against everyone who is not meant, whatever the asker's own
//! policies allow.
//!
//! A negated condition is also true of AWS services and of the deployer, who carry no tag. Each denial is therefore paired with a
//! condition that is false for them: the tag must be present, the role must be a tenant's, or the role is named.

mod policies;

use construct::{ArnOf, Stack, Text, arn};
use naming::{Owner, Platform, PlatformKind, Region, Tenant};

use crate::policy::{Operator, Principal, Statement, key};

pub(crate) use policies::PLATFORM_RULES;
pub use policies::{
    bucket_policy, platform_queue_policy, queue_policy, registry_policy, state_bucket_policy, table_policy,
};

/// (a) Principals that are tagged with another tenant.
pub(crate) fn deny_other_tenants(tenant: &Tenant, actions: &[&'static str], on: &[Text]) -> Statement {
    Statement::deny("DenyOtherTenants", actions, on.to_vec())
        .principal(Principal::Everyone)
        .when(Operator::StringNotEquals, key::PRINCIPAL_TENANT, [Text::literal(tenant.id.as_str())])
        .when(Operator::Null, key::PRINCIPAL_TENANT, [Text::literal("false")])
}

/// (b) Roles of tenants that are not on the list, however they are tagged: a role whose tag was changed or removed still has its name.
pub(crate) fn deny_unlisted_tenant_roles(
    stack: &Stack,
    actions: &[&'static str],
    on: &[Text],
    listed: &[&ArnOf<arn::Role>],
) -> Statement {
    Statement::deny("DenyUnlistedTenantRoles", actions, on.to_vec())
        .principal(Principal::Everyone)
        .when(Operator::ArnLike, key::PRINCIPAL_ARN, [any_tenant_role(stack.owner().region())])
        .when(Operator::ArnNotEquals, key::PRINCIPAL_ARN, listed.iter().copied())
}

/// Every tenant's principal, by name and by tag: for what only the platform may touch.
pub(crate) fn deny_all_tenants(platform: &Platform, actions: &[&'static str], on: &[Text]) -> [Statement; 2] {
    [
        Statement::deny("DenyTenantRoles", actions, on.to_vec()).principal(Principal::Everyone).when(
            Operator::ArnLike,
            key::PRINCIPAL_ARN,
            [any_tenant_role(platform.region())],
        ),
        Statement::deny("DenyTenants", actions, on.to_vec())
            .principal(Principal::Everyone)
            .when(Operator::StringNotEquals, key::PRINCIPAL_TENANT, [Text::literal(Platform::TAG)])
            .when(Operator::Null, key::PRINCIPAL_TENANT, [Text::literal("false")]),
    ]
}

/// As [`deny_all_tenants`], but for the sessions of the deployer, which carry the tag of the tenant whose stack they deploy. What is left to
/// them must follow in a denial of their own. They are known by the ARN of their role alone, which no other principal has.
pub(crate) fn deny_all_tenants_but_deployer(
    stack: &Stack<Platform>,
    actions: &[&'static str],
    on: &[Text],
) -> [Statement; 2] {
    let [by_name, by_tag] = deny_all_tenants(stack.owner(), actions, on);
    [by_name, by_tag.when(Operator::ArnNotEquals, key::PRINCIPAL_ARN, [deployer_role(stack)])]
}

/// The role of the deployer.
pub(crate) fn deployer_role(stack: &Stack<Platform>) -> ArnOf<arn::Role> {
    stack.arn(&stack.owner().name(PlatformKind::DeployerRole))
}

/// Every role that is named as a tenant's, in any account.
pub(crate) fn any_tenant_role(region: &Region) -> Text {
    Text::literal(format!("arn:{}:iam::*:role/tenant-*", region.partition()))
}

/// Everyone who does not use TLS.
pub(crate) fn deny_plain_text(actions: &[&'static str], on: &[Text]) -> Statement {
    Statement::deny("DenyPlainText", actions, on.to_vec()).principal(Principal::Everyone).when(
        Operator::Bool,
        key::SECURE_TRANSPORT,
        [Text::literal("false")],
    )
}
