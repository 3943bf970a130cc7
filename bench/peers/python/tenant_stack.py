"""The stack of one tenant, translated by bench/peers/translate from the document that `app synth` writes."""

import json

from cdktf import Fn, LocalBackend, TerraformOutput, TerraformStack, Token
from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetDeadLetterConfig,
    CloudwatchEventTargetRetryPolicy,
)
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.cloudwatch_log_metric_filter import CloudwatchLogMetricFilter, CloudwatchLogMetricFilterMetricTransformation
from cdktf_cdktf_provider_aws.cloudwatch_log_subscription_filter import CloudwatchLogSubscriptionFilter
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.data_aws_availability_zones import DataAwsAvailabilityZones, DataAwsAvailabilityZonesFilter
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.default_network_acl import DefaultNetworkAcl
from cdktf_cdktf_provider_aws.default_route_table import DefaultRouteTable
from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.dynamodb_contributor_insights import DynamodbContributorInsights
from cdktf_cdktf_provider_aws.dynamodb_resource_policy import DynamodbResourcePolicy
from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableServerSideEncryption,
    DynamodbTableTtl,
)
from cdktf_cdktf_provider_aws.flow_log import FlowLog
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.kms_key_policy import KmsKeyPolicy
from cdktf_cdktf_provider_aws.lambda_function import (
    LambdaFunction,
    LambdaFunctionDeadLetterConfig,
    LambdaFunctionEnvironment,
    LambdaFunctionLoggingConfig,
    LambdaFunctionTracingConfig,
    LambdaFunctionVpcConfig,
)
from cdktf_cdktf_provider_aws.lambda_function_url import LambdaFunctionUrl
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from cdktf_cdktf_provider_aws.network_acl import NetworkAcl, NetworkAclEgress, NetworkAclIngress
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
    S3BucketLifecycleConfigurationRuleTransition,
)
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import S3BucketOwnershipControls, S3BucketOwnershipControlsRule
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import S3BucketVersioningA, S3BucketVersioningVersioningConfiguration
from cdktf_cdktf_provider_aws.security_group import SecurityGroup, SecurityGroupTimeouts
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from cdktf_cdktf_provider_aws.subnet import Subnet, SubnetTimeouts
from cdktf_cdktf_provider_aws.vpc import Vpc
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from cdktf_cdktf_provider_aws.provider import AwsProvider


def document(value):
    return json.dumps(value, separators=(",", ":"))


