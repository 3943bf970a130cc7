//! The names that a stack and the Lambda functions in it agree on: environment variables of the functions, keys of the table.

/// The tenant that the function belongs to.
pub const TENANT_ID: &str = "TENANT_ID";
/// The environment suffix of the tenant's stack.
pub const ENVIRONMENT_SUFFIX: &str = "ENVIRONMENT_SUFFIX";
/// The tenant's table.
pub const TABLE_NAME: &str = "TABLE_NAME";
/// The tenant's bucket.
pub const BUCKET_NAME: &str = "BUCKET_NAME";
/// The log group to which the log relay writes.
pub const CENTRAL_LOG_GROUP_NAME: &str = "CENTRAL_LOG_GROUP_NAME";
/// The one log group whose events the log relay takes.
pub const RELAYED_LOG_GROUP_NAME: &str = "RELAYED_LOG_GROUP_NAME";

/// The partition key of the table of tenant metadata.
pub const PARTITION_KEY: &str = "tenant_id";
/// The sort key of the table of tenant metadata.
pub const SORT_KEY: &str = "resource_type";

/// The value of the field `event` of a log line that says that a request or an event named another tenant and was refused; the stack's
/// metric filter counts such lines.
pub const CROSS_TENANT_REFUSED: &str = "cross_tenant_refused";

/// The attribute of an item by which DynamoDB removes it: seconds since 1970. Items without it stay.
pub const EXPIRY: &str = "expires_at";
