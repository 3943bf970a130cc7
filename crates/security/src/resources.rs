//! The bodies of the IAM and KMS resources, with the fields that are set.

use construct::arn::{Key, Policy, Role as RoleMarker};
use construct::{Arn, ArnOf, Attr, Expr, Resource, Text};
use naming::{ResourceName, Tags};
use serde::Serialize;

/// The name of a role, as other resources refer to it.
pub struct RoleName;

/// The id of a key.
pub struct KeyId;

/// A customer managed key (CMK).
#[derive(Serialize)]
pub struct KmsKey {
    /// What it is for.
    pub description: Text,
    /// How many days the key can still be saved after its deletion: 7, the least that AWS allows.
    pub deletion_window_in_days: u8,
    /// Whether AWS makes new key material every year.
    pub enable_key_rotation: bool,
    /// The tags.
    pub tags: Tags,
}

impl Resource for KmsKey {
    const TYPE: &'static str = "aws_kms_key";
}

impl KmsKey {
    /// The key's ARN.
    pub const ARN: Attr<Self, Arn<Key>> = Attr::new("arn");
    /// The key's id.
    pub const KEY_ID: Attr<Self, KeyId> = Attr::new("key_id");
}

/// The policy of a key, apart from the key because it names roles whose boundary names the key.
#[derive(Serialize)]
pub struct KmsKeyPolicy {
    /// The key.
    pub key_id: Expr<KeyId>,
    /// The policy.
    pub policy: Text,
}

impl Resource for KmsKeyPolicy {
    const TYPE: &'static str = "aws_kms_key_policy";
}

/// A name by which people find a key.
#[derive(Serialize)]
pub struct KmsAlias {
    /// `alias/` and the name.
    pub name: Text,
    /// The key.
    pub target_key_id: Expr<KeyId>,
}

impl Resource for KmsAlias {
    const TYPE: &'static str = "aws_kms_alias";
}

/// A managed policy: here, a permissions boundary.
#[derive(Serialize)]
pub struct ManagedPolicy {
    /// The name.
    pub name: ResourceName,
    /// What it is for.
    pub description: Text,
    /// The policy.
    pub policy: Text,
    /// The tags.
    pub tags: Tags,
}

impl Resource for ManagedPolicy {
    const TYPE: &'static str = "aws_iam_policy";
}

impl ManagedPolicy {
    /// The policy's ARN.
    pub const ARN: Attr<Self, Arn<Policy>> = Attr::new("arn");
}

/// An IAM role, whose name has at most 64 characters ([IAM quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)).
#[derive(Serialize)]
pub struct Role {
    /// The name.
    pub name: ResourceName,
    /// What it is for.
    pub description: Text,
    /// Who may become the role.
    pub assume_role_policy: Text,
    /// What the role can do at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<ArnOf<Policy>>,
    /// Whether policies that somebody attached by hand stand in the way of a destroy.
    pub force_detach_policies: bool,
    /// The tags; `TenantId` is what policies call `aws:PrincipalTag/TenantId`.
    pub tags: Tags,
}

impl Resource for Role {
    const TYPE: &'static str = "aws_iam_role";
}

impl Role {
    /// The role's ARN.
    pub const ARN: Attr<Self, Arn<RoleMarker>> = Attr::new("arn");
    /// The role's name.
    pub const NAME: Attr<Self, RoleName> = Attr::new("name");
}

/// A role's own policy; all of a role's together hold at most 10,240 characters ([IAM quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)).
#[derive(Serialize)]
pub struct RolePolicy {
    /// The name.
    pub name: ResourceName,
    /// The role.
    pub role: Expr<RoleName>,
    /// The policy.
    pub policy: Text,
}

impl Resource for RolePolicy {
    const TYPE: &'static str = "aws_iam_role_policy";
}

/// A managed policy that a role has.
#[derive(Serialize)]
pub(crate) struct RolePolicyAttachment {
    /// The policy.
    pub(crate) policy_arn: ArnOf<Policy>,
    /// The role.
    pub(crate) role: Expr<RoleName>,
}

impl Resource for RolePolicyAttachment {
    const TYPE: &'static str = "aws_iam_role_policy_attachment";
}
