// The stack of one tenant, translated by bench/peers/translate from the document that `app synth` writes.
"use strict";

const { Fn, LocalBackend, TerraformOutput, TerraformStack, Token } = require("cdktn");
const { CloudwatchEventRule } = require("@cdktn/provider-aws/lib/cloudwatch-event-rule");
const { CloudwatchEventTarget } = require("@cdktn/provider-aws/lib/cloudwatch-event-target");
const { CloudwatchLogGroup } = require("@cdktn/provider-aws/lib/cloudwatch-log-group");
const { CloudwatchLogMetricFilter } = require("@cdktn/provider-aws/lib/cloudwatch-log-metric-filter");
const { CloudwatchLogSubscriptionFilter } = require("@cdktn/provider-aws/lib/cloudwatch-log-subscription-filter");
const { CloudwatchMetricAlarm } = require("@cdktn/provider-aws/lib/cloudwatch-metric-alarm");
const { DataAwsAvailabilityZones } = require("@cdktn/provider-aws/lib/data-aws-availability-zones");
const { DataAwsCallerIdentity } = require("@cdktn/provider-aws/lib/data-aws-caller-identity");
const { DefaultNetworkAcl } = require("@cdktn/provider-aws/lib/default-network-acl");
const { DefaultRouteTable } = require("@cdktn/provider-aws/lib/default-route-table");
const { DefaultSecurityGroup } = require("@cdktn/provider-aws/lib/default-security-group");
const { DynamodbContributorInsights } = require("@cdktn/provider-aws/lib/dynamodb-contributor-insights");
const { DynamodbResourcePolicy } = require("@cdktn/provider-aws/lib/dynamodb-resource-policy");
const { DynamodbTable } = require("@cdktn/provider-aws/lib/dynamodb-table");
const { FlowLog } = require("@cdktn/provider-aws/lib/flow-log");
const { IamPolicy } = require("@cdktn/provider-aws/lib/iam-policy");
const { IamRole } = require("@cdktn/provider-aws/lib/iam-role");
const { IamRolePolicy } = require("@cdktn/provider-aws/lib/iam-role-policy");
const { KmsAlias } = require("@cdktn/provider-aws/lib/kms-alias");
const { KmsKey } = require("@cdktn/provider-aws/lib/kms-key");
const { KmsKeyPolicy } = require("@cdktn/provider-aws/lib/kms-key-policy");
const { LambdaFunction } = require("@cdktn/provider-aws/lib/lambda-function");
const { LambdaFunctionUrl } = require("@cdktn/provider-aws/lib/lambda-function-url");
const { LambdaPermission } = require("@cdktn/provider-aws/lib/lambda-permission");
const { NetworkAcl } = require("@cdktn/provider-aws/lib/network-acl");
const { RouteTable } = require("@cdktn/provider-aws/lib/route-table");
const { RouteTableAssociation } = require("@cdktn/provider-aws/lib/route-table-association");
const { S3Bucket } = require("@cdktn/provider-aws/lib/s3-bucket");
const { S3BucketLifecycleConfiguration } = require("@cdktn/provider-aws/lib/s3-bucket-lifecycle-configuration");
const { S3BucketOwnershipControls } = require("@cdktn/provider-aws/lib/s3-bucket-ownership-controls");
const { S3BucketPolicy } = require("@cdktn/provider-aws/lib/s3-bucket-policy");
const { S3BucketPublicAccessBlock } = require("@cdktn/provider-aws/lib/s3-bucket-public-access-block");
const { S3BucketServerSideEncryptionConfigurationA } = require("@cdktn/provider-aws/lib/s3-bucket-server-side-encryption-configuration");
const { S3BucketVersioningA } = require("@cdktn/provider-aws/lib/s3-bucket-versioning");
const { SecurityGroup } = require("@cdktn/provider-aws/lib/security-group");
const { SqsQueue } = require("@cdktn/provider-aws/lib/sqs-queue");
const { Subnet } = require("@cdktn/provider-aws/lib/subnet");
const { Vpc } = require("@cdktn/provider-aws/lib/vpc");
const { VpcEndpoint } = require("@cdktn/provider-aws/lib/vpc-endpoint");
const { VpcSecurityGroupEgressRule } = require("@cdktn/provider-aws/lib/vpc-security-group-egress-rule");
const { VpcSecurityGroupIngressRule } = require("@cdktn/provider-aws/lib/vpc-security-group-ingress-rule");
const { AwsProvider } = require("@cdktn/provider-aws/lib/provider");

