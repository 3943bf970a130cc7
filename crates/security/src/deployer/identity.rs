//! A tenant's key, and its roles within their boundary.

use construct::arn::{Key, Role};
use construct::{ArnOf, Stack, Text};
use naming::{Owner, Platform};

use super::boundary::{INSIGHTS, insights_role};
use super::session::{SessionArns, made_own, on_own, own, stays_own};
use crate::policy::action::{Action, iam, kms};
use crate::policy::{Operator, Statement, key};
use crate::service::Service;

/// What is done to the key and has nothing to do with what lies under it.
const KEY: &[Action<Key>] = &[
    kms::CREATE_ALIAS,
    kms::DELETE_ALIAS,
    kms::DESCRIBE_KEY,
    kms::DISABLE_KEY_ROTATION,
    kms::ENABLE_KEY_ROTATION,
    kms::GET_KEY_POLICY,
    kms::GET_KEY_ROTATION_STATUS,
    kms::LIST_RESOURCE_TAGS,
    kms::PUT_KEY_POLICY,
    kms::SCHEDULE_KEY_DELETION,
    kms::UPDATE_ALIAS,
    kms::UPDATE_KEY_DESCRIPTION,
];

/// What AWS asks of whoever makes a table or a function under the key; the key's own policy says for which.
const KEY_BY_SERVICES: &[Action<Key>] =
    &[kms::DECRYPT, kms::ENCRYPT, kms::GENERATE_DATA_KEY, kms::RE_ENCRYPT_FROM, kms::RE_ENCRYPT_TO];

/// What changes nothing of what a role can do.
const ROLE: &[Action<Role>] = &[
    iam::DELETE_ROLE,
    iam::DELETE_ROLE_POLICY,
    iam::GET_ROLE,
    iam::GET_ROLE_POLICY,
    iam::LIST_ATTACHED_ROLE_POLICIES,
    iam::LIST_INSTANCE_PROFILES_FOR_ROLE,
    iam::LIST_ROLE_POLICIES,
    iam::LIST_ROLE_TAGS,
    iam::UPDATE_ROLE,
    iam::UPDATE_ROLE_DESCRIPTION,
];

pub(super) fn key(stack: &Stack<Platform>, arns: &SessionArns) -> Vec<Statement> {
    let region = stack.owner().region();
    let keys = [stack.every::<Key>()];
    let via = [Service::DynamoDb, Service::Lambda].map(|service| Text::literal(service.via(region)));
    vec![
        made_own(Statement::allow_on_any(
            "MakeKey",
            &[kms::CREATE_KEY],
            "a key that is not there yet has no ARN; its tag says whose it is",
        )),
        // AWS asks for this of whoever makes a key with tags, on no key in particular.
        made_own(Statement::allow("TagMadeKey", &[kms::TAG_RESOURCE], &keys).when(
            Operator::Null,
            key::RESOURCE_TENANT,
            [Text::literal("true")],
        )),
        on_own(Statement::allow("OwnKey", KEY, &keys)),
        stays_own(on_own(Statement::allow("TagOwnKey", &[kms::TAG_RESOURCE, kms::UNTAG_RESOURCE], &keys))),
        on_own(Statement::allow("OwnKeyByServices", KEY_BY_SERVICES, &keys)).when(
            Operator::StringEquals,
            key::VIA_SERVICE,
            via.clone(),
        ),
        on_own(Statement::allow("GrantsToServices", &[kms::CREATE_GRANT], &keys))
            .when(Operator::StringEquals, key::VIA_SERVICE, via)
            .when(Operator::Bool, key::GRANT_FOR_AWS, [Text::literal("true")]),
        Statement::allow(
            "OwnAlias",
            &[kms::CREATE_THIS_ALIAS, kms::DELETE_THIS_ALIAS, kms::UPDATE_THIS_ALIAS],
            std::slice::from_ref(&arns.key_alias),
        ),
        Statement::allow_on_any("Aliases", &[kms::LIST_ALIASES], "KMS has no resource level for the list of aliases"),
    ]
}

/// The tenant's five roles. Whatever gives a role more, or another trust, asks for the tenant's boundary around it; no policy is attached,
/// no boundary taken away, and no role goes to a service but the one it is for.
pub(super) fn roles(stack: &Stack<Platform>, arns: &SessionArns) -> [Statement; 9] {
    let roles = arns.roles().map(ArnOf::clone);
    let region = stack.owner().region();
    let bounded =
        |statement: Statement| statement.when(Operator::StringEquals, key::PERMISSIONS_BOUNDARY, [&arns.boundary]);
    let pass = |sid, roles: &[ArnOf<Role>], service: Service| {
        Statement::allow(sid, &[iam::PASS_ROLE], roles).when(
            Operator::StringEquals,
            key::PASSED_TO,
            [Text::literal(service.principal(region))],
        )
    };
    [
        made_own(bounded(Statement::allow("MakeRoles", &[iam::CREATE_ROLE], &roles))),
        bounded(Statement::allow(
            "BoundRoles",
            &[iam::PUT_ROLE_PERMISSIONS_BOUNDARY, iam::PUT_ROLE_POLICY, iam::UPDATE_ASSUME_ROLE_POLICY],
            &roles,
        )),
        Statement::allow("Roles", ROLE, &roles),
        stays_own(Statement::allow("TagRoles", &[iam::TAG_ROLE, iam::UNTAG_ROLE], &roles)),
        pass("PassToLambda", &[arns.api_role.clone(), arns.relay_role.clone()], Service::Lambda),
        pass("PassToFlowLogs", std::slice::from_ref(&arns.flow_role), Service::VpcFlowLogs),
        made_own(Statement::allow("MakeBoundary", &[iam::CREATE_POLICY], std::slice::from_ref(&arns.boundary))),
        stays_own(Statement::allow(
            "Boundary",
            &[
                iam::CREATE_POLICY_VERSION,
                iam::DELETE_POLICY,
                iam::DELETE_POLICY_VERSION,
                iam::GET_POLICY,
                iam::GET_POLICY_VERSION,
                iam::LIST_POLICY_TAGS,
                iam::LIST_POLICY_VERSIONS,
                iam::TAG_POLICY,
                iam::UNTAG_POLICY,
            ],
            std::slice::from_ref(&arns.boundary),
        )),
        Statement::allow("InsightsRole", &[iam::CREATE_SERVICE_LINKED_ROLE], &[insights_role(stack)]).when(
            Operator::StringEquals,
            key::LINKED_SERVICE,
            [Text::literal(INSIGHTS)],
        ),
    ]
}

/// What no session takes away: the tag that says whose something is. Such a call names the tag and gives it no value.
pub(super) fn keeps_owner() -> Statement {
    Statement::deny("DenyNoOwner", &["*"], [Text::literal("*")])
        .when(Operator::ForAnyValueStringEquals, key::TAG_KEYS, [Text::literal("TenantId")])
        .when(Operator::Null, key::REQUEST_TENANT, [Text::literal("true")])
}

/// What no session tags as another tenant's.
pub(super) fn tags_own_only() -> Statement {
    Statement::deny("DenyTagOfAnother", &["*"], [Text::literal("*")])
        .when(Operator::StringNotEquals, key::REQUEST_TENANT, [own()])
        .when(Operator::Null, key::REQUEST_TENANT, [Text::literal("false")])
}
