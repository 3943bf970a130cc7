"""The stack of what the tenants share, translated by bench/peers/translate from the document that `app synth` writes."""

import json

from cdktf import LocalBackend, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetDeadLetterConfig,
    CloudwatchEventTargetRetryPolicy,
)
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.cloudwatch_log_resource_policy import CloudwatchLogResourcePolicy
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.codebuild_project import (
    CodebuildProject,
    CodebuildProjectArtifacts,
    CodebuildProjectEnvironment,
    CodebuildProjectEnvironmentEnvironmentVariable,
    CodebuildProjectLogsConfig,
    CodebuildProjectLogsConfigCloudwatchLogs,
    CodebuildProjectSource,
)
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.dynamodb_resource_policy import DynamodbResourcePolicy
from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableServerSideEncryption,
)
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.kms_key_policy import KmsKeyPolicy
from cdktf_cdktf_provider_aws.lambda_function import (
    LambdaFunction,
    LambdaFunctionEnvironment,
    LambdaFunctionLoggingConfig,
    LambdaFunctionTracingConfig,
)
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
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
from cdktf_cdktf_provider_aws.sfn_state_machine import SfnStateMachine, SfnStateMachineLoggingConfiguration
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from cdktf_cdktf_provider_aws.provider import AwsProvider


def document(value):
    return json.dumps(value, separators=(",", ":"))


