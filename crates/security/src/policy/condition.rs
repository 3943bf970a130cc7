//! Condition operators and keys.

use std::collections::BTreeMap;

use construct::Text;
use serde::{Serialize, Serializer};

use super::statement::OneOrMany;

/// The condition operators in use. `ForAllValues` is missing on purpose: in an Allow it is true when the key is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// The value is one of these ARNs.
    ArnEquals,
    /// The key is missing, or its value is one of these ARNs.
    ArnEqualsIfExists,
    /// The value matches one of these patterns.
    ArnLike,
    /// The value is none of these ARNs, or is missing.
    ArnNotEquals,
    /// The value is this truth value.
    Bool,
    /// One of the values is one of these.
    ForAnyValueStringEquals,
    /// One of the values is none of these.
    ForAnyValueStringNotEquals,
    /// Whether the key is missing.
    Null,
    /// The value is one of these.
    StringEquals,
    /// The key is missing, or its value is one of these.
    StringEqualsIfExists,
    /// The value is none of these, or is missing.
    StringNotEquals,
}

impl Operator {
    fn as_str(self) -> &'static str {
        match self {
            Self::ArnEquals => "ArnEquals",
            Self::ArnEqualsIfExists => "ArnEqualsIfExists",
            Self::ArnLike => "ArnLike",
            Self::ArnNotEquals => "ArnNotEquals",
            Self::Bool => "Bool",
            Self::ForAnyValueStringEquals => "ForAnyValue:StringEquals",
            Self::ForAnyValueStringNotEquals => "ForAnyValue:StringNotEquals",
            Self::Null => "Null",
            Self::StringEquals => "StringEquals",
            Self::StringEqualsIfExists => "StringEqualsIfExists",
            Self::StringNotEquals => "StringNotEquals",
        }
    }
}

/// Condition keys.
pub mod key {
    /// The tag `TenantId` of the role that asks.
    pub const PRINCIPAL_TENANT: &str = "aws:PrincipalTag/TenantId";
    /// The tag `TenantId` that a request gives to what it makes, or to the session that it opens.
    pub const REQUEST_TENANT: &str = "aws:RequestTag/TenantId";
    /// The tag `TenantId` of the resource.
    pub const RESOURCE_TENANT: &str = "aws:ResourceTag/TenantId";
    /// The keys of the tags that a request sets or takes away.
    pub const TAG_KEYS: &str = "aws:TagKeys";
    /// The keys of the session tags that go on to the roles that the session assumes.
    pub const TRANSITIVE_TAG_KEYS: &str = "sts:TransitiveTagKeys";
    /// The role that asks, also when a session of it does.
    pub const PRINCIPAL_ARN: &str = "aws:PrincipalArn";
    /// The account for which a service acts.
    pub const SOURCE_ACCOUNT: &str = "aws:SourceAccount";
    /// The resource for which a service acts.
    pub const SOURCE_ARN: &str = "aws:SourceArn";
    /// The VPC endpoint through which the request came; missing when it came through none.
    pub const SOURCE_VPCE: &str = "aws:SourceVpce";
    /// Whether the request came over TLS.
    pub const SECURE_TRANSPORT: &str = "aws:SecureTransport";
    /// The partition keys of a DynamoDB request.
    pub const LEADING_KEYS: &str = "dynamodb:LeadingKeys";
    /// The source that an event names.
    pub const EVENT_SOURCE: &str = "events:source";
    /// The VPC of a network interface.
    pub const EC2_VPC: &str = "ec2:Vpc";
    /// The function whose code asks; missing when Lambda itself asks.
    pub const SOURCE_FUNCTION: &str = "lambda:SourceFunctionArn";
    /// How a function URL authenticates.
    pub const FUNCTION_URL_AUTH: &str = "lambda:FunctionUrlAuthType";
    /// Whether a function is invoked through its URL.
    pub const INVOKED_VIA_URL: &str = "lambda:InvokedViaFunctionUrl";
    /// The AWS service through which a key is used.
    pub const VIA_SERVICE: &str = "kms:ViaService";
    /// Whether a grant is for an AWS service's own use.
    pub const GRANT_FOR_AWS: &str = "kms:GrantIsForAWSResource";
    /// The log group whose events are encrypted.
    pub const CONTEXT_LOG_GROUP: &str = "kms:EncryptionContext:aws:logs:arn";
    /// The bucket whose objects are encrypted (with a bucket key).
    pub const CONTEXT_BUCKET: &str = "kms:EncryptionContext:aws:s3:arn";
    /// The table whose items are encrypted.
    pub const CONTEXT_TABLE: &str = "kms:EncryptionContext:aws:dynamodb:tableName";
    /// The function whose environment is encrypted.
    pub const CONTEXT_FUNCTION: &str = "kms:EncryptionContext:aws:lambda:FunctionArn";
    /// What is made at the same time as the tags that are set: absent where something gets tags that is there already.
    pub const EC2_CREATE_ACTION: &str = "ec2:CreateAction";
    /// The permissions boundary that a role has or is to get.
    pub const PERMISSIONS_BOUNDARY: &str = "iam:PermissionsBoundary";
    /// The service that a role is given to.
    pub const PASSED_TO: &str = "iam:PassedToService";
    /// The service for which a service-linked role is.
    pub const LINKED_SERVICE: &str = "iam:AWSServiceName";
    /// What a rule is to call.
    pub const EVENT_TARGET: &str = "events:TargetArn";
    /// Whether an AWS service asks with the rights of whoever asked it.
    pub const VIA_AWS_SERVICE: &str = "aws:ViaAWSService";
    /// What the keys begin with that are listed.
    pub const S3_PREFIX: &str = "s3:prefix";
    /// The encryption that an upload asks for.
    pub const S3_ENCRYPTION: &str = "s3:x-amz-server-side-encryption";
    /// The key that an upload asks for.
    pub const S3_KEY: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";
}

/// All of these must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions(Vec<(Operator, &'static str, Vec<Text>)>);

impl Conditions {
    pub(crate) fn push(&mut self, operator: Operator, key: &'static str, values: Vec<Text>) {
        self.0.push((operator, key, values));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Conditions {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut operators: BTreeMap<&str, BTreeMap<&str, OneOrMany<'_, Text>>> = BTreeMap::new();
        for (operator, key, values) in &self.0 {
            operators.entry(operator.as_str()).or_default().insert(key, OneOrMany(values));
        }
        operators.serialize(to)
    }
}
