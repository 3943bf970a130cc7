//! What a VPC's endpoints let through: only this tenant's principals, only to what this tenant owns. A filter beside every other
//! policy: it grants nothing.

use construct::arn::Role;
use construct::{ArnOf, Stack, Text};

use crate::arns::TenantArns;
use crate::grants::{OBJECT_ACTIONS, STREAM_WRITES, TABLE_ACTIONS};
use crate::policy::action::s3;
use crate::policy::{Operator, Principal, Statement, TenantPolicy, key};

/// The policies of the three endpoints of a tenant's VPC.
#[derive(Clone, Debug)]
pub struct EndpointPolicies {
    /// For S3: the tenant API to the tenant's bucket.
    pub s3: Text,
    /// For DynamoDB: the tenant API to the tenant's table.
    pub dynamodb: Text,
    /// For CloudWatch Logs: the log relay to the tenant's streams of the central log group.
    pub logs: Text,
}

/// Statements for one role. A gateway endpoint takes no role as principal, so the role stands in a condition
/// ([endpoint policies](https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html)).
fn policy(stack: &Stack, role: &ArnOf<Role>, statements: impl IntoIterator<Item = Statement>) -> Text {
    let only = |statement: Statement| {
        statement.principal(Principal::Everyone).when(Operator::ArnEquals, key::PRINCIPAL_ARN, [role])
    };
    TenantPolicy::new(&stack.owner().id).allow(statements.into_iter().map(only)).text()
}

impl EndpointPolicies {
    /// The policies for the tenant that a stack belongs to.
    pub fn of(stack: &Stack) -> Self {
        let arns = TenantArns::of(stack);
        Self {
            s3: policy(
                stack,
                &arns.api_role,
                [
                    Statement::allow("Objects", OBJECT_ACTIONS, &[arns.bucket.objects()]),
                    Statement::allow("Bucket", &[s3::LIST_BUCKET], std::slice::from_ref(&arns.bucket)),
                ],
            ),
            dynamodb: policy(
                stack,
                &arns.api_role,
                [Statement::allow("Items", TABLE_ACTIONS, std::slice::from_ref(&arns.table))],
            ),
            logs: policy(
                stack,
                &arns.relay_role,
                [Statement::allow("CentralStreams", STREAM_WRITES, std::slice::from_ref(&arns.central_streams))],
            ),
        }
    }
}