class TenantStack extends TerraformStack {
    constructor(scope, tenant, suffix, block, subnets) {
        super(scope, `tenant-${tenant}-${suffix}`);
        new LocalBackend(this, { path: `../../../terraform.tenant-${tenant}-${suffix}.tfstate` });
        new AwsProvider(this, "aws", { region: "us-east-1" });
        this.addOverride("terraform.required_version", ">= 1.10");
        const tags = { "Environment": suffix, "ManagedBy": "CDKTF", "TenantId": tenant };
        const availabilityZonesAvailable = new DataAwsAvailabilityZones(this, "availabilityZonesAvailable", {
            excludeZoneIds: ["use1-az3"],
            filter: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
            state: "available",
        });
        const callerIdentityCurrent = new DataAwsCallerIdentity(this, "callerIdentityCurrent", {});
        const cloudwatchEventRuleTenant = new CloudwatchEventRule(this, "cloudwatchEventRuleTenant", {
            description: "Brings the tenant's own events to its handler",
            eventPattern: JSON.stringify({
                "detail": { "environment_suffix": [suffix], "tenant_id": [tenant] },
                "detail-type": ["TenantProvisioned", "TenantSuspended", "TenantResumed", "TenantOffboarding", "TenantSettingsChanged"],
                "source": ["palisade.platform"],
            }),
            name: `tenant-${tenant}-events-${suffix}`,
            tags: tags,
        });
        const kmsKeyTenant = new KmsKey(this, "kmsKeyTenant", {
            deletionWindowInDays: 7,
            description: `All data of tenant ${tenant}`,
            enableKeyRotation: true,
            tags: { ...tags, "Name": `tenant-${tenant}-key-${suffix}` },
        });
        const vpcTenant = new Vpc(this, "vpcTenant", {
            cidrBlock: block,
            enableDnsHostnames: true,
            enableDnsSupport: true,
            tags: { ...tags, "Name": `tenant-${tenant}-vpc-${suffix}` },
        });
        const securityGroupFunctions = new SecurityGroup(this, "securityGroupFunctions", {
            description: "Functions of the tenant: no way in",
            name: `tenant-${tenant}-function-sg-${suffix}`,
            revokeRulesOnDelete: true,
            tags: { ...tags, "Name": `tenant-${tenant}-function-sg-${suffix}` },
            timeouts: { delete: "45m" },
            vpcId: vpcTenant.id,
        });
        const subnetPrivateA = new Subnet(this, "subnetPrivateA", {
            availabilityZone: Token.asString(Fn.element(availabilityZonesAvailable.names, 0)),
            cidrBlock: subnets[0],
            mapPublicIpOnLaunch: false,
            tags: { ...tags, "Name": `tenant-${tenant}-subnet-a-${suffix}` },
            timeouts: { delete: "45m" },
            vpcId: vpcTenant.id,
        });
        const subnetPrivateB = new Subnet(this, "subnetPrivateB", {
            availabilityZone: Token.asString(Fn.element(availabilityZonesAvailable.names, 1)),
            cidrBlock: subnets[1],
            mapPublicIpOnLaunch: false,
            tags: { ...tags, "Name": `tenant-${tenant}-subnet-b-${suffix}` },
            timeouts: { delete: "45m" },
            vpcId: vpcTenant.id,
        });
        const iamPolicyTenant = new IamPolicy(this, "iamPolicyTenant", {
            description: "The most that any role of the tenant can do",
            name: `tenant-${tenant}-boundary-${suffix}`,
            policy: JSON.stringify({
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
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": [
                            securityGroupFunctions.arn,
                            subnetPrivateA.arn,
                            subnetPrivateB.arn,
                            `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:network-interface/*`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:platform-central-log-${suffix}:log-stream:${tenant}/*`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-${tenant}-api-log-${suffix}:log-stream:*`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-${tenant}-flow-log-${suffix}:*`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-${tenant}-flow-log-${suffix}:log-stream:*`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-${tenant}-relay-log-${suffix}:log-stream:*`,
                            `arn:aws:s3:::tenant-${tenant}-data-${suffix}`,
                            `arn:aws:s3:::tenant-${tenant}-data-${suffix}/*`,
                            `arn:aws:sqs:us-east-1:${callerIdentityCurrent.accountId}:tenant-${tenant}-dlq-${suffix}`,
                        ],
                        "Sid": "Own",
                    },
                    {
                        "Action": "lambda:InvokeFunction",
                        "Condition": {
                            "Bool": { "lambda:InvokedViaFunctionUrl": "true" },
                            "StringEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-${tenant}-api-${suffix}`,
                        "Sid": "CallThroughUrl",
                    },
                    {
                        "Action": "lambda:InvokeFunctionUrl",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant, "lambda:FunctionUrlAuthType": "AWS_IAM" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-${tenant}-api-${suffix}`,
                        "Sid": "CallUrl",
                    },
                    {
                        "Action": ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": "*",
                        "Sid": "Describe",
                    },
                    {
                        "Action": ["ec2:AssignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"],
                        "Condition": {
                            "ArnEqualsIfExists": { "ec2:Vpc": vpcTenant.arn },
                            "StringEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:network-interface/*`,
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
                            "ForAnyValue:StringEquals": { "dynamodb:LeadingKeys": tenant },
                            "StringEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/tenant-${tenant}-metadata-${suffix}`,
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
                        "Resource": kmsKeyTenant.arn,
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
                        "Condition": { "ForAnyValue:StringNotEquals": { "dynamodb:LeadingKeys": tenant } },
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyOtherPartitions",
                    },
                    {
                        "Action": "ec2:*",
                        "Condition": {
                            "ArnEquals": {
                                "lambda:SourceFunctionArn": [
                                    `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-${tenant}-api-${suffix}`,
                                    `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-${tenant}-relay-${suffix}`,
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
            tags: tags,
        });
        const iamRoleApi = new IamRole(this, "iamRoleApi", {
            assumeRolePolicy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Effect": "Allow",
                        "Principal": { "Service": "lambda.amazonaws.com" },
                        "Sid": "AllowAssume",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenantRoles",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description: "Runs the tenant API",
            forceDetachPolicies: true,
            name: `tenant-${tenant}-api-role-${suffix}`,
            permissionsBoundary: iamPolicyTenant.arn,
            tags: tags,
        });
        const iamRoleRelay = new IamRole(this, "iamRoleRelay", {
            assumeRolePolicy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Effect": "Allow",
                        "Principal": { "Service": "lambda.amazonaws.com" },
                        "Sid": "AllowAssume",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenantRoles",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description: "Runs the log relay",
            forceDetachPolicies: true,
            name: `tenant-${tenant}-relay-role-${suffix}`,
            permissionsBoundary: iamPolicyTenant.arn,
            tags: tags,
        });
        const kmsKeyPolicyTenant = new KmsKeyPolicy(this, "kmsKeyPolicyTenant", {
            keyId: kmsKeyTenant.keyId,
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
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "AllowAdministration",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:dynamodb:tableName": `tenant-${tenant}-metadata-${suffix}`,
                                "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": { "AWS": `arn:aws:iam::${callerIdentityCurrent.accountId}:root` },
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "AllowCreatorOfTable",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "kms:EncryptionContext:aws:lambda:FunctionArn": [
                                    `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-${tenant}-api-${suffix}`,
                                    `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-${tenant}-relay-${suffix}`,
                                ],
                                "kms:ViaService": "lambda.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": { "AWS": `arn:aws:iam::${callerIdentityCurrent.accountId}:root` },
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "AllowCreatorOfFunctions",
                    },
                    {
                        "Action": "kms:CreateGrant",
                        "Condition": {
                            "Bool": { "kms:GrantIsForAWSResource": "true" },
                            "StringEquals": { "kms:ViaService": ["dynamodb.us-east-1.amazonaws.com", "lambda.us-east-1.amazonaws.com"] },
                        },
                        "Effect": "Allow",
                        "Principal": { "AWS": `arn:aws:iam::${callerIdentityCurrent.accountId}:root` },
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "AllowGrantsToServices",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "aws:PrincipalTag/TenantId": tenant,
                                "kms:EncryptionContext:aws:s3:arn": `arn:aws:s3:::tenant-${tenant}-data-${suffix}`,
                                "kms:ViaService": "s3.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": { "AWS": iamRoleApi.arn },
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "AllowObjects",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": {
                                "aws:PrincipalTag/TenantId": tenant,
                                "kms:EncryptionContext:aws:dynamodb:tableName": `tenant-${tenant}-metadata-${suffix}`,
                                "kms:ViaService": "dynamodb.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": { "AWS": iamRoleApi.arn },
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "AllowItems",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "StringEquals": { "aws:PrincipalTag/TenantId": tenant, "kms:ViaService": "sqs.us-east-1.amazonaws.com" },
                        },
                        "Effect": "Allow",
                        "Principal": { "AWS": [iamRoleApi.arn, iamRoleRelay.arn] },
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "AllowDeadLetters",
                    },
                    {
                        "Action": "kms:Decrypt",
                        "Condition": {
                            "StringEquals": {
                                "aws:PrincipalTag/TenantId": tenant,
                                "kms:EncryptionContext:aws:lambda:FunctionArn": [
                                    `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-${tenant}-api-${suffix}`,
                                    `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-${tenant}-relay-${suffix}`,
                                ],
                                "kms:ViaService": "lambda.us-east-1.amazonaws.com",
                            },
                        },
                        "Effect": "Allow",
                        "Principal": { "AWS": [iamRoleApi.arn, iamRoleRelay.arn] },
                        "Resource": kmsKeyTenant.arn,
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
                                    `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-${tenant}-api-log-${suffix}`,
                                    `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-${tenant}-relay-log-${suffix}`,
                                    `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-${tenant}-flow-log-${suffix}`,
                                ],
                            },
                        },
                        "Effect": "Allow",
                        "Principal": { "Service": "logs.us-east-1.amazonaws.com" },
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "AllowLogGroups",
                    },
                    {
                        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/tenant-${tenant}-events-${suffix}`,
                            },
                            "StringEquals": { "aws:SourceAccount": callerIdentityCurrent.accountId },
                        },
                        "Effect": "Allow",
                        "Principal": { "Service": "events.amazonaws.com" },
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "AllowUndeliveredEvents",
                    },
                    {
                        "Action": "kms:DescribeKey",
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/tenant-${tenant}-metadata-${suffix}`,
                            },
                            "StringEquals": { "aws:SourceAccount": callerIdentityCurrent.accountId },
                        },
                        "Effect": "Allow",
                        "Principal": { "Service": "dynamodb.amazonaws.com" },
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "AllowTableToSeeKey",
                    },
                    {
                        "Action": "kms:*",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": "kms:*",
                        "Condition": {
                            "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" },
                            "ArnNotEquals": {
                                "aws:PrincipalArn": [
                                    `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-api-role-${suffix}`,
                                    `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-relay-role-${suffix}`,
                                ],
                            },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "DenyUnlistedTenantRoles",
                    },
                    {
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": [
                                    `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-api-role-${suffix}`,
                                    `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-relay-role-${suffix}`,
                                ],
                            },
                        },
                        "Effect": "Deny",
                        "NotAction": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
                        "Principal": "*",
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "DenyTenantsAllButUse",
                    },
                ],
                "Version": "2012-10-17",
            }),
        });
        const sqsQueueDeadLetters = new SqsQueue(this, "sqsQueueDeadLetters", {
            kmsDataKeyReusePeriodSeconds: 300,
            kmsMasterKeyId: kmsKeyTenant.arn,
            messageRetentionSeconds: 1209600,
            name: `tenant-${tenant}-dlq-${suffix}`,
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "sqs:SendMessage",
                        "Condition": {
                            "ArnEquals": {
                                "aws:SourceArn": `arn:aws:events:us-east-1:${callerIdentityCurrent.accountId}:rule/tenant-${tenant}-events-${suffix}`,
                            },
                            "StringEquals": { "aws:SourceAccount": callerIdentityCurrent.accountId },
                        },
                        "Effect": "Allow",
                        "Principal": { "Service": "events.amazonaws.com" },
                        "Resource": `arn:aws:sqs:us-east-1:${callerIdentityCurrent.accountId}:tenant-${tenant}-dlq-${suffix}`,
                        "Sid": "AllowUndeliveredEvents",
                    },
                    {
                        "Action": "sqs:*",
                        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": `arn:aws:sqs:us-east-1:${callerIdentityCurrent.accountId}:tenant-${tenant}-dlq-${suffix}`,
                        "Sid": "DenyPlainText",
                    },
                    {
                        "Action": "sqs:*",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": `arn:aws:sqs:us-east-1:${callerIdentityCurrent.accountId}:tenant-${tenant}-dlq-${suffix}`,
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": "sqs:*",
                        "Condition": {
                            "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" },
                            "ArnNotEquals": {
                                "aws:PrincipalArn": [
                                    `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-api-role-${suffix}`,
                                    `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-relay-role-${suffix}`,
                                ],
                            },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": `arn:aws:sqs:us-east-1:${callerIdentityCurrent.accountId}:tenant-${tenant}-dlq-${suffix}`,
                        "Sid": "DenyUnlistedTenantRoles",
                    },
                    {
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": [
                                    `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-api-role-${suffix}`,
                                    `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-relay-role-${suffix}`,
                                ],
                            },
                        },
                        "Effect": "Deny",
                        "NotAction": "sqs:SendMessage",
                        "Principal": "*",
                        "Resource": `arn:aws:sqs:us-east-1:${callerIdentityCurrent.accountId}:tenant-${tenant}-dlq-${suffix}`,
                        "Sid": "DenyTenantsAllButSending",
                    },
                ],
                "Version": "2012-10-17",
            }),
            tags: tags,
            dependsOn: [kmsKeyPolicyTenant],
        });
        const cloudwatchLogGroupApi = new CloudwatchLogGroup(this, "cloudwatchLogGroupApi", {
            kmsKeyId: kmsKeyTenant.arn,
            name: `tenant-${tenant}-api-log-${suffix}`,
            retentionInDays: 30,
            tags: tags,
            dependsOn: [kmsKeyPolicyTenant],
        });
        const cloudwatchLogGroupRelay = new CloudwatchLogGroup(this, "cloudwatchLogGroupRelay", {
            kmsKeyId: kmsKeyTenant.arn,
            name: `tenant-${tenant}-relay-log-${suffix}`,
            retentionInDays: 30,
            tags: tags,
            dependsOn: [kmsKeyPolicyTenant],
        });
        const iamRolePolicyApi = new IamRolePolicy(this, "iamRolePolicyApi", {
            name: `tenant-${tenant}-api-role-${suffix}`,
            policy: JSON.stringify({
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
                            "ForAnyValue:StringEquals": { "dynamodb:LeadingKeys": tenant },
                            "StringEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/tenant-${tenant}-metadata-${suffix}`,
                        "Sid": "Items",
                    },
                    {
                        "Action": ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:s3:::tenant-${tenant}-data-${suffix}/*`,
                        "Sid": "Objects",
                    },
                    {
                        "Action": "s3:ListBucket",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:s3:::tenant-${tenant}-data-${suffix}`,
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
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "Key",
                    },
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-${tenant}-api-log-${suffix}:log-stream:*`,
                        "Sid": "OwnLog",
                    },
                    {
                        "Action": "sqs:SendMessage",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:sqs:us-east-1:${callerIdentityCurrent.accountId}:tenant-${tenant}-dlq-${suffix}`,
                        "Sid": "DeadLetters",
                    },
                    {
                        "Action": "ec2:CreateNetworkInterface",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": [subnetPrivateA.arn, subnetPrivateB.arn],
                        "Sid": "SubnetsOfInterfaces",
                    },
                    {
                        "Action": "ec2:CreateNetworkInterface",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": securityGroupFunctions.arn,
                        "Sid": "GroupOfInterfaces",
                    },
                    {
                        "Action": "ec2:CreateNetworkInterface",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:network-interface/*`,
                        "Sid": "Interfaces",
                    },
                    {
                        "Action": ["ec2:AssignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"],
                        "Condition": {
                            "ArnEqualsIfExists": { "ec2:Vpc": vpcTenant.arn },
                            "StringEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:network-interface/*`,
                        "Sid": "InterfacesOfVpc",
                    },
                    {
                        "Action": ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
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
                        "Condition": { "ForAnyValue:StringNotEquals": { "dynamodb:LeadingKeys": tenant } },
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyOtherPartitions",
                    },
                    {
                        "Action": "ec2:*",
                        "Condition": {
                            "ArnEquals": {
                                "lambda:SourceFunctionArn": [
                                    `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-${tenant}-api-${suffix}`,
                                    `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-${tenant}-relay-${suffix}`,
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
            role: iamRoleApi.name,
        });
        const iamRolePolicyRelay = new IamRolePolicy(this, "iamRolePolicyRelay", {
            name: `tenant-${tenant}-relay-role-${suffix}`,
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:platform-central-log-${suffix}:log-stream:${tenant}/*`,
                        "Sid": "CentralStreams",
                    },
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-${tenant}-relay-log-${suffix}:log-stream:*`,
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
                        "Resource": kmsKeyTenant.arn,
                        "Sid": "Key",
                    },
                    {
                        "Action": "sqs:SendMessage",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:sqs:us-east-1:${callerIdentityCurrent.accountId}:tenant-${tenant}-dlq-${suffix}`,
                        "Sid": "DeadLetters",
                    },
                    {
                        "Action": "ec2:CreateNetworkInterface",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": [subnetPrivateA.arn, subnetPrivateB.arn],
                        "Sid": "SubnetsOfInterfaces",
                    },
                    {
                        "Action": "ec2:CreateNetworkInterface",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": securityGroupFunctions.arn,
                        "Sid": "GroupOfInterfaces",
                    },
                    {
                        "Action": "ec2:CreateNetworkInterface",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:network-interface/*`,
                        "Sid": "Interfaces",
                    },
                    {
                        "Action": ["ec2:AssignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"],
                        "Condition": {
                            "ArnEqualsIfExists": { "ec2:Vpc": vpcTenant.arn },
                            "StringEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:network-interface/*`,
                        "Sid": "InterfacesOfVpc",
                    },
                    {
                        "Action": ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
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
                        "Condition": { "ForAnyValue:StringNotEquals": { "dynamodb:LeadingKeys": tenant } },
                        "Effect": "Deny",
                        "Resource": "*",
                        "Sid": "DenyOtherPartitions",
                    },
                    {
                        "Action": "ec2:*",
                        "Condition": {
                            "ArnEquals": {
                                "lambda:SourceFunctionArn": [
                                    `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-${tenant}-api-${suffix}`,
                                    `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-${tenant}-relay-${suffix}`,
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
            role: iamRoleRelay.name,
        });
        const iamRoleFlow = new IamRole(this, "iamRoleFlow", {
            assumeRolePolicy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Condition": {
                            "ArnLike": { "aws:SourceArn": `arn:aws:ec2:us-east-1:${callerIdentityCurrent.accountId}:vpc-flow-log/*` },
                            "StringEquals": { "aws:SourceAccount": callerIdentityCurrent.accountId },
                        },
                        "Effect": "Allow",
                        "Principal": { "Service": "vpc-flow-logs.amazonaws.com" },
                        "Sid": "AllowAssume",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenantRoles",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description: "Writes the VPC flow log",
            forceDetachPolicies: true,
            name: `tenant-${tenant}-flow-role-${suffix}`,
            permissionsBoundary: iamPolicyTenant.arn,
            tags: tags,
        });
        const iamRolePolicyFlow = new IamRolePolicy(this, "iamRolePolicyFlow", {
            name: `tenant-${tenant}-flow-role-${suffix}`,
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-${tenant}-flow-log-${suffix}:log-stream:*`,
                        "Sid": "FlowLog",
                    },
                    {
                        "Action": ["logs:DescribeLogGroups", "logs:DescribeLogStreams"],
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-${tenant}-flow-log-${suffix}:*`,
                        "Sid": "FlowLogGroup",
                    },
                ],
                "Version": "2012-10-17",
            }),
            role: iamRoleFlow.name,
        });
        const iamRoleCaller = new IamRole(this, "iamRoleCaller", {
            assumeRolePolicy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Principal": { "AWS": `arn:aws:iam::${callerIdentityCurrent.accountId}:root` },
                        "Sid": "AllowAssume",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenantRoles",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description: "Calls the tenant API",
            forceDetachPolicies: true,
            name: `tenant-${tenant}-caller-role-${suffix}`,
            permissionsBoundary: iamPolicyTenant.arn,
            tags: tags,
        });
        const iamRolePolicyCaller = new IamRolePolicy(this, "iamRolePolicyCaller", {
            name: `tenant-${tenant}-caller-role-${suffix}`,
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "lambda:InvokeFunctionUrl",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant, "lambda:FunctionUrlAuthType": "AWS_IAM" } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-${tenant}-api-${suffix}`,
                        "Sid": "CallUrl",
                    },
                    {
                        "Action": "lambda:InvokeFunction",
                        "Condition": {
                            "Bool": { "lambda:InvokedViaFunctionUrl": "true" },
                            "StringEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Allow",
                        "Resource": `arn:aws:lambda:us-east-1:${callerIdentityCurrent.accountId}:function:tenant-${tenant}-api-${suffix}`,
                        "Sid": "CallThroughUrl",
                    },
                ],
                "Version": "2012-10-17",
            }),
            role: iamRoleCaller.name,
        });
        const iamRoleReader = new IamRole(this, "iamRoleReader", {
            assumeRolePolicy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "sts:AssumeRole",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Principal": { "AWS": `arn:aws:iam::${callerIdentityCurrent.accountId}:root` },
                        "Sid": "AllowAssume",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
                        "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Sid": "DenyTenantRoles",
                    },
                ],
                "Version": "2012-10-17",
            }),
            description: "Reads the tenant's logs, stream by stream",
            forceDetachPolicies: true,
            name: `tenant-${tenant}-reader-role-${suffix}`,
            permissionsBoundary: iamPolicyTenant.arn,
            tags: tags,
        });
        const iamRolePolicyReader = new IamRolePolicy(this, "iamRolePolicyReader", {
            name: `tenant-${tenant}-reader-role-${suffix}`,
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "logs:GetLogEvents",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": [
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-${tenant}-api-log-${suffix}:log-stream:*`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-${tenant}-relay-log-${suffix}:log-stream:*`,
                            `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:tenant-${tenant}-flow-log-${suffix}:log-stream:*`,
                        ],
                        "Sid": "OwnStreams",
                    },
                    {
                        "Action": "logs:GetLogEvents",
                        "Condition": { "StringEquals": { "aws:PrincipalTag/TenantId": tenant } },
                        "Effect": "Allow",
                        "Resource": `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:platform-central-log-${suffix}:log-stream:${tenant}/*`,
                        "Sid": "OwnCentralStreams",
                    },
                ],
                "Version": "2012-10-17",
            }),
            role: iamRoleReader.name,
        });
        const defaultRouteTableMain = new DefaultRouteTable(this, "defaultRouteTableMain", {
            defaultRouteTableId: vpcTenant.defaultRouteTableId,
            route: [],
            tags: { ...tags, "Name": `tenant-${tenant}-main-route-${suffix}` },
        });
        const routeTablePrivate = new RouteTable(this, "routeTablePrivate", {
            tags: { ...tags, "Name": `tenant-${tenant}-routes-${suffix}` },
            vpcId: vpcTenant.id,
        });
        const routeTableAssociationPrivateA = new RouteTableAssociation(this, "routeTableAssociationPrivateA", {
            routeTableId: routeTablePrivate.id,
            subnetId: subnetPrivateA.id,
        });
        const routeTableAssociationPrivateB = new RouteTableAssociation(this, "routeTableAssociationPrivateB", {
            routeTableId: routeTablePrivate.id,
            subnetId: subnetPrivateB.id,
        });
        const networkAclPrivate = new NetworkAcl(this, "networkAclPrivate", {
            egress: [
                { action: "allow", cidrBlock: block, fromPort: 0, icmpCode: 0, icmpType: 0, protocol: "-1", ruleNo: 100, toPort: 0 },
                { action: "deny", cidrBlock: "10.0.0.0/8", fromPort: 0, icmpCode: 0, icmpType: 0, protocol: "-1", ruleNo: 200, toPort: 0 },
                {
                    action: "deny",
                    cidrBlock: "172.16.0.0/12",
                    fromPort: 0,
                    icmpCode: 0,
                    icmpType: 0,
                    protocol: "-1",
                    ruleNo: 210,
                    toPort: 0,
                },
                {
                    action: "deny",
                    cidrBlock: "192.168.0.0/16",
                    fromPort: 0,
                    icmpCode: 0,
                    icmpType: 0,
                    protocol: "-1",
                    ruleNo: 220,
                    toPort: 0,
                },
                {
                    action: "deny",
                    cidrBlock: "100.64.0.0/10",
                    fromPort: 0,
                    icmpCode: 0,
                    icmpType: 0,
                    protocol: "-1",
                    ruleNo: 230,
                    toPort: 0,
                },
                {
                    action: "allow",
                    cidrBlock: "0.0.0.0/0",
                    fromPort: 443,
                    icmpCode: 0,
                    icmpType: 0,
                    protocol: "tcp",
                    ruleNo: 300,
                    toPort: 443,
                },
            ],
            ingress: [
                { action: "allow", cidrBlock: block, fromPort: 0, icmpCode: 0, icmpType: 0, protocol: "-1", ruleNo: 100, toPort: 0 },
                { action: "deny", cidrBlock: "10.0.0.0/8", fromPort: 0, icmpCode: 0, icmpType: 0, protocol: "-1", ruleNo: 200, toPort: 0 },
                {
                    action: "deny",
                    cidrBlock: "172.16.0.0/12",
                    fromPort: 0,
                    icmpCode: 0,
                    icmpType: 0,
                    protocol: "-1",
                    ruleNo: 210,
                    toPort: 0,
                },
                {
                    action: "deny",
                    cidrBlock: "192.168.0.0/16",
                    fromPort: 0,
                    icmpCode: 0,
                    icmpType: 0,
                    protocol: "-1",
                    ruleNo: 220,
                    toPort: 0,
                },
                {
                    action: "deny",
                    cidrBlock: "100.64.0.0/10",
                    fromPort: 0,
                    icmpCode: 0,
                    icmpType: 0,
                    protocol: "-1",
                    ruleNo: 230,
                    toPort: 0,
                },
                {
                    action: "allow",
                    cidrBlock: "0.0.0.0/0",
                    fromPort: 1024,
                    icmpCode: 0,
                    icmpType: 0,
                    protocol: "tcp",
                    ruleNo: 300,
                    toPort: 65535,
                },
            ],
            subnetIds: [subnetPrivateA.id, subnetPrivateB.id],
            tags: { ...tags, "Name": `tenant-${tenant}-nacl-${suffix}` },
            vpcId: vpcTenant.id,
        });
        const vpcEndpointS3 = new VpcEndpoint(this, "vpcEndpointS3", {
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-api-role-${suffix}`,
                            },
                            "StringEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Allow",
                        "Principal": "*",
                        "Resource": `arn:aws:s3:::tenant-${tenant}-data-${suffix}/*`,
                        "Sid": "Objects",
                    },
                    {
                        "Action": "s3:ListBucket",
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-api-role-${suffix}`,
                            },
                            "StringEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Allow",
                        "Principal": "*",
                        "Resource": `arn:aws:s3:::tenant-${tenant}-data-${suffix}`,
                        "Sid": "Bucket",
                    },
                ],
                "Version": "2012-10-17",
            }),
            routeTableIds: [routeTablePrivate.id],
            serviceName: "com.amazonaws.us-east-1.s3",
            tags: { ...tags, "Name": `tenant-${tenant}-vpce-s3-${suffix}` },
            vpcEndpointType: "Gateway",
            vpcId: vpcTenant.id,
        });
        const vpcEndpointDynamodb = new VpcEndpoint(this, "vpcEndpointDynamodb", {
            policy: JSON.stringify({
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
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-api-role-${suffix}`,
                            },
                            "StringEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Allow",
                        "Principal": "*",
                        "Resource": `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/tenant-${tenant}-metadata-${suffix}`,
                        "Sid": "Items",
                    },
                ],
                "Version": "2012-10-17",
            }),
            routeTableIds: [routeTablePrivate.id],
            serviceName: "com.amazonaws.us-east-1.dynamodb",
            tags: { ...tags, "Name": `tenant-${tenant}-vpce-dynamo-${suffix}` },
            vpcEndpointType: "Gateway",
            vpcId: vpcTenant.id,
        });
        const securityGroupEndpoints = new SecurityGroup(this, "securityGroupEndpoints", {
            description: "Interface endpoints of the tenant: HTTPS from its functions",
            name: `tenant-${tenant}-endpoint-sg-${suffix}`,
            revokeRulesOnDelete: true,
            tags: { ...tags, "Name": `tenant-${tenant}-endpoint-sg-${suffix}` },
            timeouts: { delete: "45m" },
            vpcId: vpcTenant.id,
        });
        const vpcEndpointLogs = new VpcEndpoint(this, "vpcEndpointLogs", {
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-relay-role-${suffix}`,
                            },
                            "StringEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Allow",
                        "Principal": "*",
                        "Resource": `arn:aws:logs:us-east-1:${callerIdentityCurrent.accountId}:log-group:platform-central-log-${suffix}:log-stream:${tenant}/*`,
                        "Sid": "CentralStreams",
                    },
                ],
                "Version": "2012-10-17",
            }),
            privateDnsEnabled: true,
            securityGroupIds: [securityGroupEndpoints.id],
            serviceName: "com.amazonaws.us-east-1.logs",
            subnetIds: [subnetPrivateA.id, subnetPrivateB.id],
            tags: { ...tags, "Name": `tenant-${tenant}-vpce-logs-${suffix}` },
            vpcEndpointType: "Interface",
            vpcId: vpcTenant.id,
        });
        const vpcSecurityGroupEgressRuleFunctionsToS3 = new VpcSecurityGroupEgressRule(this, "vpcSecurityGroupEgressRuleFunctionsToS3", {
            description: "To S3",
            fromPort: 443,
            ipProtocol: "tcp",
            prefixListId: vpcEndpointS3.prefixListId,
            securityGroupId: securityGroupFunctions.id,
            tags: tags,
            toPort: 443,
        });
        const vpcSecurityGroupEgressRuleFunctionsToDynamodb = new VpcSecurityGroupEgressRule(this, "vpcSecurityGroupEgressRuleFunctionsToDynamodb", {
            description: "To DynamoDB",
            fromPort: 443,
            ipProtocol: "tcp",
            prefixListId: vpcEndpointDynamodb.prefixListId,
            securityGroupId: securityGroupFunctions.id,
            tags: tags,
            toPort: 443,
        });
        const lambdaFunctionApi = new LambdaFunction(this, "lambdaFunctionApi", {
            architectures: ["x86_64"],
            deadLetterConfig: { targetArn: sqsQueueDeadLetters.arn },
            description: "The tenant API",
            environment: {
                variables: {
                    "BUCKET_NAME": `tenant-${tenant}-data-${suffix}`,
                    "ENVIRONMENT_SUFFIX": suffix,
                    "TABLE_NAME": `tenant-${tenant}-metadata-${suffix}`,
                    "TENANT_ID": tenant,
                },
            },
            filename: "../../assets/tenant-api.zip",
            functionName: `tenant-${tenant}-api-${suffix}`,
            handler: "bootstrap",
            kmsKeyArn: kmsKeyTenant.arn,
            loggingConfig: { logFormat: "JSON", logGroup: `tenant-${tenant}-api-log-${suffix}` },
            memorySize: 256,
            reservedConcurrentExecutions: 10,
            role: iamRoleApi.arn,
            runtime: "provided.al2023",
            tags: tags,
            timeout: 60,
            tracingConfig: { mode: "PassThrough" },
            vpcConfig: { securityGroupIds: [securityGroupFunctions.id], subnetIds: [subnetPrivateA.id, subnetPrivateB.id] },
            dependsOn: [
                kmsKeyPolicyTenant,
                cloudwatchLogGroupApi,
                cloudwatchLogGroupRelay,
                iamRolePolicyApi,
                iamRolePolicyRelay,
                iamRolePolicyFlow,
                iamRolePolicyCaller,
                iamRolePolicyReader,
                defaultRouteTableMain,
                routeTableAssociationPrivateA,
                routeTableAssociationPrivateB,
                networkAclPrivate,
                vpcEndpointS3,
                vpcEndpointDynamodb,
                vpcEndpointLogs,
                vpcSecurityGroupEgressRuleFunctionsToS3,
                vpcSecurityGroupEgressRuleFunctionsToDynamodb,
            ],
        });
        const lambdaPermissionTakeEvents = new LambdaPermission(this, "lambdaPermissionTakeEvents", {
            action: "lambda:InvokeFunction",
            functionName: lambdaFunctionApi.functionName,
            principal: "events.amazonaws.com",
            sourceAccount: callerIdentityCurrent.accountId,
            sourceArn: cloudwatchEventRuleTenant.arn,
            statementId: "TakeEvents",
        });
        new CloudwatchEventTarget(this, "cloudwatchEventTargetTenant", {
            arn: lambdaFunctionApi.arn,
            deadLetterConfig: { arn: sqsQueueDeadLetters.arn },
            retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 60 },
            rule: cloudwatchEventRuleTenant.name,
            targetId: `tenant-${tenant}-events-${suffix}`,
            dependsOn: [lambdaPermissionTakeEvents],
        });
        const cloudwatchLogGroupFlow = new CloudwatchLogGroup(this, "cloudwatchLogGroupFlow", {
            kmsKeyId: kmsKeyTenant.arn,
            name: `tenant-${tenant}-flow-log-${suffix}`,
            retentionInDays: 30,
            tags: tags,
            dependsOn: [kmsKeyPolicyTenant],
        });
        new CloudwatchLogMetricFilter(this, "cloudwatchLogMetricFilterRefused", {
            logGroupName: cloudwatchLogGroupApi.name,
            metricTransformation: { defaultValue: "0", name: `tenant-${tenant}-refused-${suffix}`, namespace: "Palisade", value: "1" },
            name: `tenant-${tenant}-refused-${suffix}`,
            pattern: "{ $.event = \"cross_tenant_refused\" }",
        });
        const lambdaFunctionRelay = new LambdaFunction(this, "lambdaFunctionRelay", {
            architectures: ["x86_64"],
            deadLetterConfig: { targetArn: sqsQueueDeadLetters.arn },
            description: "Copies the tenant's log events to its own streams of the central log group",
            environment: {
                variables: {
                    "CENTRAL_LOG_GROUP_NAME": `platform-central-log-${suffix}`,
                    "ENVIRONMENT_SUFFIX": suffix,
                    "RELAYED_LOG_GROUP_NAME": `tenant-${tenant}-api-log-${suffix}`,
                    "TENANT_ID": tenant,
                },
            },
            filename: "../../assets/log-relay.zip",
            functionName: `tenant-${tenant}-relay-${suffix}`,
            handler: "bootstrap",
            kmsKeyArn: kmsKeyTenant.arn,
            loggingConfig: { logFormat: "JSON", logGroup: `tenant-${tenant}-relay-log-${suffix}` },
            memorySize: 256,
            reservedConcurrentExecutions: 2,
            role: iamRoleRelay.arn,
            runtime: "provided.al2023",
            tags: tags,
            timeout: 60,
            tracingConfig: { mode: "PassThrough" },
            vpcConfig: { securityGroupIds: [securityGroupFunctions.id], subnetIds: [subnetPrivateA.id, subnetPrivateB.id] },
            dependsOn: [
                kmsKeyPolicyTenant,
                cloudwatchLogGroupApi,
                cloudwatchLogGroupRelay,
                iamRolePolicyApi,
                iamRolePolicyRelay,
                iamRolePolicyFlow,
                iamRolePolicyCaller,
                iamRolePolicyReader,
                defaultRouteTableMain,
                routeTableAssociationPrivateA,
                routeTableAssociationPrivateB,
                networkAclPrivate,
                vpcEndpointS3,
                vpcEndpointDynamodb,
                vpcEndpointLogs,
                vpcSecurityGroupEgressRuleFunctionsToS3,
                vpcSecurityGroupEgressRuleFunctionsToDynamodb,
            ],
        });
        const lambdaPermissionRelayLogs = new LambdaPermission(this, "lambdaPermissionRelayLogs", {
            action: "lambda:InvokeFunction",
            functionName: lambdaFunctionRelay.functionName,
            principal: "logs.amazonaws.com",
            sourceAccount: callerIdentityCurrent.accountId,
            sourceArn: `${cloudwatchLogGroupApi.arn}:*`,
            statementId: "RelayLogs",
        });
        new CloudwatchLogSubscriptionFilter(this, "cloudwatchLogSubscriptionFilterRelay", {
            destinationArn: lambdaFunctionRelay.arn,
            distribution: "ByLogStream",
            filterPattern: "",
            logGroupName: cloudwatchLogGroupApi.name,
            name: `tenant-${tenant}-log-filter-${suffix}`,
            dependsOn: [lambdaPermissionRelayLogs],
        });
        new CloudwatchMetricAlarm(this, "cloudwatchMetricAlarmApiErrors", {
            alarmDescription: "The tenant API failed",
            alarmName: `tenant-${tenant}-api-errors-${suffix}`,
            comparisonOperator: "GreaterThanThreshold",
            dimensions: { "FunctionName": `tenant-${tenant}-api-${suffix}` },
            evaluationPeriods: 1,
            metricName: "Errors",
            namespace: "AWS/Lambda",
            period: 300,
            statistic: "Sum",
            tags: tags,
            threshold: 0,
            treatMissingData: "notBreaching",
        });
        new CloudwatchMetricAlarm(this, "cloudwatchMetricAlarmApiThrottled", {
            alarmDescription: "The tenant API turned requests away: all reserved executions were busy",
            alarmName: `tenant-${tenant}-api-busy-${suffix}`,
            comparisonOperator: "GreaterThanThreshold",
            dimensions: { "FunctionName": `tenant-${tenant}-api-${suffix}` },
            evaluationPeriods: 1,
            metricName: "Throttles",
            namespace: "AWS/Lambda",
            period: 300,
            statistic: "Sum",
            tags: tags,
            threshold: 0,
            treatMissingData: "notBreaching",
        });
        new CloudwatchMetricAlarm(this, "cloudwatchMetricAlarmDeadLetters", {
            alarmDescription: "Events or log batches wait in the dead-letter queue",
            alarmName: `tenant-${tenant}-dlq-messages-${suffix}`,
            comparisonOperator: "GreaterThanThreshold",
            dimensions: { "QueueName": `tenant-${tenant}-dlq-${suffix}` },
            evaluationPeriods: 1,
            metricName: "ApproximateNumberOfMessagesVisible",
            namespace: "AWS/SQS",
            period: 300,
            statistic: "Maximum",
            tags: tags,
            threshold: 0,
            treatMissingData: "notBreaching",
        });
        new CloudwatchMetricAlarm(this, "cloudwatchMetricAlarmRefused", {
            alarmDescription: "A request or an event named another tenant and was refused",
            alarmName: `tenant-${tenant}-refused-any-${suffix}`,
            comparisonOperator: "GreaterThanThreshold",
            dimensions: {},
            evaluationPeriods: 1,
            metricName: `tenant-${tenant}-refused-${suffix}`,
            namespace: "Palisade",
            period: 300,
            statistic: "Sum",
            tags: tags,
            threshold: 0,
            treatMissingData: "notBreaching",
        });
        new CloudwatchMetricAlarm(this, "cloudwatchMetricAlarmRelayErrors", {
            alarmDescription: "The log relay failed",
            alarmName: `tenant-${tenant}-relay-errors-${suffix}`,
            comparisonOperator: "GreaterThanThreshold",
            dimensions: { "FunctionName": `tenant-${tenant}-relay-${suffix}` },
            evaluationPeriods: 1,
            metricName: "Errors",
            namespace: "AWS/Lambda",
            period: 300,
            statistic: "Sum",
            tags: tags,
            threshold: 0,
            treatMissingData: "notBreaching",
        });
        new DefaultNetworkAcl(this, "defaultNetworkAclDefault", {
            defaultNetworkAclId: vpcTenant.defaultNetworkAclId,
            tags: { ...tags, "Name": `tenant-${tenant}-default-acl-${suffix}` },
        });
        new DefaultSecurityGroup(this, "defaultSecurityGroupDefault", {
            tags: { ...tags, "Name": `tenant-${tenant}-default-sg-${suffix}` },
            vpcId: vpcTenant.id,
        });
        const dynamodbTableMetadata = new DynamodbTable(this, "dynamodbTableMetadata", {
            attribute: [{ name: "tenant_id", type: "S" }, { name: "resource_type", type: "S" }],
            billingMode: "PAY_PER_REQUEST",
            deletionProtectionEnabled: false,
            hashKey: "tenant_id",
            name: `tenant-${tenant}-metadata-${suffix}`,
            pointInTimeRecovery: { enabled: true },
            rangeKey: "resource_type",
            serverSideEncryption: { enabled: true, kmsKeyArn: kmsKeyTenant.arn },
            tags: tags,
            ttl: { attributeName: "expires_at", enabled: true },
            dependsOn: [kmsKeyPolicyTenant],
        });
        new DynamodbContributorInsights(this, "dynamodbContributorInsightsMetadata", { tableName: dynamodbTableMetadata.name });
        new DynamodbResourcePolicy(this, "dynamodbResourcePolicyMetadata", {
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "dynamodb:*",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [
                            `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/tenant-${tenant}-metadata-${suffix}`,
                            `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/tenant-${tenant}-metadata-${suffix}/index/*`,
                        ],
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": "dynamodb:*",
                        "Condition": {
                            "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" },
                            "ArnNotEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-api-role-${suffix}`,
                            },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [
                            `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/tenant-${tenant}-metadata-${suffix}`,
                            `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/tenant-${tenant}-metadata-${suffix}/index/*`,
                        ],
                        "Sid": "DenyUnlistedTenantRoles",
                    },
                    {
                        "Action": "dynamodb:*",
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-api-role-${suffix}`,
                            },
                            "StringNotEquals": { "aws:SourceVpce": vpcEndpointDynamodb.id },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [
                            `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/tenant-${tenant}-metadata-${suffix}`,
                            `arn:aws:dynamodb:us-east-1:${callerIdentityCurrent.accountId}:table/tenant-${tenant}-metadata-${suffix}/index/*`,
                        ],
                        "Sid": "DenyOutsideEndpoint",
                    },
                ],
                "Version": "2012-10-17",
            }),
            resourceArn: dynamodbTableMetadata.arn,
        });
        new FlowLog(this, "flowLogTenant", {
            iamRoleArn: iamRoleFlow.arn,
            logDestination: cloudwatchLogGroupFlow.arn,
            logDestinationType: "cloud-watch-logs",
            maxAggregationInterval: 60,
            tags: { ...tags, "Name": `tenant-${tenant}-flow-${suffix}` },
            trafficType: "ALL",
            vpcId: vpcTenant.id,
        });
        new KmsAlias(this, "kmsAliasTenant", { name: `alias/tenant-${tenant}-key-${suffix}`, targetKeyId: kmsKeyTenant.keyId });
        const lambdaFunctionUrlApi = new LambdaFunctionUrl(this, "lambdaFunctionUrlApi", {
            authorizationType: "AWS_IAM",
            functionName: lambdaFunctionApi.functionName,
            invokeMode: "BUFFERED",
        });
        new LambdaPermission(this, "lambdaPermissionCallThroughUrl", {
            action: "lambda:InvokeFunction",
            functionName: lambdaFunctionApi.functionName,
            principal: iamRoleCaller.arn,
            statementId: "CallThroughUrl",
        });
        new LambdaPermission(this, "lambdaPermissionCallUrl", {
            action: "lambda:InvokeFunctionUrl",
            functionName: lambdaFunctionApi.functionName,
            functionUrlAuthType: "AWS_IAM",
            principal: iamRoleCaller.arn,
            statementId: "CallUrl",
        });
        const s3BucketData = new S3Bucket(this, "s3BucketData", {
            bucket: `tenant-${tenant}-data-${suffix}`,
            forceDestroy: true,
            tags: tags,
        });
        const s3BucketVersioningData = new S3BucketVersioningA(this, "s3BucketVersioningData", {
            bucket: s3BucketData.bucket,
            versioningConfiguration: { status: "Enabled" },
        });
        new S3BucketLifecycleConfiguration(this, "s3BucketLifecycleConfigurationData", {
            bucket: s3BucketData.bucket,
            rule: [
                {
                    abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
                    expiration: [{ days: 90 }],
                    filter: [{ prefix: "" }],
                    id: "expire-after-90-days",
                    noncurrentVersionExpiration: [{ noncurrentDays: 7 }],
                    status: "Enabled",
                    transition: [{ days: 0, storageClass: "INTELLIGENT_TIERING" }],
                },
                {
                    expiration: [{ expiredObjectDeleteMarker: true }],
                    filter: [{ prefix: "" }],
                    id: "remove-delete-markers",
                    status: "Enabled",
                },
            ],
            dependsOn: [s3BucketVersioningData],
        });
        new S3BucketOwnershipControls(this, "s3BucketOwnershipControlsData", {
            bucket: s3BucketData.bucket,
            rule: { objectOwnership: "BucketOwnerEnforced" },
        });
        const s3BucketPublicAccessBlockData = new S3BucketPublicAccessBlock(this, "s3BucketPublicAccessBlockData", {
            blockPublicAcls: true,
            blockPublicPolicy: true,
            bucket: s3BucketData.bucket,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        });
        new S3BucketPolicy(this, "s3BucketPolicyData", {
            bucket: s3BucketData.bucket,
            policy: JSON.stringify({
                "Statement": [
                    {
                        "Action": "s3:*",
                        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [`arn:aws:s3:::tenant-${tenant}-data-${suffix}`, `arn:aws:s3:::tenant-${tenant}-data-${suffix}/*`],
                        "Sid": "DenyPlainText",
                    },
                    {
                        "Action": "s3:*",
                        "Condition": {
                            "Null": { "aws:PrincipalTag/TenantId": "false" },
                            "StringNotEquals": { "aws:PrincipalTag/TenantId": tenant },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [`arn:aws:s3:::tenant-${tenant}-data-${suffix}`, `arn:aws:s3:::tenant-${tenant}-data-${suffix}/*`],
                        "Sid": "DenyOtherTenants",
                    },
                    {
                        "Action": "s3:*",
                        "Condition": {
                            "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/tenant-*" },
                            "ArnNotEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-api-role-${suffix}`,
                            },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [`arn:aws:s3:::tenant-${tenant}-data-${suffix}`, `arn:aws:s3:::tenant-${tenant}-data-${suffix}/*`],
                        "Sid": "DenyUnlistedTenantRoles",
                    },
                    {
                        "Action": "s3:*",
                        "Condition": {
                            "ArnEquals": {
                                "aws:PrincipalArn": `arn:aws:iam::${callerIdentityCurrent.accountId}:role/tenant-${tenant}-api-role-${suffix}`,
                            },
                            "StringNotEquals": { "aws:SourceVpce": vpcEndpointS3.id },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": [`arn:aws:s3:::tenant-${tenant}-data-${suffix}`, `arn:aws:s3:::tenant-${tenant}-data-${suffix}/*`],
                        "Sid": "DenyOutsideEndpoint",
                    },
                    {
                        "Action": "s3:PutObject",
                        "Condition": {
                            "Null": { "s3:x-amz-server-side-encryption": "false" },
                            "StringNotEquals": { "s3:x-amz-server-side-encryption": "aws:kms" },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": `arn:aws:s3:::tenant-${tenant}-data-${suffix}/*`,
                        "Sid": "DenyOtherEncryption",
                    },
                    {
                        "Action": "s3:PutObject",
                        "Condition": {
                            "ArnNotEquals": { "s3:x-amz-server-side-encryption-aws-kms-key-id": kmsKeyTenant.arn },
                            "Null": { "s3:x-amz-server-side-encryption-aws-kms-key-id": "false" },
                        },
                        "Effect": "Deny",
                        "Principal": "*",
                        "Resource": `arn:aws:s3:::tenant-${tenant}-data-${suffix}/*`,
                        "Sid": "DenyOtherKeys",
                    },
                ],
                "Version": "2012-10-17",
            }),
            dependsOn: [s3BucketPublicAccessBlockData],
        });
        new S3BucketServerSideEncryptionConfigurationA(this, "s3BucketServerSideEncryptionConfigurationData", {
            bucket: s3BucketData.bucket,
            rule: [
                {
                    applyServerSideEncryptionByDefault: { kmsMasterKeyId: kmsKeyTenant.arn, sseAlgorithm: "aws:kms" },
                    bucketKeyEnabled: true,
                },
            ],
            dependsOn: [kmsKeyPolicyTenant],
        });
        new VpcSecurityGroupEgressRule(this, "vpcSecurityGroupEgressRuleFunctionsToEndpoints", {
            description: "To the interface endpoint",
            fromPort: 443,
            ipProtocol: "tcp",
            referencedSecurityGroupId: securityGroupEndpoints.id,
            securityGroupId: securityGroupFunctions.id,
            tags: tags,
            toPort: 443,
        });
        new VpcSecurityGroupIngressRule(this, "vpcSecurityGroupIngressRuleEndpointsFromFunctions", {
            description: "From the functions",
            fromPort: 443,
            ipProtocol: "tcp",
            referencedSecurityGroupId: securityGroupFunctions.id,
            securityGroupId: securityGroupEndpoints.id,
            tags: tags,
            toPort: 443,
        });
        new TerraformOutput(this, "api_caller_role_arn", { description: "Role that may call the tenant API", value: iamRoleCaller.arn });
        new TerraformOutput(this, "api_endpoint", {
            description: "HTTPS address of the tenant API; requests are signed (SigV4)",
            value: lambdaFunctionUrlApi.functionUrl,
        });
        new TerraformOutput(this, "api_function_arn", { description: "Function of the tenant API", value: lambdaFunctionApi.arn });
        new TerraformOutput(this, "bucket_arn", { description: "Bucket of tenant data", value: s3BucketData.arn });
        new TerraformOutput(this, "bucket_name", { description: "Name of the bucket of tenant data", value: s3BucketData.bucket });
        new TerraformOutput(this, "central_log_group_name", {
            description: "Log group of the central view",
            value: `platform-central-log-${suffix}`,
        });
        new TerraformOutput(this, "central_log_stream_prefix", { description: "Start of the tenant's streams there", value: `${tenant}/` });
        new TerraformOutput(this, "dead_letter_queue_url", {
            description: "Where undeliverable events wait",
            value: sqsQueueDeadLetters.url,
        });
        new TerraformOutput(this, "environment_suffix", { description: "Environment of the stack", value: suffix });
        new TerraformOutput(this, "kms_key_arn", { description: "Key of all of the tenant's data", value: kmsKeyTenant.arn });
        new TerraformOutput(this, "log_group_name", { description: "Log group of the tenant API", value: cloudwatchLogGroupApi.name });
        new TerraformOutput(this, "log_reader_role_arn", { description: "Role that may read the tenant's logs", value: iamRoleReader.arn });
        new TerraformOutput(this, "region", { description: "Region of the stack", value: "us-east-1" });
        new TerraformOutput(this, "table_arn", { description: "Table of tenant metadata", value: dynamodbTableMetadata.arn });
        new TerraformOutput(this, "table_name", { description: "Name of the table of tenant metadata", value: dynamodbTableMetadata.name });
        new TerraformOutput(this, "tenant_id", { description: "Tenant of the stack", value: tenant });
        new TerraformOutput(this, "vpc_cidr_block", { description: "Addresses of the tenant's VPC", value: block });
        new TerraformOutput(this, "vpc_id", { description: "VPC of the tenant", value: vpcTenant.id });
    }
}

module.exports = { TenantStack };
