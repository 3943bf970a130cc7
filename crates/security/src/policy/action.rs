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
        SCAN_REGISTRY: Table = "dynamodb:Scan";
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
    }
    /// Amazon CloudWatch Logs. Group-level reads (`FilterLogEvents`, `StartQuery`) are left out: on a shared group they read every
    /// tenant's events.
    logs {
        CREATE_LOG_STREAM: LogStream = "logs:CreateLogStream";
        PUT_LOG_EVENTS: LogStream = "logs:PutLogEvents";
        GET_LOG_EVENTS: LogStream = "logs:GetLogEvents";
        DESCRIBE_LOG_GROUPS: LogGroup = "logs:DescribeLogGroups";
        DESCRIBE_LOG_STREAMS: LogGroup = "logs:DescribeLogStreams";
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
    }
    /// AWS Lambda.
    lambda {
        INVOKE_FUNCTION: Function = "lambda:InvokeFunction";
        INVOKE_FUNCTION_URL: Function = "lambda:InvokeFunctionUrl";
    }
    /// Amazon EC2: what Lambda asks of the execution role of a function in a VPC.
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
    }
    /// Amazon EventBridge.
    events {
        PUT_EVENTS: EventBus = "events:PutEvents";
        DESCRIBE_RULE: Rule = "events:DescribeRule";
        PUT_RULE: Rule = "events:PutRule";
        PUT_TARGETS: Rule = "events:PutTargets";
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
