//! The policy of a tenant's key: the one place where IAM alone is not enough. A role that this policy does not name cannot decrypt,
//! even with `kms:*` on `*`.

use construct::{ArnOf, Stack, Text, arn};
use naming::Owner;

use crate::arns::{KeyArn, TenantArns, account_root};
use crate::guard::{deny_other_tenants, deny_unlisted_tenant_roles};
use crate::policy::action::{Action, kms};
use crate::policy::{Operator, Policy, Principal, Statement, key};
use crate::service::Service;

/// What the account's administrators do with a key: nothing cryptographic, and no grants.
pub(crate) const ADMINISTRATION: &[Action<arn::Key>] = &[
    kms::CANCEL_KEY_DELETION,
    kms::CREATE_ALIAS,
    kms::DELETE_ALIAS,
    kms::DESCRIBE_KEY,
    kms::DISABLE_KEY,
    kms::DISABLE_KEY_ROTATION,
    kms::ENABLE_KEY,
    kms::ENABLE_KEY_ROTATION,
    kms::GET_KEY_POLICY,
    kms::GET_KEY_ROTATION_STATUS,
    kms::LIST_GRANTS,
    kms::LIST_KEY_POLICIES,
    kms::LIST_RESOURCE_TAGS,
    kms::PUT_KEY_POLICY,
    kms::REVOKE_GRANT,
    kms::SCHEDULE_KEY_DELETION,
    kms::TAG_RESOURCE,
    kms::UNTAG_RESOURCE,
    kms::UPDATE_ALIAS,
    kms::UPDATE_KEY_DESCRIPTION,
];

/// What CloudWatch Logs does with the key of a log group
/// ([encrypt log data](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html)).
pub(crate) const FOR_LOGS: &[Action<arn::Key>] = &[
    kms::DECRYPT,
    kms::DESCRIBE_KEY,
    kms::ENCRYPT,
    kms::GENERATE_DATA_KEY,
    kms::GENERATE_DATA_KEY_WITHOUT_PLAINTEXT,
    kms::RE_ENCRYPT_FROM,
    kms::RE_ENCRYPT_TO,
];

/// The roles of the tenant that use the key, as references: KMS refuses a policy that names a role which does not exist.
pub(crate) struct KeyUsers {
    pub(crate) api: ArnOf<arn::Role>,
    pub(crate) relay: ArnOf<arn::Role>,
}

pub(crate) fn tenant_key_policy(stack: &Stack, key_arn: &KeyArn, users: &KeyUsers) -> Text {
    let arns = TenantArns::of(stack);
    let statements = [administration(stack, key_arn)]
        .into_iter()
        .chain(creation(stack, &arns, key_arn))
        .chain(use_by_roles(stack, &arns, key_arn, users))
        .chain(use_by_services(stack, &arns, key_arn))
        .chain(denials(stack, &arns, key_arn));
    Policy::new(statements).text()
}

pub(crate) fn administration<O: Owner>(stack: &Stack<O>, key_arn: &KeyArn) -> Statement {
    Statement::allow("AllowAdministration", ADMINISTRATION, std::slice::from_ref(key_arn))
        .principal(Principal::Account(account_root(stack)))
}

/// What AWS asks of whoever creates a table or a function under the key: through the named service, for this tenant's table or function.
/// A grant can only be for the service's own use.
fn creation(stack: &Stack, arns: &TenantArns, key_arn: &KeyArn) -> [Statement; 3] {
    let region = stack.owner().region();
    let through = |sid, actions: &[Action<arn::Key>], services: &[Service]| {
        let services: Vec<Text> = services.iter().map(|service| Text::literal(service.via(region))).collect();
        Statement::allow(sid, actions, std::slice::from_ref(key_arn))
            .principal(Principal::Account(account_root(stack)))
            .when(Operator::StringEquals, key::VIA_SERVICE, services)
    };
    let table = Text::from(stack.owner().name(naming::Kind::Metadata));
    [
        through(
            "AllowCreatorOfTable",
            &[kms::DECRYPT, kms::ENCRYPT, kms::GENERATE_DATA_KEY, kms::RE_ENCRYPT_FROM, kms::RE_ENCRYPT_TO],
            &[Service::DynamoDb],
        )
        .when(Operator::StringEquals, key::CONTEXT_TABLE, [table]),
        through("AllowCreatorOfFunctions", &[kms::DECRYPT, kms::ENCRYPT, kms::GENERATE_DATA_KEY], &[Service::Lambda])
            .when(Operator::StringEquals, key::CONTEXT_FUNCTION, [&arns.api, &arns.relay]),
        through("AllowGrantsToServices", &[kms::CREATE_GRANT], &[Service::DynamoDb, Service::Lambda]).when(
            Operator::Bool,
            key::GRANT_FOR_AWS,
            [Text::literal("true")],
        ),
    ]
}

