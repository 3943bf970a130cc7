//! Sessions that carry the tag of a tenant: a role of the platform that is assumed for one tenant at a time, as by whoever deploys the
//! tenants' stacks.
//!
//! Such a role is a principal of every tenant in turn, with `aws:PrincipalTag/TenantId` fixed to it, and is asked all that a tenant's own
//! roles are asked: every action on every resource of another tenant and of the platform, every step from there, and whether it can become
//! more than it is. Managing its own tenant's resources is what it is for. What else it may is written down as a policy of denials
//! ([`exempt`]), by which it is judged: whatever they do not cover is a way through. Since they have conditions, an exemption is as narrow
//! as a statement can be.
//!
//! Who opens the sessions says for which tenant. So there may be one role only that can, none of any tenant can become it (every role of a
//! tenant is asked for its steps), it must say a tenant, no other tag, and it has no rights on tenants itself ([`of_opener`]).

use serde_json::{Value, json};

use crate::iam::{Besides, Origin, Policies, Policy, Question, find_way};
use crate::model::{Model, Resource, Role};
use crate::proof::{Pair, Through, brings_tags, facts, policies_of, principal_of, question};

/// The key of the tag by which a session is a tenant's.
const TAG: &str = "TenantId";

/// What a session may ask of AWS for the whole account: lists and settings, and no data. AWS limits it to no resource, or, for alarms, to
/// none by name.
pub(crate) const SEEN: [&str; 14] = [
    "cloudwatch:DescribeAlarms",
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
    "kms:ListAliases",
    "logs:DescribeLogGroups",
];

/// What else a session has that is not its tenant's own, and why.
pub(crate) const BESIDE: [(&str, &str); 3] = [
    (
        "ec2:CreateTags, ec2:DeleteNetworkAclEntry on what nobody owns yet",
        "EC2 makes a VPC's default security group, network ACL and route table without a tag. A session tags them as its tenant's, and \
         empties the ACL before. What carries a tenant's tag, it cannot.",
    ),
    (
        "route53:AssociateVPCWithHostedZone through EC2",
        "Route 53 is asked by EC2 when an interface endpoint gets the names of its service inside of the VPC. No stack has a zone.",
    ),
    (
        "iam:CreateServiceLinkedRole for DynamoDB's Contributor Insights",
        "It makes a role that AWS alone can assume, with rights that AWS gives it, once for the account.",
    ),
];

/// Calls that make something: on the ARN of its type EC2 means the new thing, and what it is made in by an ARN of its own
/// ([actions of EC2](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html)).
const MAKES: [(&str, &[&str]); 8] = [
    ("vpc", &["ec2:CreateVpc"]),
    ("subnet", &["ec2:CreateSubnet"]),
    ("route-table", &["ec2:CreateRouteTable"]),
    ("network-acl", &["ec2:CreateNetworkAcl"]),
    ("security-group", &["ec2:CreateSecurityGroup"]),
    ("security-group-rule", &["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress"]),
    ("vpc-endpoint", &["ec2:CreateVpcEndpoint"]),
    ("vpc-flow-log", &["ec2:CreateFlowLogs"]),
];

/// What gives a role rights, or another trust.
const GIVES_RIGHTS: [&str; 4] =
    ["iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"];

/// The roles of the platform whose sessions are tagged by who opens them, each with its stack.
pub(crate) fn roles<'m>(platform: &[&'m Model]) -> Vec<(&'m Model, &'m Role)> {
    let platform = platform.iter().copied().filter(|model| model.is_platform());
    let all = platform.flat_map(|model| model.roles.iter().map(move |role| (model, role)));
    all.filter(|(_, role)| brings_tags(role)).collect()
}

/// A tenant as those who act for it by way of such a role.
pub(crate) fn of_tenant(tenant: &Model, platform: &[&Model]) -> Model {
    let session = |(home, role): (&Model, &Role)| {
        let mut role = Role { trust: None, ..role.clone() };
        role.tags.insert(TAG.to_owned(), tenant.owner.clone().unwrap_or_default());
        role.identity.push(exempt(tenant, home));
        role
    };
    let roles = roles(platform).into_iter().map(session).collect();
    Model { roles, ..tenant.clone() }
}

/// A tenant as a session sees it: EC2 says of everything that is there whose it is (only what is being made has no `aws:ResourceTag` in the
/// reference of actions), and of nothing that is there that it is being made. Interfaces that AWS makes may have no tag.
pub(crate) fn seen(of: &Model) -> Model {
    let mut seen = of.clone();
    let owner = of.owner.clone().unwrap_or_default();
    for resource in seen.resources.iter_mut().filter(|resource| resource.label == "network") {
        let made_by_aws = resource.arns.iter().any(|arn| arn.ends_with(":network-interface/*"));
        let tagged = Some(vec![owner.clone()]);
        let tags = if made_by_aws { vec![None, tagged] } else { vec![tagged] };
        resource.known.insert("aws:resourcetag/tenantid".to_owned(), tags);
        resource.known.insert("ec2:createaction".to_owned(), vec![None]);
    }
    seen
}

