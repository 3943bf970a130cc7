//! The permissions boundary of every role of a tenant: the strongest single layer. What it does not list is denied, whatever the
//! role's own policies say; so a role that is given `*` on `*` by mistake still reaches nothing of another tenant.

use construct::Text;

use crate::grants::Grants;
use crate::policy::{Statement, TenantPolicy};

/// No role of a tenant changes what isolates: tags, policies, boundaries, trust, keys, grants, or who it is.
///
/// Patterns keep the policy within the 6,144 characters of a managed policy; a test shows that none of them takes away a grant.
const GUARDED: &[&str] = &[
    "dynamodb:*ResourcePolicy",
    "dynamodb:*agResource",
    "ec2:*Tags",
    "ec2:*VpcEndpoint*",
    "ec2:*VpcPeering*",
    "events:Put*",
    "iam:*",
    "kms:*Alias",
    "kms:*Grant",
    "kms:*KeyDeletion",
    "kms:*agResource",
    "kms:CreateKey",
    "kms:DisableKey*",
    "kms:PutKeyPolicy",
    "kms:ReplicateKey",
    "lambda:*Permission",
    "lambda:*agResource",
    "lambda:Update*",
    "logs:*KmsKey",
    "logs:*agResource",
    "logs:*agLogGroup",
    "logs:Put*Policy",
    "logs:PutSubscriptionFilter",
    "s3:*Policy",
    "s3:*Tagging",
    "s3:Put*Acl",
    "s3:PutReplicationConfiguration",
    "sqs:*Permission",
    "sqs:*agQueue",
    "sqs:SetQueueAttributes",
    "sts:*",
    "tag:*",
];

pub(crate) fn text(grants: &Grants<'_>) -> Text {
    let all: Vec<Statement> =
        [grants.api(), grants.relay(), grants.flow(), grants.caller(), grants.reader()].into_iter().flatten().collect();
    let (plain, mut narrowed): (Vec<_>, Vec<_>) = all.into_iter().partition(Statement::is_plain);
    narrowed.sort_by_key(Statement::sid);
    narrowed.dedup_by_key(|statement| statement.sid());
    let denied = Statement::deny("DenyChangesOfIsolation", GUARDED, [Text::literal("*")]);
    TenantPolicy::new(&grants.stack.owner().id)
        .allow([Statement::merge("Own", &plain)])
        .allow(narrowed)
        .deny(grants.deny())
        .deny([denied])
        .text()
}
