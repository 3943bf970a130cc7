//! Steps that several spoilings take together.

use serde_json::{Value, json};

use crate::fleet::Fleet;

pub(crate) const API: &str = "aws_iam_role_policy.api";
pub(crate) const CALLER: &str = "aws_iam_role_policy.caller";
pub(crate) const READER: &str = "aws_iam_role_policy.reader";
pub(crate) const BOUNDARY: &str = "aws_iam_policy.tenant";
pub(crate) const BUCKET: &str = "aws_s3_bucket_policy.data";
pub(crate) const TABLE: &str = "aws_dynamodb_resource_policy.metadata";
pub(crate) const QUEUE: &str = "aws_sqs_queue.dead_letters";
pub(crate) const KEY: &str = "aws_kms_key_policy.tenant";

/// The tag that says whose a principal is.
pub(crate) const TAG: &str = "aws:PrincipalTag/TenantId";

/// A statement that allows without condition.
pub(crate) fn wide(actions: &[&str], resource: impl Into<Value>) -> Value {
    json!({ "Sid": "Wide", "Effect": "Allow", "Action": actions, "Resource": resource.into() })
}

/// A policy that holds one statement.
pub(crate) fn policy(statement: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

/// The identity policy of a role allows more, and so does its boundary: nothing of the tenant's own stops it any more.
pub(crate) fn widen(fleet: &mut Fleet, stack: &str, role_policy: &str, actions: &[&str], resource: impl Into<Value>) {
    let statement = wide(actions, resource);
    fleet.at(stack, role_policy).also(statement.clone());
    fleet.at(stack, BOUNDARY).also(statement);
}

/// The same change of a statement of a role's policy and of the boundary.
pub(crate) fn both(fleet: &mut Fleet, stack: &str, role_policy: &str, sid: &str, element: &str, value: &Value) {
    fleet.at(stack, role_policy).element(sid, element, value.clone());
    fleet.at(stack, BOUNDARY).element(sid, element, value.clone());
}

/// A policy no longer denies anything to other tenants.
pub(crate) fn undefended(fleet: &mut Fleet, stack: &str, address: &str) {
    let second = if address.starts_with("aws_iam_role.") { "DenyTenantRoles" } else { "DenyUnlistedTenantRoles" };
    fleet.at(stack, address).without("DenyOtherTenants");
    fleet.at(stack, address).without(second);
}

/// A role is left without its permissions boundary.
pub(crate) fn unbounded(fleet: &mut Fleet, stack: &str, role: &str) {
    fleet.at(stack, role).unset("permissions_boundary");
}
