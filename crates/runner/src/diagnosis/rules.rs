//! What is known of errors.
//!
//! The first rule that fits counts, so what is special stands before what is general. `EC2`, `IAM` and so on are the API references of
//! these services; `provider#N` and `terraform#N` are issues of hashicorp/terraform-provider-aws and hashicorp/terraform; `terraform` is
//! the text of Terraform 1.11 itself, `sdk` that of the AWS SDK for Go.

use super::code;
use super::fix::Fix;
use crate::Class;

/// One thing that is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) class: Class,
    /// The error code, whole or its last part after a dot; any if empty.
    pub(super) code: &'static str,
    /// What the text says, in any case of letters; anything if empty.
    pub(super) says: &'static str,
    pub(super) fix: Fix,
    /// Where it is from.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for whoever reads the table; a test sees to it that every rule has one")
    )]
    pub(super) source: &'static str,
}

const fn code(class: Class, code: &'static str, fix: Fix, source: &'static str) -> Rule {
    Rule { class, code, says: "", fix, source }
}

const fn says(class: Class, says: &'static str, fix: Fix, source: &'static str) -> Rule {
    Rule { class, code: "", says, fix, source }
}

const fn both(class: Class, code: &'static str, says: &'static str, fix: Fix, source: &'static str) -> Rule {
    Rule { class, code, says, fix, source }
}

use Class::*;