/// What a session is for, and what it may beside that, as denials: what is left over is a way through.
fn exempt(tenant: &Model, home: &Model) -> Policy {
    let own = tenant.owner.as_deref().unwrap_or_default();
    let (region, account) = (&home.region, &home.account);
    let ec2 = |kind: &str| format!("arn:aws:ec2:{region}:{account}:{kind}/*");
    let made_own = || json!({ "StringEquals": { "aws:RequestTag/TenantId": own } });
    let deny = |actions: Value, resources: Value, condition: Value| json!({ "Effect": "Deny", "Action": actions, "Resource": resources, "Condition": condition });
    let anything = || json!("*");
    let mut statements = vec![
        deny(json!(SEEN), anything(), json!({})),
        deny(json!("kms:CreateKey"), anything(), made_own()),
        deny(
            json!("ec2:CreateTags"),
            json!(format!("arn:aws:ec2:{region}:{account}:*")),
            json!({ "StringEquals": { "aws:RequestTag/TenantId": own }, "Null": { "ec2:CreateAction": "false" } }),
        ),
        // The service's own role, with rights that AWS gives it.
        deny(
            json!("iam:CreateServiceLinkedRole"),
            json!(format!("arn:aws:iam::{account}:role/aws-service-role/*")),
            json!({}),
        ),
    ];
    statements.extend(MAKES.iter().map(|(kind, makes)| deny(json!(makes), json!(ec2(kind)), made_own())));
    statements.extend(own_roles(tenant, home));
    statements.extend(own_state(tenant, home));
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    Policy::parse_at(&document, Origin { stack: "", resource: "what is exempt", attribute: "" })
        .unwrap_or_else(|_| Policy::empty())
}

/// The roles of the tenant, within the boundary that the tenant's stack declares and with the tenant's tag; by name, in whose account ever
/// the session is.
fn own_roles(tenant: &Model, home: &Model) -> Vec<Value> {
    let own = tenant.owner.as_deref().unwrap_or_default();
    let arns = |of: &str| -> Vec<String> {
        let declared = tenant.resources.iter().filter(|resource| resource.label == "iam");
        let declared = declared.filter(|resource| resource.address.starts_with(of)).flat_map(|resource| &resource.arns);
        let here = |arn: &String| arn.replace(&format!(":{}:", tenant.account), &format!(":{}:", home.account));
        declared.flat_map(|arn| [arn.clone(), here(arn)]).collect()
    };
    let (roles, boundaries) = (arns("aws_iam_role."), arns("aws_iam_policy."));
    let gives: Vec<&str> = GIVES_RIGHTS.into_iter().chain(["iam:CreateRole"]).collect();
    let keeps =
        ["iam:DeleteRolePermissionsBoundary", "iam:TagPolicy", "iam:TagRole", "iam:UntagPolicy", "iam:UntagRole"];
    let rest: Vec<&str> = gives.iter().copied().chain(keeps).chain(["iam:CreatePolicy"]).collect();
    let all: Vec<&String> = roles.iter().chain(&boundaries).collect();
    if roles.is_empty() {
        return Vec::new();
    }
    let mut statements = vec![
        json!({ "Effect": "Deny", "NotAction": rest, "Resource": all }),
        json!({ "Effect": "Deny", "Action": ["iam:TagRole", "iam:TagPolicy"], "Resource": all,
            "Condition": { "StringEqualsIfExists": { "aws:RequestTag/TenantId": own } } }),
        json!({ "Effect": "Deny", "Action": ["iam:UntagRole", "iam:UntagPolicy"], "Resource": all,
            "Condition": { "ForAllValues:StringNotEquals": { "aws:TagKeys": TAG } } }),
        // No such request: who takes a tag away gives it no value.
        json!({ "Effect": "Deny", "Action": ["iam:UntagRole", "iam:UntagPolicy"], "Resource": all,
            "Condition": { "Null": { "aws:RequestTag/TenantId": "false" } } }),
    ];
    if !boundaries.is_empty() {
        statements.push(json!({ "Effect": "Deny", "Action": GIVES_RIGHTS, "Resource": roles,
            "Condition": { "StringEquals": { "iam:PermissionsBoundary": boundaries } } }));
        statements.push(json!({ "Effect": "Deny", "Action": "iam:CreateRole", "Resource": roles, "Condition": {
            "StringEquals": { "iam:PermissionsBoundary": boundaries, "aws:RequestTag/TenantId": own } } }));
        statements.push(json!({ "Effect": "Deny", "Action": "iam:CreatePolicy", "Resource": boundaries,
            "Condition": { "StringEquals": { "aws:RequestTag/TenantId": own } } }));
    }
    statements
}

