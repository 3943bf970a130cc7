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

/// The sort key of the platform's registry of tenants.
pub const RECORD: &str = "record";
/// The addresses from which the tenants' blocks are taken.
pub const NETWORK_SUPERNET: &str = "NETWORK_SUPERNET";
/// The length of the prefix of a tenant's block.
pub const NETWORK_PREFIX_LENGTH: &str = "NETWORK_PREFIX_LENGTH";
/// The version of the release that builds run, where a tenant is pinned to no other.
pub const RELEASE: &str = "RELEASE";
/// The most tenants with an environment.
pub const TENANT_LIMIT: &str = "TENANT_LIMIT";
/// For how many seconds a run has the lease of a tenant.
pub const LEASE_SECONDS: &str = "LEASE_SECONDS";
/// For how many seconds the environment of a tenant that leaves still stands.
pub const WAITING_SECONDS: &str = "WAITING_SECONDS";
/// For how many seconds the network index of a tenant that is gone rests.
pub const QUARANTINE_SECONDS: &str = "QUARANTINE_SECONDS";
/// What a build says of the deployment: the outputs of the tenant's stack, or the failure, as one line of JSON.
pub const RUN_RESULT: &str = "RUN_RESULT";

/// The error by which the onboarding function says that the registry was busy: the same may go well a little later.
pub const REGISTRY_BUSY: &str = "RegistryBusy";
/// The error by which it says that there is no such tenant; its signup may be on its way.
pub const UNKNOWN_TENANT: &str = "UnknownTenant";

/// Below what the releases lie in the platform's bucket of states: `releases/{version}/palisade.zip`.
pub const RELEASES: &str = "releases";
/// The zip of a release, below its version.
pub const RELEASE_ZIP: &str = "palisade.zip";
/// What the keys of tenants' states begin with, in the platform's bucket of states.
pub const STATE_PREFIX: &str = "tenant-";