/// The tenant's exact roles, each through the services that hold what is the tenant's.
fn use_by_roles(stack: &Stack, arns: &TenantArns, key_arn: &KeyArn, users: &KeyUsers) -> [Statement; 4] {
    let region = stack.owner().region();
    let tenant = Text::literal(stack.owner().id.as_str());
    let through = |sid, actions: &[Action<arn::Key>], roles: Vec<ArnOf<arn::Role>>, service: Service| {
        Statement::allow(sid, actions, std::slice::from_ref(key_arn))
            .principal(Principal::Roles(roles))
            .when(Operator::StringEquals, key::VIA_SERVICE, [Text::literal(service.via(region))])
            .when(Operator::StringEquals, key::PRINCIPAL_TENANT, [tenant.clone()])
    };
    let both = || vec![users.api.clone(), users.relay.clone()];
    let table = Text::from(stack.owner().name(naming::Kind::Metadata));
    [
        through("AllowObjects", &[kms::DECRYPT, kms::GENERATE_DATA_KEY], vec![users.api.clone()], Service::S3).when(
            Operator::StringEquals,
            key::CONTEXT_BUCKET,
            [&arns.bucket],
        ),
        through(
            "AllowItems",
            &[kms::DECRYPT, kms::ENCRYPT, kms::GENERATE_DATA_KEY],
            vec![users.api.clone()],
            Service::DynamoDb,
        )
        .when(Operator::StringEquals, key::CONTEXT_TABLE, [table]),
        through("AllowDeadLetters", &[kms::DECRYPT, kms::GENERATE_DATA_KEY], both(), Service::Sqs),
        through("AllowFunctionSettings", &[kms::DECRYPT], both(), Service::Lambda).when(
            Operator::StringEquals,
            key::CONTEXT_FUNCTION,
            [&arns.api, &arns.relay],
        ),
    ]
}

/// AWS services, each bound to what of this tenant it works for.
fn use_by_services(stack: &Stack, arns: &TenantArns, key_arn: &KeyArn) -> [Statement; 3] {
    let region = stack.owner().region();
    let on = std::slice::from_ref(key_arn);
    [
        Statement::allow("AllowLogGroups", FOR_LOGS, on)
            .principal(Principal::Service(Service::Logs.principal(region)))
            .when(Operator::ArnEquals, key::CONTEXT_LOG_GROUP, arns.log_groups()),
        Statement::allow_service(
            "AllowUndeliveredEvents",
            &Service::EventBridge.principal(region),
            &[kms::DECRYPT, kms::GENERATE_DATA_KEY],
            on,
            (Operator::ArnEquals, arns.rule.text()),
            stack.account(),
        ),
        Statement::allow_service(
            "AllowTableToSeeKey",
            &Service::DynamoDb.principal(region),
            &[kms::DESCRIBE_KEY],
            on,
            (Operator::ArnEquals, arns.table.text()),
            stack.account(),
        ),
    ]
}

/// Other tenants by tag and by name, and every tenant's role, also this one's, from what administrators do.
fn denials(stack: &Stack, arns: &TenantArns, key_arn: &KeyArn) -> [Statement; 3] {
    let on = [key_arn.text()];
    let used = [kms::DECRYPT, kms::ENCRYPT, kms::GENERATE_DATA_KEY];
    [
        deny_other_tenants(stack.owner(), &["kms:*"], &on),
        deny_unlisted_tenant_roles(stack, &["kms:*"], &on, &[&arns.api_role, &arns.relay_role]),
        Statement::deny_all_but("DenyTenantsAllButUse", &used, on).principal(Principal::Everyone).when(
            Operator::ArnEquals,
            key::PRINCIPAL_ARN,
            [&arns.api_role, &arns.relay_role],
        ),
    ]
}