/// What Terraform says when its provider ends without an answer.
pub(super) const PROVIDER_GONE: [&str; 2] = ["plugin did not respond", "request cancelled"];

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // The state, when it could not be written. Whatever the reason, this comes first.
    says(State, "errored.tfstate", Fix::SaveState, "terraform: internal/backend/local, errStateWriteError"),
    says(State, "failed to create local state file", Fix::SaveState, "terraform: internal/backend/local"),

    // Interrupted.
    says(Interrupted, "execution halted", Fix::Again, "terraform: internal/backend/local"),
    says(Interrupted, "operation canceled", Fix::Again, "terraform: internal/command/apply.go"),
    says(Interrupted, "two interrupts received", Fix::Again, "terraform: internal/backend/local/hook_state.go"),

    // Crashes.
    says(Crash, PROVIDER_GONE[0], Fix::Crash, "terraform: internal/plugin/grpc_error.go"),
    says(Crash, PROVIDER_GONE[1], Fix::Crash, "terraform: internal/plugin/grpc_error.go"),
    says(Crash, "terraform crash", Fix::Crash, "terraform: internal/logging/panic.go"),
    says(Crash, "opentofu crash", Fix::Crash, "opentofu: internal/logging/panic.go"),
    says(Crash, "plugin crashed", Fix::Crash, "terraform: internal/logging/panic.go"),
    says(Crash, "panic:", Fix::Crash, "Go runtime"),
    says(Crash, "fatal error: runtime", Fix::Crash, "Go runtime"),
    says(Crash, "signal: killed", Fix::Crash, "Go os/exec"),
    says(Crash, "timeout while waiting for plugin to start", Fix::Crash, "go-plugin client.go"),
    says(Crash, "unrecognized remote plugin message", Fix::Crash, "go-plugin client.go"),
    says(Crash, "cannot allocate memory", Fix::Crash, "Linux ENOMEM"),
    says(Crash, "cannot fork", Fix::Crash, "Linux EAGAIN"),

    // The local disk.
    says(Disk, "no space left on device", Fix::Disk, "Linux ENOSPC"),
    says(Disk, "disk quota exceeded", Fix::Disk, "Linux EDQUOT"),
    says(Disk, "read-only file system", Fix::Disk, "Linux EROFS"),
    says(Disk, "file too large", Fix::Disk, "Linux EFBIG"),
    says(Disk, "too many open files", Fix::Disk, "Linux EMFILE"),
    says(Disk, "input/output error", Fix::Disk, "Linux EIO"),
    says(Tool, "could not be started: permission denied", Fix::Tool, "Linux EACCES"),
    says(Disk, ": permission denied", Fix::Disk, "Linux EACCES"),
    says(Disk, "failed to write plan", Fix::Disk, "terraform: internal/backend/local/backend_plan.go"),

    // Credentials. Before the network: where there are none, the provider looks for them at an address that does not answer.
    says(Credentials, "no valid credential sources", Fix::Credentials, "provider#39003"),
    says(Credentials, "failed to refresh cached credentials", Fix::Credentials, "provider#26074"),
    says(Credentials, "no ec2 imds role found", Fix::Credentials, "provider#26074"),
    says(Credentials, "nocredentialproviders", Fix::Credentials, "sdk v1"),
    says(Credentials, "failed to get shared config profile", Fix::Credentials, "sdk: config/shared_config.go"),
    says(Credentials, "static credentials are empty", Fix::Credentials, "sdk: credentials/static_provider.go"),
    says(Credentials, "sso session has expired", Fix::Credentials, "sdk: credentials/ssocreds"),
    says(Credentials, "refresh cached sso token failed", Fix::Credentials, "sdk: credentials/ssocreds"),
    code(Credentials, "ExpiredToken", Fix::Credentials, "STS; provider#4502"),
    code(Credentials, "ExpiredTokenException", Fix::Credentials, "common errors of AWS APIs"),
    code(Credentials, "TokenRefreshRequired", Fix::Credentials, "S3"),
    code(Credentials, "InvalidToken", Fix::Credentials, "S3"),
    code(Credentials, "InvalidClientTokenId", Fix::Credentials, "STS; provider#13695"),
    code(Credentials, "UnrecognizedClientException", Fix::Credentials, "common errors; terraform#2693"),
    code(Credentials, "InvalidAccessKeyId", Fix::Credentials, "S3"),
    code(Credentials, "MissingAuthenticationToken", Fix::Credentials, "common errors of AWS APIs"),
    code(Credentials, "MissingAuthenticationTokenException", Fix::Credentials, "common errors of AWS APIs"),
    code(Credentials, "AuthFailure", Fix::Credentials, "EC2"),
    code(Credentials, "InvalidIdentityToken", Fix::Credentials, "STS"),
    both(Credentials, "SignatureDoesNotMatch", "signature expired", Fix::Clock, "common errors of AWS APIs"),
    both(Credentials, "InvalidSignatureException", "signature expired", Fix::Clock, "common errors of AWS APIs"),
    code(Credentials, "RequestExpired", Fix::Clock, "common errors of AWS APIs"),
    code(Credentials, "RequestTimeTooSkewed", Fix::Clock, "S3"),
    code(Credentials, "RequestInTheFuture", Fix::Clock, "sdk: aws/retry"),
    code(Credentials, "SignatureDoesNotMatch", Fix::Credentials, "common errors of AWS APIs"),
    code(Credentials, "InvalidSignatureException", Fix::Credentials, "common errors of AWS APIs"),
    code(Credentials, "IncompleteSignature", Fix::Credentials, "common errors of AWS APIs"),
    code(Credentials, "OptInRequired", Fix::Credentials, "common errors of AWS APIs"),

    // The lock of the state. The summary alone says nothing: a state that cannot be read has the same.
    says(LockHeld, "resource temporarily unavailable", Fix::Lock, "terraform: local state, fcntl"),
    says(LockHeld, "state blob is already locked", Fix::Lock, "terraform"),
    says(LockHeld, "conditionalcheckfailedexception", Fix::Lock, "terraform: S3 backend with DynamoDB; terraform#22410"),
    both(LockHeld, "PreconditionFailed", "state lock", Fix::Lock, "terraform: S3 backend with use_lockfile; terraform#35661"),
    both(LockHeld, "ConditionalRequestConflict", "state lock", Fix::Lock, "terraform: S3 backend with use_lockfile"),
    says(LockHeld, "lock info:", Fix::Lock, "terraform: internal/states/statemgr/locker.go"),

    // The state.
    says(State, "saved plan is stale", Fix::Plan, "terraform: internal/backend/local"),
    says(State, "saved plan does not match", Fix::Plan, "terraform: internal/backend/local"),
    says(State, "unsupported state file format", Fix::State, "terraform: internal/states/statefile/read.go"),
    says(State, "state snapshot was created by", Fix::Version, "terraform: internal/states/statefile"),
    says(State, "resource instance managed by newer provider version", Fix::Version, "terraform: internal/terraform/upgrade_resource_state.go"),
    says(State, "does not have the expected content", Fix::State, "terraform: S3 backend, errBadChecksumFmt; terraform#20708"),
    says(State, "checksum calculated for the state", Fix::State, "terraform: S3 backend, errBadChecksumFmt; terraform#29610"),
    says(State, "cannot overwrite existing state with serial", Fix::State, "terraform: internal/states/statemgr/migrate.go"),
    says(State, "lineage", Fix::State, "terraform: internal/states/statemgr/migrate.go"),
    says(State, "invalid state file", Fix::State, "terraform: internal/states/statefile"),
    says(State, "state file is empty", Fix::State, "this program"),
    says(State, "unexpected end of json input", Fix::State, "Go encoding/json, of a lock or state that was cut off; terraform#14513"),

    // The tool and its providers.
    says(Tool, "backend initialization required", Fix::Init, "terraform: internal/command/meta_backend.go"),
    says(Tool, "backend configuration changed", Fix::Init, "terraform: internal/command/meta_backend.go"),
    says(Tool, "backend configuration block has changed", Fix::Init, "terraform: internal/command/meta_backend.go"),
    says(Tool, "required plugins are not installed", Fix::Init, "terraform: internal/command/meta_providers.go"),
    says(Tool, "inconsistent dependency lock file", Fix::Init, "terraform: internal/command"),
    says(Tool, "missing required provider", Fix::Init, "terraform"),
    says(Tool, "module not installed", Fix::Init, "terraform: internal/configs"),
    says(Tool, "module source has changed", Fix::Init, "terraform: internal/configs"),
    says(Tool, "please run \"terraform init\"", Fix::Init, "terraform"),
    says(Tool, "please run \"tofu init\"", Fix::Init, "opentofu"),
    says(Tool, "unsupported terraform core version", Fix::Version, "terraform: internal/terraform/version_required.go"),
    says(Tool, "unsupported opentofu core version", Fix::Version, "opentofu"),
    says(Tool, "incompatible provider version", Fix::Version, "terraform: internal/command/init.go"),
    says(Tool, "no available releases match", Fix::Version, "terraform: internal/command/init.go"),
    says(Tool, "was not found in any of the search locations", Fix::Tool, "terraform: internal/command/init.go"),
    says(Tool, "doesn't match any of the checksums", Fix::Version, "terraform: internal/providercache"),
    says(Tool, "does not match any of the checksums", Fix::Version, "terraform: internal/providercache"),
    says(Tool, "failed to instantiate provider", Fix::Tool, "terraform"),
    says(Tool, "text file busy", Fix::Again, "Linux ETXTBSY; hashicorp/terraform-cdk#2741"),
    says(Tool, "no such file or directory (os error 2)", Fix::Tool, "Rust std"),
    says(Tool, "executable file not found", Fix::Tool, "Go os/exec"),
    says(Tool, "exec format error", Fix::Tool, "Linux ENOEXEC"),

    // Rates, also those with names of quotas.
    both(Throttled, "LimitExceededException", "simultaneously", Fix::Slower, "DynamoDB; provider#2146, #1776"),
    both(Throttled, "LimitExceededException", "rate exceeded", Fix::Slower, "provider#587"),
    both(Throttled, "InvalidParameterValueException", "throttled by ec2", Fix::Slower, "Lambda; provider#2942"),
    code(Throttled, "Throttling", Fix::Slower, "common errors; provider#5171"),
    code(Throttled, "ThrottlingException", Fix::Slower, "common errors of AWS APIs"),
    code(Throttled, "ThrottledException", Fix::Slower, "sdk: aws/retry"),
    code(Throttled, "RequestThrottled", Fix::Slower, "sdk: aws/retry; SQS"),
    code(Throttled, "RequestThrottledException", Fix::Slower, "sdk: aws/retry"),
    code(Throttled, "RequestLimitExceeded", Fix::Slower, "EC2; provider#2942"),
    code(Throttled, "BandwidthLimitExceeded", Fix::Slower, "sdk: aws/retry"),
    code(Throttled, "TooManyRequestsException", Fix::Slower, "Lambda"),
    code(Throttled, "TooManyRequests", Fix::Slower, "HTTP 429"),
    code(Throttled, "ProvisionedThroughputExceededException", Fix::Slower, "DynamoDB"),
    code(Throttled, "ThroughputLimitExceeded", Fix::Slower, "DynamoDB"),
    code(Throttled, "TransactionInProgressException", Fix::Slower, "DynamoDB"),
    code(Throttled, "PriorRequestNotComplete", Fix::Slower, "sdk: aws/retry; Route 53"),
    code(Throttled, "EC2ThrottledException", Fix::Slower, "Lambda; sdk: aws/retry"),
    code(Throttled, "SlowDown", Fix::Slower, "S3"),
    says(Throttled, "retry quota exceeded", Fix::Slower, "sdk: aws/ratelimit, ErrQuotaExceeded"),
    says(Throttled, "rate exceeded", Fix::Slower, "common errors of AWS APIs"),

    // Quotas. Names and codes are those of Service Quotas.
    code(Quota, "VpcLimitExceeded", Fix::Quota("VPCs per Region", "L-F678F1CE"), "EC2; terraform-aws-modules/terraform-aws-vpc#429"),
    code(Quota, "SubnetLimitExceeded", Fix::Quota("Subnets per VPC", "L-407747CB"), "EC2"),
    code(Quota, "AddressLimitExceeded", Fix::Quota("EC2-VPC Elastic IPs", "L-0263D0A3"), "EC2; terraform-aws-modules/terraform-aws-vpc#429"),
    code(Quota, "SecurityGroupLimitExceeded", Fix::Quota("VPC security groups per Region", "L-E79EC296"), "EC2"),
    code(Quota, "RulesPerSecurityGroupLimitExceeded", Fix::Quota("Inbound or outbound rules per security group", "L-0EA8095F"), "EC2"),
    code(Quota, "SecurityGroupsPerInterfaceLimitExceeded", Fix::Quota("Security groups per network interface", "L-2AFB9258"), "EC2"),
    code(Quota, "RouteTableLimitExceeded", Fix::Quota("Route tables per VPC", "L-589F43AA"), "EC2"),
    code(Quota, "RouteLimitExceeded", Fix::Quota("Routes per route table", "L-93826ACB"), "EC2"),
    code(Quota, "NetworkAclLimitExceeded", Fix::Quota("Network ACLs per VPC", "L-B4A6D682"), "EC2"),
    code(Quota, "NetworkAclEntryLimitExceeded", Fix::Quota("Rules per network ACL", "L-2AEEBF1A"), "EC2"),
    code(Quota, "NetworkInterfaceLimitExceeded", Fix::Quota("Network interfaces per Region", "L-DF5E4CA3"), "EC2"),
    both(Quota, "VpcEndpointLimitExceeded", "interface", Fix::Quota("Interface VPC endpoints per VPC", "L-29B6F2EB"), "EC2"),
    code(Quota, "VpcEndpointLimitExceeded", Fix::Quota("Gateway VPC endpoints per Region", "L-1B52E74A"), "EC2"),
    code(Quota, "GatewayVpcEndpointLimitExceeded", Fix::Quota("Gateway VPC endpoints per Region", "L-1B52E74A"), "EC2"),
    code(Quota, "FlowLogsLimitExceeded", Fix::SomeQuota, "EC2"),
    code(Quota, "VcpuLimitExceeded", Fix::SomeQuota, "EC2"),
    code(Quota, "TagLimitExceeded", Fix::Fixed("at most 50 tags on a resource"), "EC2"),
    code(Quota, "TooManyTagsFault", Fix::Fixed("at most 50 tags on a resource"), "common errors of AWS APIs"),
    code(Quota, "InsufficientFreeAddressesInSubnet", Fix::Fixed("give the subnet a larger CIDR block"), "EC2"),
    says(Quota, "unreservedconcurrentexecution", Fix::Quota("Concurrent executions", "L-B99A9384"), "Lambda; github-aws-runners/terraform-aws-github-runner#2946"),
    code(Quota, "CodeStorageExceededException", Fix::Quota("Function and layer storage", "L-2ACBD22F"), "Lambda"),
    code(Quota, "ENILimitReachedException", Fix::Quota("Elastic network interfaces per VPC", "L-9FEE3D26"), "Lambda"),
    code(Quota, "ENILimitReached", Fix::Quota("Elastic network interfaces per VPC", "L-9FEE3D26"), "Lambda"),
    code(Quota, "SubnetIPAddressLimitReachedException", Fix::Fixed("give the subnet a larger CIDR block"), "Lambda"),
    code(Quota, "PolicyLengthExceededException", Fix::Fixed("a function's policy has at most 20 KB"), "Lambda"),
    both(Quota, "LimitExceeded", "rolesperaccount", Fix::Quota("Roles per account", "L-FE177D64"), "IAM; openshift/release#69365"),
    both(Quota, "LimitExceeded", "policiesperaccount", Fix::Quota("Customer managed policies per account", "L-E95E4862"), "IAM"),
    both(Quota, "LimitExceeded", "policiesperrole", Fix::Quota("Managed policies per role", "L-0DA4ABF3"), "IAM; aws/eks-hybrid#741"),
    both(Quota, "LimitExceeded", "policysize", Fix::Fixed("shorten the policy"), "IAM"),
    both(Quota, "LimitExceeded", "maximum policy size", Fix::Fixed("shorten the policy"), "IAM"),
    both(Quota, "LimitExceededException", "tables per", Fix::Quota("Maximum number of tables", "L-F98FE922"), "DynamoDB; provider#2274"),
    both(Quota, "LimitExceededException", "exceeds the maximum number allowed", Fix::Quota("Number of rules", "L-244521F2"), "EventBridge; provider#44477, tmobile/pacbot#253"),
    code(Quota, "TooManyBuckets", Fix::Quota("General purpose buckets", "L-DC2B2D3D"), "S3"),
    code(Quota, "StateMachineLimitExceeded", Fix::SomeQuota, "Step Functions"),
    code(Quota, "LimitExceeded", Fix::SomeQuota, "IAM, CloudWatch"),
    code(Quota, "LimitExceededFault", Fix::SomeQuota, "CloudWatch"),
    code(Quota, "LimitExceededException", Fix::SomeQuota, "KMS, CloudWatch Logs, DynamoDB, EventBridge"),
    code(Quota, "ServiceQuotaExceededException", Fix::SomeQuota, "common errors of AWS APIs"),
    code(Quota, "ServiceLimitExceeded", Fix::SomeQuota, "common errors of AWS APIs"),
    code(Quota, "QuotaExceededException", Fix::SomeQuota, "common errors of AWS APIs"),
    code(Quota, "ResourceLimitExceededException", Fix::SomeQuota, "common errors of AWS APIs"),
    code(Quota, "ResourceLimitExceeded", Fix::SomeQuota, "EC2"),

    // Keys and secrets that are going.
    says(Configuration, "is pending deletion", Fix::Key, "KMS; provider#17889"),
    code(Configuration, "KMSInvalidStateException", Fix::Key, "KMS"),
    code(Configuration, "KMSDisabledException", Fix::Key, "Lambda"),
    code(Configuration, "DisabledException", Fix::Key, "KMS"),
    code(Configuration, "InaccessibleEncryptionCredentialsException", Fix::Key, "DynamoDB"),
    says(NameTaken, "already scheduled for deletion", Fix::Secret, "Secrets Manager; aws-ia/terraform-aws-eks-blueprints#1733"),

    // What passes by itself.
    code(Service, "QueueDeletedRecently", Fix::Passes, "SQS: 60 seconds; provider#3113"),
    code(Service, "OperationAborted", Fix::Passes, "S3; hashicorp-education/learn-terraform-cloudflare-static-website#1"),
    code(Service, "OperationAbortedException", Fix::Passes, "CloudWatch Logs"),
    code(Service, "ConcurrentModificationException", Fix::Passes, "EventBridge, Lambda"),
    code(Service, "ConcurrentModification", Fix::Passes, "IAM"),
    code(Service, "StateMachineDeleting", Fix::Passes, "Step Functions"),
    code(Service, "BucketNotEmpty", Fix::Again, "S3: something was written while the bucket was emptied"),
    both(Service, "ResourceInUseException", "still in use", Fix::Passes, "DynamoDB; terraform-aws-modules/terraform-aws-dynamodb-table#51"),
    both(Service, "ResourceInUseException", "is being", Fix::Passes, "DynamoDB"),
    both(Service, "ResourceConflictException", "in progress", Fix::Passes, "Lambda; provider#5154"),
    both(Service, "ResourceConflictException", "currently in the following state", Fix::Passes, "Lambda"),
    both(Service, "InvalidParameterValueException", "cannot be assumed by lambda", Fix::Passes, "Lambda: a role that IAM has not spread yet"),

    // Names.
    code(NameTaken, "BucketAlreadyExists", Fix::TakenByOthers, "S3; cloudposse/terraform-aws-tfstate-backend#54"),
    code(NameTaken, "BucketAlreadyOwnedByYou", Fix::Taken, "S3"),
    code(NameTaken, "EntityAlreadyExists", Fix::Taken, "IAM; aws-ia/terraform-aws-control_tower_account_factory#529"),
    code(NameTaken, "EntityAlreadyExistsException", Fix::Taken, "IAM"),
    code(NameTaken, "ResourceAlreadyExistsException", Fix::Taken, "CloudWatch Logs, EventBridge; provider#18468"),
    code(NameTaken, "ResourceConflictException", Fix::Taken, "Lambda; provider#29263"),
    code(NameTaken, "ResourceInUseException", Fix::Taken, "DynamoDB"),
    code(NameTaken, "ResourceExistsException", Fix::Taken, "Secrets Manager"),
    code(NameTaken, "TableAlreadyExistsException", Fix::Taken, "DynamoDB"),
    code(NameTaken, "AlreadyExistsException", Fix::Taken, "KMS (aliases)"),
    code(NameTaken, "AlreadyExists", Fix::Taken, "CloudFormation, provider"),
    code(NameTaken, "QueueAlreadyExists", Fix::Taken, "SQS"),
    code(NameTaken, "QueueNameExists", Fix::Taken, "SQS"),
    code(NameTaken, "StateMachineAlreadyExists", Fix::Taken, "Step Functions"),
    code(NameTaken, "InvalidGroup.Duplicate", Fix::Taken, "EC2"),
    code(NameTaken, "InvalidPermission.Duplicate", Fix::Taken, "EC2"),
    code(NameTaken, "RouteAlreadyExists", Fix::Taken, "EC2"),
    code(NameTaken, "NetworkAclEntryAlreadyExists", Fix::Taken, "EC2"),
    code(NameTaken, "FlowLogAlreadyExists", Fix::Taken, "EC2"),
    says(NameTaken, "already exists in vpc", Fix::Taken, "EC2"),

    // Permissions.
    code(Permission, "AccessDenied", Fix::Permission, "common errors; provider#43891"),
    code(Permission, "AccessDeniedException", Fix::Permission, "common errors of AWS APIs"),
    code(Permission, "UnauthorizedOperation", Fix::Permission, "EC2; provider#8720, #22709"),
    code(Permission, "UnauthorizedAccess", Fix::Permission, "common errors of AWS APIs"),
    code(Permission, "AuthorizationError", Fix::Permission, "SNS"),
    code(Permission, "AuthorizationErrorException", Fix::Permission, "SNS"),
    code(Permission, "NotAuthorized", Fix::Permission, "common errors of AWS APIs"),
    code(Permission, "KMSAccessDeniedException", Fix::Permission, "Lambda"),
    code(Permission, "AllAccessDisabled", Fix::Permission, "S3"),
    code(Permission, "Forbidden", Fix::Permission, "HTTP 403"),
    says(Permission, "is not authorized to perform", Fix::Permission, "IAM; provider#34234"),
    says(Permission, "you are not authorized to perform", Fix::Permission, "EC2; provider#8720"),
    says(Permission, "explicit deny", Fix::Permission, "IAM; provider#43891"),
    says(Permission, "does not exist or is not allowed to be used with", Fix::Permission, "CloudWatch Logs and its key; provider#29282"),

    // Leftovers of a destroy.
    code(Timeout, "DependencyViolation", Fix::Interfaces, "EC2; provider#1671"),
    code(Timeout, "InvalidNetworkInterface.InUse", Fix::Interfaces, "EC2"),
    code(Timeout, "InvalidParameterValue.InUse", Fix::Interfaces, "EC2"),
    code(Configuration, "DeleteConflict", Fix::Attached, "IAM"),

    // The configuration.
    code(Configuration, "ValidationException", Fix::Configuration, "common errors of AWS APIs"),
    code(Configuration, "ValidationError", Fix::Configuration, "common errors of AWS APIs"),
    code(Configuration, "MalformedPolicyDocument", Fix::Configuration, "IAM"),
    code(Configuration, "MalformedPolicyDocumentException", Fix::Configuration, "KMS"),
    code(Configuration, "MalformedPolicy", Fix::Configuration, "S3"),
    code(Configuration, "InvalidPolicyDocument", Fix::Configuration, "common errors of AWS APIs"),
    code(Configuration, "InvalidParameterValue", Fix::Configuration, "EC2, SQS"),
    code(Configuration, "InvalidParameterValueException", Fix::Configuration, "Lambda"),
    code(Configuration, "InvalidParameterException", Fix::Configuration, "CloudWatch Logs"),
    code(Configuration, "InvalidParameterCombination", Fix::Configuration, "EC2, CloudWatch"),
    code(Configuration, "InvalidEventPatternException", Fix::Configuration, "EventBridge"),
    code(Configuration, "InvalidDefinition", Fix::Configuration, "Step Functions"),
    code(Configuration, "InvalidArn", Fix::Configuration, "Step Functions"),
    code(Configuration, "InvalidVpcRange", Fix::Configuration, "EC2"),
    code(Configuration, "InvalidVpc.Range", Fix::Configuration, "EC2"),
    code(Configuration, "InvalidSubnet.Conflict", Fix::Configuration, "EC2"),
    code(Configuration, "InvalidSubnet.Range", Fix::Configuration, "EC2"),
    code(Configuration, "IllegalLocationConstraintException", Fix::Configuration, "S3"),
    code(Configuration, "InvalidBucketName", Fix::Configuration, "S3"),
    says(Configuration, "unsupported argument", Fix::Configuration, "hcl"),
    says(Configuration, "unsupported block type", Fix::Configuration, "hcl"),
    says(Configuration, "unsupported attribute", Fix::Configuration, "hcl"),
    says(Configuration, "missing required argument", Fix::Configuration, "hcl"),
    says(Configuration, "extraneous json object property", Fix::Configuration, "hcl/json"),
    says(Configuration, "missing resource schema", Fix::Configuration, "terraform"),
    says(Configuration, "invalid resource type", Fix::Configuration, "terraform"),
    says(Configuration, "invalid data source", Fix::Configuration, "terraform"),
    says(Configuration, "reference to undeclared", Fix::Configuration, "terraform"),
    says(Configuration, "invalid reference", Fix::Configuration, "terraform"),
    says(Configuration, "invalid template", Fix::Configuration, "hcl"),
    says(Configuration, "invalid expression", Fix::Configuration, "hcl"),
    says(Configuration, "invalid index", Fix::Configuration, "hcl"),
    says(Configuration, "invalid function argument", Fix::Configuration, "hcl"),
    says(Configuration, "invalid value for", Fix::Configuration, "terraform"),
    says(Configuration, "invalid attribute", Fix::Configuration, "terraform-plugin-framework"),
    says(Configuration, "incorrect attribute value type", Fix::Configuration, "terraform"),
    says(Configuration, "inappropriate value for attribute", Fix::Configuration, "terraform"),
    says(Configuration, "conflicting configuration arguments", Fix::Configuration, "terraform-plugin-sdk"),
    says(Configuration, "duplicate resource", Fix::Configuration, "terraform"),
    says(Configuration, "duplicate required providers", Fix::Configuration, "terraform"),
    says(Configuration, "cycle:", Fix::Configuration, "terraform"),
    says(Configuration, "instance cannot be destroyed", Fix::Configuration, "terraform: prevent_destroy"),
    says(Configuration, "resource precondition failed", Fix::Configuration, "terraform"),
    says(Configuration, "resource postcondition failed", Fix::Configuration, "terraform"),
    says(Configuration, "no value for required variable", Fix::Configuration, "terraform"),
    says(Configuration, "json parsing error", Fix::Configuration, "hcl/json"),
    says(Configuration, "invalid json", Fix::Configuration, "hcl/json"),
    says(Configuration, "argument or block definition required", Fix::Configuration, "hcl"),
    says(Configuration, "failed to read file", Fix::Configuration, "terraform: internal/configs"),
    says(Configuration, "invalid backend configuration", Fix::Configuration, "terraform"),
    says(Configuration, "no configuration files", Fix::Configuration, "terraform"),
    says(Configuration, "invalid provider configuration", Fix::Configuration, "terraform"),
    says(Configuration, "missing region", Fix::Configuration, "sdk"),
    says(Configuration, "no such bucket", Fix::Configuration, "S3"),
    says(Configuration, "s3 bucket \"", Fix::Configuration, "terraform: S3 backend, errS3NoSuchBucket"),
    code(Configuration, "NoSuchBucket", Fix::Configuration, "S3"),

    // Waits that came to an end. Before the network: `context deadline exceeded` is said of both.
    says(Timeout, "timeout while waiting for state to become", Fix::Timeout, "terraform-plugin-sdk: retry/error.go"),
    says(Timeout, "timeout while waiting for resource to be gone", Fix::Timeout, "terraform-plugin-sdk: retry/error.go"),
    says(Timeout, "unexpected state '", Fix::Timeout, "terraform-plugin-sdk: retry/error.go"),

    // The network.
    says(Network, "request send failed", Fix::Network, "sdk: smithy-go"),
    says(Network, "send request failed", Fix::Network, "sdk v1"),
    says(Network, "requesterror:", Fix::Network, "sdk v1"),
    says(Network, "dial tcp", Fix::Network, "Go net; terraform#35904"),
    says(Network, "no such host", Fix::Network, "Go net"),
    says(Network, "server misbehaving", Fix::Network, "Go net"),
    says(Network, "i/o timeout", Fix::Network, "Go net"),
    says(Network, "connection refused", Fix::Network, "Linux ECONNREFUSED"),
    says(Network, "connection reset by peer", Fix::Network, "Linux ECONNRESET"),
    says(Network, "network is unreachable", Fix::Network, "Linux ENETUNREACH"),
    says(Network, "no route to host", Fix::Network, "Linux EHOSTUNREACH"),
    says(Network, "broken pipe", Fix::Network, "Linux EPIPE"),
    says(Network, "tls handshake timeout", Fix::Network, "Go net/http"),
    says(Network, "tls: ", Fix::Network, "Go crypto/tls"),
    says(Network, "x509: ", Fix::Network, "Go crypto/x509"),
    says(Network, "proxyconnect", Fix::Network, "Go net/http"),
    says(Network, "http2: ", Fix::Network, "Go net/http"),
    says(Network, "client.timeout exceeded", Fix::Network, "Go net/http; terraform#26161"),
    says(Network, "context deadline exceeded", Fix::Network, "Go context; terraform#26161"),
    says(Network, "unexpected eof", Fix::Network, "Go io"),
    says(Network, ": eof", Fix::Network, "Go io"),
    says(Network, "could not connect to", Fix::Network, "terraform: internal/getproviders; terraform#31139"),
    says(Network, "could not query provider registry", Fix::Network, "terraform: internal/getproviders; terraform#27641"),
    says(Network, "registry service unreachable", Fix::Network, "terraform: internal/registry"),
    says(Network, "failed to rewind transport stream for retry", Fix::Network, "sdk; ministryofjustice/modernisation-platform#5859"),

    // AWS itself.
    code(Service, "InternalError", Fix::Aws, "common errors of AWS APIs"),
    code(Service, "InternalFailure", Fix::Aws, "common errors of AWS APIs"),
    code(Service, "InternalServerError", Fix::Aws, "DynamoDB"),
    code(Service, "InternalServerException", Fix::Aws, "common errors of AWS APIs"),
    code(Service, "InternalServiceError", Fix::Aws, "common errors of AWS APIs"),
    code(Service, "InternalException", Fix::Aws, "EventBridge"),
    code(Service, "KMSInternalException", Fix::Aws, "KMS"),
    code(Service, "DependencyTimeoutException", Fix::Aws, "KMS"),
    code(Service, "ServiceUnavailable", Fix::Aws, "common errors of AWS APIs"),
    code(Service, "ServiceUnavailableException", Fix::Aws, "common errors of AWS APIs"),
    code(Service, "ServiceException", Fix::Aws, "Lambda"),
    code(Service, "ServiceFailure", Fix::Aws, "IAM"),
    code(Service, "ServiceFailureException", Fix::Aws, "IAM"),
    code(Service, "Unavailable", Fix::Aws, "EC2"),
    code(Service, "RequestTimeout", Fix::Aws, "sdk: aws/retry"),
    code(Service, "RequestTimeoutException", Fix::Aws, "sdk: aws/retry"),
    code(Service, "EC2UnexpectedException", Fix::Aws, "Lambda"),
    code(Service, "EFSIOException", Fix::Aws, "Lambda"),
];

