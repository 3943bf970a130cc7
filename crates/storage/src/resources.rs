//! The bodies of the DynamoDB and S3 resources, with the fields that are set.

use construct::arn::{self, Key};
use construct::{Arn, ArnOf, Attr, Expr, Resource, Text};
use naming::{ResourceName, Tags};
use serde::Serialize;

/// The name of a bucket, as other resources refer to it.
pub struct BucketName;

/// The name of a table, as other resources refer to it.
pub struct TableName;

/// A DynamoDB table; an item of it holds at most 400 KB
/// ([constraints](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html)).
#[derive(Serialize)]
pub struct Table {
    pub(crate) attribute: Vec<Attribute>,
    pub(crate) billing_mode: &'static str,
    pub(crate) deletion_protection_enabled: bool,
    pub(crate) hash_key: &'static str,
    pub(crate) name: ResourceName,
    pub(crate) point_in_time_recovery: PointInTimeRecovery,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) range_key: Option<&'static str>,
    pub(crate) server_side_encryption: ServerSideEncryption,
    pub(crate) tags: Tags,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ttl: Option<TimeToLive>,
}

impl Resource for Table {
    const TYPE: &'static str = "aws_dynamodb_table";
}

impl Table {
    /// The table's ARN.
    pub const ARN: Attr<Self, Arn<arn::Table>> = Attr::new("arn");
    /// The table's name.
    pub const NAME: Attr<Self, TableName> = Attr::new("name");
}

#[derive(Serialize)]
pub(crate) struct TimeToLive {
    pub(crate) attribute_name: &'static str,
    pub(crate) enabled: bool,
}

#[derive(Serialize)]
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) r#type: &'static str,
}

#[derive(Serialize)]
pub(crate) struct PointInTimeRecovery {
    pub(crate) enabled: bool,
}

#[derive(Serialize)]
pub(crate) struct ServerSideEncryption {
    pub(crate) enabled: bool,
    pub(crate) kms_key_arn: ArnOf<Key>,
}

/// The policy of a table.
#[derive(Serialize)]
pub struct TableResourcePolicy {
    /// The table.
    pub resource_arn: ArnOf<arn::Table>,
    /// The policy.
    pub policy: Text,
}

impl Resource for TableResourcePolicy {
    const TYPE: &'static str = "aws_dynamodb_resource_policy";
}

#[derive(Serialize)]
pub(crate) struct ContributorInsights {
    pub(crate) table_name: Expr<TableName>,
}

impl Resource for ContributorInsights {
    const TYPE: &'static str = "aws_dynamodb_contributor_insights";
}

/// An S3 bucket. Its name has 3 to 63 characters and is unique in all of AWS
/// ([rules](https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html)).
#[derive(Serialize)]
pub struct Bucket {
    pub(crate) bucket: ResourceName,
    pub(crate) force_destroy: bool,
    pub(crate) tags: Tags,
}

impl Resource for Bucket {
    const TYPE: &'static str = "aws_s3_bucket";
}

impl Bucket {
    /// The bucket's ARN.
    pub const ARN: Attr<Self, Arn<arn::Bucket>> = Attr::new("arn");
    /// The bucket's name.
    pub const NAME: Attr<Self, BucketName> = Attr::new("bucket");
}

#[derive(Serialize)]
pub(crate) struct BucketPolicy {
    pub(crate) bucket: Expr<BucketName>,
    pub(crate) policy: Text,
}

impl Resource for BucketPolicy {
    const TYPE: &'static str = "aws_s3_bucket_policy";
}

#[derive(Serialize)]
pub(crate) struct PublicAccessBlock {
    pub(crate) block_public_acls: bool,
    pub(crate) block_public_policy: bool,
    pub(crate) bucket: Expr<BucketName>,
    pub(crate) ignore_public_acls: bool,
    pub(crate) restrict_public_buckets: bool,
}

impl Resource for PublicAccessBlock {
    const TYPE: &'static str = "aws_s3_bucket_public_access_block";
}

#[derive(Serialize)]
pub(crate) struct OwnershipControls {
    pub(crate) bucket: Expr<BucketName>,
    pub(crate) rule: OwnershipRule,
}

impl Resource for OwnershipControls {
    const TYPE: &'static str = "aws_s3_bucket_ownership_controls";
}

#[derive(Serialize)]
pub(crate) struct OwnershipRule {
    pub(crate) object_ownership: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Versioning {
    pub(crate) bucket: Expr<BucketName>,
    pub(crate) versioning_configuration: VersioningConfiguration,
}

impl Resource for Versioning {
    const TYPE: &'static str = "aws_s3_bucket_versioning";
}

#[derive(Serialize)]
pub(crate) struct VersioningConfiguration {
    pub(crate) status: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Encryption {
    pub(crate) bucket: Expr<BucketName>,
    pub(crate) rule: EncryptionRule,
}

impl Resource for Encryption {
    const TYPE: &'static str = "aws_s3_bucket_server_side_encryption_configuration";
}

#[derive(Serialize)]
pub(crate) struct EncryptionRule {
    pub(crate) apply_server_side_encryption_by_default: DefaultEncryption,
    pub(crate) bucket_key_enabled: bool,
}

#[derive(Serialize)]
pub(crate) struct DefaultEncryption {
    pub(crate) kms_master_key_id: ArnOf<Key>,
    pub(crate) sse_algorithm: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Lifecycle {
    pub(crate) bucket: Expr<BucketName>,
    pub(crate) rule: Vec<LifecycleRule>,
}

impl Resource for Lifecycle {
    const TYPE: &'static str = "aws_s3_bucket_lifecycle_configuration";
}

#[derive(Serialize)]
pub(crate) struct LifecycleRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) abort_incomplete_multipart_upload: Option<AbortUploads>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expiration: Option<Expiration>,
    pub(crate) filter: LifecycleFilter,
    pub(crate) id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) noncurrent_version_expiration: Option<NoncurrentExpiration>,
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transition: Option<Transition>,
}

impl LifecycleRule {
    /// A rule for all objects that does nothing yet.
    pub(crate) fn all_objects(id: &'static str) -> Self {
        Self {
            abort_incomplete_multipart_upload: None,
            expiration: None,
            filter: LifecycleFilter { prefix: "" },
            id,
            noncurrent_version_expiration: None,
            status: "Enabled",
            transition: None,
        }
    }
}

#[derive(Serialize)]
pub(crate) struct LifecycleFilter {
    pub(crate) prefix: &'static str,
}

#[derive(Serialize)]
pub(crate) struct AbortUploads {
    pub(crate) days_after_initiation: u16,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Expiration {
    Days { days: u16 },
    Markers { expired_object_delete_marker: bool },
}

#[derive(Serialize)]
pub(crate) struct NoncurrentExpiration {
    pub(crate) noncurrent_days: u16,
}

#[derive(Serialize)]
pub(crate) struct Transition {
    pub(crate) days: u16,
    pub(crate) storage_class: &'static str,
}
