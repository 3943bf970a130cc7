// The stack of what the tenants share, translated by bench/peers/translate from the document that `app synth` writes.
"use strict";

const { LocalBackend, TerraformOutput, TerraformStack } = require("cdktn");
const { CloudwatchEventRule } = require("@cdktn/provider-aws/lib/cloudwatch-event-rule");
const { CloudwatchEventTarget } = require("@cdktn/provider-aws/lib/cloudwatch-event-target");
const { CloudwatchLogGroup } = require("@cdktn/provider-aws/lib/cloudwatch-log-group");
const { CloudwatchLogResourcePolicy } = require("@cdktn/provider-aws/lib/cloudwatch-log-resource-policy");
const { CloudwatchMetricAlarm } = require("@cdktn/provider-aws/lib/cloudwatch-metric-alarm");
const { CodebuildProject } = require("@cdktn/provider-aws/lib/codebuild-project");
const { DataAwsCallerIdentity } = require("@cdktn/provider-aws/lib/data-aws-caller-identity");
const { DynamodbResourcePolicy } = require("@cdktn/provider-aws/lib/dynamodb-resource-policy");
const { DynamodbTable } = require("@cdktn/provider-aws/lib/dynamodb-table");
const { IamPolicy } = require("@cdktn/provider-aws/lib/iam-policy");
const { IamRole } = require("@cdktn/provider-aws/lib/iam-role");
const { IamRolePolicy } = require("@cdktn/provider-aws/lib/iam-role-policy");
const { IamRolePolicyAttachment } = require("@cdktn/provider-aws/lib/iam-role-policy-attachment");
const { KmsAlias } = require("@cdktn/provider-aws/lib/kms-alias");
const { KmsKey } = require("@cdktn/provider-aws/lib/kms-key");
const { KmsKeyPolicy } = require("@cdktn/provider-aws/lib/kms-key-policy");
const { LambdaFunction } = require("@cdktn/provider-aws/lib/lambda-function");
const { S3Bucket } = require("@cdktn/provider-aws/lib/s3-bucket");
const { S3BucketLifecycleConfiguration } = require("@cdktn/provider-aws/lib/s3-bucket-lifecycle-configuration");
const { S3BucketOwnershipControls } = require("@cdktn/provider-aws/lib/s3-bucket-ownership-controls");
const { S3BucketPolicy } = require("@cdktn/provider-aws/lib/s3-bucket-policy");
const { S3BucketPublicAccessBlock } = require("@cdktn/provider-aws/lib/s3-bucket-public-access-block");
const { S3BucketServerSideEncryptionConfigurationA } = require("@cdktn/provider-aws/lib/s3-bucket-server-side-encryption-configuration");
const { S3BucketVersioningA } = require("@cdktn/provider-aws/lib/s3-bucket-versioning");
const { SfnStateMachine } = require("@cdktn/provider-aws/lib/sfn-state-machine");
const { SqsQueue } = require("@cdktn/provider-aws/lib/sqs-queue");
const { AwsProvider } = require("@cdktn/provider-aws/lib/provider");