class PlatformStack(TerraformStack):
    def __init__(self, scope, suffix):
        super().__init__(scope, f"platform-{suffix}")
        LocalBackend(self, path=f"../../../terraform.platform-{suffix}.tfstate")
        AwsProvider(self, "aws", region="us-east-1")
        self.add_override("terraform.required_version", ">= 1.10")
        tags = {"Environment": suffix, "ManagedBy": "CDKTF", "TenantId": "platform"}
        caller_identity_current = DataAwsCallerIdentity(self, "caller_identity_current")
        cloudwatch_event_rule_alarms = CloudwatchEventRule(
            self,
            "cloudwatch_event_rule_alarms",
            description="Records when an alarm of the environment changes its state",
            event_pattern=document({
                "detail": {"alarmName": [{"wildcard": f"tenant-*-{suffix}"}, {"wildcard": f"platform-*-{suffix}"}]},
                "detail-type": ["CloudWatch Alarm State Change"],
                "source": ["aws.cloudwatch"],
            }),
            name=f"platform-alarms-{suffix}",
            tags=tags,
        )
        cloudwatch_event_rule_offboarding = CloudwatchEventRule(
            self,
            "cloudwatch_event_rule_offboarding",
            description="A customer leaves: start the removal of the tenant's stack",
            event_pattern=document({"detail": {"environment_suffix": [suffix]}, "detail-type": ["TenantOffboarding"], "source": ["palisade.signup"]}),
            name=f"platform-offboarding-{suffix}",
            tags=tags,
        )
        cloudwatch_event_rule_plan_changed = CloudwatchEventRule(
            self,
            "cloudwatch_event_rule_plan_changed",
            description="A customer buys another plan: start the change of the tenant's stack",
            event_pattern=document({"detail": {"environment_suffix": [suffix]}, "detail-type": ["TenantPlanChanged"], "source": ["palisade.signup"]}),
            name=f"platform-plan-changed-{suffix}",
            tags=tags,
        )
        cloudwatch_event_rule_reconcile = CloudwatchEventRule(
            self,
            "cloudwatch_event_rule_reconcile",
            description="Finds lost runs, leases that ended, states of nobody and events that were not announced; begins lost runs again",
            event_pattern=document({"detail": {"environment_suffix": [suffix]}, "detail-type": ["TenantRestarting"], "source": ["palisade.platform"]}),
            name=f"platform-reconcile-{suffix}",
            schedule_expression="rate(15 minutes)",
            tags=tags,
        )
        cloudwatch_event_rule_signup = CloudwatchEventRule(
            self,
            "cloudwatch_event_rule_signup",
            description="A customer signed up: start the deployment of the tenant's stack",
            event_pattern=document({"detail": {"environment_suffix": [suffix]}, "detail-type": ["TenantSignup"], "source": ["palisade.signup"]}),
            name=f"platform-signup-{suffix}",
            tags=tags,
        )
        kms_key_platform = KmsKey(
            self,
            "kms_key_platform",
            deletion_window_in_days=7,
            description="What the tenants of the environment share",
            enable_key_rotation=True,
            tags={**tags, "Name": f"platform-key-{suffix}"},
        )
        kms_key_policy_platform = KmsKeyPolicy(
            self,
            "kms_key_policy_platform",
            key_id=kms_key_platform.key_id,
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
                        "Resource": kms_key_platform.arn,
                        "Sid": "AllowAdministration",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:dynamodb:tableName": f"platform-registry-{suffix}",
                                "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{caller_identity_current.account_id}:root"},
                        "Resource": kms_key_platform.arn,
                        "Sid": "AllowCreatorOfTable",
                    },
                    {
                        "Action": "kms:CreateGrant",
                        "Condition": {
                            "Bool": {"kms:GrantIsForAWSResource": "true"},
                            "StringEquals": {"kms:ViaService": ["dynamodb.us-east-1.amazonaws.com", "lambda.us-east-1.amazonaws.com"]},
                        },
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{caller_identity_current.account_id}:root"},
                        "Resource": kms_key_platform.arn,
                        "Sid": "AllowGrantsToServices",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::platform-state-{suffix}",
                                "kms:ViaService": "s3.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{caller_identity_current.account_id}:root"},
                        "Resource": kms_key_platform.arn,
                        "Sid": "AllowStates",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": [
                                    f"arn:aws:iam::{caller_identity_current.account_id}:role/platform-onboarding-function-role-{suffix}",
                                    f"arn:aws:iam::{caller_identity_current.account_id}:role/platform-runner-role-{suffix}",
                                ],
                            },
                            "StringEquals": {
                                "kms:EncryptionContext:aws:dynamodb:tableName": f"platform-registry-{suffix}",
                                "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{caller_identity_current.account_id}:root"},
                        "Resource": kms_key_platform.arn,
                        "Sid": "AllowRegistry",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/platform-onboarding-role-{suffix}",
                            },
                            "StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"},
                        },
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{caller_identity_current.account_id}:root"},
                        "Resource": kms_key_platform.arn,
                        "Sid": "AllowLetters",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:lambda:FunctionArn": f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:platform-onboarding-function-{suffix}",
                                "kms:ViaService": "lambda.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{caller_identity_current.account_id}:root"},
                        "Resource": kms_key_platform.arn,
                        "Sid": "AllowCreatorOfFunction",
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
                                    f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:platform-central-log-{suffix}",
                                    f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:platform-event-log-{suffix}",
                                    f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:platform-onboarding-function-log-{suffix}",
                                    f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:platform-runner-log-{suffix}",
                                ],
                            },
                        },
                        "Effect": "Allow",
                        "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
                        "Resource": kms_key_platform.arn,
                        "Sid": "AllowLogGroups",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": [
                                    f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-signup-{suffix}",
                                    f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-offboarding-{suffix}",
                                    f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-plan-changed-{suffix}",
                                    f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-reconcile-{suffix}",
                                    f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-alarms-{suffix}",
                                ],
                            },
                            "StringEquals": {"aws:SourceAccount": caller_identity_current.account_id},
                        },
                        "Effect": "Allow",
                        "Principal": {"Service": "events.amazonaws.com"},
                        "Resource": kms_key_platform.arn,
                        "Sid": "AllowUndeliveredEvents",
                    },
                    {
                        "Action": "kms:DescribeKey",
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/platform-registry-{suffix}",
                            },
                            "StringEquals": {"aws:SourceAccount": caller_identity_current.account_id},
                        },
                        "Effect": "Allow",
                        "Principal": {"Service": "dynamodb.amazonaws.com"},
                        "Resource": kms_key_platform.arn,
                        "Sid": "AllowTableToSeeKey",
                    },
                    {
                        "Action": "kms:*",
                        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": kms_key_platform.arn,
                        "Sid": "DenyTenantRoles",
                    },
                    {
                        "Action": "kms:*",
                        "Condition": {
                            "ArnNotEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/platform-deployer-role-{suffix}",
                            },
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": "platform"},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": kms_key_platform.arn,
                        "Sid": "DenyTenants",
                    },
                    {
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/platform-deployer-role-{suffix}",
                            },
                        },
                        "Effect": "Deny",
                        "NotAction": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Principal": "*",
                        "Resource": kms_key_platform.arn,
                        "Sid": "DenyDeployerAllButStates",
                    },
                    {
                        "Action": "kms:*",
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/platform-deployer-role-{suffix}",
                            },
                            "StringNotEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": kms_key_platform.arn,
                        "Sid": "DenyDeployerOtherServices",
                    },
                ],
                "Version": "2012-10-17",
            }),
        )
        cloudwatch_log_group_events = CloudwatchLogGroup(
            self,
            "cloudwatch_log_group_events",
            kms_key_id=kms_key_platform.arn,
            name=f"platform-event-log-{suffix}",
            retention_in_days=30,
            tags=tags,
            depends_on=[kms_key_policy_platform],
        )
        sqs_queue_dead_letters = SqsQueue(
            self,
            "sqs_queue_dead_letters",
            kms_data_key_reuse_period_seconds=300,
            kms_master_key_id=kms_key_platform.arn,
            message_retention_seconds=1209600,
            name=f"platform-dlq-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": "sqs:SendMessage",
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": [
                                    f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-signup-{suffix}",
                                    f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-offboarding-{suffix}",
                                    f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-plan-changed-{suffix}",
                                    f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-reconcile-{suffix}",
                                    f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-alarms-{suffix}",
                                ],
                            },
                            "StringEquals": {"aws:SourceAccount": caller_identity_current.account_id},
                        },
                        "Effect": "Allow",
                        "Principal": {"Service": "events.amazonaws.com"},
                        "Resource": f"arn:aws:sqs:us-east-1:{caller_identity_current.account_id}:platform-dlq-{suffix}",
                        "Sid": "AllowUndeliveredEvents",
                    },
                    {
                        "Action": "sqs:*",
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": f"arn:aws:sqs:us-east-1:{caller_identity_current.account_id}:platform-dlq-{suffix}",
                        "Sid": "DenyPlainText",
                    },
                    {
                        "Action": "sqs:*",
                        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": f"arn:aws:sqs:us-east-1:{caller_identity_current.account_id}:platform-dlq-{suffix}",
                        "Sid": "DenyTenantRoles",
                    },
                    {
                        "Action": "sqs:*",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": "platform"},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": f"arn:aws:sqs:us-east-1:{caller_identity_current.account_id}:platform-dlq-{suffix}",
                        "Sid": "DenyTenants",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags=tags,
            depends_on=[kms_key_policy_platform],
        )
        cloudwatch_log_resource_policy_events = CloudwatchLogResourcePolicy(
            self,
            "cloudwatch_log_resource_policy_events",
            policy_document=document({
                "Statement": [
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-alarms-{suffix}",
                            },
                            "StringEquals": {"aws:SourceAccount": caller_identity_current.account_id},
                        },
                        "Effect": "Allow",
                        "Principal": {"Service": "events.amazonaws.com"},
                        "Resource": f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:platform-event-log-{suffix}:log-stream:*",
                        "Sid": "AllowEvents",
                    },
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-alarms-{suffix}",
                            },
                            "StringEquals": {"aws:SourceAccount": caller_identity_current.account_id},
                        },
                        "Effect": "Allow",
                        "Principal": {"Service": "delivery.logs.amazonaws.com"},
                        "Resource": f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:platform-event-log-{suffix}:log-stream:*",
                        "Sid": "AllowDelivery",
                    },
                ],
                "Version": "2012-10-17",
            }),
            policy_name=f"platform-event-log-policy-{suffix}",
        )
        CloudwatchEventTarget(
            self,
            "cloudwatch_event_target_alarms",
            arn=cloudwatch_log_group_events.arn,
            dead_letter_config=CloudwatchEventTargetDeadLetterConfig(arn=sqs_queue_dead_letters.arn),
            retry_policy=CloudwatchEventTargetRetryPolicy(maximum_event_age_in_seconds=3600, maximum_retry_attempts=60),
            rule=cloudwatch_event_rule_alarms.name,
            target_id=f"platform-alarms-{suffix}",
            depends_on=[cloudwatch_log_resource_policy_events],
        )
        iam_role_onboarding = IamRole(
            self,
            "iam_role_onboarding",
            assume_role_policy=document({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": f"arn:aws:states:us-east-1:{caller_identity_current.account_id}:stateMachine:platform-onboarding-{suffix}",
                            },
                            "StringEquals": {"aws:SourceAccount": caller_identity_current.account_id},
                        },
                        "Effect": "Allow",
                        "Principal": {"Service": "states.amazonaws.com"},
                        "Sid": "AllowAssume",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description="Runs the onboarding workflow",
            force_detach_policies=True,
            name=f"platform-onboarding-role-{suffix}",
            tags=tags,
        )
        iam_role_onboarding_function = IamRole(
            self,
            "iam_role_onboarding_function",
            assume_role_policy=document({
                "Statement": [
                    {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Sid": "AllowAssume"},
                ],
                "Version": "2012-10-17",
            }),
            description="Carries out the steps of the onboarding workflow",
            force_detach_policies=True,
            name=f"platform-onboarding-function-role-{suffix}",
            tags=tags,
        )
        cloudwatch_log_group_onboarding = CloudwatchLogGroup(
            self,
            "cloudwatch_log_group_onboarding",
            kms_key_id=kms_key_platform.arn,
            name=f"platform-onboarding-function-log-{suffix}",
            retention_in_days=30,
            tags=tags,
            depends_on=[kms_key_policy_platform],
        )
        dynamodb_table_registry = DynamodbTable(
            self,
            "dynamodb_table_registry",
            attribute=[DynamodbTableAttribute(name="tenant_id", type="S"), DynamodbTableAttribute(name="record", type="S")],
            billing_mode="PAY_PER_REQUEST",
            deletion_protection_enabled=False,
            hash_key="tenant_id",
            name=f"platform-registry-{suffix}",
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=True),
            range_key="record",
            server_side_encryption=DynamodbTableServerSideEncryption(enabled=True, kms_key_arn=kms_key_platform.arn),
            tags=tags,
            depends_on=[kms_key_policy_platform],
        )
        iam_role_policy_onboarding_function = IamRolePolicy(
            self,
            "iam_role_policy_onboarding_function",
            name=f"platform-onboarding-function-role-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": ["dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"],
                        "Effect": "Allow",
                        "Resource": dynamodb_table_registry.arn,
                        "Sid": "Registry",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:dynamodb:tableName": f"platform-registry-{suffix}",
                                "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kms_key_platform.arn,
                        "Sid": "RegistryKey",
                    },
                    {
                        "Action": "kms:Decrypt",
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:lambda:FunctionArn": f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:platform-onboarding-function-{suffix}",
                                "kms:ViaService": "lambda.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kms_key_platform.arn,
                        "Sid": "Settings",
                    },
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Effect": "Allow",
                        "Resource": f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:platform-onboarding-function-log-{suffix}:log-stream:*",
                        "Sid": "OwnLog",
                    },
                ],
                "Version": "2012-10-17",
            }),
            role=iam_role_onboarding_function.name,
        )
        lambda_function_onboarding = LambdaFunction(
            self,
            "lambda_function_onboarding",
            architectures=["x86_64"],
            description="Carries out the steps of the onboarding workflow",
            environment=LambdaFunctionEnvironment(
                variables={
                    "ENVIRONMENT_SUFFIX": suffix,
                    "LEASE_SECONDS": "30000",
                    "NETWORK_PREFIX_LENGTH": "20",
                    "NETWORK_SUPERNET": "10.0.0.0/8",
                    "QUARANTINE_SECONDS": "2592000",
                    "RELEASE": "0.1.0",
                    "TABLE_NAME": f"platform-registry-{suffix}",
                    "TENANT_LIMIT": "4",
                    "WAITING_SECONDS": "604800",
                },
            ),
            filename="../../assets/onboarding.zip",
            function_name=f"platform-onboarding-function-{suffix}",
            handler="bootstrap",
            kms_key_arn=kms_key_platform.arn,
            logging_config=LambdaFunctionLoggingConfig(log_format="JSON", log_group=f"platform-onboarding-function-log-{suffix}"),
            memory_size=256,
            role=iam_role_onboarding_function.arn,
            runtime="provided.al2023",
            tags=tags,
            timeout=60,
            tracing_config=LambdaFunctionTracingConfig(mode="PassThrough"),
            depends_on=[kms_key_policy_platform, cloudwatch_log_group_onboarding, iam_role_policy_onboarding_function],
        )
        iam_role_policy_onboarding = IamRolePolicy(
            self,
            "iam_role_policy_onboarding",
            name=f"platform-onboarding-role-{suffix}",
            policy=document({
                "Statement": [
                    {"Action": "lambda:InvokeFunction", "Effect": "Allow", "Resource": lambda_function_onboarding.arn, "Sid": "Steps"},
                    {
                        "Action": ["codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:StopBuild"],
                        "Effect": "Allow",
                        "Resource": f"arn:aws:codebuild:us-east-1:{caller_identity_current.account_id}:project/platform-runner-{suffix}",
                        "Sid": "Builds",
                    },
                    {
                        "Action": ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
                        "Effect": "Allow",
                        "Resource": f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/StepFunctionsGetEventForCodeBuildStartBuildRule",
                        "Sid": "EndOfBuilds",
                    },
                    {
                        "Action": "s3:ListBucket",
                        "Condition": {"StringEquals": {"s3:prefix": "tenant-"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:s3:::platform-state-{suffix}",
                        "Sid": "States",
                    },
                    {"Action": "sqs:SendMessage", "Effect": "Allow", "Resource": sqs_queue_dead_letters.arn, "Sid": "Letters"},
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {"StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}},
                        "Effect": "Allow",
                        "Resource": kms_key_platform.arn,
                        "Sid": "LetterKey",
                    },
                    {
                        "Action": "events:PutEvents",
                        "Condition": {"StringEquals": {"events:source": "palisade.platform"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:event-bus/default",
                        "Sid": "Announce",
                    },
                    {
                        "Action": [
                            "logs:CreateLogDelivery",
                            "logs:DeleteLogDelivery",
                            "logs:DescribeLogGroups",
                            "logs:DescribeResourcePolicies",
                            "logs:GetLogDelivery",
                            "logs:ListLogDeliveries",
                            "logs:PutResourcePolicy",
                            "logs:UpdateLogDelivery",
                        ],
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "DeliverLog",
                    },
                ],
                "Version": "2012-10-17",
            }),
            role=iam_role_onboarding.name,
        )
        sfn_state_machine_onboarding = SfnStateMachine(
            self,
            "sfn_state_machine_onboarding",
            definition=document({
                "Comment": "Makes and removes the environments of tenants",
                "StartAt": "Route",
                "States": {
                    "Admit": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Fail", "ResultPath": "$.failure"}],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": f"platform-onboarding-function-{suffix}",
                            "Payload": {"execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "admit"},
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": {"run.$": "$.Payload"},
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "RegistryBusy",
                                    "Lambda.ClientExecutionTimeoutException",
                                    "Lambda.ServiceException",
                                    "Lambda.AWSLambdaException",
                                    "Lambda.SdkClientException",
                                    "Lambda.TooManyRequestsException",
                                    "Sandbox.Timedout",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 90,
                        "Type": "Task",
                    },
                    "Announce": {
                        "Choices": [{"Next": "Publish", "NumericGreaterThan": 0, "Variable": "$.outbox.batch.count"}],
                        "Default": "Continue",
                        "Type": "Choice",
                    },
                    "AnnounceRefusal": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Rejected", "ResultPath": "$.unpublished"}],
                        "Next": "Rejected",
                        "Parameters": {"Entries.$": "$.run.refusal"},
                        "Resource": "arn:aws:states:::events:putEvents",
                        "ResultPath": None,
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "EventBridge.FailedEntry",
                                    "EventBridge.InternalException",
                                    "EventBridge.SdkClientException",
                                    "EventBridge.ThrottlingException",
                                    "S3.S3Exception",
                                    "S3.SdkClientException",
                                    "SQS.RequestThrottledException",
                                    "SQS.SdkClientException",
                                    "SQS.AmazonSQSException",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 60,
                        "Type": "Task",
                    },
                    "Asked": {
                        "Choices": [
                            {"Next": "Reserve", "StringEquals": "reserve", "Variable": "$.run.go"},
                            {"Next": "Offboard", "StringEquals": "offboard", "Variable": "$.run.go"},
                            {"Next": "Due", "StringEquals": "due", "Variable": "$.run.go"},
                        ],
                        "Default": "KeepLetter",
                        "Type": "Choice",
                    },
                    "Build": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Fail", "ResultPath": "$.failure"}],
                        "Next": "Record",
                        "Parameters": {
                            "EnvironmentVariablesOverride": [{"Name": "TENANT_ID", "Type": "PLAINTEXT", "Value.$": "$.run.tenant_id"}],
                            "ProjectName": f"platform-runner-{suffix}",
                            "SourceLocationOverride.$": "$.run.source.location",
                        },
                        "Resource": "arn:aws:states:::codebuild:startBuild.sync",
                        "ResultPath": "$.build",
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "CodeBuild.AccountLimitExceededException",
                                    "CodeBuild.AWSCodeBuildException",
                                    "CodeBuild.SdkClientException",
                                    "CodeBuild.ThrottlingException",
                                ],
                                "IntervalSeconds": 30,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 40,
                                "MaxDelaySeconds": 300,
                            },
                        ],
                        "TimeoutSeconds": 16800,
                        "Type": "Task",
                    },
                    "Continue": {
                        "Choices": [
                            {"Next": "Lease", "StringEquals": "lease", "Variable": "$.run.go"},
                            {"Next": "Hold", "StringEquals": "hold", "Variable": "$.run.go"},
                            {"Next": "Admit", "StringEquals": "admit", "Variable": "$.run.go"},
                            {"Next": "Build", "StringEquals": "build", "Variable": "$.run.go"},
                            {"Next": "WaitingPeriod", "StringEquals": "wait", "Variable": "$.run.go"},
                            {"Next": "Failed", "StringEquals": "failed", "Variable": "$.run.go"},
                            {"Next": "KeepLetter", "StringEquals": "refused", "Variable": "$.run.go"},
                        ],
                        "Default": "Done",
                        "Type": "Choice",
                    },
                    "Done": {"Comment": "The registry says where the tenant stands", "Type": "Succeed"},
                    "Due": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "KeepRequest", "ResultPath": "$.failure"}],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": f"platform-onboarding-function-{suffix}",
                            "Payload": {"execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "due"},
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": {"run.$": "$.Payload"},
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "RegistryBusy",
                                    "Lambda.ClientExecutionTimeoutException",
                                    "Lambda.ServiceException",
                                    "Lambda.AWSLambdaException",
                                    "Lambda.SdkClientException",
                                    "Lambda.TooManyRequestsException",
                                    "Sandbox.Timedout",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 90,
                        "Type": "Task",
                    },
                    "Fail": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Release", "ResultPath": "$.failure"}],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": f"platform-onboarding-function-{suffix}",
                            "Payload": {"execution.$": "$$.Execution.Id", "failure.$": "$.failure", "run.$": "$.run", "step": "fail"},
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": {"run.$": "$.Payload"},
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "RegistryBusy",
                                    "Lambda.ClientExecutionTimeoutException",
                                    "Lambda.ServiceException",
                                    "Lambda.AWSLambdaException",
                                    "Lambda.SdkClientException",
                                    "Lambda.TooManyRequestsException",
                                    "Sandbox.Timedout",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 90,
                        "Type": "Task",
                    },
                    "Failed": {
                        "Cause": "The environment could not be made or removed; the registry says why and what to do",
                        "Error": "RunFailed",
                        "Type": "Fail",
                    },
                    "Hold": {"Next": "Lease", "Seconds": 300, "Type": "Wait"},
                    "KeepLetter": {
                        "Next": "Told",
                        "Parameters": {"MessageBody.$": "$.run.letter", "QueueUrl": sqs_queue_dead_letters.url},
                        "Resource": "arn:aws:states:::sqs:sendMessage",
                        "ResultPath": None,
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "EventBridge.FailedEntry",
                                    "EventBridge.InternalException",
                                    "EventBridge.SdkClientException",
                                    "EventBridge.ThrottlingException",
                                    "S3.S3Exception",
                                    "S3.SdkClientException",
                                    "SQS.RequestThrottledException",
                                    "SQS.SdkClientException",
                                    "SQS.AmazonSQSException",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 60,
                        "Type": "Task",
                    },
                    "KeepRequest": {
                        "Next": "NotCarriedOut",
                        "Parameters": {"MessageBody.$": "$", "QueueUrl": sqs_queue_dead_letters.url},
                        "Resource": "arn:aws:states:::sqs:sendMessage",
                        "ResultPath": None,
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "EventBridge.FailedEntry",
                                    "EventBridge.InternalException",
                                    "EventBridge.SdkClientException",
                                    "EventBridge.ThrottlingException",
                                    "S3.S3Exception",
                                    "S3.SdkClientException",
                                    "SQS.RequestThrottledException",
                                    "SQS.SdkClientException",
                                    "SQS.AmazonSQSException",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 60,
                        "Type": "Task",
                    },
                    "Lease": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "KeepRequest", "ResultPath": "$.failure"}],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": f"platform-onboarding-function-{suffix}",
                            "Payload": {"execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "lease"},
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": {"run.$": "$.Payload"},
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "RegistryBusy",
                                    "Lambda.ClientExecutionTimeoutException",
                                    "Lambda.ServiceException",
                                    "Lambda.AWSLambdaException",
                                    "Lambda.SdkClientException",
                                    "Lambda.TooManyRequestsException",
                                    "Sandbox.Timedout",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 90,
                        "Type": "Task",
                    },
                    "ListStates": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Orphans", "ResultPath": "$.states"}],
                        "Next": "Orphans",
                        "Parameters": {
                            "Bucket": f"platform-state-{suffix}",
                            "MaxKeys": 300,
                            "Prefix": "tenant-",
                            "StartAfter.$": "$.run.after",
                        },
                        "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2",
                        "ResultPath": "$.states",
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "EventBridge.FailedEntry",
                                    "EventBridge.InternalException",
                                    "EventBridge.SdkClientException",
                                    "EventBridge.ThrottlingException",
                                    "S3.S3Exception",
                                    "S3.SdkClientException",
                                    "SQS.RequestThrottledException",
                                    "SQS.SdkClientException",
                                    "SQS.AmazonSQSException",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 60,
                        "Type": "Task",
                    },
                    "NotCarriedOut": {"CausePath": "$.failure.Cause", "ErrorPath": "$.failure.Error", "Type": "Fail"},
                    "NotRecorded": {"CausePath": "$.failure.Cause", "ErrorPath": "$.failure.Error", "Type": "Fail"},
                    "Offboard": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "KeepRequest", "ResultPath": "$.failure"}],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": f"platform-onboarding-function-{suffix}",
                            "Payload": {"execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "offboard"},
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": {"run.$": "$.Payload"},
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "RegistryBusy",
                                    "Lambda.ClientExecutionTimeoutException",
                                    "Lambda.ServiceException",
                                    "Lambda.AWSLambdaException",
                                    "Lambda.SdkClientException",
                                    "Lambda.TooManyRequestsException",
                                    "Sandbox.Timedout",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": ["UnknownTenant"],
                                "IntervalSeconds": 60,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 6,
                                "MaxDelaySeconds": 1800,
                            },
                        ],
                        "TimeoutSeconds": 90,
                        "Type": "Task",
                    },
                    "Orphans": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "NotRecorded", "ResultPath": "$.failure"}],
                        "Next": "Swept",
                        "Parameters": {
                            "FunctionName": f"platform-onboarding-function-{suffix}",
                            "Payload": {"execution.$": "$$.Execution.Id", "run.$": "$.run", "states.$": "$.states", "step": "orphans"},
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": {"run.$": "$.Payload"},
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "RegistryBusy",
                                    "Lambda.ClientExecutionTimeoutException",
                                    "Lambda.ServiceException",
                                    "Lambda.AWSLambdaException",
                                    "Lambda.SdkClientException",
                                    "Lambda.TooManyRequestsException",
                                    "Sandbox.Timedout",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 90,
                        "Type": "Task",
                    },
                    "Outbox": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Continue", "ResultPath": "$.failure"}],
                        "Next": "Announce",
                        "Parameters": {
                            "FunctionName": f"platform-onboarding-function-{suffix}",
                            "Payload": {"execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "outbox"},
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$.outbox",
                        "ResultSelector": {"batch.$": "$.Payload"},
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "RegistryBusy",
                                    "Lambda.ClientExecutionTimeoutException",
                                    "Lambda.ServiceException",
                                    "Lambda.AWSLambdaException",
                                    "Lambda.SdkClientException",
                                    "Lambda.TooManyRequestsException",
                                    "Sandbox.Timedout",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 90,
                        "Type": "Task",
                    },
                    "Publish": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Continue", "ResultPath": "$.unpublished"}],
                        "Next": "Taken",
                        "Parameters": {"Entries.$": "$.outbox.batch.entries"},
                        "Resource": "arn:aws:states:::events:putEvents",
                        "ResultPath": "$.published",
                        "ResultSelector": {"failed.$": "$.FailedEntryCount"},
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "EventBridge.FailedEntry",
                                    "EventBridge.InternalException",
                                    "EventBridge.SdkClientException",
                                    "EventBridge.ThrottlingException",
                                    "S3.S3Exception",
                                    "S3.SdkClientException",
                                    "SQS.RequestThrottledException",
                                    "SQS.SdkClientException",
                                    "SQS.AmazonSQSException",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 60,
                        "Type": "Task",
                    },
                    "Published": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Continue", "ResultPath": "$.failure"}],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": f"platform-onboarding-function-{suffix}",
                            "Payload": {
                                "execution.$": "$$.Execution.Id",
                                "records.$": "$.outbox.batch.records",
                                "run.$": "$.run",
                                "step": "published",
                            },
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": None,
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "RegistryBusy",
                                    "Lambda.ClientExecutionTimeoutException",
                                    "Lambda.ServiceException",
                                    "Lambda.AWSLambdaException",
                                    "Lambda.SdkClientException",
                                    "Lambda.TooManyRequestsException",
                                    "Sandbox.Timedout",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 90,
                        "Type": "Task",
                    },
                    "Reconcile": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "NotRecorded", "ResultPath": "$.failure"}],
                        "Next": "Swept",
                        "Parameters": {
                            "FunctionName": f"platform-onboarding-function-{suffix}",
                            "Payload": {"execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "reconcile"},
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": {"run.$": "$.Payload"},
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "RegistryBusy",
                                    "Lambda.ClientExecutionTimeoutException",
                                    "Lambda.ServiceException",
                                    "Lambda.AWSLambdaException",
                                    "Lambda.SdkClientException",
                                    "Lambda.TooManyRequestsException",
                                    "Sandbox.Timedout",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 90,
                        "Type": "Task",
                    },
                    "Record": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Fail", "ResultPath": "$.failure"}],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": f"platform-onboarding-function-{suffix}",
                            "Payload": {"build.$": "$.build", "execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "record"},
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": {"run.$": "$.Payload"},
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "RegistryBusy",
                                    "Lambda.ClientExecutionTimeoutException",
                                    "Lambda.ServiceException",
                                    "Lambda.AWSLambdaException",
                                    "Lambda.SdkClientException",
                                    "Lambda.TooManyRequestsException",
                                    "Sandbox.Timedout",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 90,
                        "Type": "Task",
                    },
                    "Rejected": {
                        "Cause": "The event is not taken; it waits in the dead-letter queue with the reason",
                        "Error": "Rejected",
                        "Type": "Fail",
                    },
                    "Release": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "NotRecorded", "ResultPath": "$.failure"}],
                        "Next": "NotRecorded",
                        "Parameters": {
                            "FunctionName": f"platform-onboarding-function-{suffix}",
                            "Payload": {"execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "release"},
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": None,
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "RegistryBusy",
                                    "Lambda.ClientExecutionTimeoutException",
                                    "Lambda.ServiceException",
                                    "Lambda.AWSLambdaException",
                                    "Lambda.SdkClientException",
                                    "Lambda.TooManyRequestsException",
                                    "Sandbox.Timedout",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 90,
                        "Type": "Task",
                    },
                    "Reserve": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "KeepRequest", "ResultPath": "$.failure"}],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": f"platform-onboarding-function-{suffix}",
                            "Payload": {"execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "reserve"},
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": {"run.$": "$.Payload"},
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "RegistryBusy",
                                    "Lambda.ClientExecutionTimeoutException",
                                    "Lambda.ServiceException",
                                    "Lambda.AWSLambdaException",
                                    "Lambda.SdkClientException",
                                    "Lambda.TooManyRequestsException",
                                    "Sandbox.Timedout",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": ["UnknownTenant"],
                                "IntervalSeconds": 60,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 6,
                                "MaxDelaySeconds": 1800,
                            },
                        ],
                        "TimeoutSeconds": 90,
                        "Type": "Task",
                    },
                    "Route": {
                        "Choices": [
                            {
                                "And": [{"IsPresent": True, "Variable": "$.source"}, {"StringEquals": "aws.events", "Variable": "$.source"}],
                                "Next": "Sweep",
                            },
                        ],
                        "Default": "Validate",
                        "Type": "Choice",
                    },
                    "Sweep": {
                        "Next": "Reconcile",
                        "Parameters": {"run": {"after": "", "go": "sweep", "kind": "reconcile"}},
                        "ResultPath": "$",
                        "Type": "Pass",
                    },
                    "Swept": {
                        "Choices": [
                            {"Next": "Reconcile", "StringEquals": "sweep", "Variable": "$.run.go"},
                            {"Next": "ListStates", "StringEquals": "states", "Variable": "$.run.go"},
                        ],
                        "Default": "Outbox",
                        "Type": "Choice",
                    },
                    "Taken": {
                        "Choices": [{"Next": "Continue", "NumericGreaterThan": 0, "Variable": "$.published.failed"}],
                        "Default": "Published",
                        "Type": "Choice",
                    },
                    "Told": {
                        "Choices": [{"Next": "AnnounceRefusal", "StringEquals": "refused", "Variable": "$.run.go"}],
                        "Default": "Rejected",
                        "Type": "Choice",
                    },
                    "Validate": {
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "KeepRequest", "ResultPath": "$.failure"}],
                        "Next": "Asked",
                        "Parameters": {
                            "FunctionName": f"platform-onboarding-function-{suffix}",
                            "Payload": {"event.$": "$", "execution.$": "$$.Execution.Id", "step": "validate"},
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": {"run.$": "$.Payload"},
                        "Retry": [
                            {
                                "BackoffRate": 2,
                                "ErrorEquals": [
                                    "RegistryBusy",
                                    "Lambda.ClientExecutionTimeoutException",
                                    "Lambda.ServiceException",
                                    "Lambda.AWSLambdaException",
                                    "Lambda.SdkClientException",
                                    "Lambda.TooManyRequestsException",
                                    "Sandbox.Timedout",
                                    "States.Timeout",
                                ],
                                "IntervalSeconds": 2,
                                "JitterStrategy": "FULL",
                                "MaxAttempts": 8,
                                "MaxDelaySeconds": 60,
                            },
                        ],
                        "TimeoutSeconds": 90,
                        "Type": "Task",
                    },
                    "WaitingPeriod": {"Next": "Due", "TimestampPath": "$.run.until", "Type": "Wait"},
                },
                "TimeoutSeconds": 10368000,
            }),
            logging_configuration=SfnStateMachineLoggingConfiguration(
                include_execution_data=False,
                level="ERROR",
                log_destination=f"{cloudwatch_log_group_events.arn}:*",
            ),
            name=f"platform-onboarding-{suffix}",
            role_arn=iam_role_onboarding.arn,
            tags=tags,
            type="STANDARD",
            depends_on=[iam_role_policy_onboarding],
        )
        iam_role_starter = IamRole(
            self,
            "iam_role_starter",
            assume_role_policy=document({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": [
                                    f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-signup-{suffix}",
                                    f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-offboarding-{suffix}",
                                    f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-plan-changed-{suffix}",
                                    f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/platform-reconcile-{suffix}",
                                ],
                            },
                            "StringEquals": {"aws:SourceAccount": caller_identity_current.account_id},
                        },
                        "Effect": "Allow",
                        "Principal": {"Service": "events.amazonaws.com"},
                        "Sid": "AllowAssume",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description="Starts the onboarding workflow",
            force_detach_policies=True,
            name=f"platform-starter-role-{suffix}",
            tags=tags,
        )
        CloudwatchEventTarget(
            self,
            "cloudwatch_event_target_offboarding",
            arn=sfn_state_machine_onboarding.arn,
            dead_letter_config=CloudwatchEventTargetDeadLetterConfig(arn=sqs_queue_dead_letters.arn),
            retry_policy=CloudwatchEventTargetRetryPolicy(maximum_event_age_in_seconds=3600, maximum_retry_attempts=60),
            role_arn=iam_role_starter.arn,
            rule=cloudwatch_event_rule_offboarding.name,
            target_id=f"platform-offboarding-{suffix}",
        )
        CloudwatchEventTarget(
            self,
            "cloudwatch_event_target_plan_changed",
            arn=sfn_state_machine_onboarding.arn,
            dead_letter_config=CloudwatchEventTargetDeadLetterConfig(arn=sqs_queue_dead_letters.arn),
            retry_policy=CloudwatchEventTargetRetryPolicy(maximum_event_age_in_seconds=3600, maximum_retry_attempts=60),
            role_arn=iam_role_starter.arn,
            rule=cloudwatch_event_rule_plan_changed.name,
            target_id=f"platform-plan-changed-{suffix}",
        )
        CloudwatchEventTarget(
            self,
            "cloudwatch_event_target_reconcile",
            arn=sfn_state_machine_onboarding.arn,
            dead_letter_config=CloudwatchEventTargetDeadLetterConfig(arn=sqs_queue_dead_letters.arn),
            retry_policy=CloudwatchEventTargetRetryPolicy(maximum_event_age_in_seconds=3600, maximum_retry_attempts=60),
            role_arn=iam_role_starter.arn,
            rule=cloudwatch_event_rule_reconcile.name,
            target_id=f"platform-reconcile-{suffix}",
        )
        CloudwatchEventTarget(
            self,
            "cloudwatch_event_target_signup",
            arn=sfn_state_machine_onboarding.arn,
            dead_letter_config=CloudwatchEventTargetDeadLetterConfig(arn=sqs_queue_dead_letters.arn),
            retry_policy=CloudwatchEventTargetRetryPolicy(maximum_event_age_in_seconds=3600, maximum_retry_attempts=60),
            role_arn=iam_role_starter.arn,
            rule=cloudwatch_event_rule_signup.name,
            target_id=f"platform-signup-{suffix}",
        )
        cloudwatch_log_group_central = CloudwatchLogGroup(
            self,
            "cloudwatch_log_group_central",
            kms_key_id=kms_key_platform.arn,
            name=f"platform-central-log-{suffix}",
            retention_in_days=30,
            tags=tags,
            depends_on=[kms_key_policy_platform],
        )
        cloudwatch_log_group_runner = CloudwatchLogGroup(
            self,
            "cloudwatch_log_group_runner",
            kms_key_id=kms_key_platform.arn,
            name=f"platform-runner-log-{suffix}",
            retention_in_days=30,
            tags=tags,
            depends_on=[kms_key_policy_platform],
        )
        CloudwatchMetricAlarm(
            self,
            "cloudwatch_metric_alarm_attention",
            alarm_description="Tenants or states wait for somebody: `app tenants status`, and `orphans` in the log of the function, say what to do",
            alarm_name=f"platform-attention-{suffix}",
            comparison_operator="GreaterThanThreshold",
            dimensions={"environment_suffix": suffix},
            evaluation_periods=1,
            metric_name="TenantsThatNeedAttention",
            namespace="Palisade",
            period=300,
            statistic="Maximum",
            tags=tags,
            threshold=0,
            treat_missing_data="notBreaching",
        )
        CloudwatchMetricAlarm(
            self,
            "cloudwatch_metric_alarm_dead_letters",
            alarm_description="Signups or offboardings wait in the dead-letter queue",
            alarm_name=f"platform-dlq-messages-{suffix}",
            comparison_operator="GreaterThanThreshold",
            dimensions={"QueueName": f"platform-dlq-{suffix}"},
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
            "cloudwatch_metric_alarm_onboarding_ended",
            alarm_description="A run of the onboarding workflow took too long",
            alarm_name=f"platform-onboarding-ended-{suffix}",
            comparison_operator="GreaterThanThreshold",
            dimensions={"StateMachineArn": sfn_state_machine_onboarding.arn},
            evaluation_periods=1,
            metric_name="ExecutionsTimedOut",
            namespace="AWS/States",
            period=300,
            statistic="Sum",
            tags=tags,
            threshold=0,
            treat_missing_data="notBreaching",
        )
        CloudwatchMetricAlarm(
            self,
            "cloudwatch_metric_alarm_onboarding_failed",
            alarm_description="A run of the onboarding workflow failed",
            alarm_name=f"platform-onboarding-failed-{suffix}",
            comparison_operator="GreaterThanThreshold",
            dimensions={"StateMachineArn": sfn_state_machine_onboarding.arn},
            evaluation_periods=1,
            metric_name="ExecutionsFailed",
            namespace="AWS/States",
            period=300,
            statistic="Sum",
            tags=tags,
            threshold=0,
            treat_missing_data="notBreaching",
        )
        iam_policy_runner = IamPolicy(
            self,
            "iam_policy_runner",
            description="The most that the runner can do",
            name=f"platform-runner-boundary-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": ["sts:AssumeRole", "sts:TagSession"],
                        "Condition": {
                            "Null": {"aws:RequestTag/TenantId": "false"},
                            "StringNotEquals": {"aws:RequestTag/TenantId": "platform"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:iam::{caller_identity_current.account_id}:role/platform-deployer-role-{suffix}",
                        "Sid": "BecomeDeployer",
                    },
                    {
                        "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                        "Effect": "Allow",
                        "Resource": f"arn:aws:s3:::platform-state-{suffix}/releases/*",
                        "Sid": "Releases",
                    },
                    {
                        "Action": ["s3:GetBucketAcl", "s3:GetBucketLocation"],
                        "Effect": "Allow",
                        "Resource": f"arn:aws:s3:::platform-state-{suffix}",
                        "Sid": "Bucket",
                    },
                    {
                        "Action": "kms:Decrypt",
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::platform-state-{suffix}",
                                "kms:ViaService": "s3.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kms_key_platform.arn,
                        "Sid": "ReleaseKey",
                    },
                    {
                        "Action": ["dynamodb:BatchGetItem", "dynamodb:Query"],
                        "Effect": "Allow",
                        "Resource": f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/platform-registry-{suffix}",
                        "Sid": "Registry",
                    },
                    {
                        "Action": "kms:Decrypt",
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:dynamodb:tableName": f"platform-registry-{suffix}",
                                "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kms_key_platform.arn,
                        "Sid": "RegistryKey",
                    },
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Effect": "Allow",
                        "Resource": f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:platform-runner-log-{suffix}:log-stream:_builds/*",
                        "Sid": "OwnLog",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags=tags,
        )
        iam_role_runner = IamRole(
            self,
            "iam_role_runner",
            assume_role_policy=document({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": f"arn:aws:codebuild:us-east-1:{caller_identity_current.account_id}:project/platform-runner-{suffix}",
                            },
                            "StringEquals": {"aws:SourceAccount": caller_identity_current.account_id},
                        },
                        "Effect": "Allow",
                        "Principal": {"Service": "codebuild.amazonaws.com"},
                        "Sid": "AllowAssume",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenantRoles",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": "platform"},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenants",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description="Runs the builds that deploy tenants' stacks",
            force_detach_policies=True,
            name=f"platform-runner-role-{suffix}",
            permissions_boundary=iam_policy_runner.arn,
            tags=tags,
        )
        iam_policy_deployer = IamPolicy(
            self,
            "iam_policy_deployer",
            description="The most that the deployer can do, for the one tenant of its session",
            name=f"platform-deployer-boundary-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": [
                            "cloudwatch:*",
                            "dynamodb:*",
                            "events:*",
                            "iam:*Polic*",
                            "iam:*Role*",
                            "kms:*Alias",
                            "lambda:*",
                            "logs:*",
                            "s3:*",
                            "sqs:*",
                        ],
                        "Effect": "Allow",
                        "Resource": [
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-api-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-relay-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-flow-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-caller-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-reader-role-{suffix}",
                            f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-$${{aws:PrincipalTag/TenantId}}-api-{suffix}",
                            f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-$${{aws:PrincipalTag/TenantId}}-relay-{suffix}",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-$${{aws:PrincipalTag/TenantId}}-api-log-{suffix}",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-$${{aws:PrincipalTag/TenantId}}-api-log-{suffix}:*",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-$${{aws:PrincipalTag/TenantId}}-relay-log-{suffix}",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-$${{aws:PrincipalTag/TenantId}}-relay-log-{suffix}:*",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-$${{aws:PrincipalTag/TenantId}}-flow-log-{suffix}",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-$${{aws:PrincipalTag/TenantId}}-flow-log-{suffix}:*",
                            f"arn:aws:cloudwatch:us-east-1:{caller_identity_current.account_id}:alarm:tenant-$${{aws:PrincipalTag/TenantId}}-api-errors-{suffix}",
                            f"arn:aws:cloudwatch:us-east-1:{caller_identity_current.account_id}:alarm:tenant-$${{aws:PrincipalTag/TenantId}}-api-busy-{suffix}",
                            f"arn:aws:cloudwatch:us-east-1:{caller_identity_current.account_id}:alarm:tenant-$${{aws:PrincipalTag/TenantId}}-relay-errors-{suffix}",
                            f"arn:aws:cloudwatch:us-east-1:{caller_identity_current.account_id}:alarm:tenant-$${{aws:PrincipalTag/TenantId}}-dlq-messages-{suffix}",
                            f"arn:aws:cloudwatch:us-east-1:{caller_identity_current.account_id}:alarm:tenant-$${{aws:PrincipalTag/TenantId}}-refused-any-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:policy/tenant-$${{aws:PrincipalTag/TenantId}}-boundary-{suffix}",
                            f"arn:aws:s3:::tenant-$${{aws:PrincipalTag/TenantId}}-data-{suffix}",
                            f"arn:aws:sqs:us-east-1:{caller_identity_current.account_id}:tenant-$${{aws:PrincipalTag/TenantId}}-dlq-{suffix}",
                            f"arn:aws:kms:us-east-1:{caller_identity_current.account_id}:alias/tenant-$${{aws:PrincipalTag/TenantId}}-key-{suffix}",
                            f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/tenant-$${{aws:PrincipalTag/TenantId}}-events-{suffix}",
                            f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/tenant-$${{aws:PrincipalTag/TenantId}}-metadata-{suffix}",
                        ],
                        "Sid": "Named",
                    },
                    {
                        "Action": "s3:DeleteObject*",
                        "Effect": "Allow",
                        "Resource": f"arn:aws:s3:::tenant-$${{aws:PrincipalTag/TenantId}}-data-{suffix}/*",
                        "Sid": "Objects",
                    },
                    {
                        "Action": ["ec2:*", "kms:*"],
                        "Condition": {"StringEquals": {"aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}"}},
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "Tagged",
                    },
                    {
                        "Action": ["ec2:AuthorizeSecurityGroup*", "ec2:Create*", "kms:CreateKey", "kms:TagResource"],
                        "Condition": {"StringEquals": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"}},
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "Made",
                    },
                    {
                        "Action": "ec2:DeleteNetworkAclEntry",
                        "Condition": {"Null": {"aws:ResourceTag/TenantId": "true"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:network-acl/*",
                        "Sid": "DefaultAcl",
                    },
                    {
                        "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                        "Effect": "Allow",
                        "Resource": [
                            f"arn:aws:s3:::platform-state-{suffix}/tenant-$${{aws:PrincipalTag/TenantId}}-{suffix}.tfstate",
                            f"arn:aws:s3:::platform-state-{suffix}/tenant-$${{aws:PrincipalTag/TenantId}}-{suffix}.tfstate.tflock",
                        ],
                        "Sid": "State",
                    },
                    {
                        "Action": "s3:ListBucket",
                        "Condition": {"StringEquals": {"s3:prefix": [f"tenant-$${{aws:PrincipalTag/TenantId}}-{suffix}.tfstate", "env:/"]}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:s3:::platform-state-{suffix}",
                        "Sid": "StateList",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
                        "Effect": "Allow",
                        "Resource": kms_key_platform.arn,
                        "Sid": "StateKey",
                    },
                    {
                        "Action": ["cloudwatch:DescribeAlarms", "ec2:Describe*", "kms:ListAliases", "logs:DescribeLogGroups"],
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "Lists",
                    },
                    {
                        "Action": ["iam:CreateServiceLinkedRole", "route53:AssociateVPCWithHostedZone"],
                        "Effect": "Allow",
                        "Resource": [
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/aws-service-role/contributorinsights.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBCloudWatchContributorInsights",
                            "arn:aws:route53:::hostedzone/*",
                        ],
                        "Sid": "OfAws",
                    },
                    {
                        "Condition": {
                            "Null": {"aws:ResourceTag/TenantId": "false"},
                            "StringNotEquals": {"aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Deny",
                        "NotAction": ["kms:Decrypt", "kms:GenerateDataKey", "s3:*"],
                        "Resource": "*",
                        "Sid": "DenyOthers",
                    },
                    {
                        "Action": "*",
                        "Condition": {
                            "Null": {"aws:RequestTag/TenantId": "false"},
                            "StringNotEquals": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyTagOfAnother",
                    },
                    {
                        "Action": "*",
                        "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "TenantId"}, "Null": {"aws:RequestTag/TenantId": "true"}},
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyNoOwner",
                    },
                    {
                        "Action": ["iam:Attach*", "iam:CreateRole", "iam:PutRole*", "iam:UpdateAssumeRolePolicy"],
                        "Condition": {
                            "StringNotEquals": {
                                "iam:PermissionsBoundary": f"arn:aws:iam::{caller_identity_current.account_id}:policy/tenant-$${{aws:PrincipalTag/TenantId}}-boundary-{suffix}",
                            },
                        },
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyUnbounded",
                    },
                    {
                        "Action": [
                            "dynamodb:*Item*",
                            "dynamodb:PartiQL*",
                            "dynamodb:Query",
                            "dynamodb:Scan",
                            "iam:DeleteRolePermissionsBoundary",
                            "lambda:Invoke*",
                            "logs:*LogEvents",
                            "logs:*Query",
                            "sqs:*Message*",
                        ],
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyNever",
                    },
                    {
                        "Action": "*",
                        "Condition": {"StringEqualsIfExists": {"aws:PrincipalTag/TenantId": "platform"}},
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyNoTenant",
                    },
                    {
                        "Action": "ec2:*",
                        "Effect": "Deny",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:network-interface/*",
                        "Sid": "DenyInterfaces",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags=tags,
        )
        iam_role_deployer = IamRole(
            self,
            "iam_role_deployer",
            assume_role_policy=document({
                "Statement": [
                    {
                        "Action": ["sts:AssumeRole", "sts:TagSession"],
                        "Condition": {
                            "Null": {"aws:RequestTag/TenantId": "false", "sts:TransitiveTagKeys": "true"},
                            "StringNotEquals": {"aws:RequestTag/TenantId": "platform"},
                        },
                        "Effect": "Allow",
                        "Principal": {"AWS": iam_role_runner.arn},
                        "Sid": "AllowRunnerForOneTenant",
                    },
                    {
                        "Action": "sts:TagSession",
                        "Condition": {"ForAnyValue:StringNotEquals": {"aws:TagKeys": "TenantId"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyOtherTags",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "ArnNotEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/platform-runner-role-{suffix}",
                            },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyAllButRunner",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenantRoles",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": "platform"},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenants",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description="Deploys the stack of the one tenant with which its session is tagged",
            force_detach_policies=True,
            name=f"platform-deployer-role-{suffix}",
            permissions_boundary=iam_policy_deployer.arn,
            tags=tags,
        )
        iam_role_policy_runner = IamRolePolicy(
            self,
            "iam_role_policy_runner",
            name=f"platform-runner-role-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": ["sts:AssumeRole", "sts:TagSession"],
                        "Condition": {
                            "Null": {"aws:RequestTag/TenantId": "false"},
                            "StringNotEquals": {"aws:RequestTag/TenantId": "platform"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:iam::{caller_identity_current.account_id}:role/platform-deployer-role-{suffix}",
                        "Sid": "BecomeDeployer",
                    },
                    {
                        "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                        "Effect": "Allow",
                        "Resource": f"arn:aws:s3:::platform-state-{suffix}/releases/*",
                        "Sid": "Releases",
                    },
                    {
                        "Action": ["s3:GetBucketAcl", "s3:GetBucketLocation"],
                        "Effect": "Allow",
                        "Resource": f"arn:aws:s3:::platform-state-{suffix}",
                        "Sid": "Bucket",
                    },
                    {
                        "Action": "kms:Decrypt",
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::platform-state-{suffix}",
                                "kms:ViaService": "s3.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kms_key_platform.arn,
                        "Sid": "ReleaseKey",
                    },
                    {
                        "Action": ["dynamodb:BatchGetItem", "dynamodb:Query"],
                        "Effect": "Allow",
                        "Resource": f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/platform-registry-{suffix}",
                        "Sid": "Registry",
                    },
                    {
                        "Action": "kms:Decrypt",
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:dynamodb:tableName": f"platform-registry-{suffix}",
                                "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kms_key_platform.arn,
                        "Sid": "RegistryKey",
                    },
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Effect": "Allow",
                        "Resource": f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:platform-runner-log-{suffix}:log-stream:_builds/*",
                        "Sid": "OwnLog",
                    },
                ],
                "Version": "2012-10-17",
            }),
            role=iam_role_runner.name,
        )
        iam_policy_deployer_network = IamPolicy(
            self,
            "iam_policy_deployer_network",
            description="What the deployer does with the network of its session's tenant",
            name=f"platform-deployer-network-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": [
                            "ec2:DescribeAvailabilityZones",
                            "ec2:DescribeFlowLogs",
                            "ec2:DescribeNetworkAcls",
                            "ec2:DescribeNetworkInterfaces",
                            "ec2:DescribePrefixLists",
                            "ec2:DescribeRouteTables",
                            "ec2:DescribeSecurityGroupRules",
                            "ec2:DescribeSecurityGroups",
                            "ec2:DescribeSubnets",
                            "ec2:DescribeVpcEndpoints",
                            "ec2:DescribeVpcs",
                        ],
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "Describe",
                    },
                    {
                        "Action": [
                            "ec2:AssociateRouteTable",
                            "ec2:AuthorizeSecurityGroupEgress",
                            "ec2:AuthorizeSecurityGroupIngress",
                            "ec2:CreateFlowLogs",
                            "ec2:CreateNetworkAcl",
                            "ec2:CreateNetworkAclEntry",
                            "ec2:CreateRouteTable",
                            "ec2:CreateSecurityGroup",
                            "ec2:CreateSubnet",
                            "ec2:CreateVpcEndpoint",
                            "ec2:DeleteFlowLogs",
                            "ec2:DeleteNetworkAcl",
                            "ec2:DeleteNetworkAclEntry",
                            "ec2:DeleteRouteTable",
                            "ec2:DeleteSecurityGroup",
                            "ec2:DeleteSubnet",
                            "ec2:DeleteVpc",
                            "ec2:DeleteVpcEndpoints",
                            "ec2:DescribeVpcAttribute",
                            "ec2:DisassociateRouteTable",
                            "ec2:ModifySecurityGroupRules",
                            "ec2:ModifySubnetAttribute",
                            "ec2:ModifyVpcAttribute",
                            "ec2:ModifyVpcEndpoint",
                            "ec2:ReplaceNetworkAclAssociation",
                            "ec2:RevokeSecurityGroupEgress",
                            "ec2:RevokeSecurityGroupIngress",
                        ],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:*",
                        "Sid": "Own",
                    },
                    {
                        "Action": "ec2:CreateTags",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {
                                "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}",
                                "ec2:CreateAction": [
                                    "AuthorizeSecurityGroupEgress",
                                    "AuthorizeSecurityGroupIngress",
                                    "CreateFlowLogs",
                                    "CreateNetworkAcl",
                                    "CreateRouteTable",
                                    "CreateSecurityGroup",
                                    "CreateSubnet",
                                    "CreateVpc",
                                    "CreateVpcEndpoint",
                                ],
                            },
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:*",
                        "Sid": "TagMade",
                    },
                    {
                        "Action": ["ec2:CreateTags", "ec2:DeleteTags"],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                            "StringEqualsIfExists": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:*",
                        "Sid": "TagOwn",
                    },
                    {
                        "Action": "ec2:CreateVpc",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:vpc/*",
                        "Sid": "MakeVpc",
                    },
                    {
                        "Action": "ec2:CreateSubnet",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:subnet/*",
                        "Sid": "MakeSubnet",
                    },
                    {
                        "Action": "ec2:CreateRouteTable",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:route-table/*",
                        "Sid": "MakeRouteTable",
                    },
                    {
                        "Action": "ec2:CreateNetworkAcl",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:network-acl/*",
                        "Sid": "MakeAcl",
                    },
                    {
                        "Action": "ec2:CreateSecurityGroup",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:security-group/*",
                        "Sid": "MakeGroup",
                    },
                    {
                        "Action": ["ec2:AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupEgress"],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:security-group-rule/*",
                        "Sid": "MakeRule",
                    },
                    {
                        "Action": "ec2:CreateVpcEndpoint",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:vpc-endpoint/*",
                        "Sid": "MakeEndpoint",
                    },
                    {
                        "Action": "ec2:CreateFlowLogs",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:vpc-flow-log/*",
                        "Sid": "MakeFlowLog",
                    },
                    {
                        "Action": "ec2:CreateTags",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false", "aws:ResourceTag/TenantId": "true"},
                            "StringEquals": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": [
                            f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:network-acl/*",
                            f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:route-table/*",
                            f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:security-group/*",
                        ],
                        "Sid": "TagDefaults",
                    },
                    {
                        "Action": "ec2:DeleteNetworkAclEntry",
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false", "aws:ResourceTag/TenantId": "true"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:ec2:us-east-1:{caller_identity_current.account_id}:network-acl/*",
                        "Sid": "EmptyDefaultAcl",
                    },
                    {
                        "Action": "route53:AssociateVPCWithHostedZone",
                        "Condition": {"Bool": {"aws:ViaAWSService": "true"}, "Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": "arn:aws:route53:::hostedzone/*",
                        "Sid": "PrivateNames",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags=tags,
        )
        iam_role_policy_attachment_deployer_network = IamRolePolicyAttachment(
            self,
            "iam_role_policy_attachment_deployer_network",
            policy_arn=iam_policy_deployer_network.arn,
            role=iam_role_deployer.name,
        )
        iam_policy_deployer_key = IamPolicy(
            self,
            "iam_policy_deployer_key",
            description="What the deployer does with the key of its session's tenant",
            name=f"platform-deployer-key-use-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": "kms:CreateKey",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "MakeKey",
                    },
                    {
                        "Action": "kms:TagResource",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false", "aws:ResourceTag/TenantId": "true"},
                            "StringEquals": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:kms:us-east-1:{caller_identity_current.account_id}:key/*",
                        "Sid": "TagMadeKey",
                    },
                    {
                        "Action": [
                            "kms:CreateAlias",
                            "kms:DeleteAlias",
                            "kms:DescribeKey",
                            "kms:DisableKeyRotation",
                            "kms:EnableKeyRotation",
                            "kms:GetKeyPolicy",
                            "kms:GetKeyRotationStatus",
                            "kms:ListResourceTags",
                            "kms:PutKeyPolicy",
                            "kms:ScheduleKeyDeletion",
                            "kms:UpdateAlias",
                            "kms:UpdateKeyDescription",
                        ],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:kms:us-east-1:{caller_identity_current.account_id}:key/*",
                        "Sid": "OwnKey",
                    },
                    {
                        "Action": ["kms:TagResource", "kms:UntagResource"],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                            "StringEqualsIfExists": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:kms:us-east-1:{caller_identity_current.account_id}:key/*",
                        "Sid": "TagOwnKey",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {
                                "aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}",
                                "kms:ViaService": ["dynamodb.us-east-1.amazonaws.com", "lambda.us-east-1.amazonaws.com"],
                            },
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:kms:us-east-1:{caller_identity_current.account_id}:key/*",
                        "Sid": "OwnKeyByServices",
                    },
                    {
                        "Action": "kms:CreateGrant",
                        "Condition": {
                            "Bool": {"kms:GrantIsForAWSResource": "true"},
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {
                                "aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}",
                                "kms:ViaService": ["dynamodb.us-east-1.amazonaws.com", "lambda.us-east-1.amazonaws.com"],
                            },
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:kms:us-east-1:{caller_identity_current.account_id}:key/*",
                        "Sid": "GrantsToServices",
                    },
                    {
                        "Action": ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:kms:us-east-1:{caller_identity_current.account_id}:alias/tenant-$${{aws:PrincipalTag/TenantId}}-key-{suffix}",
                        "Sid": "OwnAlias",
                    },
                    {
                        "Action": "kms:ListAliases",
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "Aliases",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags=tags,
        )
        iam_role_policy_attachment_deployer_key = IamRolePolicyAttachment(
            self,
            "iam_role_policy_attachment_deployer_key",
            policy_arn=iam_policy_deployer_key.arn,
            role=iam_role_deployer.name,
        )
        iam_policy_deployer_roles = IamPolicy(
            self,
            "iam_policy_deployer_roles",
            description="What the deployer does with the roles of its session's tenant",
            name=f"platform-deployer-roles-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": "iam:CreateRole",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {
                                "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}",
                                "iam:PermissionsBoundary": f"arn:aws:iam::{caller_identity_current.account_id}:policy/tenant-$${{aws:PrincipalTag/TenantId}}-boundary-{suffix}",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": [
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-api-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-relay-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-flow-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-caller-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-reader-role-{suffix}",
                        ],
                        "Sid": "MakeRoles",
                    },
                    {
                        "Action": ["iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {
                                "iam:PermissionsBoundary": f"arn:aws:iam::{caller_identity_current.account_id}:policy/tenant-$${{aws:PrincipalTag/TenantId}}-boundary-{suffix}",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": [
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-api-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-relay-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-flow-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-caller-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-reader-role-{suffix}",
                        ],
                        "Sid": "BoundRoles",
                    },
                    {
                        "Action": [
                            "iam:DeleteRole",
                            "iam:DeleteRolePolicy",
                            "iam:GetRole",
                            "iam:GetRolePolicy",
                            "iam:ListAttachedRolePolicies",
                            "iam:ListInstanceProfilesForRole",
                            "iam:ListRolePolicies",
                            "iam:ListRoleTags",
                            "iam:UpdateRole",
                            "iam:UpdateRoleDescription",
                        ],
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": [
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-api-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-relay-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-flow-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-caller-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-reader-role-{suffix}",
                        ],
                        "Sid": "Roles",
                    },
                    {
                        "Action": ["iam:TagRole", "iam:UntagRole"],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEqualsIfExists": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": [
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-api-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-relay-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-flow-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-caller-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-reader-role-{suffix}",
                        ],
                        "Sid": "TagRoles",
                    },
                    {
                        "Action": "iam:PassRole",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"},
                        },
                        "Effect": "Allow",
                        "Resource": [
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-api-role-{suffix}",
                            f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-relay-role-{suffix}",
                        ],
                        "Sid": "PassToLambda",
                    },
                    {
                        "Action": "iam:PassRole",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"iam:PassedToService": "vpc-flow-logs.amazonaws.com"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:iam::{caller_identity_current.account_id}:role/tenant-$${{aws:PrincipalTag/TenantId}}-flow-role-{suffix}",
                        "Sid": "PassToFlowLogs",
                    },
                    {
                        "Action": "iam:CreatePolicy",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:iam::{caller_identity_current.account_id}:policy/tenant-$${{aws:PrincipalTag/TenantId}}-boundary-{suffix}",
                        "Sid": "MakeBoundary",
                    },
                    {
                        "Action": [
                            "iam:CreatePolicyVersion",
                            "iam:DeletePolicy",
                            "iam:DeletePolicyVersion",
                            "iam:GetPolicy",
                            "iam:GetPolicyVersion",
                            "iam:ListPolicyTags",
                            "iam:ListPolicyVersions",
                            "iam:TagPolicy",
                            "iam:UntagPolicy",
                        ],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEqualsIfExists": {"aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:iam::{caller_identity_current.account_id}:policy/tenant-$${{aws:PrincipalTag/TenantId}}-boundary-{suffix}",
                        "Sid": "Boundary",
                    },
                    {
                        "Action": "iam:CreateServiceLinkedRole",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"iam:AWSServiceName": "contributorinsights.dynamodb.amazonaws.com"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:iam::{caller_identity_current.account_id}:role/aws-service-role/contributorinsights.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBCloudWatchContributorInsights",
                        "Sid": "InsightsRole",
                    },
                    {
                        "Action": "*",
                        "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "TenantId"}, "Null": {"aws:RequestTag/TenantId": "true"}},
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyNoOwner",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags=tags,
        )
        iam_role_policy_attachment_deployer_roles = IamRolePolicyAttachment(
            self,
            "iam_role_policy_attachment_deployer_roles",
            policy_arn=iam_policy_deployer_roles.arn,
            role=iam_role_deployer.name,
        )
        iam_policy_deployer_storage = IamPolicy(
            self,
            "iam_policy_deployer_storage",
            description="What the deployer does with bucket, table and state of its session's tenant",
            name=f"platform-deployer-storage-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": [
                            "s3:CreateBucket",
                            "s3:DeleteBucket",
                            "s3:DeleteBucketPolicy",
                            "s3:GetAccelerateConfiguration",
                            "s3:GetBucketAcl",
                            "s3:GetBucketCORS",
                            "s3:GetBucketLocation",
                            "s3:GetBucketLogging",
                            "s3:GetBucketObjectLockConfiguration",
                            "s3:GetBucketOwnershipControls",
                            "s3:GetBucketPolicy",
                            "s3:GetBucketPublicAccessBlock",
                            "s3:GetBucketRequestPayment",
                            "s3:GetBucketTagging",
                            "s3:GetBucketVersioning",
                            "s3:GetBucketWebsite",
                            "s3:GetEncryptionConfiguration",
                            "s3:GetLifecycleConfiguration",
                            "s3:GetReplicationConfiguration",
                            "s3:ListBucket",
                            "s3:ListBucketVersions",
                            "s3:ListTagsForResource",
                            "s3:PutBucketOwnershipControls",
                            "s3:PutBucketPolicy",
                            "s3:PutBucketPublicAccessBlock",
                            "s3:PutBucketTagging",
                            "s3:PutBucketVersioning",
                            "s3:PutEncryptionConfiguration",
                            "s3:PutLifecycleConfiguration",
                            "s3:TagResource",
                            "s3:UntagResource",
                        ],
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:s3:::tenant-$${{aws:PrincipalTag/TenantId}}-data-{suffix}",
                        "Sid": "Bucket",
                    },
                    {
                        "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:s3:::tenant-$${{aws:PrincipalTag/TenantId}}-data-{suffix}/*",
                        "Sid": "EmptyBucket",
                    },
                    {
                        "Action": [
                            "dynamodb:CreateTable",
                            "dynamodb:DeleteResourcePolicy",
                            "dynamodb:DeleteTable",
                            "dynamodb:DescribeContinuousBackups",
                            "dynamodb:DescribeContributorInsights",
                            "dynamodb:DescribeTable",
                            "dynamodb:DescribeTimeToLive",
                            "dynamodb:GetResourcePolicy",
                            "dynamodb:ListTagsOfResource",
                            "dynamodb:PutResourcePolicy",
                            "dynamodb:TagResource",
                            "dynamodb:UntagResource",
                            "dynamodb:UpdateContinuousBackups",
                            "dynamodb:UpdateContributorInsights",
                            "dynamodb:UpdateTable",
                            "dynamodb:UpdateTimeToLive",
                        ],
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/tenant-$${{aws:PrincipalTag/TenantId}}-metadata-{suffix}",
                        "Sid": "Table",
                    },
                    {
                        "Action": ["s3:GetObject", "s3:PutObject"],
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:s3:::platform-state-{suffix}/tenant-$${{aws:PrincipalTag/TenantId}}-{suffix}.tfstate",
                        "Sid": "State",
                    },
                    {
                        "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:s3:::platform-state-{suffix}/tenant-$${{aws:PrincipalTag/TenantId}}-{suffix}.tfstate.tflock",
                        "Sid": "StateLock",
                    },
                    {
                        "Action": "s3:ListBucket",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {"s3:prefix": [f"tenant-$${{aws:PrincipalTag/TenantId}}-{suffix}.tfstate", "env:/"]},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:s3:::platform-state-{suffix}",
                        "Sid": "StateList",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringEquals": {
                                "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::platform-state-{suffix}",
                                "kms:ViaService": "s3.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kms_key_platform.arn,
                        "Sid": "StateKey",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags=tags,
        )
        iam_role_policy_attachment_deployer_storage = IamRolePolicyAttachment(
            self,
            "iam_role_policy_attachment_deployer_storage",
            policy_arn=iam_policy_deployer_storage.arn,
            role=iam_role_deployer.name,
        )
        iam_policy_deployer_compute = IamPolicy(
            self,
            "iam_policy_deployer_compute",
            description="What the deployer does with functions, queue, logs, alarms and rule of its session's tenant",
            name=f"platform-deployer-compute-{suffix}",
            policy=document({
                "Statement": [
                    {
                        "Action": [
                            "lambda:AddPermission",
                            "lambda:CreateFunction",
                            "lambda:CreateFunctionUrlConfig",
                            "lambda:DeleteFunction",
                            "lambda:DeleteFunctionConcurrency",
                            "lambda:DeleteFunctionUrlConfig",
                            "lambda:GetFunction",
                            "lambda:GetFunctionCodeSigningConfig",
                            "lambda:GetFunctionConfiguration",
                            "lambda:GetFunctionUrlConfig",
                            "lambda:GetPolicy",
                            "lambda:ListTags",
                            "lambda:ListVersionsByFunction",
                            "lambda:PutFunctionConcurrency",
                            "lambda:RemovePermission",
                            "lambda:TagResource",
                            "lambda:UntagResource",
                            "lambda:UpdateFunctionCode",
                            "lambda:UpdateFunctionConfiguration",
                            "lambda:UpdateFunctionUrlConfig",
                        ],
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": [
                            f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-$${{aws:PrincipalTag/TenantId}}-api-{suffix}",
                            f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-$${{aws:PrincipalTag/TenantId}}-relay-{suffix}",
                        ],
                        "Sid": "Functions",
                    },
                    {
                        "Action": [
                            "sqs:CreateQueue",
                            "sqs:DeleteQueue",
                            "sqs:GetQueueAttributes",
                            "sqs:GetQueueUrl",
                            "sqs:ListQueueTags",
                            "sqs:SetQueueAttributes",
                            "sqs:TagQueue",
                            "sqs:UntagQueue",
                        ],
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:sqs:us-east-1:{caller_identity_current.account_id}:tenant-$${{aws:PrincipalTag/TenantId}}-dlq-{suffix}",
                        "Sid": "Queue",
                    },
                    {
                        "Action": [
                            "logs:AssociateKmsKey",
                            "logs:CreateLogGroup",
                            "logs:DeleteLogGroup",
                            "logs:DeleteMetricFilter",
                            "logs:DeleteRetentionPolicy",
                            "logs:DeleteSubscriptionFilter",
                            "logs:DescribeMetricFilters",
                            "logs:DescribeSubscriptionFilters",
                            "logs:DisassociateKmsKey",
                            "logs:ListTagsForResource",
                            "logs:PutMetricFilter",
                            "logs:PutRetentionPolicy",
                            "logs:PutSubscriptionFilter",
                            "logs:TagResource",
                            "logs:UntagResource",
                        ],
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": [
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-$${{aws:PrincipalTag/TenantId}}-api-log-{suffix}",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-$${{aws:PrincipalTag/TenantId}}-api-log-{suffix}:*",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-$${{aws:PrincipalTag/TenantId}}-relay-log-{suffix}",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-$${{aws:PrincipalTag/TenantId}}-relay-log-{suffix}:*",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-$${{aws:PrincipalTag/TenantId}}-flow-log-{suffix}",
                            f"arn:aws:logs:us-east-1:{caller_identity_current.account_id}:log-group:tenant-$${{aws:PrincipalTag/TenantId}}-flow-log-{suffix}:*",
                        ],
                        "Sid": "LogGroups",
                    },
                    {
                        "Action": "logs:DescribeLogGroups",
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "ListLogGroups",
                    },
                    {
                        "Action": [
                            "cloudwatch:DeleteAlarms",
                            "cloudwatch:ListTagsForResource",
                            "cloudwatch:PutMetricAlarm",
                            "cloudwatch:TagResource",
                            "cloudwatch:UntagResource",
                        ],
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": [
                            f"arn:aws:cloudwatch:us-east-1:{caller_identity_current.account_id}:alarm:tenant-$${{aws:PrincipalTag/TenantId}}-api-errors-{suffix}",
                            f"arn:aws:cloudwatch:us-east-1:{caller_identity_current.account_id}:alarm:tenant-$${{aws:PrincipalTag/TenantId}}-api-busy-{suffix}",
                            f"arn:aws:cloudwatch:us-east-1:{caller_identity_current.account_id}:alarm:tenant-$${{aws:PrincipalTag/TenantId}}-relay-errors-{suffix}",
                            f"arn:aws:cloudwatch:us-east-1:{caller_identity_current.account_id}:alarm:tenant-$${{aws:PrincipalTag/TenantId}}-dlq-messages-{suffix}",
                            f"arn:aws:cloudwatch:us-east-1:{caller_identity_current.account_id}:alarm:tenant-$${{aws:PrincipalTag/TenantId}}-refused-any-{suffix}",
                        ],
                        "Sid": "Alarms",
                    },
                    {
                        "Action": "cloudwatch:DescribeAlarms",
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:cloudwatch:us-east-1:{caller_identity_current.account_id}:alarm:*",
                        "Sid": "ListAlarms",
                    },
                    {
                        "Action": [
                            "events:DeleteRule",
                            "events:DescribeRule",
                            "events:ListTagsForResource",
                            "events:ListTargetsByRule",
                            "events:PutRule",
                            "events:RemoveTargets",
                            "events:TagResource",
                            "events:UntagResource",
                        ],
                        "Condition": {"Null": {"aws:PrincipalTag/TenantId": "false"}},
                        "Effect": "Allow",
                        "Resource": f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/tenant-$${{aws:PrincipalTag/TenantId}}-events-{suffix}",
                        "Sid": "Rule",
                    },
                    {
                        "Action": "events:PutTargets",
                        "Condition": {
                            "ArnEquals": {
                                "events:TargetArn": [
                                    f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-$${{aws:PrincipalTag/TenantId}}-api-{suffix}",
                                    f"arn:aws:lambda:us-east-1:{caller_identity_current.account_id}:function:tenant-$${{aws:PrincipalTag/TenantId}}-relay-{suffix}",
                                ],
                            },
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                        },
                        "Effect": "Allow",
                        "Resource": f"arn:aws:events:us-east-1:{caller_identity_current.account_id}:rule/tenant-$${{aws:PrincipalTag/TenantId}}-events-{suffix}",
                        "Sid": "RuleTargets",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags=tags,
        )
        iam_role_policy_attachment_deployer_compute = IamRolePolicyAttachment(
            self,
            "iam_role_policy_attachment_deployer_compute",
            policy_arn=iam_policy_deployer_compute.arn,
            role=iam_role_deployer.name,
        )
        CodebuildProject(
            self,
            "codebuild_project_runner",
            artifacts=CodebuildProjectArtifacts(type="NO_ARTIFACTS"),
            build_timeout=150,
            description="Deploys the stack of one tenant, as that tenant's deployer",
            encryption_key=kms_key_platform.arn,
            environment=CodebuildProjectEnvironment(
                compute_type="BUILD_GENERAL1_SMALL",
                environment_variable=[
                    CodebuildProjectEnvironmentEnvironmentVariable(name="DEPLOYER_ROLE_ARN", type="PLAINTEXT", value=iam_role_deployer.arn),
                    CodebuildProjectEnvironmentEnvironmentVariable(
                        name="FLEET_SETTINGS",
                        type="PLAINTEXT",
                        value=document({
                            "backend": {"bucket": f"platform-state-{suffix}", "kms_key_id": kms_key_platform.arn, "type": "s3"},
                            "environment": suffix,
                            "environment_suffix": suffix,
                            "network": {"prefix_length": 20, "supernet": "10.0.0.0/8"},
                            "region": "us-east-1",
                        }),
                    ),
                ],
                image="aws/codebuild/amazonlinux-x86_64-standard:5.0",
                privileged_mode=False,
                type="LINUX_CONTAINER",
            ),
            logs_config=CodebuildProjectLogsConfig(
                cloudwatch_logs=CodebuildProjectLogsConfigCloudwatchLogs(
                    group_name=f"platform-runner-log-{suffix}",
                    status="ENABLED",
                    stream_name="_builds",
                ),
            ),
            name=f"platform-runner-{suffix}",
            queued_timeout=120,
            service_role=iam_role_runner.arn,
            source=CodebuildProjectSource(
                buildspec=document({
                    "env": {"exported-variables": ["RUN_RESULT"], "shell": "bash"},
                    "phases": {
                        "build": {
                            "commands": [
                                ": > result.json",
                                "./app tenants export --tenant=\"$TENANT_ID\" --settings=\"$FLEET_SETTINGS\" --output-file=tenants.json --format=json > result.json",
                                "./app deploy --tenant=\"$TENANT_ID\" --assume-role-arn=\"$DEPLOYER_ROLE_ARN\" --terraform-bin=./terraform --plugin-dir=./plugins --auto-approve --format=json > result.json",
                            ],
                        },
                        "post_build": {"commands": ["export RUN_RESULT=\"$(tr -d '\\n' < result.json)\""]},
                    },
                    "version": "0.2",
                }),
                location=f"platform-state-{suffix}/releases/0.1.0/palisade.zip",
                type="S3",
            ),
            tags=tags,
            depends_on=[
                kms_key_policy_platform,
                cloudwatch_log_group_runner,
                iam_role_policy_runner,
                iam_role_policy_attachment_deployer_network,
                iam_role_policy_attachment_deployer_key,
                iam_role_policy_attachment_deployer_roles,
                iam_role_policy_attachment_deployer_storage,
                iam_role_policy_attachment_deployer_compute,
            ],
        )
        DynamodbResourcePolicy(
            self,
            "dynamodb_resource_policy_registry",
            policy=document({
                "Statement": [
                    {
                        "Action": "dynamodb:*",
                        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [
                            f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/platform-registry-{suffix}",
                            f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/platform-registry-{suffix}/index/*",
                        ],
                        "Sid": "DenyTenantRoles",
                    },
                    {
                        "Action": "dynamodb:*",
                        "Condition": {
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": "platform"},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [
                            f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/platform-registry-{suffix}",
                            f"arn:aws:dynamodb:us-east-1:{caller_identity_current.account_id}:table/platform-registry-{suffix}/index/*",
                        ],
                        "Sid": "DenyTenants",
                    },
                ],
                "Version": "2012-10-17",
            }),
            resource_arn=dynamodb_table_registry.arn,
        )
        IamRolePolicy(
            self,
            "iam_role_policy_starter",
            name=f"platform-starter-role-{suffix}",
            policy=document({
                "Statement": [
                    {"Action": "states:StartExecution", "Effect": "Allow", "Resource": sfn_state_machine_onboarding.arn, "Sid": "Start"},
                ],
                "Version": "2012-10-17",
            }),
            role=iam_role_starter.name,
        )
        KmsAlias(self, "kms_alias_platform", name=f"alias/platform-key-{suffix}", target_key_id=kms_key_platform.key_id)
        s3_bucket_states = S3Bucket(self, "s3_bucket_states", bucket=f"platform-state-{suffix}", force_destroy=True, tags=tags)
        s3_bucket_versioning_states = S3BucketVersioningA(
            self,
            "s3_bucket_versioning_states",
            bucket=s3_bucket_states.bucket,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        S3BucketLifecycleConfiguration(
            self,
            "s3_bucket_lifecycle_configuration_states",
            bucket=s3_bucket_states.bucket,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(days_after_initiation=7),
                    ],
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    id="expire-old-versions",
                    noncurrent_version_expiration=[S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=90)],
                    status="Enabled",
                ),
                S3BucketLifecycleConfigurationRule(
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(expired_object_delete_marker=True)],
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    id="remove-delete-markers",
                    status="Enabled",
                ),
            ],
            depends_on=[s3_bucket_versioning_states],
        )
        S3BucketOwnershipControls(
            self,
            "s3_bucket_ownership_controls_states",
            bucket=s3_bucket_states.bucket,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        s3_bucket_public_access_block_states = S3BucketPublicAccessBlock(
            self,
            "s3_bucket_public_access_block_states",
            block_public_acls=True,
            block_public_policy=True,
            bucket=s3_bucket_states.bucket,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        S3BucketPolicy(
            self,
            "s3_bucket_policy_states",
            bucket=s3_bucket_states.bucket,
            policy=document({
                "Statement": [
                    {
                        "Action": "s3:*",
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [f"arn:aws:s3:::platform-state-{suffix}", f"arn:aws:s3:::platform-state-{suffix}/*"],
                        "Sid": "DenyPlainText",
                    },
                    {
                        "Action": "s3:*",
                        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*"}},
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [f"arn:aws:s3:::platform-state-{suffix}", f"arn:aws:s3:::platform-state-{suffix}/*"],
                        "Sid": "DenyTenantRoles",
                    },
                    {
                        "Action": "s3:*",
                        "Condition": {
                            "ArnNotEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/platform-deployer-role-{suffix}",
                            },
                            "Null": {"aws:PrincipalTag/TenantId": "false"},
                            "StringNotEquals": {"aws:PrincipalTag/TenantId": "platform"},
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [f"arn:aws:s3:::platform-state-{suffix}", f"arn:aws:s3:::platform-state-{suffix}/*"],
                        "Sid": "DenyTenants",
                    },
                    {
                        "Action": "s3:*",
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/platform-deployer-role-{suffix}",
                            },
                        },
                        "Effect": "Deny",
                        "NotResource": [
                            f"arn:aws:s3:::platform-state-{suffix}",
                            f"arn:aws:s3:::platform-state-{suffix}/tenant-$${{aws:PrincipalTag/TenantId}}-{suffix}.tfstate",
                            f"arn:aws:s3:::platform-state-{suffix}/tenant-$${{aws:PrincipalTag/TenantId}}-{suffix}.tfstate.tflock",
                        ],
                        "Principal": "*",
                        "Sid": "DenyDeployerOtherStates",
                    },
                    {
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/platform-deployer-role-{suffix}",
                            },
                        },
                        "Effect": "Deny",
                        "NotAction": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                        "Principal": "*",
                        "Resource": f"arn:aws:s3:::platform-state-{suffix}/*",
                        "Sid": "DenyDeployerAllButStates",
                    },
                    {
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": f"arn:aws:iam::{caller_identity_current.account_id}:role/platform-deployer-role-{suffix}",
                            },
                        },
                        "Effect": "Deny",
                        "NotAction": "s3:ListBucket",
                        "Principal": "*",
                        "Resource": f"arn:aws:s3:::platform-state-{suffix}",
                        "Sid": "DenyDeployerAllButList",
                    },
                ],
                "Version": "2012-10-17",
            }),
            depends_on=[s3_bucket_public_access_block_states],
        )
        S3BucketServerSideEncryptionConfigurationA(
            self,
            "s3_bucket_server_side_encryption_configuration_states",
            bucket=s3_bucket_states.bucket,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                        kms_master_key_id=kms_key_platform.arn,
                        sse_algorithm="aws:kms",
                    ),
                    bucket_key_enabled=True,
                ),
            ],
            depends_on=[kms_key_policy_platform],
        )
        TerraformOutput(
            self,
            "central_log_group_name",
            description="Log group of the central view",
            value=cloudwatch_log_group_central.name,
        )
        TerraformOutput(self, "dead_letter_queue_url", description="Where undeliverable events wait", value=sqs_queue_dead_letters.url)
        TerraformOutput(
            self,
            "deployer_role_arn",
            description="Role that deploys the stack of the tenant with which its session is tagged",
            value=iam_role_deployer.arn,
        )
        TerraformOutput(
            self,
            "onboarding_workflow_arn",
            description="Workflow that takes signups and offboardings",
            value=sfn_state_machine_onboarding.arn,
        )
        TerraformOutput(self, "registry_table_name", description="Registry of tenants", value=dynamodb_table_registry.name)
        TerraformOutput(self, "state_bucket_name", description="Bucket for Terraform states", value=s3_bucket_states.bucket)