class TenantStack(TerraformStack):
    def __init__(self, scope, tenant, suffix, block, subnets):
        super().__init__(scope, f"tenant-{tenant}-{suffix}")
        LocalBackend(self, path=f"../../../terraform.tenant-{tenant}-{suffix}.tfstate")
        AwsProvider(self, "aws", region="us-east-1")
        self.add_override("terraform.required_version", ">= 1.10")
        tags = {"Environment": suffix, "ManagedBy": "CDKTF", "TenantId": tenant}
        availability_zones_available = DataAwsAvailabilityZones(
            self,
            "availability_zones_available",
            exclude_zone_ids=["use1-az3"],
            filter=[DataAwsAvailabilityZonesFilter(name="opt-in-status", values=["opt-in-not-required"])],
            state="available",
        )
        caller_identity_current = DataAwsCallerIdentity(self, "caller_identity_current")
        cloudwatch_event_rule_tenant = CloudwatchEventRule(
            self,
            "cloudwatch_event_rule_tenant",
            description="Brings the tenant's own events to its handler",
            event_pattern=document({
                "detail": {"environment_suffix": [suffix], "tenant_id": [tenant]},
                "detail-type": ["TenantProvisioned", "TenantSuspended", "TenantResumed", "TenantOffboarding", "TenantSettingsChanged"],
                "source": ["palisade.platform"],
            }),
            name=f"tenant-{tenant}-events-{suffix}",
            tags=tags,
        )
        kms_key_tenant = KmsKey(
            self,
            "kms_key_tenant",
            deletion_window_in_days=7,
            description=f"All data of tenant {tenant}",
            enable_key_rotation=True,
            tags={**tags, "Name": f"tenant-{tenant}-key-{suffix}"},
        )
        vpc_tenant = Vpc(
            self,
            "vpc_tenant",
            cidr_block=block,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={**tags, "Name": f"tenant-{tenant}-vpc-{suffix}"},
        )
        security_group_functions = SecurityGroup(
            self,
            "security_group_functions",
            description="Functions of the tenant: no way in",
            name=f"tenant-{tenant}-function-sg-{suffix}",
            revoke_rules_on_delete=True,
            tags={**tags, "Name": f"tenant-{tenant}-function-sg-{suffix}"},
            timeouts=SecurityGroupTimeouts(delete="45m"),
            vpc_id=vpc_tenant.id,
        )
        subnet_private_a = Subnet(
            self,
            "subnet_private_a",
            availability_zone=Token.as_string(Fn.element(availability_zones_available.names, 0)),
            cidr_block=subnets[0],
            map_public_ip_on_launch=False,
            tags={**tags, "Name": f"tenant-{tenant}-subnet-a-{suffix}"},
            timeouts=SubnetTimeouts(delete="45m"),
            vpc_id=vpc_tenant.id,
        )
        subnet_private_b = Subnet(
            self,
            "subnet_private_b",
            availability_zone=Token.as_string(Fn.element(availability_zones_available.names, 1)),
            cidr_block=subnets[1],
            map_public_ip_on_launch=False,
            tags={**tags, "Name": f"tenant-{tenant}-subnet-b-{suffix}"},
            timeouts=SubnetTimeouts(delete="45m"),
            vpc_id=vpc_tenant.id,
        )
        iam_policy_tenant = IamPolicy(
            self,
            "iam_policy_tenant",
            description="The most that any role of the tenant can do",
            name=f"tenant-{tenant}-boundary-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": [
                            "ec2:CreateNetworkInterface",
                            "logs:CreateLogStream",
                            "logs:DescribeLogGroups",
                            "logs:DescribeLogStreams",
                            "logs:GetLogEvents",
                            "logs:PutLogEvents",
                            "s3:AbortMultipartUpload",
                            "s3:DeleteObject",
                            "s3:GetObject",
                            "s3:ListBucket",
                            "s3:PutObject",
                            "sqs:SendMessage",
                        ],
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": [
                            security_group_functions.arn,
                            subnet_private_a.arn,
                            subnet_private_b.arn,
                            f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:network-interface/*",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:platform-central-log-{suffix}:log-stream:{tenant}/*",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-{tenant}-api-log-{suffix}:log-stream:*",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-{tenant}-flow-log-{suffix}:*",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-{tenant}-flow-log-{suffix}:log-stream:*",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-{tenant}-relay-log-{suffix}:log-stream:*",
                            f"arn:aws:s3:::tenant-{tenant}-data-{suffix}",
                            f"arn:aws:s3:::tenant-{tenant}-data-{suffix}/*",
                            f"arn:aws:sqs:us-east-1:{caller_identity_current.account_id}:tenant-{tenant}-dlq-{suffix}",
                        ],
                        "Sid": "Own",
                    },
                    {
                        "Action": "lambda:InvokeFunction",
                        "Condition": {
                            "Bool": {"lambda:InvokedViaFunctionUrl": "true"},
                            "StringEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-{tenant}-api-{suffix}",
                        "Sid": "CallThroughUrl",
                    },
                    {
                        "Action": "lambda:InvokeFunctionUrl",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant, "lambda:FunctionUrlAuthType": "AWS_IAM"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-{tenant}-api-{suffix}",
                        "Sid": "CallUrl",
                    },
                    {
                        "Action": ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "Describe",
                    },
                    {
                        "Action": ["ec2:AssignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"],
                        "Condition": {
                            "ArnEqualsIfExists": {"ec2:Vpc": vpc_tenant.arn},
                            "StringEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:network-interface/*",
                        "Sid": "InterfacesOfVpc",
                    },
                    {
                        "Action": [
                            "dynamodb:BatchGetItem",
                            "dynamodb:BatchWriteItem",
                            "dynamodb:ConditionCheckItem",
                            "dynamodb:DeleteItem",
                            "dynamodb:GetItem",
                            "dynamodb:PutItem",
                            "dynamodb:Query",
                            "dynamodb:UpdateItem",
                        ],
                        "Condition": {
                            "ForAnyValue:StringEquals": {"dynamodb:LeadingKeys": tenant},
                            "StringEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/tenant-{tenant}-metadata-{suffix}",
                        "Sid": "Items",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "aws:PrincipalTag/TenantId": tenant,
                                "kms:ViaService": [
                                    "dynamodb.us-east-1.amazonaws.com",
                                    "lambda.us-east-1.amazonaws.com",
                                    "s3.us-east-1.amazonaws.com",
                                    "sqs.us-east-1.amazonaws.com",
                                ],
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kms_key_tenant.arn,
                        "Sid": "Key",
                    },
                    {
                        "Action": [
                            "dynamodb:BatchGetItem",
                            "dynamodb:BatchWriteItem",
                            "dynamodb:ConditionCheckItem",
                            "dynamodb:DeleteItem",
                            "dynamodb:GetItem",
                            "dynamodb:PutItem",
                            "dynamodb:Query",
                            "dynamodb:UpdateItem",
                        ],
                        "Condition": {"ForAnyValue:StringNotEquals": {"dynamodb:LeadingKeys": tenant}},
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyOtherPartitions",
                    },
                    {
                        "Action": "ec2:*",
                        "Condition": {
                            "ArnEquals": {
                                "lambda:SourceFunctionArn": [
                                    f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-{tenant}-api-{suffix}",
                                    f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-{tenant}-relay-{suffix}",
                                ],
                            },
                        },
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyNetworkToCode",
                    },
                    {
                        "Action": [
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
                        ],
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyChangesOfIsolation",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags=tags,
        )
        iam_role_api = IamRole(
            self,
            "iam_role_api",
            assume_role_policy=document({
                "Statement": [
                    {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Sid": "AllowAssume"},
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenantRoles",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description="Runs the tenant API",
            force_detach_policies=True,
            name=f"tenant-{tenant}-api-role-{suffix}",
            permissions_boundary=iam_policy_tenant.arn,
            tags=tags,
        )
        iam_role_relay = IamRole(
            self,
            "iam_role_relay",
            assume_role_policy=document({
                "Statement": [
                    {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Sid": "AllowAssume"},
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenantRoles",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description="Runs the log relay",
            force_detach_policies=True,
            name=f"tenant-{tenant}-relay-role-{suffix}",
            permissions_boundary=iam_policy_tenant.arn,
            tags=tags,
        )
        kms_key_policy_tenant = KmsKeyPolicy(
            self,
            "kms_key_policy_tenant",
            key_id=kms_key_tenant.key_id,
            policy=document({
                "Statement": [
                    {
                        "Action": [
                            "kms:CancelKeyDeletion",
                            "kms:CreateAlias",
                            "kms:DeleteAlias",
                            "kms:DescribeKey",
                            "kms:DisableKey",
                            "kms:DisableKeyRotation",
                            "kms:EnableKey",
                            "kms:EnableKeyRotation",
                            "kms:GetKeyPolicy",
                            "kms:GetKeyRotationStatus",
                            "kms:ListGrants",
                            "kms:ListKeyPolicies",
                            "kms:ListResourceTags",
                            "kms:PutKeyPolicy",
                            "kms:RevokeGrant",
                            "kms:ScheduleKeyDeletion",
                            "kms:TagResource",
                            "kms:UntagResource",
                            "kms:UpdateAlias",
                            "kms:UpdateKeyDescription",
                        ],
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{caller_identity_current.account_id}:root"},
                        "Resource": kms_key_tenant.arn,
                        "Sid": "AllowAdministration",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:dynamodb:tableName": f"tenant-{tenant}-metadata-{suffix}",
                                "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{caller_identity_current.account_id}:root"},
                        "Resource": kms_key_tenant.arn,
                        "Sid": "AllowCreatorOfTable",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:lambda:FunctionArn": [
                                    f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-{tenant}-api-{suffix}",
                                    f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-{tenant}-relay-{suffix}",
                                ],
                                "kms:ViaService": "lambda.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{caller_identity_current.account_id}:root"},
                        "Resource": kms_key_tenant.arn,
                        "Sid": "AllowCreatorOfFunctions",
                    },
                    {
                        "Action": "kms:CreateGrant",
                        "Condition": {
                            "Bool": {"kms:GrantIsForAWSResource": "true"},
                            "StringEquals": {"kms:ViaService": ["dynamodb.us-east-1.amazonaws.com", "lambda.us-east-1.amazonaws.com"]},
                        },
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{caller_identity_current.account_id}:root"},
                        "Resource": kms_key_tenant.arn,
                        "Sid": "AllowGrantsToServices",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "aws:PrincipalTag/TenantId": tenant,
                                "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::tenant-{tenant}-data-{suffix}",
                                "kms:ViaService": "s3.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": {"AWS": iam_role_api.arn},
                        "Resource": kms_key_tenant.arn,
                        "Sid": "AllowObjects",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "aws:PrincipalTag/TenantId": tenant,
                                "kms:EncryptionContext:aws:dynamodb:tableName": f"tenant-{tenant}-metadata-{suffix}",
                                "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": {"AWS": iam_role_api.arn},
                        "Resource": kms_key_tenant.arn,
                        "Sid": "AllowItems",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {"aws:PrincipalTag/TenantId": tenant, "kms:ViaService": "sqs.us-east-1.amazonaws.com"},
                        },
                        "Effect": "Allow",
                        "Principal": {"AWS": [iam_role_api.arn, iam_role_relay.arn]},
                        "Resource": kms_key_tenant.arn,
                        "Sid": "AllowDeadLetters",
                    },
                    {
                        "Action": "kms:Decrypt",
                        "Condition": {
                            "StringEquals": {
                                "aws:PrincipalTag/TenantId": tenant,
                                "kms:EncryptionContext:aws:lambda:FunctionArn": [
                                    f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-{tenant}-api-{suffix}",
                                    f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-{tenant}-relay-{suffix}",
                                ],
                                "kms:ViaService": "lambda.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": {"AWS": [iam_role_api.arn, iam_role_relay.arn]},
                        "Resource": kms_key_tenant.arn,
                        "Sid": "AllowFunctionSettings",
                    },
                    {
                        "Action": [
                            "kms:Decrypt",
                            "kms:DescribeKey",
                            "kms:Encrypt",
                            "kms:GenerateDataKey",
                            "kms:GenerateDataKeyWithoutPlaintext",
                            "kms:ReEncryptFrom",
                            "kms:ReEncryptTo",
                        ],
                        "Condition": {
                            "ArnEquals": {
                                "kms:EncryptionContext:aws:logs:arn": [
                                    f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-{tenant}-api-log-{suffix}",
                                    f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-{tenant}-relay-log-{suffix}",
                                    f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-{tenant}-flow-log-{suffix}",
                                ],
                            },
                        },
                        "Effect": "Allow",
                        "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
                        "Resource": kms_key_tenant.arn,
                        "Sid": "AllowLogGroups",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/tenant-{tenant}-events-{suffix}",
                            },
                            "StringEquals": {"aws:SourceAccount": caller_identity_current.account_id},
                        },
                        "Effect": "Allow",
                        "Principal": {"Service": "events.amazonaws.com"},
                        "Resource": kms_key_tenant.arn,
                        "Sid": "AllowUndeliveredEvents",
                    },
                    {
                        "Action": "kms:DescribeKey",
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/tenant-{tenant}-metadata-{suffix}",
                            },
                            "StringEquals": {"aws:SourceAccount": caller_identity_current.account_id},
                        },
                        "Effect": "Allow",
                        "Principal": {"Service": "dynamodb.amazonaws.com"},
                        "Resource": kms_key_tenant.arn,
                        "Sid": "AllowTableToSeeKey",
                    },
                    {
                        "Action": "kms:*",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": kms_key_tenant.arn,
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": "kms:*",
                        "Condition": {
                            "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"},
                            "ArnNotEquals": {
                                "aws:PrincipalArn": [
                                    f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-api-role-{suffix}",
                                    f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-relay-role-{suffix}",
                                ],
                            },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": kms_key_tenant.arn,
                        "Sid": "DenyUnlistedTenantRoles",
                    },
                    {
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": [
                                    f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-api-role-{suffix}",
                                    f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-relay-role-{suffix}",
                                ],
                            },
                        },
                        "Effect": "Deny",
                        "NotAction": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Principal": "*",
                        "Resource": kms_key_tenant.arn,
                        "Sid": "DenyTenantsAllButUse",
                    },
                ],
                "Version": "2012-10-17",
            }),
        )
        sqs_queue_dead_letters = SqsQueue(
            self,
            "sqs_queue_dead_letters",
            kms_data_key_reuse_period_seconds=300,
            kms_master_key_id=kms_key_tenant.arn,
            message_retention_seconds=1209600,
            name=f"tenant-{tenant}-dlq-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": "sqs:SendMessage",
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/tenant-{tenant}-events-{suffix}",
                            },
                            "StringEquals": {"aws:SourceAccount": caller_identity_current.account_id},
                        },
                        "Effect": "Allow",
                        "Principal": {"Service": "events.amazonaws.com"},
                        "Resource": f"arn:aws:sqs:us-east-1:{caller_identity_current.account_id}:tenant-{tenant}-dlq-{suffix}",
                        "Sid": "AllowUndeliveredEvents",
                    },
                    {
                        "Action": "sqs:*",
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": f"arn:aws:sqs:us-east-1:{caller_identity_current.account_id}:tenant-{tenant}-dlq-{suffix}",
                        "Sid": "DenyPlainText",
                    },
                    {
                        "Action": "sqs:*",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": f"arn:aws:sqs:us-east-1:{caller_identity_current.account_id}:tenant-{tenant}-dlq-{suffix}",
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": "sqs:*",
                        "Condition": {
                            "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"},
                            "ArnNotEquals": {
                                "aws:PrincipalArn": [
                                    f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-api-role-{suffix}",
                                    f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-relay-role-{suffix}",
                                ],
                            },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": f"arn:aws:sqs:us-east-1:{caller_identity_current.account_id}:tenant-{tenant}-dlq-{suffix}",
                        "Sid": "DenyUnlistedTenantRoles",
                    },
                    {
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": [
                                    f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-api-role-{suffix}",
                                    f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-relay-role-{suffix}",
                                ],
                            },
                        },
                        "Effect": "Deny",
                        "NotAction": "sqs:SendMessage",
                        "Principal": "*",
                        "Resource": f"arn:aws:sqs:us-east-1:{caller_identity_current.account_id}:tenant-{tenant}-dlq-{suffix}",
                        "Sid": "DenyTenantsAllButSending",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags=tags,
            depends_on=[kms_key_policy_tenant],
        )
        cloudwatch_log_group_api = CloudwatchLogGroup(
            self,
            "cloudwatch_log_group_api",
            kms_key_id=kms_key_tenant.arn,
            name=f"tenant-{tenant}-api-log-{suffix}",
            retention_in_days=30,
            tags=tags,
            depends_on=[kms_key_policy_tenant],
        )
        cloudwatch_log_group_relay = CloudwatchLogGroup(
            self,
            "cloudwatch_log_group_relay",
            kms_key_id=kms_key_tenant.arn,
            name=f"tenant-{tenant}-relay-log-{suffix}",
            retention_in_days=30,
            tags=tags,
            depends_on=[kms_key_policy_tenant],
        )
        iam_role_policy_api = IamRolePolicy(
            self,
            "iam_role_policy_api",
            name=f"tenant-{tenant}-api-role-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": [
                            "dynamodb:BatchGetItem",
                            "dynamodb:BatchWriteItem",
                            "dynamodb:ConditionCheckItem",
                            "dynamodb:DeleteItem",
                            "dynamodb:GetItem",
                            "dynamodb:PutItem",
                            "dynamodb:Query",
                            "dynamodb:UpdateItem",
                        ],
                        "Condition": {
                            "ForAnyValue:StringEquals": {"dynamodb:LeadingKeys": tenant},
                            "StringEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/tenant-{tenant}-metadata-{suffix}",
                        "Sid": "Items",
                    },
                    {
                        "Action": ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:s3:::tenant-{tenant}-data-{suffix}/*",
                        "Sid": "Objects",
                    },
                    {
                        "Action": "s3:ListBucket",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:s3:::tenant-{tenant}-data-{suffix}",
                        "Sid": "Bucket",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "aws:PrincipalTag/TenantId": tenant,
                                "kms:ViaService": [
                                    "dynamodb.us-east-1.amazonaws.com",
                                    "lambda.us-east-1.amazonaws.com",
                                    "s3.us-east-1.amazonaws.com",
                                    "sqs.us-east-1.amazonaws.com",
                                ],
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kms_key_tenant.arn,
                        "Sid": "Key",
                    },
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-{tenant}-api-log-{suffix}:log-stream:*",
                        "Sid": "OwnLog",
                    },
                    {
                        "Action": "sqs:SendMessage",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:sqs:us-east-1:{caller_identity_current.account_id}:tenant-{tenant}-dlq-{suffix}",
                        "Sid": "DeadLetters",
                    },
                    {
                        "Action": "ec2:CreateNetworkInterface",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": [subnet_private_a.arn, subnet_private_b.arn],
                        "Sid": "SubnetsOfInterfaces",
                    },
                    {
                        "Action": "ec2:CreateNetworkInterface",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": security_group_functions.arn,
                        "Sid": "GroupOfInterfaces",
                    },
                    {
                        "Action": "ec2:CreateNetworkInterface",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:network-interface/*",
                        "Sid": "Interfaces",
                    },
                    {
                        "Action": ["ec2:AssignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"],
                        "Condition": {
                            "ArnEqualsIfExists": {"ec2:Vpc": vpc_tenant.arn},
                            "StringEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:network-interface/*",
                        "Sid": "InterfacesOfVpc",
                    },
                    {
                        "Action": ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "Describe",
                    },
                    {
                        "Action": [
                            "dynamodb:BatchGetItem",
                            "dynamodb:BatchWriteItem",
                            "dynamodb:ConditionCheckItem",
                            "dynamodb:DeleteItem",
                            "dynamodb:GetItem",
                            "dynamodb:PutItem",
                            "dynamodb:Query",
                            "dynamodb:UpdateItem",
                        ],
                        "Condition": {"ForAnyValue:StringNotEquals": {"dynamodb:LeadingKeys": tenant}},
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyOtherPartitions",
                    },
                    {
                        "Action": "ec2:*",
                        "Condition": {
                            "ArnEquals": {
                                "lambda:SourceFunctionArn": [
                                    f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-{tenant}-api-{suffix}",
                                    f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-{tenant}-relay-{suffix}",
                                ],
                            },
                        },
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyNetworkToCode",
                    },
                ],
                "Version": "2012-10-17",
            }),
            role=iam_role_api.name,
        )
        iam_role_policy_relay = IamRolePolicy(
            self,
            "iam_role_policy_relay",
            name=f"tenant-{tenant}-relay-role-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:platform-central-log-{suffix}:log-stream:{tenant}/*",
                        "Sid": "CentralStreams",
                    },
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-{tenant}-relay-log-{suffix}:log-stream:*",
                        "Sid": "OwnLog",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "aws:PrincipalTag/TenantId": tenant,
                                "kms:ViaService": [
                                    "dynamodb.us-east-1.amazonaws.com",
                                    "lambda.us-east-1.amazonaws.com",
                                    "s3.us-east-1.amazonaws.com",
                                    "sqs.us-east-1.amazonaws.com",
                                ],
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kms_key_tenant.arn,
                        "Sid": "Key",
                    },
                    {
                        "Action": "sqs:SendMessage",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:sqs:us-east-1:{caller_identity_current.account_id}:tenant-{tenant}-dlq-{suffix}",
                        "Sid": "DeadLetters",
                    },
                    {
                        "Action": "ec2:CreateNetworkInterface",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": [subnet_private_a.arn, subnet_private_b.arn],
                        "Sid": "SubnetsOfInterfaces",
                    },
                    {
                        "Action": "ec2:CreateNetworkInterface",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": security_group_functions.arn,
                        "Sid": "GroupOfInterfaces",
                    },
                    {
                        "Action": "ec2:CreateNetworkInterface",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:network-interface/*",
                        "Sid": "Interfaces",
                    },
                    {
                        "Action": ["ec2:AssignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"],
                        "Condition": {
                            "ArnEqualsIfExists": {"ec2:Vpc": vpc_tenant.arn},
                            "StringEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:network-interface/*",
                        "Sid": "InterfacesOfVpc",
                    },
                    {
                        "Action": ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "Describe",
                    },
                    {
                        "Action": [
                            "dynamodb:BatchGetItem",
                            "dynamodb:BatchWriteItem",
                            "dynamodb:ConditionCheckItem",
                            "dynamodb:DeleteItem",
                            "dynamodb:GetItem",
                            "dynamodb:PutItem",
                            "dynamodb:Query",
                            "dynamodb:UpdateItem",
                        ],
                        "Condition": {"ForAnyValue:StringNotEquals": {"dynamodb:LeadingKeys": tenant}},
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyOtherPartitions",
                    },
                    {
                        "Action": "ec2:*",
                        "Condition": {
                            "ArnEquals": {
                                "lambda:SourceFunctionArn": [
                                    f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-{tenant}-api-{suffix}",
                                    f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-{tenant}-relay-{suffix}",
                                ],
                            },
                        },
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyNetworkToCode",
                    },
                ],
                "Version": "2012-10-17",
            }),
            role=iam_role_relay.name,
        )
        iam_role_flow = IamRole(
            self,
            "iam_role_flow",
            assume_role_policy=document({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Condition": {
                            "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:vpc-flow-log/*"},
                            "StringEquals": {"aws:SourceAccount": caller_identity_current.account_id},
                        },
                        "Effect": "Allow",
                        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                        "Sid": "AllowAssume",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenantRoles",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description="Writes the VPC flow log",
            force_detach_policies=True,
            name=f"tenant-{tenant}-flow-role-{suffix}",
            permissions_boundary=iam_policy_tenant.arn,
            tags=tags,
        )
        iam_role_policy_flow = IamRolePolicy(
            self,
            "iam_role_policy_flow",
            name=f"tenant-{tenant}-flow-role-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-{tenant}-flow-log-{suffix}:log-stream:*",
                        "Sid": "FlowLog",
                    },
                    {
                        "Action": ["logs:DescribeLogGroups", "logs:DescribeLogStreams"],
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-{tenant}-flow-log-{suffix}:*",
                        "Sid": "FlowLogGroup",
                    },
                ],
                "Version": "2012-10-17",
            }),
            role=iam_role_flow.name,
        )
        iam_role_caller = IamRole(
            self,
            "iam_role_caller",
            assume_role_policy=document({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{caller_identity_current.account_id}:root"},
                        "Sid": "AllowAssume",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenantRoles",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description="Calls the tenant API",
            force_detach_policies=True,
            name=f"tenant-{tenant}-caller-role-{suffix}",
            permissions_boundary=iam_policy_tenant.arn,
            tags=tags,
        )
        iam_role_policy_caller = IamRolePolicy(
            self,
            "iam_role_policy_caller",
            name=f"tenant-{tenant}-caller-role-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": "lambda:InvokeFunctionUrl",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant, "lambda:FunctionUrlAuthType": "AWS_IAM"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-{tenant}-api-{suffix}",
                        "Sid": "CallUrl",
                    },
                    {
                        "Action": "lambda:InvokeFunction",
                        "Condition": {
                            "Bool": {"lambda:InvokedViaFunctionUrl": "true"},
                            "StringEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-{tenant}-api-{suffix}",
                        "Sid": "CallThroughUrl",
                    },
                ],
                "Version": "2012-10-17",
            }),
            role=iam_role_caller.name,
        )
        iam_role_reader = IamRole(
            self,
            "iam_role_reader",
            assume_role_policy=document({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{caller_identity_current.account_id}:root"},
                        "Sid": "AllowAssume",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenantRoles",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description="Reads the tenant's logs, stream by stream",
            force_detach_policies=True,
            name=f"tenant-{tenant}-reader-role-{suffix}",
            permissions_boundary=iam_policy_tenant.arn,
            tags=tags,
        )
        iam_role_policy_reader = IamRolePolicy(
            self,
            "iam_role_policy_reader",
            name=f"tenant-{tenant}-reader-role-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": "logs:GetLogEvents",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": [
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-{tenant}-api-log-{suffix}:log-stream:*",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-{tenant}-relay-log-{suffix}:log-stream:*",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-{tenant}-flow-log-{suffix}:log-stream:*",
                        ],
                        "Sid": "OwnStreams",
                    },
                    {
                        "Action": "logs:GetLogEvents",
                        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": tenant}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:platform-central-log-{suffix}:log-stream:{tenant}/*",
                        "Sid": "OwnCentralStreams",
                    },
                ],
                "Version": "2012-10-17",
            }),
            role=iam_role_reader.name,
        )
        default_route_table_main = DefaultRouteTable(
            self,
            "default_route_table_main",
            default_route_table_id=vpc_tenant.default_route_table_id,
            route=[],
            tags={**tags, "Name": f"tenant-{tenant}-main-route-{suffix}"},
        )
        route_table_private = RouteTable(
            self,
            "route_table_private",
            tags={**tags, "Name": f"tenant-{tenant}-routes-{suffix}"},
            vpc_id=vpc_tenant.id,
        )
        route_table_association_private_a = RouteTableAssociation(
            self,
            "route_table_association_private_a",
            route_table_id=route_table_private.id,
            subnet_id=subnet_private_a.id,
        )
        route_table_association_private_b = RouteTableAssociation(
            self,
            "route_table_association_private_b",
            route_table_id=route_table_private.id,
            subnet_id=subnet_private_b.id,
        )
        network_acl_private = NetworkAcl(
            self,
            "network_acl_private",
            egress=[
                NetworkAclEgress(
                    action="allow",
                    cidr_block=block,
                    from_port=0,
                    icmp_code=0,
                    icmp_type=0,
                    protocol="-1",
                    rule_no=100,
                    to_port=0,
                ),
                NetworkAclEgress(
                    action="deny",
                    cidr_block="10.0.0.0/8",
                    from_port=0,
                    icmp_code=0,
                    icmp_type=0,
                    protocol="-1",
                    rule_no=200,
                    to_port=0,
                ),
                NetworkAclEgress(
                    action="deny",
                    cidr_block="172.16.0.0/12",
                    from_port=0,
                    icmp_code=0,
                    icmp_type=0,
                    protocol="-1",
                    rule_no=210,
                    to_port=0,
                ),
                NetworkAclEgress(
                    action="deny",
                    cidr_block="192.168.0.0/16",
                    from_port=0,
                    icmp_code=0,
                    icmp_type=0,
                    protocol="-1",
                    rule_no=220,
                    to_port=0,
                ),
                NetworkAclEgress(
                    action="deny",
                    cidr_block="100.64.0.0/10",
                    from_port=0,
                    icmp_code=0,
                    icmp_type=0,
                    protocol="-1",
                    rule_no=230,
                    to_port=0,
                ),
                NetworkAclEgress(
                    action="allow",
                    cidr_block="0.0.0.0/0",
                    from_port=443,
                    icmp_code=0,
                    icmp_type=0,
                    protocol="tcp",
                    rule_no=300,
                    to_port=443,
                ),
            ],
            ingress=[
                NetworkAclIngress(
                    action="allow",
                    cidr_block=block,
                    from_port=0,
                    icmp_code=0,
                    icmp_type=0,
                    protocol="-1",
                    rule_no=100,
                    to_port=0,
                ),
                NetworkAclIngress(
                    action="deny",
                    cidr_block="10.0.0.0/8",
                    from_port=0,
                    icmp_code=0,
                    icmp_type=0,
                    protocol="-1",
                    rule_no=200,
                    to_port=0,
                ),
                NetworkAclIngress(
                    action="deny",
                    cidr_block="172.16.0.0/12",
                    from_port=0,
                    icmp_code=0,
                    icmp_type=0,
                    protocol="-1",
                    rule_no=210,
                    to_port=0,
                ),
                NetworkAclIngress(
                    action="deny",
                    cidr_block="192.168.0.0/16",
                    from_port=0,
                    icmp_code=0,
                    icmp_type=0,
                    protocol="-1",
                    rule_no=220,
                    to_port=0,
                ),
                NetworkAclIngress(
                    action="deny",
                    cidr_block="100.64.0.0/10",
                    from_port=0,
                    icmp_code=0,
                    icmp_type=0,
                    protocol="-1",
                    rule_no=230,
                    to_port=0,
                ),
                NetworkAclIngress(
                    action="allow",
                    cidr_block="0.0.0.0/0",
                    from_port=1024,
                    icmp_code=0,
                    icmp_type=0,
                    protocol="tcp",
                    rule_no=300,
                    to_port=65535,
                ),
            ],
            subnet_ids=[subnet_private_a.id, subnet_private_b.id],
            tags={**tags, "Name": f"tenant-{tenant}-nacl-{suffix}"},
            vpc_id=vpc_tenant.id,
        )
        vpc_endpoint_s3 = VpcEndpoint(
            self,
            "vpc_endpoint_s3",
            policy=document({
                "Statement": [
                    {
                        "Action": ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-api-role-{suffix}",
                            },
                            "StringEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Allow",
                        "Principal": "*",
                        "Resource": f"arn:aws:s3:::tenant-{tenant}-data-{suffix}/*",
                        "Sid": "Objects",
                    },
                    {
                        "Action": "s3:ListBucket",
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-api-role-{suffix}",
                            },
                            "StringEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Allow",
                        "Principal": "*",
                        "Resource": f"arn:aws:s3:::tenant-{tenant}-data-{suffix}",
                        "Sid": "Bucket",
                    },
                ],
                "Version": "2012-10-17",
            }),
            route_table_ids=[route_table_private.id],
            service_name="com.amazonaws.us-east-1.s3",
            tags={**tags, "Name": f"tenant-{tenant}-vpce-s3-{suffix}"},
            vpc_endpoint_type="Gateway",
            vpc_id=vpc_tenant.id,
        )
        vpc_endpoint_dynamodb = VpcEndpoint(
            self,
            "vpc_endpoint_dynamodb",
            policy=document({
                "Statement": [
                    {
                        "Action": [
                            "dynamodb:BatchGetItem",
                            "dynamodb:BatchWriteItem",
                            "dynamodb:ConditionCheckItem",
                            "dynamodb:DeleteItem",
                            "dynamodb:GetItem",
                            "dynamodb:PutItem",
                            "dynamodb:Query",
                            "dynamodb:UpdateItem",
                        ],
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-api-role-{suffix}",
                            },
                            "StringEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Allow",
                        "Principal": "*",
                        "Resource": f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/tenant-{tenant}-metadata-{suffix}",
                        "Sid": "Items",
                    },
                ],
                "Version": "2012-10-17",
            }),
            route_table_ids=[route_table_private.id],
            service_name="com.amazonaws.us-east-1.dynamodb",
            tags={**tags, "Name": f"tenant-{tenant}-vpce-dynamo-{suffix}"},
            vpc_endpoint_type="Gateway",
            vpc_id=vpc_tenant.id,
        )
        security_group_endpoints = SecurityGroup(
            self,
            "security_group_endpoints",
            description="Interface endpoints of the tenant: HTTPS from its functions",
            name=f"tenant-{tenant}-endpoint-sg-{suffix}",
            revoke_rules_on_delete=True,
            tags={**tags, "Name": f"tenant-{tenant}-endpoint-sg-{suffix}"},
            timeouts=SecurityGroupTimeouts(delete="45m"),
            vpc_id=vpc_tenant.id,
        )
        vpc_endpoint_logs = VpcEndpoint(
            self,
            "vpc_endpoint_logs",
            policy=document({
                "Statement": [
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-relay-role-{suffix}",
                            },
                            "StringEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Allow",
                        "Principal": "*",
                        "Resource": f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:platform-central-log-{suffix}:log-stream:{tenant}/*",
                        "Sid": "CentralStreams",
                    },
                ],
                "Version": "2012-10-17",
            }),
            private_dns_enabled=True,
            security_group_ids=[security_group_endpoints.id],
            service_name="com.amazonaws.us-east-1.logs",
            subnet_ids=[subnet_private_a.id, subnet_private_b.id],
            tags={**tags, "Name": f"tenant-{tenant}-vpce-logs-{suffix}"},
            vpc_endpoint_type="Interface",
            vpc_id=vpc_tenant.id,
        )
        vpc_security_group_egress_rule_functions_to_s3 = VpcSecurityGroupEgressRule(
            self,
            "vpc_security_group_egress_rule_functions_to_s3",
            description="To S3",
            from_port=443,
            ip_protocol="tcp",
            prefix_list_id=vpc_endpoint_s3.prefix_list_id,
            security_group_id=security_group_functions.id,
            tags=tags,
            to_port=443,
        )
        vpc_security_group_egress_rule_functions_to_dynamodb = VpcSecurityGroupEgressRule(
            self,
            "vpc_security_group_egress_rule_functions_to_dynamodb",
            description="To DynamoDB",
            from_port=443,
            ip_protocol="tcp",
            prefix_list_id=vpc_endpoint_dynamodb.prefix_list_id,
            security_group_id=security_group_functions.id,
            tags=tags,
            to_port=443,
        )
        lambda_function_api = LambdaFunction(
            self,
            "lambda_function_api",
            architectures=["x86_64"],
            dead_letter_config=LambdaFunctionDeadLetterConfig(target_arn=sqs_queue_dead_letters.arn),
            description="The tenant API",
            environment=LambdaFunctionEnvironment(
                variables={
                    "BUCKET_NAME": f"tenant-{tenant}-data-{suffix}",
                    "ENVIRONMENT_SUFFIX": suffix,
                    "TABLE_NAME": f"tenant-{tenant}-metadata-{suffix}",
                    "TENANT_ID": tenant,
                },
            ),
            filename="../../assets/tenant-api.zip",
            function_name=f"tenant-{tenant}-api-{suffix}",
            handler="bootstrap",
            kms_key_arn=kms_key_tenant.arn,
            logging_config=LambdaFunctionLoggingConfig(log_format="JSON", log_group=f"tenant-{tenant}-api-log-{suffix}"),
            memory_size=256,
            reserved_concurrent_executions=10,
            role=iam_role_api.arn,
            runtime="provided.al2023",
            tags=tags,
            timeout=60,
            tracing_config=LambdaFunctionTracingConfig(mode="PassThrough"),
            vpc_config=LambdaFunctionVpcConfig(
                security_group_ids=[security_group_functions.id],
                subnet_ids=[subnet_private_a.id, subnet_private_b.id],
            ),
            depends_on=[
                kms_key_policy_tenant,
                cloudwatch_log_group_api,
                cloudwatch_log_group_relay,
                iam_role_policy_api,
                iam_role_policy_relay,
                iam_role_policy_flow,
                iam_role_policy_caller,
                iam_role_policy_reader,
                default_route_table_main,
                route_table_association_private_a,
                route_table_association_private_b,
                network_acl_private,
                vpc_endpoint_s3,
                vpc_endpoint_dynamodb,
                vpc_endpoint_logs,
                vpc_security_group_egress_rule_functions_to_s3,
                vpc_security_group_egress_rule_functions_to_dynamodb,
            ],
        )
        lambda_permission_take_events = LambdaPermission(
            self,
            "lambda_permission_take_events",
            action="lambda:InvokeFunction",
            function_name=lambda_function_api.function_name,
            principal="events.amazonaws.com",
            source_account=caller_identity_current.account_id,
            source_arn=cloudwatch_event_rule_tenant.arn,
            statement_id="TakeEvents",
        )
        CloudwatchEventTarget(
            self,
            "cloudwatch_event_target_tenant",
            arn=lambda_function_api.arn,
            dead_letter_config=CloudwatchEventTargetDeadLetterConfig(arn=sqs_queue_dead_letters.arn),
            retry_policy=CloudwatchEventTargetRetryPolicy(maximum_event_age_in_seconds=3600, maximum_retry_attempts=60),
            rule=cloudwatch_event_rule_tenant.name,
            target_id=f"tenant-{tenant}-events-{suffix}",
            depends_on=[lambda_permission_take_events],
        )
        cloudwatch_log_group_flow = CloudwatchLogGroup(
            self,
            "cloudwatch_log_group_flow",
            kms_key_id=kms_key_tenant.arn,
            name=f"tenant-{tenant}-flow-log-{suffix}",
            retention_in_days=30,
            tags=tags,
            depends_on=[kms_key_policy_tenant],
        )
        CloudwatchLogMetricFilter(
            self,
            "cloudwatch_log_metric_filter_refused",
            log_group_name=cloudwatch_log_group_api.name,
            metric_transformation=CloudwatchLogMetricFilterMetricTransformation(
                default_value="0",
                name=f"tenant-{tenant}-refused-{suffix}",
                namespace="Palisade",
                value="1",
            ),
            name=f"tenant-{tenant}-refused-{suffix}",
            pattern="{ $.event = \"cross_tenant_refused\" }",
        )
        lambda_function_relay = LambdaFunction(
            self,
            "lambda_function_relay",
            architectures=["x86_64"],
            dead_letter_config=LambdaFunctionDeadLetterConfig(target_arn=sqs_queue_dead_letters.arn),
            description="Copies the tenant's log events to its own streams of the central log group",
            environment=LambdaFunctionEnvironment(
                variables={
                    "CENTRAL_LOG_GROUP_NAME": f"platform-central-log-{suffix}",
                    "ENVIRONMENT_SUFFIX": suffix,
                    "RELAYED_LOG_GROUP_NAME": f"tenant-{tenant}-api-log-{suffix}",
                    "TENANT_ID": tenant,
                },
            ),
            filename="../../assets/log-relay.zip",
            function_name=f"tenant-{tenant}-relay-{suffix}",
            handler="bootstrap",
            kms_key_arn=kms_key_tenant.arn,
            logging_config=LambdaFunctionLoggingConfig(log_format="JSON", log_group=f"tenant-{tenant}-relay-log-{suffix}"),
            memory_size=256,
            reserved_concurrent_executions=2,
            role=iam_role_relay.arn,
            runtime="provided.al2023",
            tags=tags,
            timeout=60,
            tracing_config=LambdaFunctionTracingConfig(mode="PassThrough"),
            vpc_config=LambdaFunctionVpcConfig(
                security_group_ids=[security_group_functions.id],
                subnet_ids=[subnet_private_a.id, subnet_private_b.id],
            ),
            depends_on=[
                kms_key_policy_tenant,
                cloudwatch_log_group_api,
                cloudwatch_log_group_relay,
                iam_role_policy_api,
                iam_role_policy_relay,
                iam_role_policy_flow,
                iam_role_policy_caller,
                iam_role_policy_reader,
                default_route_table_main,
                route_table_association_private_a,
                route_table_association_private_b,
                network_acl_private,
                vpc_endpoint_s3,
                vpc_endpoint_dynamodb,
                vpc_endpoint_logs,
                vpc_security_group_egress_rule_functions_to_s3,
                vpc_security_group_egress_rule_functions_to_dynamodb,
            ],
        )
        lambda_permission_relay_logs = LambdaPermission(
            self,
            "lambda_permission_relay_logs",
            action="lambda:InvokeFunction",
            function_name=lambda_function_relay.function_name,
            principal="logs.amazonaws.com",
            source_account=caller_identity_current.account_id,
            source_arn=f"{cloudwatch_log_group_api.arn}:*",
            statement_id="RelayLogs",
        )
        CloudwatchLogSubscriptionFilter(
            self,
            "cloudwatch_log_subscription_filter_relay",
            destination_arn=lambda_function_relay.arn,
            distribution="ByLogStream",
            filter_pattern="",
            log_group_name=cloudwatch_log_group_api.name,
            name=f"tenant-{tenant}-log-filter-{suffix}",
            depends_on=[lambda_permission_relay_logs],
        )
        CloudwatchMetricAlarm(
            self,
            "cloudwatch_metric_alarm_api_errors",
            alarm_description="The tenant API failed",
            alarm_name=f"tenant-{tenant}-api-errors-{suffix}",
            comparison_operator="GreaterThanThreshold",
            dimensions={"FunctionName": f"tenant-{tenant}-api-{suffix}"},
            evaluation_periods=1,
            metric_name="Errors",
            namespace="AWS/Lambda",
            period=300,
            statistic="Sum",
            tags=tags,
            threshold=0,
            treat_missing_data="notBreaching",
        )
        CloudwatchMetricAlarm(
            self,
            "cloudwatch_metric_alarm_api_throttled",
            alarm_description="The tenant API turned requests away: all reserved executions were busy",
            alarm_name=f"tenant-{tenant}-api-busy-{suffix}",
            comparison_operator="GreaterThanThreshold",
            dimensions={"FunctionName": f"tenant-{tenant}-api-{suffix}"},
            evaluation_periods=1,
            metric_name="Throttles",
            namespace="AWS/Lambda",
            period=300,
            statistic="Sum",
            tags=tags,
            threshold=0,
            treat_missing_data="notBreaching",
        )
        CloudwatchMetricAlarm(
            self,
            "cloudwatch_metric_alarm_dead_letters",
            alarm_description="Events or log batches wait in the dead-letter queue",
            alarm_name=f"tenant-{tenant}-dlq-messages-{suffix}",
            comparison_operator="GreaterThanThreshold",
            dimensions={"QueueName": f"tenant-{tenant}-dlq-{suffix}"},
            evaluation_periods=1,
            metric_name="ApproximateNumberOfMessagesVisible",
            namespace="AWS/SQS",
            period=300,
            statistic="Maximum",
            tags=tags,
            threshold=0,
            treat_missing_data="notBreaching",
        )
        CloudwatchMetricAlarm(
            self,
            "cloudwatch_metric_alarm_refused",
            alarm_description="A request or an event named another tenant and was refused",
            alarm_name=f"tenant-{tenant}-refused-any-{suffix}",
            comparison_operator="GreaterThanThreshold",
            dimensions={},
            evaluation_periods=1,
            metric_name=f"tenant-{tenant}-refused-{suffix}",
            namespace="Palisade",
            period=300,
            statistic="Sum",
            tags=tags,
            threshold=0,
            treat_missing_data="notBreaching",
        )
        CloudwatchMetricAlarm(
            self,
            "cloudwatch_metric_alarm_relay_errors",
            alarm_description="The log relay failed",
            alarm_name=f"tenant-{tenant}-relay-errors-{suffix}",
            comparison_operator="GreaterThanThreshold",
            dimensions={"FunctionName": f"tenant-{tenant}-relay-{suffix}"},
            evaluation_periods=1,
            metric_name="Errors",
            namespace="AWS/Lambda",
            period=300,
            statistic="Sum",
            tags=tags,
            threshold=0,
            treat_missing_data="notBreaching",
        )
        DefaultNetworkAcl(
            self,
            "default_network_acl_default",
            default_network_acl_id=vpc_tenant.default_network_acl_id,
            tags={**tags, "Name": f"tenant-{tenant}-default-acl-{suffix}"},
        )
        DefaultSecurityGroup(
            self,
            "default_security_group_default",
            tags={**tags, "Name": f"tenant-{tenant}-default-sg-{suffix}"},
            vpc_id=vpc_tenant.id,
        )
        dynamodb_table_metadata = DynamodbTable(
            self,
            "dynamodb_table_metadata",
            attribute=[DynamodbTableAttribute(name="tenant_id", type="S"), DynamodbTableAttribute(name="resource_type", type="S")],
            billing_mode="PAY_PER_REQUEST",
            deletion_protection_enabled=False,
            hash_key="tenant_id",
            name=f"tenant-{tenant}-metadata-{suffix}",
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=True),
            range_key="resource_type",
            server_side_encryption=DynamodbTableServerSideEncryption(enabled=True, kms_key_arn=kms_key_tenant.arn),
            tags=tags,
            ttl=DynamodbTableTtl(attribute_name="expires_at", enabled=True),
            depends_on=[kms_key_policy_tenant],
        )
        DynamodbContributorInsights(self, "dynamodb_contributor_insights_metadata", table_name=dynamodb_table_metadata.name)
        DynamodbResourcePolicy(
            self,
            "dynamodb_resource_policy_metadata",
            policy=document({
                "Statement": [
                    {
                        "Action": "dynamodb:*",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [
                            f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/tenant-{tenant}-metadata-{suffix}",
                            f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/tenant-{tenant}-metadata-{suffix}/index/*",
                        ],
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": "dynamodb:*",
                        "Condition": {
                            "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"},
                            "ArnNotEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-api-role-{suffix}",
                            },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [
                            f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/tenant-{tenant}-metadata-{suffix}",
                            f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/tenant-{tenant}-metadata-{suffix}/index/*",
                        ],
                        "Sid": "DenyUnlistedTenantRoles",
                    },
                    {
                        "Action": "dynamodb:*",
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-api-role-{suffix}",
                            },
                            "StringNotEquals": {"aws:SourceVpce": vpc_endpoint_dynamodb.id},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [
                            f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/tenant-{tenant}-metadata-{suffix}",
                            f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/tenant-{tenant}-metadata-{suffix}/index/*",
                        ],
                        "Sid": "DenyOutsideEndpoint",
                    },
                ],
                "Version": "2012-10-17",
            }),
            resource_arn=dynamodb_table_metadata.arn,
        )
        FlowLog(
            self,
            "flow_log_tenant",
            iam_role_arn=iam_role_flow.arn,
            log_destination=cloudwatch_log_group_flow.arn,
            log_destination_type="cloud-watch-logs",
            max_aggregation_interval=60,
            tags={**tags, "Name": f"tenant-{tenant}-flow-{suffix}"},
            traffic_type="ALL",
            vpc_id=vpc_tenant.id,
        )
        KmsAlias(self, "kms_alias_tenant", name=f"alias/tenant-{tenant}-key-{suffix}", target_key_id=kms_key_tenant.key_id)
        lambda_function_url_api = LambdaFunctionUrl(
            self,
            "lambda_function_url_api",
            authorization_type="AWS_IAM",
            function_name=lambda_function_api.function_name,
            invoke_mode="BUFFERED",
        )
        LambdaPermission(
            self,
            "lambda_permission_call_through_url",
            action="lambda:InvokeFunction",
            function_name=lambda_function_api.function_name,
            principal=iam_role_caller.arn,
            statement_id="CallThroughUrl",
        )
        LambdaPermission(
            self,
            "lambda_permission_call_url",
            action="lambda:InvokeFunctionUrl",
            function_name=lambda_function_api.function_name,
            function_url_auth_type="AWS_IAM",
            principal=iam_role_caller.arn,
            statement_id="CallUrl",
        )
        s3_bucket_data = S3Bucket(self, "s3_bucket_data", bucket=f"tenant-{tenant}-data-{suffix}", force_destroy=True, tags=tags)
        s3_bucket_versioning_data = S3BucketVersioningA(
            self,
            "s3_bucket_versioning_data",
            bucket=s3_bucket_data.bucket,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        S3BucketLifecycleConfiguration(
            self,
            "s3_bucket_lifecycle_configuration_data",
            bucket=s3_bucket_data.bucket,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(days_after_initiation=7),
                    ],
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=90)],
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    id="expire-after-90-days",
                    noncurrent_version_expiration=[S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=7)],
                    status="Enabled",
                    transition=[S3BucketLifecycleConfigurationRuleTransition(days=0, storage_class="INTELLIGENT_TIERING")],
                ),
                S3BucketLifecycleConfigurationRule(
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(expired_object_delete_marker=True)],
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    id="remove-delete-markers",
                    status="Enabled",
                ),
            ],
            depends_on=[s3_bucket_versioning_data],
        )
        S3BucketOwnershipControls(
            self,
            "s3_bucket_ownership_controls_data",
            bucket=s3_bucket_data.bucket,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        s3_bucket_public_access_block_data = S3BucketPublicAccessBlock(
            self,
            "s3_bucket_public_access_block_data",
            block_public_acls=True,
            block_public_policy=True,
            bucket=s3_bucket_data.bucket,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        S3BucketPolicy(
            self,
            "s3_bucket_policy_data",
            bucket=s3_bucket_data.bucket,
            policy=document({
                "Statement": [
                    {
                        "Action": "s3:*",
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [f"arn:aws:s3:::tenant-{tenant}-data-{suffix}", f"arn:aws:s3:::tenant-{tenant}-data-{suffix}/*"],
                        "Sid": "DenyPlainText",
                    },
                    {
                        "Action": "s3:*",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": tenant},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [f"arn:aws:s3:::tenant-{tenant}-data-{suffix}", f"arn:aws:s3:::tenant-{tenant}-data-{suffix}/*"],
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": "s3:*",
                        "Condition": {
                            "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"},
                            "ArnNotEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-api-role-{suffix}",
                            },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [f"arn:aws:s3:::tenant-{tenant}-data-{suffix}", f"arn:aws:s3:::tenant-{tenant}-data-{suffix}/*"],
                        "Sid": "DenyUnlistedTenantRoles",
                    },
                    {
                        "Action": "s3:*",
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-{tenant}-api-role-{suffix}",
                            },
                            "StringNotEquals": {"aws:SourceVpce": vpc_endpoint_s3.id},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [f"arn:aws:s3:::tenant-{tenant}-data-{suffix}", f"arn:aws:s3:::tenant-{tenant}-data-{suffix}/*"],
                        "Sid": "DenyOutsideEndpoint",
                    },
                    {
                        "Action": "s3:PutObject",
                        "Condition": {
                            "Null": {"s3:x-amz-server-side-encryption": "false"},
                            "StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": f"arn:aws:s3:::tenant-{tenant}-data-{suffix}/*",
                        "Sid": "DenyOtherEncryption",
                    },
                    {
                        "Action": "s3:PutObject",
                        "Condition": {
                            "ArnNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": kms_key_tenant.arn},
                            "Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "false"},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": f"arn:aws:s3:::tenant-{tenant}-data-{suffix}/*",
                        "Sid": "DenyOtherKeys",
                    },
                ],
                "Version": "2012-10-17",
            }),
            depends_on=[s3_bucket_public_access_block_data],
        )
        S3BucketServerSideEncryptionConfigurationA(
            self,
            "s3_bucket_server_side_encryption_configuration_data",
            bucket=s3_bucket_data.bucket,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                        kms_master_key_id=kms_key_tenant.arn,
                        sse_algorithm="aws:kms",
                    ),
                    bucket_key_enabled=True,
                ),
            ],
            depends_on=[kms_key_policy_tenant],
        )
        VpcSecurityGroupEgressRule(
            self,
            "vpc_security_group_egress_rule_functions_to_endpoints",
            description="To the interface endpoint",
            from_port=443,
            ip_protocol="tcp",
            referenced_security_group_id=security_group_endpoints.id,
            security_group_id=security_group_functions.id,
            tags=tags,
            to_port=443,
        )
        VpcSecurityGroupIngressRule(
            self,
            "vpc_security_group_ingress_rule_endpoints_from_functions",
            description="From the functions",
            from_port=443,
            ip_protocol="tcp",
            referenced_security_group_id=security_group_functions.id,
            security_group_id=security_group_endpoints.id,
            tags=tags,
            to_port=443,
        )
        TerraformOutput(self, "api_caller_role_arn", description="Role that may call the tenant API", value=iam_role_caller.arn)
        TerraformOutput(
            self,
            "api_endpoint",
            description="HTTPS address of the tenant API; requests are signed (SigV4)",
            value=lambda_function_url_api.function_url,
        )
        TerraformOutput(self, "api_function_arn", description="Function of the tenant API", value=lambda_function_api.arn)
        TerraformOutput(self, "bucket_arn", description="Bucket of tenant data", value=s3_bucket_data.arn)
        TerraformOutput(self, "bucket_name", description="Name of the bucket of tenant data", value=s3_bucket_data.bucket)
        TerraformOutput(self, "central_log_group_name", description="Log group of the central view", value=f"platform-central-log-{suffix}")
        TerraformOutput(self, "central_log_stream_prefix", description="Start of the tenant's streams there", value=f"{tenant}/")
        TerraformOutput(self, "dead_letter_queue_url", description="Where undeliverable events wait", value=sqs_queue_dead_letters.url)
        TerraformOutput(self, "environment_suffix", description="Environment of the stack", value=suffix)
        TerraformOutput(self, "kms_key_arn", description="Key of all of the tenant's data", value=kms_key_tenant.arn)
        TerraformOutput(self, "log_group_name", description="Log group of the tenant API", value=cloudwatch_log_group_api.name)
        TerraformOutput(self, "log_reader_role_arn", description="Role that may read the tenant's logs", value=iam_role_reader.arn)
        TerraformOutput(self, "region", description="Region of the stack", value="us-east-1")
        TerraformOutput(self, "table_arn", description="Table of tenant metadata", value=dynamodb_table_metadata.arn)
        TerraformOutput(self, "table_name", description="Name of the table of tenant metadata", value=dynamodb_table_metadata.name)
        TerraformOutput(self, "tenant_id", description="Tenant of the stack", value=tenant)
        TerraformOutput(self, "vpc_cidr_block", description="Addresses of the tenant's VPC", value=block)
        TerraformOutput(self, "vpc_id", description="VPC of the tenant", value=vpc_tenant.id)
