//! Who may become a role: one service, or the tenant's own people. Everyone of another tenant is denied.

use construct::{Stack, Text};
use naming::Owner;

use crate::arns::account_root;
use crate::guard::{any_tenant_role, deny_other_tenants};
use crate::policy::action::sts;
use crate::policy::{Operator, Policy, Principal, Statement, key};
use crate::service::Service;

/// What a trust policy can speak of.
pub(crate) const BECOMING: &[&str] = &["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"];

fn deny_others(stack: &Stack) -> [Statement; 2] {
    [
        deny_other_tenants(stack.owner(), BECOMING, &[]),
        // No role of a tenant becomes another role, whatever its tag says.
        Statement::deny("DenyTenantRoles", BECOMING, []).principal(Principal::Everyone).when(
            Operator::ArnLike,
            key::PRINCIPAL_ARN,
            [any_tenant_role(stack.owner().region())],
        ),
    ]
}

fn assume() -> Statement {
    Statement::allow_on_any("AllowAssume", &[sts::ASSUME_ROLE], "a trust policy has no resource: it is the role's own")
}

fn policy(stack: &Stack, allow: Statement) -> Text {
    Policy::new([allow].into_iter().chain(deny_others(stack))).trust_text()
}

/// The trust policy of an execution role. Lambda sends neither source account nor source ARN when it assumes one.
pub(crate) fn lambda(stack: &Stack) -> Text {
    let service = Service::Lambda.principal(stack.owner().region());
    policy(stack, assume().principal(Principal::Service(service)))
}

/// The trust policy of the role that writes VPC flow logs, for this account's flow logs only
/// ([role for publishing](https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html)).
pub(crate) fn flow_logs(stack: &Stack) -> Text {
    let region = stack.owner().region();
    let flow_logs =
        Text::literal(format!("arn:{}:ec2:{region}:", region.partition())).then(stack.account()).lit(":vpc-flow-log/*");
    let allow = assume()
        .principal(Principal::Service(Service::VpcFlowLogs.principal(region)))
        .when(Operator::StringEquals, key::SOURCE_ACCOUNT, [stack.account()])
        .when(Operator::ArnLike, key::SOURCE_ARN, [flow_logs]);
    policy(stack, allow)
}

/// The trust policy of a role for the tenant's own people and systems: principals of this account that are tagged with the tenant.
pub(crate) fn own_people(stack: &Stack) -> Text {
    let tenant = Text::literal(stack.owner().id.as_str());
    let allow = assume().principal(Principal::Account(account_root(stack))).when(
        Operator::StringEquals,
        key::PRINCIPAL_TENANT,
        [tenant],
    );
    policy(stack, allow)
}