/// What is known of codes by their endings, where no rule has the code.
#[rustfmt::skip]
const ENDINGS: &[Rule] = &[
    code(Throttled, "ThrottlingException", Fix::Slower, "naming of AWS"),
    code(Quota, "LimitExceeded", Fix::SomeQuota, "naming of AWS"),
    code(Quota, "LimitExceededException", Fix::SomeQuota, "naming of AWS"),
    code(Quota, "LimitReached", Fix::SomeQuota, "naming of AWS"),
    code(Quota, "QuotaExceeded", Fix::SomeQuota, "naming of AWS"),
    code(Quota, "QuotaExceededException", Fix::SomeQuota, "naming of AWS"),
    code(NameTaken, "AlreadyExists", Fix::Taken, "naming of AWS"),
    code(NameTaken, "AlreadyExistsException", Fix::Taken, "naming of AWS"),
    code(NameTaken, "AlreadyExistsFault", Fix::Taken, "naming of AWS"),
    code(NameTaken, ".Duplicate", Fix::Taken, "naming of EC2"),
    code(Permission, "AccessDeniedException", Fix::Permission, "naming of AWS"),
    code(Configuration, ".Malformed", Fix::Configuration, "naming of EC2"),
    code(Configuration, ".NotFound", Fix::Configuration, "naming of EC2"),
];

