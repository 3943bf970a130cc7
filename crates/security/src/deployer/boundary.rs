//! The permissions boundary of the deployer: whatever its policies say, a session reaches what is named or tagged as its tenant's, the
//! state of that tenant's stack, and lists that show no data. It is drawn wider than the policies, so that a call more of Terraform is one
//! line there and none here.

use construct::arn::{HostedZone, Key, NetworkAcl, NetworkInterface, Role};
use construct::{ArnOf, Stack, Text};
use naming::{Owner, Platform};

use super::identity::{keeps_owner, tags_own_only};
use super::session::{SessionArns, made_own, on_own, own};
use crate::policy::action::kms;
use crate::policy::{Operator, Policy, Statement, key};
use crate::service::Service;

/// What gives a role more than it had: only within the boundary of the tenant.
const GIVES_RIGHTS: &[&str] = &["iam:Attach*", "iam:CreateRole", "iam:PutRole*", "iam:UpdateAssumeRolePolicy"];

/// What Terraform does for no resource of a tenant: taking a boundary away, and reading or writing data.
const NEVER: &[&str] = &[
    "dynamodb:*Item*",
    "dynamodb:PartiQL*",
    "dynamodb:Query",
    "dynamodb:Scan",
    "iam:DeleteRolePermissionsBoundary",
    "lambda:Invoke*",
    "logs:*LogEvents",
    "logs:*Query",
    "sqs:*Message*",
];

pub(super) fn text(stack: &Stack<Platform>, arns: &SessionArns, platform_key: &ArnOf<Key>) -> Text {
    let region = stack.owner().region();
    let everything = || [Text::literal("*")];
    let objects = arns.bucket.objects().text();
    let allowed =
        [
            Statement::at_most(
                "Named",
                &[
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
                named(arns),
            ),
            Statement::at_most("Objects", &["s3:DeleteObject*"], [objects]),
            on_own(Statement::at_most("Tagged", &["ec2:*", "kms:*"], everything())),
            made_own(Statement::at_most(
                "Made",
                &["ec2:AuthorizeSecurityGroup*", "ec2:Create*", "kms:CreateKey", "kms:TagResource"],
                everything(),
            )),
            Statement::at_most("DefaultAcl", &["ec2:DeleteNetworkAclEntry"], [stack.every::<NetworkAcl>().text()])
                .when(Operator::Null, key::RESOURCE_TENANT, [Text::literal("true")]),
            Statement::at_most(
                "State",
                &["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                [arns.state.text(), arns.state_lock.text()],
            ),
            Statement::at_most("StateList", &["s3:ListBucket"], [arns.states.text()]).when(
                Operator::StringEquals,
                key::S3_PREFIX,
                [arns.state_key.clone(), Text::literal("env:/")],
            ),
            Statement::allow("StateKey", &[kms::DECRYPT, kms::GENERATE_DATA_KEY], std::slice::from_ref(platform_key))
                .when(Operator::StringEquals, key::VIA_SERVICE, [Text::literal(Service::S3.via(region))]),
            Statement::at_most(
                "Lists",
                &["cloudwatch:DescribeAlarms", "ec2:Describe*", "kms:ListAliases", "logs:DescribeLogGroups"],
                everything(),
            ),
            Statement::at_most(
                "OfAws",
                &["iam:CreateServiceLinkedRole", "route53:AssociateVPCWithHostedZone"],
                [insights_role(stack).text(), ArnOf::<HostedZone>::every(region.partition()).text()],
            ),
        ];
    Policy::new(allowed.into_iter().chain(denied(stack, arns))).text()
}

/// The role with which DynamoDB counts for Contributor Insights.
pub(super) const INSIGHTS: &str = "contributorinsights.dynamodb.amazonaws.com";

pub(super) fn insights_role(stack: &Stack<Platform>) -> ArnOf<Role> {
    stack.service_linked_role(INSIGHTS, "AWSServiceRoleForDynamoDBCloudWatchContributorInsights")
}

fn named(arns: &SessionArns) -> Vec<Text> {
    let roles = arns.roles().into_iter().map(ArnOf::text);
    let functions = arns.functions.iter().map(ArnOf::text);
    let groups = arns.log_groups.iter().flat_map(|group| [group.text(), group.with_streams().text()]);
    let alarms = arns.alarms.iter().map(ArnOf::text);
    let others = [
        arns.boundary.text(),
        arns.bucket.text(),
        arns.dlq.text(),
        arns.key_alias.text(),
        arns.rule.text(),
        arns.table.text(),
    ];
    roles.chain(functions).chain(groups).chain(alarms).chain(others).collect()
}

fn denied(stack: &Stack<Platform>, arns: &SessionArns) -> [Statement; 7] {
    let everything = || [Text::literal("*")];
    [
        // What carries another's tag, also where a statement above would let it through. The platform's bucket and key hold the states;
        // a tenant's bucket refuses others by itself.
        Statement::deny_beside("DenyOthers", &["kms:Decrypt", "kms:GenerateDataKey", "s3:*"], everything())
            .when(Operator::StringNotEquals, key::RESOURCE_TENANT, [own()])
            .when(Operator::Null, key::RESOURCE_TENANT, [Text::literal("false")]),
        tags_own_only(),
        keeps_owner(),
        Statement::deny("DenyUnbounded", GIVES_RIGHTS, everything()).when(
            Operator::StringNotEquals,
            key::PERMISSIONS_BOUNDARY,
            [&arns.boundary],
        ),
        Statement::deny("DenyNever", NEVER, everything()),
        // A session without a tenant, or for the platform, which would have what is tagged as the platform's.
        Statement::deny("DenyNoTenant", &["*"], everything()).when(
            Operator::StringEqualsIfExists,
            key::PRINCIPAL_TENANT,
            [Text::literal(Platform::TAG)],
        ),
        // Interfaces that AWS makes carry no tag, so that nothing tells whose they are.
        Statement::deny("DenyInterfaces", &["ec2:*"], [stack.every::<NetworkInterface>().text()]),
    ]
}
