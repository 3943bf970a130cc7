//! Concrete requests: every role, on every resource, with every action of the list, by every way.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use super::fleet::{ACCOUNT, Endpoint, Fleet, Role, Target};
use super::oracle::{Ask, Kind, Situation, Who};
use crate::support::stacks::TENANTS;

/// One request, and whose role and resource it is about.
pub(super) struct Request {
    pub(super) role: String,
    pub(super) target: String,
    pub(super) situation: Rc<Situation>,
    pub(super) ask: Ask,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} of {} does {} on {}, with {:?}",
            self.ask.who, self.role, self.ask.action, self.ask.resource, self.ask.context
        )
    }
}

/// What is tried on a type of resource: its type, the service of its endpoint, and actions on parts of it (behind its ARN).
type Tries = (&'static str, &'static str, &'static [(&'static str, &'static [&'static str])]);

const ACTIONS: &[Tries] = &[
    (
        "aws_s3_bucket",
        "s3",
        &[
            ("", &["s3:ListBucket", "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucket"]),
            ("/a.txt", &["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:GetObjectVersion"]),
        ],
    ),
    (
        "aws_dynamodb_table",
        "dynamodb",
        &[
            ("", &["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:DeleteTable"]),
            ("/index/any", &["dynamodb:Query"]),
        ],
    ),
    (
        "aws_kms_key",
        "",
        &[("", &["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:PutKeyPolicy"])],
    ),
    ("aws_sqs_queue", "", &[("", &["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:SetQueueAttributes"])]),
    (
        "aws_cloudwatch_log_group",
        "logs",
        &[
            ("", &["logs:FilterLogEvents", "logs:DeleteLogGroup", "logs:DescribeLogStreams"]),
            (":log-stream:acme-corp/x", &["logs:PutLogEvents", "logs:GetLogEvents"]),
            (":log-stream:tech-startup/x", &["logs:PutLogEvents", "logs:GetLogEvents"]),
            (":log-stream:retail-co/x", &["logs:PutLogEvents", "logs:GetLogEvents"]),
        ],
    ),
    (
        "aws_lambda_function",
        "",
        &[("", &["lambda:InvokeFunction", "lambda:InvokeFunctionUrl", "lambda:UpdateFunctionCode"])],
    ),
    ("aws_iam_role", "", &[("", &["sts:AssumeRole", "iam:PassRole", "iam:PutRolePolicy", "iam:TagRole"])]),
    ("aws_cloudwatch_event_rule", "", &[("", &["events:PutTargets"])]),
    ("aws_sfn_state_machine", "", &[("", &["states:StartExecution"])]),
];

/// All requests.
pub(super) fn requests(fleet: &Fleet) -> Vec<Request> {
    let mut found = Vec::new();
    for role in &fleet.roles {
        for target in &fleet.targets {
            let (_, service, parts) =
                ACTIONS.iter().find(|(kind, ..)| *kind == target.kind).expect("a type that the table knows");
            let own =
                fleet.endpoints.iter().find(|endpoint| endpoint.owner == role.owner && endpoint.service == *service);
            for endpoint in std::iter::once(None).chain(own.map(Some)) {
                // A trust policy is about assuming the role, not about managing it.
                let usual = Rc::new(situation(role, target, endpoint, false));
                let managed = Rc::new(situation(role, target, endpoint, true));
                for (part, action) in
                    parts.iter().flat_map(|(part, actions)| actions.iter().map(move |action| (part, action)))
                {
                    let manages = target.kind == "aws_iam_role" && *action != "sts:AssumeRole";
                    for more in contexts(target, action) {
                        let situation = Rc::clone(if manages { &managed } else { &usual });
                        let ask = ask(role, format!("{}{part}", target.arn), action, endpoint, more);
                        // A stream of the shared group is its tenant's, by its name.
                        let tenant = TENANTS.iter().map(|(tenant, _)| *tenant).find(|tenant| part.contains(*tenant));
                        let target = tenant.filter(|_| target.owner == "platform").unwrap_or(&target.owner).to_owned();
                        found.push(Request { role: role.owner.clone(), target, situation, ask });
                    }
                }
            }
        }
    }
    found
}

type More = Vec<(&'static str, String)>;

/// What services say of a request beside the usual.
fn contexts(target: &Target, action: &str) -> Vec<More> {
    match target.kind.as_str() {
        "aws_dynamodb_table" if !action.ends_with("Scan") && !action.ends_with("DeleteTable") => {
            TENANTS.iter().map(|(tenant, _)| vec![("dynamodb:LeadingKeys", (*tenant).to_owned())]).collect()
        }
        "aws_kms_key" => {
            let via = |service: &str| ("kms:ViaService", format!("{service}.us-east-1.amazonaws.com"));
            let bucket = |tenant: &str| format!("arn:aws:s3:::tenant-{tenant}-data-dev");
            let mut found = vec![vec![], vec![via("sqs")]];
            for (tenant, _) in TENANTS {
                found.push(vec![via("s3"), ("kms:EncryptionContext:aws:s3:arn", bucket(tenant))]);
                let table = format!("tenant-{tenant}-metadata-dev");
                found.push(vec![via("dynamodb"), ("kms:EncryptionContext:aws:dynamodb:tableName", table)]);
            }
            found
        }
        "aws_lambda_function" if action == "lambda:InvokeFunctionUrl" => {
            vec![vec![("lambda:FunctionUrlAuthType", "AWS_IAM".to_owned())]]
        }
        "aws_lambda_function" if action == "lambda:InvokeFunction" => {
            vec![vec![], vec![("lambda:InvokedViaFunctionUrl", "true".to_owned())]]
        }
        "aws_iam_role" if action == "iam:PassRole" => {
            vec![vec![("iam:PassedToService", "lambda.amazonaws.com".to_owned())]]
        }
        _ => vec![vec![]],
    }
}

fn situation(role: &Role, target: &Target, endpoint: Option<&Endpoint>, manages: bool) -> Situation {
    Situation {
        identity: role.identity.clone(),
        boundary: role.boundary.clone(),
        session: None,
        resource: target.policy.clone().filter(|_| !manages),
        endpoint: endpoint.map(|endpoint| endpoint.policy.clone()),
        resource_account: ACCOUNT.to_owned(),
        kind: match target.kind.as_str() {
            "aws_kms_key" => Kind::Key,
            "aws_iam_role" if !manages => Kind::Role,
            _ => Kind::Plain,
        },
    }
}

fn ask(role: &Role, resource: String, action: &str, endpoint: Option<&Endpoint>, more: More) -> Ask {
    let mut context: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut say = |key: &str, value: String| drop(context.insert(key.to_owned(), vec![value]));
    for (key, value) in &role.tags {
        say(&format!("aws:PrincipalTag/{key}"), value.clone());
    }
    say("aws:SecureTransport", "true".to_owned());
    if let Some(endpoint) = endpoint {
        say("aws:SourceVpce", endpoint.id.clone());
    }
    for (key, value) in more {
        say(key, value);
    }
    let who = Who::Role { arn: role.arn.clone(), session: "session".to_owned() };
    Ask { who, action: action.to_owned(), resource, context }
}