/// The state of the tenant's stack and the lock beside it, in the platform's buckets, under the platform's keys.
fn own_state(tenant: &Model, home: &Model) -> Vec<Value> {
    let of = |label: &str| home.resources.iter().filter(|resource| resource.label == label).collect::<Vec<_>>();
    let first = |resource: &&Resource| resource.arns.first().cloned();
    let keys: Vec<String> = of("key").iter().filter_map(first).collect();
    let mut statements = Vec::new();
    for bucket in of("bucket").iter().filter_map(first) {
        let state = state_key(tenant);
        statements.push(json!({ "Effect": "Deny", "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            "Resource": states(tenant, &bucket) }));
        statements.push(json!({ "Effect": "Deny", "Action": "s3:ListBucket", "Resource": bucket,
            "Condition": { "StringEquals": { "s3:prefix": [state, "env:/"] } } }));
        if !keys.is_empty() {
            let via = format!("s3.{}.amazonaws.com", home.region);
            statements.push(json!({ "Effect": "Deny", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": keys,
                "Condition": { "StringEquals": { "kms:ViaService": via, "kms:EncryptionContext:aws:s3:arn": bucket } } }));
        }
    }
    statements
}

fn state_key(tenant: &Model) -> String {
    format!("{}.tfstate", tenant.stack)
}

/// The ARNs of the state of a tenant's stack in a bucket, and of the lock beside it.
pub(crate) fn states(tenant: &Model, bucket: &str) -> Vec<String> {
    let state = format!("{bucket}/{}", state_key(tenant));
    vec![format!("{state}.tflock"), state]
}

/// What is wrong with who opens sessions of a role: too many can, or without saying a tenant, or with other tags as well.
pub(crate) fn opened_wrongly(pair: &Pair<'_>, home: &Model, role: &Role) -> Vec<(&'static str, Through)> {
    let Some(resource) = home.resource(&role.address) else { return Vec::new() };
    let openers: Vec<(&Role, Through)> = home
        .roles
        .iter()
        .filter(|opener| opener.arn != role.arn)
        .filter_map(|opener| Some((opener, opens(pair, home, opener, resource, "sts:AssumeRole", &[])?)))
        .collect();
    let mut found = Vec::new();
    if openers.len() > 1 {
        let all = openers.iter().map(|(_, through)| through.clone());
        found.extend(all.map(|through| ("is one of several that say for which tenant a session is", through)));
    }
    let some = || Some(vec!["⟪any⟫".to_owned()]);
    let tenant = "aws:requesttag/tenantid";
    for (opener, _) in &openers {
        let asked = [
            ("opens a session without a tenant", "sts:AssumeRole", vec![(tenant, None)]),
            (
                "opens a session for the platform itself",
                "sts:AssumeRole",
                vec![(tenant, Some(vec![crate::fleet::PLATFORM.to_owned()]))],
            ),
            (
                "opens a session with other tags than the tenant's",
                "sts:TagSession",
                vec![(tenant, some()), ("aws:tagkeys", Some(vec![TAG.to_owned(), "⟪any⟫".to_owned()]))],
            ),
        ];
        for (what, action, known) in asked {
            found.extend(opens(pair, home, opener, resource, action, &known).map(|through| (what, through)));
        }
    }
    found
}

/// Whether a role can open a session of another one, with this known of the request.
fn opens(
    pair: &Pair<'_>,
    home: &Model,
    opener: &Role,
    resource: &Resource,
    action: &str,
    known: &[(&str, Option<Vec<String>>)],
) -> Option<Through> {
    let facts = facts(opener, pair.keys);
    let mut question = question(&principal_of(opener), resource, &facts);
    question.actions = vec![action.to_owned()];
    question.known.extend(known.iter().map(|(key, value)| ((*key).to_owned(), vec![value.clone()])));
    let way = find_way(&policies_of(opener, resource, &home.account), &question, &Besides::default())?;
    Some(pair.through("session", &resource.address, way, &[]))
}

/// The roles that can open a session of another one.
pub(crate) fn openers<'m>(pair: &Pair<'_>, home: &'m Model, role: &Role) -> Vec<&'m Role> {
    let Some(resource) = home.resource(&role.address) else { return Vec::new() };
    let others = home.roles.iter().filter(|opener| opener.arn != role.arn);
    others.filter(|opener| opens(pair, home, opener, resource, "sts:AssumeRole", &[]).is_some()).collect()
}

/// What an opener can do in IAM, and whom it can become that no stack declares: it must do all that it does as a session.
pub(crate) fn becomes(pair: &Pair<'_>, opener: &Role, models: &[&Model]) -> Vec<Through> {
    let declared = models.iter().flat_map(|model| &model.roles).map(|role| role.arn.clone());
    let asked = [
        ("iam:*", "arn:aws:iam::*", Besides::default()),
        ("sts:*", "arn:aws:iam::*:role/*", Besides { resources: declared.collect(), ..Besides::default() }),
    ];
    let policies =
        Policies { identity: opener.identity.clone(), boundary: opener.boundary.clone(), ..Policies::default() };
    let way = |(actions, resources, besides): &(&str, &str, Besides)| {
        let question = Question {
            principal: principal_of(opener),
            actions: vec![(*actions).to_owned()],
            resources: vec![(*resources).to_owned()],
            known: facts(opener, pair.keys),
        };
        find_way(&policies, &question, besides)
    };
    asked.iter().filter_map(way).map(|way| pair.through("self", &opener.address, way, &[])).collect()
}
