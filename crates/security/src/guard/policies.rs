//! The policies of the tenant's bucket, table and queue.

use construct::arn::{Bucket, Queue, Rule, Table};
use construct::{Expr, Stack, Text};
use naming::{Owner, Platform, PlatformKind};

use super::{
    deny_all_tenants, deny_all_tenants_but_deployer, deny_other_tenants, deny_plain_text, deny_unlisted_tenant_roles,
    deployer_role,
};
use crate::arns::{KeyArn, TenantArns};
use crate::deployer::SessionArns;
use crate::policy::action::{s3, sqs};
use crate::policy::{Operator, Policy, Principal, Statement, key};
use crate::service::Service;

/// The platform's rules on the default bus.
pub(crate) const PLATFORM_RULES: [PlatformKind; 5] = [
    PlatformKind::Signup,
    PlatformKind::Offboarding,
    PlatformKind::PlanChanged,
    PlatformKind::Reconcile,
    PlatformKind::Alarms,
];

/// (c) The tenant's own function from anywhere but this VPC's endpoint: stolen credentials are of no use outside.
fn deny_outside_endpoint<E>(arns: &TenantArns, actions: &[&'static str], on: &[Text], endpoint: &Expr<E>) -> Statement {
    Statement::deny("DenyOutsideEndpoint", actions, on.to_vec())
        .principal(Principal::Everyone)
        .when(Operator::ArnEquals, key::PRINCIPAL_ARN, [&arns.api_role])
        .when(Operator::StringNotEquals, key::SOURCE_VPCE, [endpoint])
}

/// The policy of the tenant's bucket. `endpoint` is the VPC's endpoint of S3.
pub fn bucket_policy<E>(stack: &Stack, key_arn: &KeyArn, endpoint: &Expr<E>) -> Text {
    let (tenant, arns) = (stack.owner(), TenantArns::of(stack));
    let on = [arns.bucket.text(), arns.bucket.objects().text()];
    let objects = [arns.bucket.objects().text()];
    let put = [s3::PUT_OBJECT.name()];
    Policy::new([
        deny_plain_text(&["s3:*"], &on),
        deny_other_tenants(tenant, &["s3:*"], &on),
        deny_unlisted_tenant_roles(stack, &["s3:*"], &on, &[&arns.api_role]),
        deny_outside_endpoint(&arns, &["s3:*"], &on, endpoint),
        // Uploads without these headers get the bucket's default: this tenant's key.
        Statement::deny("DenyOtherEncryption", &put, objects.clone())
            .principal(Principal::Everyone)
            .when(Operator::StringNotEquals, key::S3_ENCRYPTION, [Text::literal("aws:kms")])
            .when(Operator::Null, key::S3_ENCRYPTION, [Text::literal("false")]),
        Statement::deny("DenyOtherKeys", &put, objects)
            .principal(Principal::Everyone)
            .when(Operator::ArnNotEquals, key::S3_KEY, [key_arn])
            .when(Operator::Null, key::S3_KEY, [Text::literal("false")]),
    ])
    .text()
}

/// The policy of the tenant's table and its indexes. `endpoint` is the VPC's endpoint of DynamoDB.
pub fn table_policy<E>(stack: &Stack, endpoint: &Expr<E>) -> Text {
    let (tenant, arns) = (stack.owner(), TenantArns::of(stack));
    let on = [arns.table.text(), arns.table.indexes().text()];
    Policy::new([
        deny_other_tenants(tenant, &["dynamodb:*"], &on),
        deny_unlisted_tenant_roles(stack, &["dynamodb:*"], &on, &[&arns.api_role]),
        deny_outside_endpoint(&arns, &["dynamodb:*"], &on, endpoint),
    ])
    .text()
}

/// The policy of the tenant's dead-letter queue: the tenant's rule and functions put messages in, and no tenant takes one out.
///
/// There is no denial by endpoint: Lambda and EventBridge deliver from outside the VPC.
pub fn queue_policy(stack: &Stack) -> Text {
    let (tenant, arns) = (stack.owner(), TenantArns::of(stack));
    let on = [arns.dlq.text()];
    let senders = [&arns.api_role, &arns.relay_role];
    Policy::new([
        Statement::allow_service(
            "AllowUndeliveredEvents",
            &Service::EventBridge.principal(tenant.region()),
            &[sqs::SEND_MESSAGE],
            std::slice::from_ref(&arns.dlq),
            (Operator::ArnEquals, arns.rule.text()),
            stack.account(),
        ),
        deny_plain_text(&["sqs:*"], &on),
        deny_other_tenants(tenant, &["sqs:*"], &on),
        deny_unlisted_tenant_roles(stack, &["sqs:*"], &on, &senders),
        Statement::deny_all_but("DenyTenantsAllButSending", &[sqs::SEND_MESSAGE], on)
            .principal(Principal::Everyone)
            .when(Operator::ArnEquals, key::PRINCIPAL_ARN, senders),
    ])
    .text()
}

/// The policy of the platform's bucket of Terraform states: no tenant's principal reads or writes a state, but for the deployer, whose
/// sessions have that of their own tenant's stack and the lock beside it.
pub fn state_bucket_policy(stack: &Stack<Platform>) -> Text {
    let bucket = stack.arn::<Bucket>(&stack.owner().name(PlatformKind::State));
    let on = [bucket.text(), bucket.objects().text()];
    let [by_name, by_tag] = deny_all_tenants_but_deployer(stack, &["s3:*"], &on);
    let own = SessionArns::of(stack);
    let by_deployer = |statement: Statement| {
        statement.principal(Principal::Everyone).when(Operator::ArnEquals, key::PRINCIPAL_ARN, [deployer_role(stack)])
    };
    let used = [s3::DELETE_OBJECT, s3::GET_OBJECT, s3::PUT_OBJECT];
    Policy::new([
        deny_plain_text(&["s3:*"], &on),
        by_name,
        by_tag,
        by_deployer(Statement::deny_elsewhere(
            "DenyDeployerOtherStates",
            &["s3:*"],
            [bucket.text(), own.state.text(), own.state_lock.text()],
        )),
        by_deployer(Statement::deny_all_but("DenyDeployerAllButStates", &used, [bucket.objects().text()])),
        by_deployer(Statement::deny_all_but("DenyDeployerAllButList", &[s3::LIST_BUCKET], [bucket.text()])),
    ])
    .text()
}

/// The policy of the platform's registry of tenants: no tenant's principal reads or writes it.
pub fn registry_policy(stack: &Stack<Platform>) -> Text {
    let table = stack.arn::<Table>(&stack.owner().name(PlatformKind::Registry));
    Policy::new(deny_all_tenants(stack.owner(), &["dynamodb:*"], &[table.text(), table.indexes().text()])).text()
}

/// The policy of the platform's dead-letter queue: the platform's rules put messages in, and no tenant's principal does anything.
pub fn platform_queue_policy(stack: &Stack<Platform>) -> Text {
    let platform = stack.owner();
    let queue = stack.arn::<Queue>(&platform.name(PlatformKind::Dlq));
    let on = [queue.text()];
    let [by_name, by_tag] = deny_all_tenants(platform, &["sqs:*"], &on);
    Policy::new([
        Statement::allow("AllowUndeliveredEvents", &[sqs::SEND_MESSAGE], std::slice::from_ref(&queue))
            .principal(Principal::Service(Service::EventBridge.principal(platform.region())))
            .when(
                Operator::ArnEquals,
                key::SOURCE_ARN,
                PLATFORM_RULES.map(|rule| stack.arn::<Rule>(&platform.name(rule))),
            )
            .when(Operator::StringEquals, key::SOURCE_ACCOUNT, [stack.account()]),
        deny_plain_text(&["sqs:*"], &on),
        by_name,
        by_tag,
    ])
    .text()
}