class PlatformStack extends TerraformStack {
    constructor(scope, suffix) {
        super(scope, `platform-${suffix}`);
        new LocalBackend(this, { path: `../../../terraform.platform-${suffix}.tfstate` });
        new AwsProvider(this, "aws", { region: "us-east-1" });
        this.addOverride("terraform.required_version", ">= 1.10");
        const tags = { "Environment": suffix, "ManagedBy": "CDKTF", "TenantId": "platform" };
        const callerIdentityCurrent = new DataAwsCallerIdentity(this, "callerIdentityCurrent", {});
        const cloudwatchEventRuleAlarms = new CloudwatchEventRule(this, "cloudwatchEventRuleAlarms", {
            description: "Records when an alarm of the environment changes its state",
            eventPattern: JSON.stringify({
                "detail": { "alarmName": [{ "wildcard": `tenant-*-${suffix}` }, { "wildcard": `platform-*-${suffix}` }] },
                "detail-type": ["CloudWatch Alarm State Change"],
                "source": ["aws.cloudwatch"],
            }),
            name: `platform-alarms-${suffix}`,
            tags: tags,
        });
        const cloudwatchEventRuleOffboarding = new CloudwatchEventRule(this, "cloudwatchEventRuleOffboarding", {
            description: "A customer leaves: start the removal of the tenant's stack",
            eventPattern: JSON.stringify({
                "detail": { "environment_suffix": [suffix] },
                "detail-type": ["TenantOffboarding"],
                "source": ["palisade.signup"],
            }),
            name: `platform-offboarding-${suffix}`,
            tags: tags,
        });
        const cloudwatchEventRulePlanChanged = new CloudwatchEventRule(this, "cloudwatchEventRulePlanChanged", {
            description: "A customer buys another plan: start the change of the tenant's stack",
            eventPattern: JSON.stringify({
                "detail": { "environment_suffix": [suffix] },
                "detail-type": ["TenantPlanChanged"],
                "source": ["palisade.signup"],
            }),
            name: `platform-plan-changed-${suffix}`,
            tags: tags,
        });
        const cloudwatchEventRuleReconcile = new CloudwatchEventRule(this, "cloudwatchEventRuleReconcile", {
            description: "Finds lost runs, leases that ended, states of nobody and events that were not announced; begins lost runs again",
            eventPattern: JSON.stringify({
                "detail": { "environment_suffix": [suffix] },
                "detail-type": ["TenantRestarting"],
                "source": ["palisade.platform"],
            }),
            name: `platform-reconcile-${suffix}`,
            scheduleExpression: "rate(15 minutes)",
            tags: tags,
        });
        const cloudwatchEventRuleSignup = new CloudwatchEventRule(this, "cloudwatchEventRuleSignup", {
            description: "A customer signed up: start the deployment of the tenant's stack",
            eventPattern: JSON.stringify({ "detail": { "environment_suffix": [suffix] }, "detail-type": ["TenantSignup"], "source": ["palisade.signup"] }),
            name: `platform-signup-${suffix}`,
            tags: tags,
        });
        const kmsKeyPlatform = new KmsKey(this, "kmsKeyPlatform", {
            deletionWindowInDays: 7,
            description: "What the tenants of the environment share",
            enableKeyRotation: true,
            tags: { ...tags, "Name": `platform-key-${suffix}` },
        });
        const kmsKeyPolicyPlatform = new KmsKeyPolicy(this, "kmsKeyPolicyPlatform", {
            keyId: kmsKeyPlatform.keyId,
            policy: JSON.stringify({
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
                        "Principal": { "AWS": `arn:aws:iam::${callerIdentityCurrent.accountId}:root` },
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "AllowAdministration",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:dynamodb:tableName": `platform-registry-${suffix}`,
                                "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": { "AWS": `arn:aws:iam::${callerIdentityCurrent.accountId}:root` },
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "AllowCreatorOfTable",
                    },
                    {
                        "Action": "kms:CreateGrant",
                        "Condition": {
                            "Bool": { "kms:GrantIsForAWSResource": "true" },
                            "StringEquals": { "kms:ViaService": ["dynamodb.us-east-1.amazonaws.com", "lambda.us-east-1.amazonaws.com"] },
                        },
                        "Effect": "Allow",
                        "Principal": { "AWS": `arn:aws:iam::${callerIdentityCurrent.accountId}:root` },
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "AllowGrantsToServices",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:s3:arn": `arn:aws:s3:::platform-state-${suffix}`,
                                "kms:ViaService": "s3.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": { "AWS": `arn:aws:iam::${callerIdentityCurrent.accountId}:root` },
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "AllowStates",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": [
                                    `arn:aws:iam::${callerIdentityCurrent.accountId}:role/platform-onboarding-function-role-${suffix}`,
                                    `arn:aws:iam::${callerIdentityCurrent.accountId}:role/platform-runner-role-${suffix}`,
                                ],
                            },
                            "StringEquals": {
                                "kms:EncryptionContext:aws:dynamodb:tableName": `platform-registry-${suffix}`,
                                "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": { "AWS": `arn:aws:iam::${callerIdentityCurrent.accountId}:root` },
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "AllowRegistry",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/platform-onboarding-role-${suffix}`,
                            },
                            "StringEquals": { "kms:ViaService": "sqs.us-east-1.amazonaws.com" },
                        },
                        "Effect": "Allow",
                        "Principal": { "AWS": `arn:aws:iam::${callerIdentityCurrent.accountId}:root` },
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "AllowLetters",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:lambda:FunctionArn": `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:platform-onboarding-function-${suffix}`,
                                "kms:ViaService": "lambda.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": { "AWS": `arn:aws:iam::${callerIdentityCurrent.accountId}:root` },
                        "Resource": kmsKeyPlatform.arn,
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
                                    `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:platform-central-log-${suffix}`,
                                    `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:platform-event-log-${suffix}`,
                                    `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:platform-onboarding-function-log-${suffix}`,
                                    `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:platform-runner-log-${suffix}`,
                                ],
                            },
                        },
                        "Effect": "Allow",
                        "Principal": { "Service": "logs.us-east-1.amazonaws.com" },
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "AllowLogGroups",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": [
                                    `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-signup-${suffix}`,
                                    `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-offboarding-${suffix}`,
                                    `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-plan-changed-${suffix}`,
                                    `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-reconcile-${suffix}`,
                                    `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-alarms-${suffix}`,
                                ],
                            },
                            "StringEquals": { "aws:SourceAccount": callerIdentityCurrent.accountId },
                        },
                        "Effect": "Allow",
                        "Principal": { "Service": "events.amazonaws.com" },
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "AllowUndeliveredEvents",
                    },
                    {
                        "Action": "kms:DescribeKey",
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/platform-registry-${suffix}`,
                            },
                            "StringEquals": { "aws:SourceAccount": callerIdentityCurrent.accountId },
                        },
                        "Effect": "Allow",
                        "Principal": { "Service": "dynamodb.amazonaws.com" },
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "AllowTableToSeeKey",
                    },
                    {
                        "Action": "kms:*",
                        "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "DenyTenantRoles",
                    },
                    {
                        "Action": "kms:*",
                        "Condition": {
                            "ArnNotEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/platform-deployer-role-${suffix}`,
                            },
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": "platform" },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "DenyTenants",
                    },
                    {
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/platform-deployer-role-${suffix}`,
                            },
                        },
                        "Effect": "Deny",
                        "NotAction": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Principal": "*",
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "DenyDeployerAllButStates",
                    },
                    {
                        "Action": "kms:*",
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/platform-deployer-role-${suffix}`,
                            },
                            "StringNotEquals": { "kms:ViaService": "s3.us-east-1.amazonaws.com" },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "DenyDeployerOtherServices",
                    },
                ],
                "Version": "2012-10-17",
            }),
        });
        const cloudwatchLogGroupEvents = new CloudwatchLogGroup(this, "cloudwatchLogGroupEvents", {
            kmsKeyId: kmsKeyPlatform.arn,
            name: `platform-event-log-${suffix}`,
            retentionInDays: 30,
            tags: tags,
            dependsOn: [kmsKeyPolicyPlatform],
        });
        const sqsQueueDeadLetters = new SqsQueue(this, "sqsQueueDeadLetters", {
            kmsDataKeyReusePeriodSeconds: 300,
            kmsMasterKeyId: kmsKeyPlatform.arn,
            messageRetentionSeconds: 1209600,
            name: `platform-dlq-${suffix}`,
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "sqs:SendMessage",
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": [
                                    `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-signup-${suffix}`,
                                    `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-offboarding-${suffix}`,
                                    `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-plan-changed-${suffix}`,
                                    `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-reconcile-${suffix}`,
                                    `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-alarms-${suffix}`,
                                ],
                            },
                            "StringEquals": { "aws:SourceAccount": callerIdentityCurrent.accountId },
                        },
                        "Effect": "Allow",
                        "Principal": { "Service": "events.amazonaws.com" },
                        "Resource": `arn:aws:sqs:us-east-1:${callerIdentityCurrent.accountId}:platform-dlq-${suffix}`,
                        "Sid": "AllowUndeliveredEvents",
                    },
                    {
                        "Action": "sqs:*",
                        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": `arn:aws:sqs:us-east-1:${callerIdentityCurrent.accountId}:platform-dlq-${suffix}`,
                        "Sid": "DenyPlainText",
                    },
                    {
                        "Action": "sqs:*",
                        "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": `arn:aws:sqs:us-east-1:${callerIdentityCurrent.accountId}:platform-dlq-${suffix}`,
                        "Sid": "DenyTenantRoles",
                    },
                    {
                        "Action": "sqs:*",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": "platform" },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": `arn:aws:sqs:us-east-1:${callerIdentityCurrent.accountId}:platform-dlq-${suffix}`,
                        "Sid": "DenyTenants",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags: tags,
            dependsOn: [kmsKeyPolicyPlatform],
        });
        const cloudwatchLogResourcePolicyEvents = new CloudwatchLogResourcePolicy(this, "cloudwatchLogResourcePolicyEvents", {
            policyDocument: JSON.stringify({
                "Statement": [
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-alarms-${suffix}`,
                            },
                            "StringEquals": { "aws:SourceAccount": callerIdentityCurrent.accountId },
                        },
                        "Effect": "Allow",
                        "Principal": { "Service": "events.amazonaws.com" },
                        "Resource": `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:platform-event-log-${suffix}:log-stream:*`,
                        "Sid": "AllowEvents",
                    },
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-alarms-${suffix}`,
                            },
                            "StringEquals": { "aws:SourceAccount": callerIdentityCurrent.accountId },
                        },
                        "Effect": "Allow",
                        "Principal": { "Service": "delivery.logs.amazonaws.com" },
                        "Resource": `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:platform-event-log-${suffix}:log-stream:*`,
                        "Sid": "AllowDelivery",
                    },
                ],
                "Version": "2012-10-17",
            }),
            policyName: `platform-event-log-policy-${suffix}`,
        });
        new CloudwatchEventTarget(this, "cloudwatchEventTargetAlarms", {
            arn: cloudwatchLogGroupEvents.arn,
            deadLetterConfig: { arn: sqsQueueDeadLetters.arn },
            retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 60 },
            rule: cloudwatchEventRuleAlarms.name,
            targetId: `platform-alarms-${suffix}`,
            dependsOn: [cloudwatchLogResourcePolicyEvents],
        });
        const iamRoleOnboarding = new IamRole(this, "iamRoleOnboarding", {
            assumeRolePolicy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": `arn:aws:states:us-east-1:${callerIdentityCurrent.accountId}:stateMachine:platform-onboarding-${suffix}`,
                            },
                            "StringEquals": { "aws:SourceAccount": callerIdentityCurrent.accountId },
                        },
                        "Effect": "Allow",
                        "Principal": { "Service": "states.amazonaws.com" },
                        "Sid": "AllowAssume",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description: "Runs the onboarding workflow",
            forceDetachPolicies: true,
            name: `platform-onboarding-role-${suffix}`,
            tags: tags,
        });
        const iamRoleOnboardingFunction = new IamRole(this, "iamRoleOnboardingFunction", {
            assumeRolePolicy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Effect": "Allow",
                        "Principal": { "Service": "lambda.amazonaws.com" },
                        "Sid": "AllowAssume",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description: "Carries out the steps of the onboarding workflow",
            forceDetachPolicies: true,
            name: `platform-onboarding-function-role-${suffix}`,
            tags: tags,
        });
        const cloudwatchLogGroupOnboarding = new CloudwatchLogGroup(this, "cloudwatchLogGroupOnboarding", {
            kmsKeyId: kmsKeyPlatform.arn,
            name: `platform-onboarding-function-log-${suffix}`,
            retentionInDays: 30,
            tags: tags,
            dependsOn: [kmsKeyPolicyPlatform],
        });
        const dynamodbTableRegistry = new DynamodbTable(this, "dynamodbTableRegistry", {
            attribute: [{ name: "tenant_id", type: "S" }, { name: "record", type: "S" }],
            billingMode: "PAY_PER_REQUEST",
            deletionProtectionEnabled: false,
            hashKey: "tenant_id",
            name: `platform-registry-${suffix}`,
            pointInTimeRecovery: { enabled: true },
            rangeKey: "record",
            serverSideEncryption: { enabled: true, kmsKeyArn: kmsKeyPlatform.arn },
            tags: tags,
            dependsOn: [kmsKeyPolicyPlatform],
        });
        const iamRolePolicyOnboardingFunction = new IamRolePolicy(this, "iamRolePolicyOnboardingFunction", {
            name: `platform-onboarding-function-role-${suffix}`,
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": ["dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"],
                        "Effect": "Allow",
                        "Resource": dynamodbTableRegistry.arn,
                        "Sid": "Registry",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:dynamodb:tableName": `platform-registry-${suffix}`,
                                "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "RegistryKey",
                    },
                    {
                        "Action": "kms:Decrypt",
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:lambda:FunctionArn": `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:platform-onboarding-function-${suffix}`,
                                "kms:ViaService": "lambda.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "Settings",
                    },
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Effect": "Allow",
                        "Resource": `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:platform-onboarding-function-log-${suffix}:log-stream:*`,
                        "Sid": "OwnLog",
                    },
                ],
                "Version": "2012-10-17",
            }),
            role: iamRoleOnboardingFunction.name,
        });
        const lambdaFunctionOnboarding = new LambdaFunction(this, "lambdaFunctionOnboarding", {
            architectures: ["x86_64"],
            description: "Carries out the steps of the onboarding workflow",
            environment: {
                variables: {
                    "ENVIRONMENT_SUFFIX": suffix,
                    "LEASE_SECONDS": "30000",
                    "NETWORK_PREFIX_LENGTH": "20",
                    "NETWORK_SUPERNET": "10.0.0.0/8",
                    "QUARANTINE_SECONDS": "2592000",
                    "RELEASE": "0.1.0",
                    "TABLE_NAME": `platform-registry-${suffix}`,
                    "TENANT_LIMIT": "4",
                    "WAITING_SECONDS": "604800",
                },
            },
            filename: "../../assets/onboarding.zip",
            functionName: `platform-onboarding-function-${suffix}`,
            handler: "bootstrap",
            kmsKeyArn: kmsKeyPlatform.arn,
            loggingConfig: { logFormat: "JSON", logGroup: `platform-onboarding-function-log-${suffix}` },
            memorySize: 256,
            role: iamRoleOnboardingFunction.arn,
            runtime: "provided.al2023",
            tags: tags,
            timeout: 60,
            tracingConfig: { mode: "PassThrough" },
            dependsOn: [kmsKeyPolicyPlatform, cloudwatchLogGroupOnboarding, iamRolePolicyOnboardingFunction],
        });
        const iamRolePolicyOnboarding = new IamRolePolicy(this, "iamRolePolicyOnboarding", {
            name: `platform-onboarding-role-${suffix}`,
            policy: JSON.stringify({
                "Statement": [
                    { "Action": "lambda:InvokeFunction", "Effect": "Allow", "Resource": lambdaFunctionOnboarding.arn, "Sid": "Steps" },
                    {
                        "Action": ["codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:StopBuild"],
                        "Effect": "Allow",
                        "Resource": `arn:aws:codebuild:us-east-1:${callerIdentityCurrent.accountId}:project/platform-runner-${suffix}`,
                        "Sid": "Builds",
                    },
                    {
                        "Action": ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
                        "Effect": "Allow",
                        "Resource": `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/StepFunctionsGetEventForCodeBuildStartBuildRule`,
                        "Sid": "EndOfBuilds",
                    },
                    {
                        "Action": "s3:ListBucket",
                        "Condition": { "StringEquals": { "s3:prefix": "tenant-" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:s3:::platform-state-${suffix}`,
                        "Sid": "States",
                    },
                    { "Action": "sqs:SendMessage", "Effect": "Allow", "Resource": sqsQueueDeadLetters.arn, "Sid": "Letters" },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": { "StringEquals": { "kms:ViaService": "sqs.us-east-1.amazonaws.com" } },
                        "Effect": "Allow",
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "LetterKey",
                    },
                    {
                        "Action": "events:PutEvents",
                        "Condition": { "StringEquals": { "events:source": "palisade.platform" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:event-bus/default`,
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
            role: iamRoleOnboarding.name,
        });
        const sfnStateMachineOnboarding = new SfnStateMachine(this, "sfnStateMachineOnboarding", {
            definition: JSON.stringify({
                "Comment": "Makes and removes the environments of tenants",
                "StartAt": "Route",
                "States": {
                    "Admit": {
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Fail", "ResultPath": "$.failure" }],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": `platform-onboarding-function-${suffix}`,
                            "Payload": { "execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "admit" },
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": { "run.$": "$.Payload" },
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
                        "Choices": [{ "Next": "Publish", "NumericGreaterThan": 0, "Variable": "$.outbox.batch.count" }],
                        "Default": "Continue",
                        "Type": "Choice",
                    },
                    "AnnounceRefusal": {
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Rejected", "ResultPath": "$.unpublished" }],
                        "Next": "Rejected",
                        "Parameters": { "Entries.$": "$.run.refusal" },
                        "Resource": "arn:aws:states:::events:putEvents",
                        "ResultPath": null,
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
                            { "Next": "Reserve", "StringEquals": "reserve", "Variable": "$.run.go" },
                            { "Next": "Offboard", "StringEquals": "offboard", "Variable": "$.run.go" },
                            { "Next": "Due", "StringEquals": "due", "Variable": "$.run.go" },
                        ],
                        "Default": "KeepLetter",
                        "Type": "Choice",
                    },
                    "Build": {
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Fail", "ResultPath": "$.failure" }],
                        "Next": "Record",
                        "Parameters": {
                            "EnvironmentVariablesOverride": [{ "Name": "TENANT_ID", "Type": "PLAINTEXT", "Value.$": "$.run.tenant_id" }],
                            "ProjectName": `platform-runner-${suffix}`,
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
                            { "Next": "Lease", "StringEquals": "lease", "Variable": "$.run.go" },
                            { "Next": "Hold", "StringEquals": "hold", "Variable": "$.run.go" },
                            { "Next": "Admit", "StringEquals": "admit", "Variable": "$.run.go" },
                            { "Next": "Build", "StringEquals": "build", "Variable": "$.run.go" },
                            { "Next": "WaitingPeriod", "StringEquals": "wait", "Variable": "$.run.go" },
                            { "Next": "Failed", "StringEquals": "failed", "Variable": "$.run.go" },
                            { "Next": "KeepLetter", "StringEquals": "refused", "Variable": "$.run.go" },
                        ],
                        "Default": "Done",
                        "Type": "Choice",
                    },
                    "Done": { "Comment": "The registry says where the tenant stands", "Type": "Succeed" },
                    "Due": {
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "KeepRequest", "ResultPath": "$.failure" }],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": `platform-onboarding-function-${suffix}`,
                            "Payload": { "execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "due" },
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": { "run.$": "$.Payload" },
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
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Release", "ResultPath": "$.failure" }],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": `platform-onboarding-function-${suffix}`,
                            "Payload": { "execution.$": "$$.Execution.Id", "failure.$": "$.failure", "run.$": "$.run", "step": "fail" },
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": { "run.$": "$.Payload" },
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
                    "Hold": { "Next": "Lease", "Seconds": 300, "Type": "Wait" },
                    "KeepLetter": {
                        "Next": "Told",
                        "Parameters": { "MessageBody.$": "$.run.letter", "QueueUrl": sqsQueueDeadLetters.url },
                        "Resource": "arn:aws:states:::sqs:sendMessage",
                        "ResultPath": null,
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
                        "Parameters": { "MessageBody.$": "$", "QueueUrl": sqsQueueDeadLetters.url },
                        "Resource": "arn:aws:states:::sqs:sendMessage",
                        "ResultPath": null,
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
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "KeepRequest", "ResultPath": "$.failure" }],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": `platform-onboarding-function-${suffix}`,
                            "Payload": { "execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "lease" },
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": { "run.$": "$.Payload" },
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
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Orphans", "ResultPath": "$.states" }],
                        "Next": "Orphans",
                        "Parameters": {
                            "Bucket": `platform-state-${suffix}`,
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
                    "NotCarriedOut": { "CausePath": "$.failure.Cause", "ErrorPath": "$.failure.Error", "Type": "Fail" },
                    "NotRecorded": { "CausePath": "$.failure.Cause", "ErrorPath": "$.failure.Error", "Type": "Fail" },
                    "Offboard": {
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "KeepRequest", "ResultPath": "$.failure" }],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": `platform-onboarding-function-${suffix}`,
                            "Payload": { "execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "offboard" },
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": { "run.$": "$.Payload" },
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
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "NotRecorded", "ResultPath": "$.failure" }],
                        "Next": "Swept",
                        "Parameters": {
                            "FunctionName": `platform-onboarding-function-${suffix}`,
                            "Payload": { "execution.$": "$$.Execution.Id", "run.$": "$.run", "states.$": "$.states", "step": "orphans" },
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": { "run.$": "$.Payload" },
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
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Continue", "ResultPath": "$.failure" }],
                        "Next": "Announce",
                        "Parameters": {
                            "FunctionName": `platform-onboarding-function-${suffix}`,
                            "Payload": { "execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "outbox" },
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$.outbox",
                        "ResultSelector": { "batch.$": "$.Payload" },
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
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Continue", "ResultPath": "$.unpublished" }],
                        "Next": "Taken",
                        "Parameters": { "Entries.$": "$.outbox.batch.entries" },
                        "Resource": "arn:aws:states:::events:putEvents",
                        "ResultPath": "$.published",
                        "ResultSelector": { "failed.$": "$.FailedEntryCount" },
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
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Continue", "ResultPath": "$.failure" }],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": `platform-onboarding-function-${suffix}`,
                            "Payload": {
                                "execution.$": "$$.Execution.Id",
                                "records.$": "$.outbox.batch.records",
                                "run.$": "$.run",
                                "step": "published",
                            },
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": null,
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
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "NotRecorded", "ResultPath": "$.failure" }],
                        "Next": "Swept",
                        "Parameters": {
                            "FunctionName": `platform-onboarding-function-${suffix}`,
                            "Payload": { "execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "reconcile" },
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": { "run.$": "$.Payload" },
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
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Fail", "ResultPath": "$.failure" }],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": `platform-onboarding-function-${suffix}`,
                            "Payload": { "build.$": "$.build", "execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "record" },
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": { "run.$": "$.Payload" },
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
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "NotRecorded", "ResultPath": "$.failure" }],
                        "Next": "NotRecorded",
                        "Parameters": {
                            "FunctionName": `platform-onboarding-function-${suffix}`,
                            "Payload": { "execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "release" },
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": null,
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
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "KeepRequest", "ResultPath": "$.failure" }],
                        "Next": "Outbox",
                        "Parameters": {
                            "FunctionName": `platform-onboarding-function-${suffix}`,
                            "Payload": { "execution.$": "$$.Execution.Id", "run.$": "$.run", "step": "reserve" },
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": { "run.$": "$.Payload" },
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
                                "And": [
                                    { "IsPresent": true, "Variable": "$.source" },
                                    { "StringEquals": "aws.events", "Variable": "$.source" },
                                ],
                                "Next": "Sweep",
                            },
                        ],
                        "Default": "Validate",
                        "Type": "Choice",
                    },
                    "Sweep": {
                        "Next": "Reconcile",
                        "Parameters": { "run": { "after": "", "go": "sweep", "kind": "reconcile" } },
                        "ResultPath": "$",
                        "Type": "Pass",
                    },
                    "Swept": {
                        "Choices": [
                            { "Next": "Reconcile", "StringEquals": "sweep", "Variable": "$.run.go" },
                            { "Next": "ListStates", "StringEquals": "states", "Variable": "$.run.go" },
                        ],
                        "Default": "Outbox",
                        "Type": "Choice",
                    },
                    "Taken": {
                        "Choices": [{ "Next": "Continue", "NumericGreaterThan": 0, "Variable": "$.published.failed" }],
                        "Default": "Published",
                        "Type": "Choice",
                    },
                    "Told": {
                        "Choices": [{ "Next": "AnnounceRefusal", "StringEquals": "refused", "Variable": "$.run.go" }],
                        "Default": "Rejected",
                        "Type": "Choice",
                    },
                    "Validate": {
                        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "KeepRequest", "ResultPath": "$.failure" }],
                        "Next": "Asked",
                        "Parameters": {
                            "FunctionName": `platform-onboarding-function-${suffix}`,
                            "Payload": { "event.$": "$", "execution.$": "$$.Execution.Id", "step": "validate" },
                        },
                        "Resource": "arn:aws:states:::lambda:invoke",
                        "ResultPath": "$",
                        "ResultSelector": { "run.$": "$.Payload" },
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
                    "WaitingPeriod": { "Next": "Due", "TimestampPath": "$.run.until", "Type": "Wait" },
                },
                "TimeoutSeconds": 10368000,
            }),
            loggingConfiguration: { includeExecutionData: false, level: "ERROR", logDestination: `${cloudwatchLogGroupEvents.arn}:*` },
            name: `platform-onboarding-${suffix}`,
            roleArn: iamRoleOnboarding.arn,
            tags: tags,
            type: "STANDARD",
            dependsOn: [iamRolePolicyOnboarding],
        });
        const iamRoleStarter = new IamRole(this, "iamRoleStarter", {
            assumeRolePolicy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": [
                                    `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-signup-${suffix}`,
                                    `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-offboarding-${suffix}`,
                                    `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-plan-changed-${suffix}`,
                                    `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/platform-reconcile-${suffix}`,
                                ],
                            },
                            "StringEquals": { "aws:SourceAccount": callerIdentityCurrent.accountId },
                        },
                        "Effect": "Allow",
                        "Principal": { "Service": "events.amazonaws.com" },
                        "Sid": "AllowAssume",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description: "Starts the onboarding workflow",
            forceDetachPolicies: true,
            name: `platform-starter-role-${suffix}`,
            tags: tags,
        });
        new CloudwatchEventTarget(this, "cloudwatchEventTargetOffboarding", {
            arn: sfnStateMachineOnboarding.arn,
            deadLetterConfig: { arn: sqsQueueDeadLetters.arn },
            retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 60 },
            roleArn: iamRoleStarter.arn,
            rule: cloudwatchEventRuleOffboarding.name,
            targetId: `platform-offboarding-${suffix}`,
        });
        new CloudwatchEventTarget(this, "cloudwatchEventTargetPlanChanged", {
            arn: sfnStateMachineOnboarding.arn,
            deadLetterConfig: { arn: sqsQueueDeadLetters.arn },
            retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 60 },
            roleArn: iamRoleStarter.arn,
            rule: cloudwatchEventRulePlanChanged.name,
            targetId: `platform-plan-changed-${suffix}`,
        });
        new CloudwatchEventTarget(this, "cloudwatchEventTargetReconcile", {
            arn: sfnStateMachineOnboarding.arn,
            deadLetterConfig: { arn: sqsQueueDeadLetters.arn },
            retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 60 },
            roleArn: iamRoleStarter.arn,
            rule: cloudwatchEventRuleReconcile.name,
            targetId: `platform-reconcile-${suffix}`,
        });
        new CloudwatchEventTarget(this, "cloudwatchEventTargetSignup", {
            arn: sfnStateMachineOnboarding.arn,
            deadLetterConfig: { arn: sqsQueueDeadLetters.arn },
            retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 60 },
            roleArn: iamRoleStarter.arn,
            rule: cloudwatchEventRuleSignup.name,
            targetId: `platform-signup-${suffix}`,
        });
        const cloudwatchLogGroupCentral = new CloudwatchLogGroup(this, "cloudwatchLogGroupCentral", {
            kmsKeyId: kmsKeyPlatform.arn,
            name: `platform-central-log-${suffix}`,
            retentionInDays: 30,
            tags: tags,
            dependsOn: [kmsKeyPolicyPlatform],
        });
        const cloudwatchLogGroupRunner = new CloudwatchLogGroup(this, "cloudwatchLogGroupRunner", {
            kmsKeyId: kmsKeyPlatform.arn,
            name: `platform-runner-log-${suffix}`,
            retentionInDays: 30,
            tags: tags,
            dependsOn: [kmsKeyPolicyPlatform],
        });
        new CloudwatchMetricAlarm(this, "cloudwatchMetricAlarmAttention", {
            alarmDescription: "Tenants or states wait for somebody: `app tenants status`, and `orphans` in the log of the function, say what to do",
            alarmName: `platform-attention-${suffix}`,
            comparisonOperator: "GreaterThanThreshold",
            dimensions: { "environment_suffix": suffix },
            evaluationPeriods: 1,
            metricName: "TenantsThatNeedAttention",
            namespace: "Palisade",
            period: 300,
            statistic: "Maximum",
            tags: tags,
            threshold: 0,
            treatMissingData: "notBreaching",
        });
        new CloudwatchMetricAlarm(this, "cloudwatchMetricAlarmDeadLetters", {
            alarmDescription: "Signups or offboardings wait in the dead-letter queue",
            alarmName: `platform-dlq-messages-${suffix}`,
            comparisonOperator: "GreaterThanThreshold",
            dimensions: { "QueueName": `platform-dlq-${suffix}` },
            evaluationPeriods: 1,
            metricName: "ApproximateNumberOfMessagesVisible",
            namespace: "AWS/SQS",
            period: 300,
            statistic: "Maximum",
            tags: tags,
            threshold: 0,
            treatMissingData: "notBreaching",
        });
        new CloudwatchMetricAlarm(this, "cloudwatchMetricAlarmOnboardingEnded", {
            alarmDescription: "A run of the onboarding workflow took too long",
            alarmName: `platform-onboarding-ended-${suffix}`,
            comparisonOperator: "GreaterThanThreshold",
            dimensions: { "StateMachineArn": sfnStateMachineOnboarding.arn },
            evaluationPeriods: 1,
            metricName: "ExecutionsTimedOut",
            namespace: "AWS/States",
            period: 300,
            statistic: "Sum",
            tags: tags,
            threshold: 0,
            treatMissingData: "notBreaching",
        });
        new CloudwatchMetricAlarm(this, "cloudwatchMetricAlarmOnboardingFailed", {
            alarmDescription: "A run of the onboarding workflow failed",
            alarmName: `platform-onboarding-failed-${suffix}`,
            comparisonOperator: "GreaterThanThreshold",
            dimensions: { "StateMachineArn": sfnStateMachineOnboarding.arn },
            evaluationPeriods: 1,
            metricName: "ExecutionsFailed",
            namespace: "AWS/States",
            period: 300,
            statistic: "Sum",
            tags: tags,
            threshold: 0,
            treatMissingData: "notBreaching",
        });
        const iamPolicyRunner = new IamPolicy(this, "iamPolicyRunner", {
            description: "The most that the runner can do",
            name: `platform-runner-boundary-${suffix}`,
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": ["sts:AssumeRole", "sts:TagSession"],
                        "Condition": {
                            "Null": { "aws:RequestTag/TenantId": "false" },
                            "StringNotEquals": { "aws:RequestTag/TenantId": "platform" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/platform-deployer-role-${suffix}`,
                        "Sid": "BecomeDeployer",
                    },
                    {
                        "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                        "Effect": "Allow",
                        "Resource": `arn:aws:s3:::platform-state-${suffix}/releases/*`,
                        "Sid": "Releases",
                    },
                    {
                        "Action": ["s3:GetBucketAcl", "s3:GetBucketLocation"],
                        "Effect": "Allow",
                        "Resource": `arn:aws:s3:::platform-state-${suffix}`,
                        "Sid": "Bucket",
                    },
                    {
                        "Action": "kms:Decrypt",
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:s3:arn": `arn:aws:s3:::platform-state-${suffix}`,
                                "kms:ViaService": "s3.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "ReleaseKey",
                    },
                    {
                        "Action": ["dynamodb:BatchGetItem", "dynamodb:Query"],
                        "Effect": "Allow",
                        "Resource": `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/platform-registry-${suffix}`,
                        "Sid": "Registry",
                    },
                    {
                        "Action": "kms:Decrypt",
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:dynamodb:tableName": `platform-registry-${suffix}`,
                                "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "RegistryKey",
                    },
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Effect": "Allow",
                        "Resource": `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:platform-runner-log-${suffix}:log-stream:_builds/*`,
                        "Sid": "OwnLog",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags: tags,
        });
        const iamRoleRunner = new IamRole(this, "iamRoleRunner", {
            assumeRolePolicy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": `arn:aws:codebuild:us-east-1:${callerIdentityCurrent.accountId}:project/platform-runner-${suffix}`,
                            },
                            "StringEquals": { "aws:SourceAccount": callerIdentityCurrent.accountId },
                        },
                        "Effect": "Allow",
                        "Principal": { "Service": "codebuild.amazonaws.com" },
                        "Sid": "AllowAssume",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenantRoles",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": "platform" },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenants",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description: "Runs the builds that deploy tenants' stacks",
            forceDetachPolicies: true,
            name: `platform-runner-role-${suffix}`,
            permissionsBoundary: iamPolicyRunner.arn,
            tags: tags,
        });
        const iamPolicyDeployer = new IamPolicy(this, "iamPolicyDeployer", {
            description: "The most that the deployer can do, for the one tenant of its session",
            name: `platform-deployer-boundary-${suffix}`,
            policy: JSON.stringify({
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
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-api-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-relay-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-flow-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-caller-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-reader-role-${suffix}`,
                            `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-$\${aws:PrincipalTag/TenantId}-api-${suffix}`,
                            `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-$\${aws:PrincipalTag/TenantId}-relay-${suffix}`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-$\${aws:PrincipalTag/TenantId}-api-log-${suffix}`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-$\${aws:PrincipalTag/TenantId}-api-log-${suffix}:*`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-$\${aws:PrincipalTag/TenantId}-relay-log-${suffix}`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-$\${aws:PrincipalTag/TenantId}-relay-log-${suffix}:*`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-$\${aws:PrincipalTag/TenantId}-flow-log-${suffix}`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-$\${aws:PrincipalTag/TenantId}-flow-log-${suffix}:*`,
                            `arn:aws:cloudwatch:us-east-1:${callerIdentityCurrent.accountId}:alarm:tenant-$\${aws:PrincipalTag/TenantId}-api-errors-${suffix}`,
                            `arn:aws:cloudwatch:us-east-1:${callerIdentityCurrent.accountId}:alarm:tenant-$\${aws:PrincipalTag/TenantId}-api-busy-${suffix}`,
                            `arn:aws:cloudwatch:us-east-1:${callerIdentityCurrent.accountId}:alarm:tenant-$\${aws:PrincipalTag/TenantId}-relay-errors-${suffix}`,
                            `arn:aws:cloudwatch:us-east-1:${callerIdentityCurrent.accountId}:alarm:tenant-$\${aws:PrincipalTag/TenantId}-dlq-messages-${suffix}`,
                            `arn:aws:cloudwatch:us-east-1:${callerIdentityCurrent.accountId}:alarm:tenant-$\${aws:PrincipalTag/TenantId}-refused-any-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:policy/tenant-$\${aws:PrincipalTag/TenantId}-boundary-${suffix}`,
                            `arn:aws:s3:::tenant-$\${aws:PrincipalTag/TenantId}-data-${suffix}`,
                            `arn:aws:sqs:us-east-1:${callerIdentityCurrent.accountId}:tenant-$\${aws:PrincipalTag/TenantId}-dlq-${suffix}`,
                            `arn:aws:kms:us-east-1:${callerIdentityCurrent.accountId}:alias/tenant-$\${aws:PrincipalTag/TenantId}-key-${suffix}`,
                            `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/tenant-$\${aws:PrincipalTag/TenantId}-events-${suffix}`,
                            `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/tenant-$\${aws:PrincipalTag/TenantId}-metadata-${suffix}`,
                        ],
                        "Sid": "Named",
                    },
                    {
                        "Action": "s3:DeleteObject*",
                        "Effect": "Allow",
                        "Resource": `arn:aws:s3:::tenant-$\${aws:PrincipalTag/TenantId}-data-${suffix}/*`,
                        "Sid": "Objects",
                    },
                    {
                        "Action": ["ec2:*", "kms:*"],
                        "Condition": { "StringEquals": { "aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}" } },
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "Tagged",
                    },
                    {
                        "Action": ["ec2:AuthorizeSecurityGroup*", "ec2:Create*", "kms:CreateKey", "kms:TagResource"],
                        "Condition": { "StringEquals": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" } },
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "Made",
                    },
                    {
                        "Action": "ec2:DeleteNetworkAclEntry",
                        "Condition": { "Null": { "aws:ResourceTag/TenantId": "true" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:network-acl/*`,
                        "Sid": "DefaultAcl",
                    },
                    {
                        "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                        "Effect": "Allow",
                        "Resource": [
                            `arn:aws:s3:::platform-state-${suffix}/tenant-$\${aws:PrincipalTag/TenantId}-${suffix}.tfstate`,
                            `arn:aws:s3:::platform-state-${suffix}/tenant-$\${aws:PrincipalTag/TenantId}-${suffix}.tfstate.tflock`,
                        ],
                        "Sid": "State",
                    },
                    {
                        "Action": "s3:ListBucket",
                        "Condition": {
                            "StringEquals": { "s3:prefix": [`tenant-$\${aws:PrincipalTag/TenantId}-${suffix}.tfstate`, "env:/"] },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:s3:::platform-state-${suffix}`,
                        "Sid": "StateList",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": { "StringEquals": { "kms:ViaService": "s3.us-east-1.amazonaws.com" } },
                        "Effect": "Allow",
                        "Resource": kmsKeyPlatform.arn,
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
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/aws-service-role/contributorinsights.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBCloudWatchContributorInsights`,
                            "arn:aws:route53:::hostedzone/*",
                        ],
                        "Sid": "OfAws",
                    },
                    {
                        "Condition": {
                            "Null": { "aws:ResourceTag/TenantId": "false" },
                            "StringNotEquals": { "aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Deny",
                        "NotAction": ["kms:Decrypt", "kms:GenerateDataKey", "s3:*"],
                        "Resource": "*",
                        "Sid": "DenyOthers",
                    },
                    {
                        "Action": "*",
                        "Condition": {
                            "Null": { "aws:RequestTag/TenantId": "false" },
                            "StringNotEquals": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyTagOfAnother",
                    },
                    {
                        "Action": "*",
                        "Condition": {
                            "ForAnyValue:StringEquals": { "aws:TagKeys": "TenantId" },
                            "Null": { "aws:RequestTag/TenantId": "true" },
                        },
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyNoOwner",
                    },
                    {
                        "Action": ["iam:Attach*", "iam:CreateRole", "iam:PutRole*", "iam:UpdateAssumeRolePolicy"],
                        "Condition": {
                            "StringNotEquals": {
                                "iam:PermissionsBoundary": `arn:aws:iam::${callerIdentityCurrent.accountId}:policy/tenant-$\${aws:PrincipalTag/TenantId}-boundary-${suffix}`,
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
                        "Condition": { "StringEqualsIfExists": { "aws:PrincipalTag/TenantId": "platform" } },
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyNoTenant",
                    },
                    {
                        "Action": "ec2:*",
                        "Effect": "Deny",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:network-interface/*`,
                        "Sid": "DenyInterfaces",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags: tags,
        });
        const iamRoleDeployer = new IamRole(this, "iamRoleDeployer", {
            assumeRolePolicy: JSON.stringify({
                "Statement": [
                    {
                        "Action": ["sts:AssumeRole", "sts:TagSession"],
                        "Condition": {
                            "Null": { "aws:RequestTag/TenantId": "false", "sts:TransitiveTagKeys": "true" },
                            "StringNotEquals": { "aws:RequestTag/TenantId": "platform" },
                        },
                        "Effect": "Allow",
                        "Principal": { "AWS": iamRoleRunner.arn },
                        "Sid": "AllowRunnerForOneTenant",
                    },
                    {
                        "Action": "sts:TagSession",
                        "Condition": { "ForAnyValue:StringNotEquals": { "aws:TagKeys": "TenantId" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyOtherTags",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "ArnNotEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/platform-runner-role-${suffix}`,
                            },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyAllButRunner",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenantRoles",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": "platform" },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenants",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description: "Deploys the stack of the one tenant with which its session is tagged",
            forceDetachPolicies: true,
            name: `platform-deployer-role-${suffix}`,
            permissionsBoundary: iamPolicyDeployer.arn,
            tags: tags,
        });
        const iamRolePolicyRunner = new IamRolePolicy(this, "iamRolePolicyRunner", {
            name: `platform-runner-role-${suffix}`,
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": ["sts:AssumeRole", "sts:TagSession"],
                        "Condition": {
                            "Null": { "aws:RequestTag/TenantId": "false" },
                            "StringNotEquals": { "aws:RequestTag/TenantId": "platform" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/platform-deployer-role-${suffix}`,
                        "Sid": "BecomeDeployer",
                    },
                    {
                        "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                        "Effect": "Allow",
                        "Resource": `arn:aws:s3:::platform-state-${suffix}/releases/*`,
                        "Sid": "Releases",
                    },
                    {
                        "Action": ["s3:GetBucketAcl", "s3:GetBucketLocation"],
                        "Effect": "Allow",
                        "Resource": `arn:aws:s3:::platform-state-${suffix}`,
                        "Sid": "Bucket",
                    },
                    {
                        "Action": "kms:Decrypt",
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:s3:arn": `arn:aws:s3:::platform-state-${suffix}`,
                                "kms:ViaService": "s3.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "ReleaseKey",
                    },
                    {
                        "Action": ["dynamodb:BatchGetItem", "dynamodb:Query"],
                        "Effect": "Allow",
                        "Resource": `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/platform-registry-${suffix}`,
                        "Sid": "Registry",
                    },
                    {
                        "Action": "kms:Decrypt",
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:dynamodb:tableName": `platform-registry-${suffix}`,
                                "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "RegistryKey",
                    },
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Effect": "Allow",
                        "Resource": `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:platform-runner-log-${suffix}:log-stream:_builds/*`,
                        "Sid": "OwnLog",
                    },
                ],
                "Version": "2012-10-17",
            }),
            role: iamRoleRunner.name,
        });
        const iamPolicyDeployerNetwork = new IamPolicy(this, "iamPolicyDeployerNetwork", {
            description: "What the deployer does with the network of its session's tenant",
            name: `platform-deployer-network-${suffix}`,
            policy: JSON.stringify({
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
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
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
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:*`,
                        "Sid": "Own",
                    },
                    {
                        "Action": "ec2:CreateTags",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
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
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:*`,
                        "Sid": "TagMade",
                    },
                    {
                        "Action": ["ec2:CreateTags", "ec2:DeleteTags"],
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                            "StringEqualsIfExists": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:*`,
                        "Sid": "TagOwn",
                    },
                    {
                        "Action": "ec2:CreateVpc",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:vpc/*`,
                        "Sid": "MakeVpc",
                    },
                    {
                        "Action": "ec2:CreateSubnet",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:subnet/*`,
                        "Sid": "MakeSubnet",
                    },
                    {
                        "Action": "ec2:CreateRouteTable",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:route-table/*`,
                        "Sid": "MakeRouteTable",
                    },
                    {
                        "Action": "ec2:CreateNetworkAcl",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:network-acl/*`,
                        "Sid": "MakeAcl",
                    },
                    {
                        "Action": "ec2:CreateSecurityGroup",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:security-group/*`,
                        "Sid": "MakeGroup",
                    },
                    {
                        "Action": ["ec2:AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupEgress"],
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:security-group-rule/*`,
                        "Sid": "MakeRule",
                    },
                    {
                        "Action": "ec2:CreateVpcEndpoint",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:vpc-endpoint/*`,
                        "Sid": "MakeEndpoint",
                    },
                    {
                        "Action": "ec2:CreateFlowLogs",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:vpc-flow-log/*`,
                        "Sid": "MakeFlowLog",
                    },
                    {
                        "Action": "ec2:CreateTags",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false", "aws:ResourceTag/TenantId": "true" },
                            "StringEquals": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": [
                            `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:network-acl/*`,
                            `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:route-table/*`,
                            `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:security-group/*`,
                        ],
                        "Sid": "TagDefaults",
                    },
                    {
                        "Action": "ec2:DeleteNetworkAclEntry",
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false", "aws:ResourceTag/TenantId": "true" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:network-acl/*`,
                        "Sid": "EmptyDefaultAcl",
                    },
                    {
                        "Action": "route53:AssociateVPCWithHostedZone",
                        "Condition": { "Bool": { "aws:ViaAWSService": "true" }, "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": "arn:aws:route53:::hostedzone/*",
                        "Sid": "PrivateNames",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags: tags,
        });
        const iamRolePolicyAttachmentDeployerNetwork = new IamRolePolicyAttachment(this, "iamRolePolicyAttachmentDeployerNetwork", {
            policyArn: iamPolicyDeployerNetwork.arn,
            role: iamRoleDeployer.name,
        });
        const iamPolicyDeployerKey = new IamPolicy(this, "iamPolicyDeployerKey", {
            description: "What the deployer does with the key of its session's tenant",
            name: `platform-deployer-key-use-${suffix}`,
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "kms:CreateKey",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "MakeKey",
                    },
                    {
                        "Action": "kms:TagResource",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false", "aws:ResourceTag/TenantId": "true" },
                            "StringEquals": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:kms:us-east-1:${callerIdentityCurrent.accountId}:key/*`,
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
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:kms:us-east-1:${callerIdentityCurrent.accountId}:key/*`,
                        "Sid": "OwnKey",
                    },
                    {
                        "Action": ["kms:TagResource", "kms:UntagResource"],
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                            "StringEqualsIfExists": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:kms:us-east-1:${callerIdentityCurrent.accountId}:key/*`,
                        "Sid": "TagOwnKey",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": {
                                "aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}",
                                "kms:ViaService": ["dynamodb.us-east-1.amazonaws.com", "lambda.us-east-1.amazonaws.com"],
                            },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:kms:us-east-1:${callerIdentityCurrent.accountId}:key/*`,
                        "Sid": "OwnKeyByServices",
                    },
                    {
                        "Action": "kms:CreateGrant",
                        "Condition": {
                            "Bool": { "kms:GrantIsForAWSResource": "true" },
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": {
                                "aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}",
                                "kms:ViaService": ["dynamodb.us-east-1.amazonaws.com", "lambda.us-east-1.amazonaws.com"],
                            },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:kms:us-east-1:${callerIdentityCurrent.accountId}:key/*`,
                        "Sid": "GrantsToServices",
                    },
                    {
                        "Action": ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:kms:us-east-1:${callerIdentityCurrent.accountId}:alias/tenant-$\${aws:PrincipalTag/TenantId}-key-${suffix}`,
                        "Sid": "OwnAlias",
                    },
                    {
                        "Action": "kms:ListAliases",
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "Aliases",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags: tags,
        });
        const iamRolePolicyAttachmentDeployerKey = new IamRolePolicyAttachment(this, "iamRolePolicyAttachmentDeployerKey", {
            policyArn: iamPolicyDeployerKey.arn,
            role: iamRoleDeployer.name,
        });
        const iamPolicyDeployerRoles = new IamPolicy(this, "iamPolicyDeployerRoles", {
            description: "What the deployer does with the roles of its session's tenant",
            name: `platform-deployer-roles-${suffix}`,
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "iam:CreateRole",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": {
                                "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}",
                                "iam:PermissionsBoundary": `arn:aws:iam::${callerIdentityCurrent.accountId}:policy/tenant-$\${aws:PrincipalTag/TenantId}-boundary-${suffix}`,
                            },
                        },
                        "Effect": "Allow",
                        "Resource": [
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-api-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-relay-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-flow-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-caller-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-reader-role-${suffix}`,
                        ],
                        "Sid": "MakeRoles",
                    },
                    {
                        "Action": ["iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"],
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": {
                                "iam:PermissionsBoundary": `arn:aws:iam::${callerIdentityCurrent.accountId}:policy/tenant-$\${aws:PrincipalTag/TenantId}-boundary-${suffix}`,
                            },
                        },
                        "Effect": "Allow",
                        "Resource": [
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-api-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-relay-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-flow-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-caller-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-reader-role-${suffix}`,
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
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": [
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-api-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-relay-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-flow-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-caller-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-reader-role-${suffix}`,
                        ],
                        "Sid": "Roles",
                    },
                    {
                        "Action": ["iam:TagRole", "iam:UntagRole"],
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEqualsIfExists": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": [
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-api-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-relay-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-flow-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-caller-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-reader-role-${suffix}`,
                        ],
                        "Sid": "TagRoles",
                    },
                    {
                        "Action": "iam:PassRole",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" },
                        },
                        "Effect": "Allow",
                        "Resource": [
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-api-role-${suffix}`,
                            `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-relay-role-${suffix}`,
                        ],
                        "Sid": "PassToLambda",
                    },
                    {
                        "Action": "iam:PassRole",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "iam:PassedToService": "vpc-flow-logs.amazonaws.com" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-$\${aws:PrincipalTag/TenantId}-flow-role-${suffix}`,
                        "Sid": "PassToFlowLogs",
                    },
                    {
                        "Action": "iam:CreatePolicy",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:iam::${callerIdentityCurrent.accountId}:policy/tenant-$\${aws:PrincipalTag/TenantId}-boundary-${suffix}`,
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
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEqualsIfExists": { "aws:RequestTag/TenantId": "$${aws:PrincipalTag/TenantId}" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:iam::${callerIdentityCurrent.accountId}:policy/tenant-$\${aws:PrincipalTag/TenantId}-boundary-${suffix}`,
                        "Sid": "Boundary",
                    },
                    {
                        "Action": "iam:CreateServiceLinkedRole",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "iam:AWSServiceName": "contributorinsights.dynamodb.amazonaws.com" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/aws-service-role/contributorinsights.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBCloudWatchContributorInsights`,
                        "Sid": "InsightsRole",
                    },
                    {
                        "Action": "*",
                        "Condition": {
                            "ForAnyValue:StringEquals": { "aws:TagKeys": "TenantId" },
                            "Null": { "aws:RequestTag/TenantId": "true" },
                        },
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyNoOwner",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags: tags,
        });
        const iamRolePolicyAttachmentDeployerRoles = new IamRolePolicyAttachment(this, "iamRolePolicyAttachmentDeployerRoles", {
            policyArn: iamPolicyDeployerRoles.arn,
            role: iamRoleDeployer.name,
        });
        const iamPolicyDeployerStorage = new IamPolicy(this, "iamPolicyDeployerStorage", {
            description: "What the deployer does with bucket, table and state of its session's tenant",
            name: `platform-deployer-storage-${suffix}`,
            policy: JSON.stringify({
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
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:s3:::tenant-$\${aws:PrincipalTag/TenantId}-data-${suffix}`,
                        "Sid": "Bucket",
                    },
                    {
                        "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:s3:::tenant-$\${aws:PrincipalTag/TenantId}-data-${suffix}/*`,
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
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/tenant-$\${aws:PrincipalTag/TenantId}-metadata-${suffix}`,
                        "Sid": "Table",
                    },
                    {
                        "Action": ["s3:GetObject", "s3:PutObject"],
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:s3:::platform-state-${suffix}/tenant-$\${aws:PrincipalTag/TenantId}-${suffix}.tfstate`,
                        "Sid": "State",
                    },
                    {
                        "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:s3:::platform-state-${suffix}/tenant-$\${aws:PrincipalTag/TenantId}-${suffix}.tfstate.tflock`,
                        "Sid": "StateLock",
                    },
                    {
                        "Action": "s3:ListBucket",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": { "s3:prefix": [`tenant-$\${aws:PrincipalTag/TenantId}-${suffix}.tfstate`, "env:/"] },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:s3:::platform-state-${suffix}`,
                        "Sid": "StateList",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringEquals": {
                                "kms:EncryptionContext:aws:s3:arn": `arn:aws:s3:::platform-state-${suffix}`,
                                "kms:ViaService": "s3.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Resource": kmsKeyPlatform.arn,
                        "Sid": "StateKey",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags: tags,
        });
        const iamRolePolicyAttachmentDeployerStorage = new IamRolePolicyAttachment(this, "iamRolePolicyAttachmentDeployerStorage", {
            policyArn: iamPolicyDeployerStorage.arn,
            role: iamRoleDeployer.name,
        });
        const iamPolicyDeployerCompute = new IamPolicy(this, "iamPolicyDeployerCompute", {
            description: "What the deployer does with functions, queue, logs, alarms and rule of its session's tenant",
            name: `platform-deployer-compute-${suffix}`,
            policy: JSON.stringify({
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
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": [
                            `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-$\${aws:PrincipalTag/TenantId}-api-${suffix}`,
                            `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-$\${aws:PrincipalTag/TenantId}-relay-${suffix}`,
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
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:sqs:us-east-1:${callerIdentityCurrent.accountId}:tenant-$\${aws:PrincipalTag/TenantId}-dlq-${suffix}`,
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
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": [
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-$\${aws:PrincipalTag/TenantId}-api-log-${suffix}`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-$\${aws:PrincipalTag/TenantId}-api-log-${suffix}:*`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-$\${aws:PrincipalTag/TenantId}-relay-log-${suffix}`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-$\${aws:PrincipalTag/TenantId}-relay-log-${suffix}:*`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-$\${aws:PrincipalTag/TenantId}-flow-log-${suffix}`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-$\${aws:PrincipalTag/TenantId}-flow-log-${suffix}:*`,
                        ],
                        "Sid": "LogGroups",
                    },
                    {
                        "Action": "logs:DescribeLogGroups",
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
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
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": [
                            `arn:aws:cloudwatch:us-east-1:${callerIdentityCurrent.accountId}:alarm:tenant-$\${aws:PrincipalTag/TenantId}-api-errors-${suffix}`,
                            `arn:aws:cloudwatch:us-east-1:${callerIdentityCurrent.accountId}:alarm:tenant-$\${aws:PrincipalTag/TenantId}-api-busy-${suffix}`,
                            `arn:aws:cloudwatch:us-east-1:${callerIdentityCurrent.accountId}:alarm:tenant-$\${aws:PrincipalTag/TenantId}-relay-errors-${suffix}`,
                            `arn:aws:cloudwatch:us-east-1:${callerIdentityCurrent.accountId}:alarm:tenant-$\${aws:PrincipalTag/TenantId}-dlq-messages-${suffix}`,
                            `arn:aws:cloudwatch:us-east-1:${callerIdentityCurrent.accountId}:alarm:tenant-$\${aws:PrincipalTag/TenantId}-refused-any-${suffix}`,
                        ],
                        "Sid": "Alarms",
                    },
                    {
                        "Action": "cloudwatch:DescribeAlarms",
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:cloudwatch:us-east-1:${callerIdentityCurrent.accountId}:alarm:*`,
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
                        "Condition": { "Null": { "aws:PrincipalTag/TenantId": "false" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/tenant-$\${aws:PrincipalTag/TenantId}-events-${suffix}`,
                        "Sid": "Rule",
                    },
                    {
                        "Action": "events:PutTargets",
                        "Condition": {
                            "ArnEquals": {
                                "events:TargetArn": [
                                    `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-$\${aws:PrincipalTag/TenantId}-api-${suffix}`,
                                    `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-$\${aws:PrincipalTag/TenantId}-relay-${suffix}`,
                                ],
                            },
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/tenant-$\${aws:PrincipalTag/TenantId}-events-${suffix}`,
                        "Sid": "RuleTargets",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags: tags,
        });
        const iamRolePolicyAttachmentDeployerCompute = new IamRolePolicyAttachment(this, "iamRolePolicyAttachmentDeployerCompute", {
            policyArn: iamPolicyDeployerCompute.arn,
            role: iamRoleDeployer.name,
        });
        new CodebuildProject(this, "codebuildProjectRunner", {
            artifacts: { type: "NO_ARTIFACTS" },
            buildTimeout: 150,
            description: "Deploys the stack of one tenant, as that tenant's deployer",
            encryptionKey: kmsKeyPlatform.arn,
            environment: {
                computeType: "BUILD_GENERAL1_SMALL",
                environmentVariable: [
                    { name: "DEPLOYER_ROLE_ARN", type: "PLAINTEXT", value: iamRoleDeployer.arn },
                    {
                        name: "FLEET_SETTINGS",
                        type: "PLAINTEXT",
                        value: JSON.stringify({
                            "backend": { "bucket": `platform-state-${suffix}`, "kms_key_id": kmsKeyPlatform.arn, "type": "s3" },
                            "environment": suffix,
                            "environment_suffix": suffix,
                            "network": { "prefix_length": 20, "supernet": "10.0.0.0/8" },
                            "region": "us-east-1",
                        }),
                    },
                ],
                image: "aws/codebuild/amazonlinux-x86_64-standard:5.0",
                privilegedMode: false,
                type: "LINUX_CONTAINER",
            },
            logsConfig: { cloudwatchLogs: { groupName: `platform-runner-log-${suffix}`, status: "ENABLED", streamName: "_builds" } },
            name: `platform-runner-${suffix}`,
            queuedTimeout: 120,
            serviceRole: iamRoleRunner.arn,
            source: {
                buildspec: JSON.stringify({
                    "env": { "exported-variables": ["RUN_RESULT"], "shell": "bash" },
                    "phases": {
                        "build": {
                            "commands": [
                                ": > result.json",
                                "./app tenants export --tenant=\"$TENANT_ID\" --settings=\"$FLEET_SETTINGS\" --output-file=tenants.json --format=json > result.json",
                                "./app deploy --tenant=\"$TENANT_ID\" --assume-role-arn=\"$DEPLOYER_ROLE_ARN\" --terraform-bin=./terraform --plugin-dir=./plugins --auto-approve --format=json > result.json",
                            ],
                        },
                        "post_build": { "commands": ["export RUN_RESULT=\"$(tr -d '\\n' < result.json)\""] },
                    },
                    "version": "0.2",
                }),
                location: `platform-state-${suffix}/releases/0.1.0/palisade.zip`,
                type: "S3",
            },
            tags: tags,
            dependsOn: [
                kmsKeyPolicyPlatform,
                cloudwatchLogGroupRunner,
                iamRolePolicyRunner,
                iamRolePolicyAttachmentDeployerNetwork,
                iamRolePolicyAttachmentDeployerKey,
                iamRolePolicyAttachmentDeployerRoles,
                iamRolePolicyAttachmentDeployerStorage,
                iamRolePolicyAttachmentDeployerCompute,
            ],
        });
        new DynamodbResourcePolicy(this, "dynamodbResourcePolicyRegistry", {
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "dynamodb:*",
                        "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [
                            `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/platform-registry-${suffix}`,
                            `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/platform-registry-${suffix}/index/*`,
                        ],
                        "Sid": "DenyTenantRoles",
                    },
                    {
                        "Action": "dynamodb:*",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": "platform" },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [
                            `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/platform-registry-${suffix}`,
                            `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/platform-registry-${suffix}/index/*`,
                        ],
                        "Sid": "DenyTenants",
                    },
                ],
                "Version": "2012-10-17",
            }),
            resourceArn: dynamodbTableRegistry.arn,
        });
        new IamRolePolicy(this, "iamRolePolicyStarter", {
            name: `platform-starter-role-${suffix}`,
            policy: JSON.stringify({
                "Statement": [
                    { "Action": "states:StartExecution", "Effect": "Allow", "Resource": sfnStateMachineOnboarding.arn, "Sid": "Start" },
                ],
                "Version": "2012-10-17",
            }),
            role: iamRoleStarter.name,
        });
        new KmsAlias(this, "kmsAliasPlatform", { name: `alias/platform-key-${suffix}`, targetKeyId: kmsKeyPlatform.keyId });
        const s3BucketStates = new S3Bucket(this, "s3BucketStates", { bucket: `platform-state-${suffix}`, forceDestroy: true, tags: tags });
        const s3BucketVersioningStates = new S3BucketVersioningA(this, "s3BucketVersioningStates", {
            bucket: s3BucketStates.bucket,
            versioningConfiguration: { status: "Enabled" },
        });
        new S3BucketLifecycleConfiguration(this, "s3BucketLifecycleConfigurationStates", {
            bucket: s3BucketStates.bucket,
            rule: [
                {
                    abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
                    filter: [{ prefix: "" }],
                    id: "expire-old-versions",
                    noncurrentVersionExpiration: [{ noncurrentDays: 90 }],
                    status: "Enabled",
                },
                {
                    expiration: [{ expiredObjectDeleteMarker: true }],
                    filter: [{ prefix: "" }],
                    id: "remove-delete-markers",
                    status: "Enabled",
                },
            ],
            dependsOn: [s3BucketVersioningStates],
        });
        new S3BucketOwnershipControls(this, "s3BucketOwnershipControlsStates", {
            bucket: s3BucketStates.bucket,
            rule: { objectOwnership: "BucketOwnerEnforced" },
        });
        const s3BucketPublicAccessBlockStates = new S3BucketPublicAccessBlock(this, "s3BucketPublicAccessBlockStates", {
            blockPublicAcls: true,
            blockPublicPolicy: true,
            bucket: s3BucketStates.bucket,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        });
        new S3BucketPolicy(this, "s3BucketPolicyStates", {
            bucket: s3BucketStates.bucket,
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "s3:*",
                        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [`arn:aws:s3:::platform-state-${suffix}`, `arn:aws:s3:::platform-state-${suffix}/*`],
                        "Sid": "DenyPlainText",
                    },
                    {
                        "Action": "s3:*",
                        "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [`arn:aws:s3:::platform-state-${suffix}`, `arn:aws:s3:::platform-state-${suffix}/*`],
                        "Sid": "DenyTenantRoles",
                    },
                    {
                        "Action": "s3:*",
                        "Condition": {
                            "ArnNotEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/platform-deployer-role-${suffix}`,
                            },
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": "platform" },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [`arn:aws:s3:::platform-state-${suffix}`, `arn:aws:s3:::platform-state-${suffix}/*`],
                        "Sid": "DenyTenants",
                    },
                    {
                        "Action": "s3:*",
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/platform-deployer-role-${suffix}`,
                            },
                        },
                        "Effect": "Deny",
                        "NotResource": [
                            `arn:aws:s3:::platform-state-${suffix}`,
                            `arn:aws:s3:::platform-state-${suffix}/tenant-$\${aws:PrincipalTag/TenantId}-${suffix}.tfstate`,
                            `arn:aws:s3:::platform-state-${suffix}/tenant-$\${aws:PrincipalTag/TenantId}-${suffix}.tfstate.tflock`,
                        ],
                        "Principal": "*",
                        "Sid": "DenyDeployerOtherStates",
                    },
                    {
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/platform-deployer-role-${suffix}`,
                            },
                        },
                        "Effect": "Deny",
                        "NotAction": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                        "Principal": "*",
                        "Resource": `arn:aws:s3:::platform-state-${suffix}/*`,
                        "Sid": "DenyDeployerAllButStates",
                    },
                    {
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/platform-deployer-role-${suffix}`,
                            },
                        },
                        "Effect": "Deny",
                        "NotAction": "s3:ListBucket",
                        "Principal": "*",
                        "Resource": `arn:aws:s3:::platform-state-${suffix}`,
                        "Sid": "DenyDeployerAllButList",
                    },
                ],
                "Version": "2012-10-17",
            }),
            dependsOn: [s3BucketPublicAccessBlockStates],
        });
        new S3BucketServerSideEncryptionConfigurationA(this, "s3BucketServerSideEncryptionConfigurationStates", {
            bucket: s3BucketStates.bucket,
            rule: [
                {
                    applyServerSideEncryptionByDefault: { kmsMasterKeyId: kmsKeyPlatform.arn, sseAlgorithm: "aws:kms" },
                    bucketKeyEnabled: true,
                },
            ],
            dependsOn: [kmsKeyPolicyPlatform],
        });
        new TerraformOutput(this, "central_log_group_name", {
            description: "Log group of the central view",
            value: cloudwatchLogGroupCentral.name,
        });
        new TerraformOutput(this, "dead_letter_queue_url", {
            description: "Where undeliverable events wait",
            value: sqsQueueDeadLetters.url,
        });
        new TerraformOutput(this, "deployer_role_arn", {
            description: "Role that deploys the stack of the tenant with which its session is tagged",
            value: iamRoleDeployer.arn,
        });
        new TerraformOutput(this, "onboarding_workflow_arn", {
            description: "Workflow that takes signups and offboardings",
            value: sfnStateMachineOnboarding.arn,
        });
        new TerraformOutput(this, "registry_table_name", { description: "Registry of tenants", value: dynamodbTableRegistry.name });
        new TerraformOutput(this, "state_bucket_name", { description: "Bucket for Terraform states", value: s3BucketStates.bucket });
    }
}

module.exports = { PlatformStack };
