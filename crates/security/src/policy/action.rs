//! Actions by the resource type they act on, as the [Service Authorization Reference][sar] has them.
//!
//! [sar]: https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html

use std::marker::PhantomData;

/// An action on a `T`.
pub struct Action<T> {
    name: &'static str,
    on: PhantomData<fn() -> T>,
}

impl<T> Clone for Action<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Action<T> {}

impl<T> Action<T> {
    const fn new(name: &'static str) -> Self {
        Self { name, on: PhantomData }
    }

    /// The action as a policy names it.
    pub fn name(self) -> &'static str {
        self.name
    }
}

/// What an action acts on that knows no resource level: only `*` can stand beside it.
pub struct Any;

macro_rules! actions {
    ($($(#[$doc:meta])* $module:ident { $($name:ident: $on:ty = $action:literal;)+ })+) => {
        $(
            $(#[$doc])*
            pub mod $module {
                #[allow(unused_imports, reason = "not every service has actions with, or without, a resource level")]
                use super::{Action, Any};
                #[allow(unused_imports, reason = "as above")]
                use construct::arn::*;
                $(
                    #[doc = concat!("`", $action, "`")]
                    pub const $name: Action<$on> = Action::new($action);
                )+
            }
        )+
    };
}

actions! {
    /// Amazon DynamoDB. There is no `Scan` of a tenant's table: it names no keys, so that no condition on keys could hold it.
    dynamodb {
        GET_ITEM: Table = "dynamodb:GetItem";
        BATCH_GET_ITEM: Table = "dynamodb:BatchGetItem";
        QUERY: Table = "dynamodb:Query";
        PUT_ITEM: Table = "dynamodb:PutItem";
        UPDATE_ITEM: Table = "dynamodb:UpdateItem";
        DELETE_ITEM: Table = "dynamodb:DeleteItem";
        BATCH_WRITE_ITEM: Table = "dynamodb:BatchWriteItem";
        CONDITION_CHECK_ITEM: Table = "dynamodb:ConditionCheckItem";
        CREATE_TABLE: Table = "dynamodb:CreateTable";
        DELETE_RESOURCE_POLICY: Table = "dynamodb:DeleteResourcePolicy";
        DELETE_TABLE: Table = "dynamodb:DeleteTable";
        DESCRIBE_CONTINUOUS_BACKUPS: Table = "dynamodb:DescribeContinuousBackups";
        DESCRIBE_CONTRIBUTOR_INSIGHTS: Table = "dynamodb:DescribeContributorInsights";
        DESCRIBE_TABLE: Table = "dynamodb:DescribeTable";
        DESCRIBE_TIME_TO_LIVE: Table = "dynamodb:DescribeTimeToLive";
        GET_RESOURCE_POLICY: Table = "dynamodb:GetResourcePolicy";
        LIST_TAGS_OF_RESOURCE: Table = "dynamodb:ListTagsOfResource";
        PUT_RESOURCE_POLICY: Table = "dynamodb:PutResourcePolicy";
        TAG_RESOURCE: Table = "dynamodb:TagResource";
        UNTAG_RESOURCE: Table = "dynamodb:UntagResource";
        UPDATE_CONTINUOUS_BACKUPS: Table = "dynamodb:UpdateContinuousBackups";
        UPDATE_CONTRIBUTOR_INSIGHTS: Table = "dynamodb:UpdateContributorInsights";
        UPDATE_TABLE: Table = "dynamodb:UpdateTable";
        UPDATE_TIME_TO_LIVE: Table = "dynamodb:UpdateTimeToLive";
    }
    /// Amazon S3.
    s3 {
        GET_OBJECT: Object = "s3:GetObject";
        GET_OBJECT_VERSION: Object = "s3:GetObjectVersion";
        PUT_OBJECT: Object = "s3:PutObject";
        DELETE_OBJECT: Object = "s3:DeleteObject";
        ABORT_MULTIPART_UPLOAD: Object = "s3:AbortMultipartUpload";
        LIST_BUCKET: Bucket = "s3:ListBucket";
        GET_BUCKET_ACL: Bucket = "s3:GetBucketAcl";
        GET_BUCKET_LOCATION: Bucket = "s3:GetBucketLocation";
        CREATE_BUCKET: Bucket = "s3:CreateBucket";
        DELETE_BUCKET: Bucket = "s3:DeleteBucket";
        DELETE_BUCKET_POLICY: Bucket = "s3:DeleteBucketPolicy";
        GET_ACCELERATE_CONFIGURATION: Bucket = "s3:GetAccelerateConfiguration";
        GET_BUCKET_CORS: Bucket = "s3:GetBucketCORS";
        GET_BUCKET_LOGGING: Bucket = "s3:GetBucketLogging";
        GET_BUCKET_OBJECT_LOCK_CONFIGURATION: Bucket = "s3:GetBucketObjectLockConfiguration";
        GET_BUCKET_OWNERSHIP_CONTROLS: Bucket = "s3:GetBucketOwnershipControls";
        GET_BUCKET_POLICY: Bucket = "s3:GetBucketPolicy";
        GET_BUCKET_PUBLIC_ACCESS_BLOCK: Bucket = "s3:GetBucketPublicAccessBlock";
        GET_BUCKET_REQUEST_PAYMENT: Bucket = "s3:GetBucketRequestPayment";
        GET_BUCKET_TAGGING: Bucket = "s3:GetBucketTagging";
        GET_BUCKET_VERSIONING: Bucket = "s3:GetBucketVersioning";
        GET_BUCKET_WEBSITE: Bucket = "s3:GetBucketWebsite";
        GET_ENCRYPTION_CONFIGURATION: Bucket = "s3:GetEncryptionConfiguration";
        GET_LIFECYCLE_CONFIGURATION: Bucket = "s3:GetLifecycleConfiguration";
        GET_REPLICATION_CONFIGURATION: Bucket = "s3:GetReplicationConfiguration";
        LIST_BUCKET_VERSIONS: Bucket = "s3:ListBucketVersions";
        LIST_TAGS_FOR_RESOURCE: Bucket = "s3:ListTagsForResource";
        PUT_BUCKET_OWNERSHIP_CONTROLS: Bucket = "s3:PutBucketOwnershipControls";
        PUT_BUCKET_POLICY: Bucket = "s3:PutBucketPolicy";
        PUT_BUCKET_PUBLIC_ACCESS_BLOCK: Bucket = "s3:PutBucketPublicAccessBlock";
        PUT_BUCKET_TAGGING: Bucket = "s3:PutBucketTagging";
        PUT_BUCKET_VERSIONING: Bucket = "s3:PutBucketVersioning";
        PUT_ENCRYPTION_CONFIGURATION: Bucket = "s3:PutEncryptionConfiguration";
        PUT_LIFECYCLE_CONFIGURATION: Bucket = "s3:PutLifecycleConfiguration";
        TAG_RESOURCE: Bucket = "s3:TagResource";
        UNTAG_RESOURCE: Bucket = "s3:UntagResource";
        DELETE_OBJECT_VERSION: Object = "s3:DeleteObjectVersion";
    }
    /// AWS Key Management Service.
    kms {
        ENCRYPT: Key = "kms:Encrypt";
        DECRYPT: Key = "kms:Decrypt";
        RE_ENCRYPT_FROM: Key = "kms:ReEncryptFrom";
        RE_ENCRYPT_TO: Key = "kms:ReEncryptTo";
        GENERATE_DATA_KEY: Key = "kms:GenerateDataKey";
        GENERATE_DATA_KEY_WITHOUT_PLAINTEXT: Key = "kms:GenerateDataKeyWithoutPlaintext";
        DESCRIBE_KEY: Key = "kms:DescribeKey";
        CREATE_GRANT: Key = "kms:CreateGrant";
        CANCEL_KEY_DELETION: Key = "kms:CancelKeyDeletion";
        CREATE_ALIAS: Key = "kms:CreateAlias";
        DELETE_ALIAS: Key = "kms:DeleteAlias";
        DISABLE_KEY: Key = "kms:DisableKey";
        DISABLE_KEY_ROTATION: Key = "kms:DisableKeyRotation";
        ENABLE_KEY: Key = "kms:EnableKey";
        ENABLE_KEY_ROTATION: Key = "kms:EnableKeyRotation";
        GET_KEY_POLICY: Key = "kms:GetKeyPolicy";
        GET_KEY_ROTATION_STATUS: Key = "kms:GetKeyRotationStatus";
        LIST_GRANTS: Key = "kms:ListGrants";
        LIST_KEY_POLICIES: Key = "kms:ListKeyPolicies";
        LIST_RESOURCE_TAGS: Key = "kms:ListResourceTags";
        PUT_KEY_POLICY: Key = "kms:PutKeyPolicy";
        REVOKE_GRANT: Key = "kms:RevokeGrant";
        SCHEDULE_KEY_DELETION: Key = "kms:ScheduleKeyDeletion";
        TAG_RESOURCE: Key = "kms:TagResource";
        UNTAG_RESOURCE: Key = "kms:UntagResource";
        UPDATE_ALIAS: Key = "kms:UpdateAlias";
        UPDATE_KEY_DESCRIPTION: Key = "kms:UpdateKeyDescription";
        CREATE_KEY: Any = "kms:CreateKey";
        LIST_ALIASES: Any = "kms:ListAliases";
        CREATE_THIS_ALIAS: Alias = "kms:CreateAlias";
        DELETE_THIS_ALIAS: Alias = "kms:DeleteAlias";
        UPDATE_THIS_ALIAS: Alias = "kms:UpdateAlias";
    }
    /// Amazon CloudWatch Logs. Group-level reads (`FilterLogEvents`, `StartQuery`) are left out: on a shared group they read every
    /// tenant's events.
    logs {
        CREATE_LOG_STREAM: LogStream = "logs:CreateLogStream";
        PUT_LOG_EVENTS: LogStream = "logs:PutLogEvents";
        GET_LOG_EVENTS: LogStream = "logs:GetLogEvents";
        DESCRIBE_LOG_GROUPS: LogGroup = "logs:DescribeLogGroups";
        DESCRIBE_LOG_STREAMS: LogGroup = "logs:DescribeLogStreams";
        ASSOCIATE_KMS_KEY: LogGroup = "logs:AssociateKmsKey";
        CREATE_LOG_GROUP: LogGroup = "logs:CreateLogGroup";
        DELETE_LOG_GROUP: LogGroup = "logs:DeleteLogGroup";
        DELETE_METRIC_FILTER: LogGroup = "logs:DeleteMetricFilter";
        DELETE_RETENTION_POLICY: LogGroup = "logs:DeleteRetentionPolicy";
        DELETE_SUBSCRIPTION_FILTER: LogGroup = "logs:DeleteSubscriptionFilter";
        DESCRIBE_METRIC_FILTERS: LogGroup = "logs:DescribeMetricFilters";
        DESCRIBE_SUBSCRIPTION_FILTERS: LogGroup = "logs:DescribeSubscriptionFilters";
        DISASSOCIATE_KMS_KEY: LogGroup = "logs:DisassociateKmsKey";
        LIST_TAGS_FOR_RESOURCE: LogGroup = "logs:ListTagsForResource";
        PUT_METRIC_FILTER: LogGroup = "logs:PutMetricFilter";
        PUT_RETENTION_POLICY: LogGroup = "logs:PutRetentionPolicy";
        PUT_SUBSCRIPTION_FILTER: LogGroup = "logs:PutSubscriptionFilter";
        TAG_RESOURCE: LogGroup = "logs:TagResource";
        UNTAG_RESOURCE: LogGroup = "logs:UntagResource";
        DESCRIBE_ALL_LOG_GROUPS: Any = "logs:DescribeLogGroups";
        CREATE_LOG_DELIVERY: Any = "logs:CreateLogDelivery";
        GET_LOG_DELIVERY: Any = "logs:GetLogDelivery";
        UPDATE_LOG_DELIVERY: Any = "logs:UpdateLogDelivery";
        DELETE_LOG_DELIVERY: Any = "logs:DeleteLogDelivery";
        LIST_LOG_DELIVERIES: Any = "logs:ListLogDeliveries";
        PUT_RESOURCE_POLICY: Any = "logs:PutResourcePolicy";
        DESCRIBE_RESOURCE_POLICIES: Any = "logs:DescribeResourcePolicies";
    }
    /// Amazon SQS.
    sqs {
        SEND_MESSAGE: Queue = "sqs:SendMessage";
        CREATE_QUEUE: Queue = "sqs:CreateQueue";
        DELETE_QUEUE: Queue = "sqs:DeleteQueue";
        GET_QUEUE_ATTRIBUTES: Queue = "sqs:GetQueueAttributes";
        GET_QUEUE_URL: Queue = "sqs:GetQueueUrl";
        LIST_QUEUE_TAGS: Queue = "sqs:ListQueueTags";
        SET_QUEUE_ATTRIBUTES: Queue = "sqs:SetQueueAttributes";
        TAG_QUEUE: Queue = "sqs:TagQueue";
        UNTAG_QUEUE: Queue = "sqs:UntagQueue";
    }
    /// AWS Lambda.
    lambda {
        INVOKE_FUNCTION: Function = "lambda:InvokeFunction";
        INVOKE_FUNCTION_URL: Function = "lambda:InvokeFunctionUrl";
        ADD_PERMISSION: Function = "lambda:AddPermission";
        CREATE_FUNCTION: Function = "lambda:CreateFunction";
        CREATE_FUNCTION_URL_CONFIG: Function = "lambda:CreateFunctionUrlConfig";
        DELETE_FUNCTION: Function = "lambda:DeleteFunction";
        DELETE_FUNCTION_CONCURRENCY: Function = "lambda:DeleteFunctionConcurrency";
        DELETE_FUNCTION_URL_CONFIG: Function = "lambda:DeleteFunctionUrlConfig";
        GET_FUNCTION: Function = "lambda:GetFunction";
        GET_FUNCTION_CODE_SIGNING_CONFIG: Function = "lambda:GetFunctionCodeSigningConfig";
        GET_FUNCTION_CONFIGURATION: Function = "lambda:GetFunctionConfiguration";
        GET_FUNCTION_URL_CONFIG: Function = "lambda:GetFunctionUrlConfig";
        GET_POLICY: Function = "lambda:GetPolicy";
        LIST_TAGS: Function = "lambda:ListTags";
        LIST_VERSIONS_BY_FUNCTION: Function = "lambda:ListVersionsByFunction";
        PUT_FUNCTION_CONCURRENCY: Function = "lambda:PutFunctionConcurrency";
        REMOVE_PERMISSION: Function = "lambda:RemovePermission";
        TAG_RESOURCE: Function = "lambda:TagResource";
        UNTAG_RESOURCE: Function = "lambda:UntagResource";
        UPDATE_FUNCTION_CODE: Function = "lambda:UpdateFunctionCode";
        UPDATE_FUNCTION_CONFIGURATION: Function = "lambda:UpdateFunctionConfiguration";
        UPDATE_FUNCTION_URL_CONFIG: Function = "lambda:UpdateFunctionUrlConfig";
    }
    /// Amazon EC2: what Lambda asks of the execution role of a function in a VPC, and what it takes to make a VPC. What begins with `OWN_`
    /// is on what is there already, and stands beside a condition on its tag.
    ec2 {
        CREATE_NETWORK_INTERFACE: NetworkInterface = "ec2:CreateNetworkInterface";
        CREATE_NETWORK_INTERFACE_IN_SUBNET: Subnet = "ec2:CreateNetworkInterface";
        CREATE_NETWORK_INTERFACE_WITH_GROUP: SecurityGroup = "ec2:CreateNetworkInterface";
        DELETE_NETWORK_INTERFACE: NetworkInterface = "ec2:DeleteNetworkInterface";
        ASSIGN_PRIVATE_IP_ADDRESSES: NetworkInterface = "ec2:AssignPrivateIpAddresses";
        UNASSIGN_PRIVATE_IP_ADDRESSES: NetworkInterface = "ec2:UnassignPrivateIpAddresses";
        DESCRIBE_NETWORK_INTERFACES: Any = "ec2:DescribeNetworkInterfaces";
        DESCRIBE_SUBNETS: Any = "ec2:DescribeSubnets";
        DESCRIBE_SECURITY_GROUPS: Any = "ec2:DescribeSecurityGroups";
        DESCRIBE_VPCS: Any = "ec2:DescribeVpcs";
        DESCRIBE_AVAILABILITY_ZONES: Any = "ec2:DescribeAvailabilityZones";
        DESCRIBE_FLOW_LOGS: Any = "ec2:DescribeFlowLogs";
        DESCRIBE_NETWORK_ACLS: Any = "ec2:DescribeNetworkAcls";
        DESCRIBE_PREFIX_LISTS: Any = "ec2:DescribePrefixLists";
        DESCRIBE_ROUTE_TABLES: Any = "ec2:DescribeRouteTables";
        DESCRIBE_SECURITY_GROUP_RULES: Any = "ec2:DescribeSecurityGroupRules";
        DESCRIBE_VPC_ENDPOINTS: Any = "ec2:DescribeVpcEndpoints";
        CREATE_VPC: Vpc = "ec2:CreateVpc";
        CREATE_SUBNET: Subnet = "ec2:CreateSubnet";
        CREATE_ROUTE_TABLE: RouteTable = "ec2:CreateRouteTable";
        CREATE_NETWORK_ACL: NetworkAcl = "ec2:CreateNetworkAcl";
        CREATE_SECURITY_GROUP: SecurityGroup = "ec2:CreateSecurityGroup";
        AUTHORIZE_RULE_IN: SecurityGroupRule = "ec2:AuthorizeSecurityGroupIngress";
        AUTHORIZE_RULE_OUT: SecurityGroupRule = "ec2:AuthorizeSecurityGroupEgress";
        CREATE_VPC_ENDPOINT: VpcEndpoint = "ec2:CreateVpcEndpoint";
        CREATE_FLOW_LOGS: FlowLog = "ec2:CreateFlowLogs";
        DELETE_ENTRY_OF_ACL: NetworkAcl = "ec2:DeleteNetworkAclEntry";
        OWN_ASSOCIATE_ROUTE_TABLE: Ec2 = "ec2:AssociateRouteTable";
        OWN_AUTHORIZE_SECURITY_GROUP_EGRESS: Ec2 = "ec2:AuthorizeSecurityGroupEgress";
        OWN_AUTHORIZE_SECURITY_GROUP_INGRESS: Ec2 = "ec2:AuthorizeSecurityGroupIngress";
        OWN_CREATE_FLOW_LOGS: Ec2 = "ec2:CreateFlowLogs";
        OWN_CREATE_NETWORK_ACL: Ec2 = "ec2:CreateNetworkAcl";
        OWN_CREATE_NETWORK_ACL_ENTRY: Ec2 = "ec2:CreateNetworkAclEntry";
        OWN_CREATE_ROUTE_TABLE: Ec2 = "ec2:CreateRouteTable";
        OWN_CREATE_SECURITY_GROUP: Ec2 = "ec2:CreateSecurityGroup";
        OWN_CREATE_SUBNET: Ec2 = "ec2:CreateSubnet";
        OWN_CREATE_TAGS: Ec2 = "ec2:CreateTags";
        OWN_CREATE_VPC_ENDPOINT: Ec2 = "ec2:CreateVpcEndpoint";
        OWN_DELETE_FLOW_LOGS: Ec2 = "ec2:DeleteFlowLogs";
        OWN_DELETE_NETWORK_ACL: Ec2 = "ec2:DeleteNetworkAcl";
        OWN_DELETE_NETWORK_ACL_ENTRY: Ec2 = "ec2:DeleteNetworkAclEntry";
        OWN_DELETE_ROUTE_TABLE: Ec2 = "ec2:DeleteRouteTable";
        OWN_DELETE_SECURITY_GROUP: Ec2 = "ec2:DeleteSecurityGroup";
        OWN_DELETE_SUBNET: Ec2 = "ec2:DeleteSubnet";
        OWN_DELETE_TAGS: Ec2 = "ec2:DeleteTags";
        OWN_DELETE_VPC: Ec2 = "ec2:DeleteVpc";
        OWN_DELETE_VPC_ENDPOINTS: Ec2 = "ec2:DeleteVpcEndpoints";
        OWN_DESCRIBE_VPC_ATTRIBUTE: Ec2 = "ec2:DescribeVpcAttribute";
        OWN_DISASSOCIATE_ROUTE_TABLE: Ec2 = "ec2:DisassociateRouteTable";
        OWN_MODIFY_SECURITY_GROUP_RULES: Ec2 = "ec2:ModifySecurityGroupRules";
        OWN_MODIFY_SUBNET_ATTRIBUTE: Ec2 = "ec2:ModifySubnetAttribute";
        OWN_MODIFY_VPC_ATTRIBUTE: Ec2 = "ec2:ModifyVpcAttribute";
        OWN_MODIFY_VPC_ENDPOINT: Ec2 = "ec2:ModifyVpcEndpoint";
        OWN_REPLACE_NETWORK_ACL_ASSOCIATION: Ec2 = "ec2:ReplaceNetworkAclAssociation";
        OWN_REVOKE_SECURITY_GROUP_EGRESS: Ec2 = "ec2:RevokeSecurityGroupEgress";
        OWN_REVOKE_SECURITY_GROUP_INGRESS: Ec2 = "ec2:RevokeSecurityGroupIngress";
    }
    /// Amazon EventBridge.
    events {
        PUT_EVENTS: EventBus = "events:PutEvents";
        DELETE_RULE: Rule = "events:DeleteRule";
        DESCRIBE_RULE: Rule = "events:DescribeRule";
        LIST_TAGS_FOR_RESOURCE: Rule = "events:ListTagsForResource";
        LIST_TARGETS_BY_RULE: Rule = "events:ListTargetsByRule";
        PUT_RULE: Rule = "events:PutRule";
        PUT_TARGETS: Rule = "events:PutTargets";
        REMOVE_TARGETS: Rule = "events:RemoveTargets";
        TAG_RESOURCE: Rule = "events:TagResource";
        UNTAG_RESOURCE: Rule = "events:UntagResource";
    }
    /// Amazon CloudWatch.
    cloudwatch {
        DELETE_ALARMS: Alarm = "cloudwatch:DeleteAlarms";
        DESCRIBE_ALARMS: Alarm = "cloudwatch:DescribeAlarms";
        LIST_TAGS_FOR_RESOURCE: Alarm = "cloudwatch:ListTagsForResource";
        PUT_METRIC_ALARM: Alarm = "cloudwatch:PutMetricAlarm";
        TAG_RESOURCE: Alarm = "cloudwatch:TagResource";
        UNTAG_RESOURCE: Alarm = "cloudwatch:UntagResource";
    }
    /// AWS Identity and Access Management: of the roles of one tenant, and the boundary around them.
    iam {
        CREATE_ROLE: Role = "iam:CreateRole";
        DELETE_ROLE: Role = "iam:DeleteRole";
        DELETE_ROLE_POLICY: Role = "iam:DeleteRolePolicy";
        GET_ROLE: Role = "iam:GetRole";
        GET_ROLE_POLICY: Role = "iam:GetRolePolicy";
        LIST_ATTACHED_ROLE_POLICIES: Role = "iam:ListAttachedRolePolicies";
        LIST_INSTANCE_PROFILES_FOR_ROLE: Role = "iam:ListInstanceProfilesForRole";
        LIST_ROLE_POLICIES: Role = "iam:ListRolePolicies";
        LIST_ROLE_TAGS: Role = "iam:ListRoleTags";
        PASS_ROLE: Role = "iam:PassRole";
        PUT_ROLE_PERMISSIONS_BOUNDARY: Role = "iam:PutRolePermissionsBoundary";
        PUT_ROLE_POLICY: Role = "iam:PutRolePolicy";
        TAG_ROLE: Role = "iam:TagRole";
        UNTAG_ROLE: Role = "iam:UntagRole";
        UPDATE_ASSUME_ROLE_POLICY: Role = "iam:UpdateAssumeRolePolicy";
        UPDATE_ROLE: Role = "iam:UpdateRole";
        UPDATE_ROLE_DESCRIPTION: Role = "iam:UpdateRoleDescription";
        CREATE_SERVICE_LINKED_ROLE: Role = "iam:CreateServiceLinkedRole";
        CREATE_POLICY: Policy = "iam:CreatePolicy";
        CREATE_POLICY_VERSION: Policy = "iam:CreatePolicyVersion";
        DELETE_POLICY: Policy = "iam:DeletePolicy";
        DELETE_POLICY_VERSION: Policy = "iam:DeletePolicyVersion";
        GET_POLICY: Policy = "iam:GetPolicy";
        GET_POLICY_VERSION: Policy = "iam:GetPolicyVersion";
        LIST_POLICY_TAGS: Policy = "iam:ListPolicyTags";
        LIST_POLICY_VERSIONS: Policy = "iam:ListPolicyVersions";
        TAG_POLICY: Policy = "iam:TagPolicy";
        UNTAG_POLICY: Policy = "iam:UntagPolicy";
    }
    /// Amazon Route 53.
    route53 {
        ASSOCIATE_VPC_WITH_HOSTED_ZONE: HostedZone = "route53:AssociateVPCWithHostedZone";
    }
    /// AWS CodeBuild.
    codebuild {
        START_BUILD: BuildProject = "codebuild:StartBuild";
        STOP_BUILD: BuildProject = "codebuild:StopBuild";
        BATCH_GET_BUILDS: BuildProject = "codebuild:BatchGetBuilds";
    }
    /// AWS Step Functions.
    states {
        START_EXECUTION: StateMachine = "states:StartExecution";
    }
    /// AWS Security Token Service: who may become a role.
    sts {
        ASSUME_ROLE: Any = "sts:AssumeRole";
        TAG_SESSION: Any = "sts:TagSession";
        ASSUME_THIS_ROLE: Role = "sts:AssumeRole";
        TAG_SESSION_OF_ROLE: Role = "sts:TagSession";
    }
}