/// How the codes end, or begin, that say that something is not there.
const GONE: &[&str] =
    &[".NotFound", "NotFoundException", "NotFoundFault", "ResourceNotFound", "DoesNotExist", "NonExistentQueue"];
const GONE_BEGINS: &str = "NoSuch";

/// What an error of a deletion is that says that something is not there: somebody else has deleted it, or the first of two calls was done
/// and its answer lost. The next plan no longer has it.
pub(super) fn find_gone(summary: &str, detail: &str) -> Option<Rule> {
    let text = format!("{summary}\n{detail}");
    let found = code::code(&text)?;
    let is_gone = GONE.iter().any(|end| found.ends_with(end)) || found.starts_with(GONE_BEGINS);
    is_gone.then_some(code(
        Service,
        "",
        Fix::Gone,
        "naming of AWS; EC2: InvalidRoute.NotFound for an endpoint that is deleted twice",
    ))
}

/// What is known of an HTTP status, where nothing is known of the code.
fn of_status(status: u16) -> Option<Rule> {
    Some(match status {
        429 => code(Throttled, "", Fix::Slower, "HTTP 429"),
        500..=599 => code(Service, "", Fix::Aws, "HTTP 5xx"),
        401 | 403 => code(Permission, "", Fix::Permission, "HTTP 401, 403"),
        _ => return None,
    })
}

/// The rule for an error.
pub(super) fn find(summary: &str, detail: &str) -> Option<Rule> {
    let text = format!("{summary}\n{detail}");
    let found = code::code(&text);
    let lower = text.to_lowercase();
    let has_code = |rule: &Rule| rule.code.is_empty() || found.is_some_and(|code| is(code, rule.code));
    RULES
        .iter()
        .find(|rule| has_code(rule) && (rule.says.is_empty() || lower.contains(rule.says)))
        .or_else(|| ENDINGS.iter().find(|rule| found.is_some_and(|code| code.ends_with(rule.code))))
        .copied()
        .or_else(|| of_status(code::status(&text)?))
}

/// Whether the code is the one wanted, whole or after a dot (`AWS.SimpleQueueService.QueueNameExists`).
fn is(code: &str, wanted: &str) -> bool {
    code.strip_suffix(wanted).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
