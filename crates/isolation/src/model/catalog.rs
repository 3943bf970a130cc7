//! The Terraform types that the proof knows: which ARN they get, where their policy stands, and which of them grant nothing.

/// A type of which something can be reached.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The Terraform type.
    pub(crate) terraform: &'static str,
    /// What it is in the report.
    pub(crate) label: &'static str,
    /// The attribute that holds its name; empty where AWS makes up an id.
    pub(crate) name: &'static str,
    /// The ARN; `{name}` is the name or the id.
    pub(crate) arn: &'static str,
    /// What else of it has an ARN, as it follows the ARN.
    pub(crate) within: &'static [&'static str],
    /// The services whose actions are on it.
    pub(crate) services: &'static [&'static str],
    /// The attribute that holds its policy in place.
    pub(crate) policy: &'static str,
}

const fn kind(
    terraform: &'static str,
    label: &'static str,
    name: &'static str,
    arn: &'static str,
    within: &'static [&'static str],
    services: &'static [&'static str],
) -> Kind {
    Kind { terraform, label, name, arn, within, services, policy: "" }
}

const fn holding(kind: Kind) -> Kind {
    Kind { policy: "policy", ..kind }
}

macro_rules! ec2 {
    ($terraform:literal, $path:literal) => {
        kind($terraform, "network", "", concat!("arn:aws:ec2:{region}:{account}:", $path, "/{name}"), &[], &["ec2"])
    };
}

/// The types ([ARN formats](https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html)).
pub(crate) const KINDS: &[Kind] = &[
    holding(kind("aws_s3_bucket", "bucket", "bucket", "arn:aws:s3:::{name}", &["/*"], &["s3"])),
    kind(
        "aws_dynamodb_table",
        "table",
        "name",
        "arn:aws:dynamodb:{region}:{account}:table/{name}",
        &["/index/*"],
        &["dynamodb"],
    ),
    holding(kind("aws_sqs_queue", "queue", "name", "arn:aws:sqs:{region}:{account}:{name}", &[], &["sqs"])),
    holding(kind("aws_sns_topic", "topic", "name", "arn:aws:sns:{region}:{account}:{name}", &[], &["sns"])),
    holding(kind("aws_kms_key", "key", "", "arn:aws:kms:{region}:{account}:key/{name}", &[], &["kms"])),
    kind("aws_kms_alias", "alias", "name", "arn:aws:kms:{region}:{account}:{name}", &[], &["kms"]),
    kind(
        "aws_lambda_function",
        "function",
        "function_name",
        "arn:aws:lambda:{region}:{account}:function:{name}",
        &[":*"],
        &["lambda"],
    ),
    kind(
        "aws_cloudwatch_log_group",
        "logs",
        "name",
        "arn:aws:logs:{region}:{account}:log-group:{name}",
        &[":*"],
        &["logs"],
    ),
    kind(
        "aws_cloudwatch_event_rule",
        "rule",
        "name",
        "arn:aws:events:{region}:{account}:rule/{name}",
        &[],
        &["events"],
    ),
    kind(
        "aws_cloudwatch_event_bus",
        "rule",
        "name",
        "arn:aws:events:{region}:{account}:event-bus/{name}",
        &[],
        &["events"],
    ),
    kind(
        "aws_sfn_state_machine",
        "workflow",
        "name",
        "arn:aws:states:{region}:{account}:stateMachine:{name}",
        &[":*"],
        &["states"],
    ),
    kind(
        "aws_codebuild_project",
        "workflow",
        "name",
        "arn:aws:codebuild:{region}:{account}:project/{name}",
        &[],
        &["codebuild"],
    ),
    holding(kind(
        "aws_secretsmanager_secret",
        "secret",
        "name",
        "arn:aws:secretsmanager:{region}:{account}:secret:{name}-*",
        &[],
        &["secretsmanager"],
    )),
    kind("aws_ssm_parameter", "secret", "name", "arn:aws:ssm:{region}:{account}:parameter/{name}", &[], &["ssm"]),
    kind("aws_ecr_repository", "repository", "name", "arn:aws:ecr:{region}:{account}:repository/{name}", &[], &["ecr"]),
    kind("aws_kinesis_stream", "stream", "name", "arn:aws:kinesis:{region}:{account}:stream/{name}", &[], &["kinesis"]),
    kind("aws_iam_role", "role", "name", "arn:aws:iam::{account}:role/{name}", &[], &["sts"]),
    kind("aws_iam_user", "iam", "name", "arn:aws:iam::{account}:user/{name}", &[], &["iam", "sts"]),
    kind("aws_iam_policy", "iam", "name", "arn:aws:iam::{account}:policy/{name}", &[], &["iam"]),
    kind(
        "aws_cloudwatch_metric_alarm",
        "alarm",
        "alarm_name",
        "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
        &[],
        &["cloudwatch"],
    ),
    ec2!("aws_vpc", "vpc"),
    ec2!("aws_subnet", "subnet"),
    ec2!("aws_security_group", "security-group"),
    ec2!("aws_default_security_group", "security-group"),
    ec2!("aws_network_acl", "network-acl"),
    ec2!("aws_default_network_acl", "network-acl"),
    ec2!("aws_route_table", "route-table"),
    ec2!("aws_default_route_table", "route-table"),
    ec2!("aws_vpc_endpoint", "vpc-endpoint"),
    ec2!("aws_flow_log", "vpc-flow-log"),
    ec2!("aws_vpc_security_group_ingress_rule", "security-group-rule"),
    ec2!("aws_vpc_security_group_egress_rule", "security-group-rule"),
];

/// Policies of a resource that stand in a resource of their own: the type, what names the resource, and what holds the policy.
pub(crate) const ATTACHED: &[(&str, &str, &str)] = &[
    ("aws_s3_bucket_policy", "bucket", "policy"),
    ("aws_sqs_queue_policy", "queue_url", "policy"),
    ("aws_dynamodb_resource_policy", "resource_arn", "policy"),
    ("aws_kms_key_policy", "key_id", "policy"),
    ("aws_sns_topic_policy", "arn", "policy"),
    ("aws_secretsmanager_secret_policy", "secret_arn", "policy"),
    ("aws_ecr_repository_policy", "repository", "policy"),
    ("aws_cloudwatch_event_bus_policy", "event_bus_name", "policy"),
];

/// Types that are read elsewhere in the proof: by the rules of networks, or with the roles and resources they belong to.
pub(crate) const READ_ELSEWHERE: &[&str] = &[
    "aws_cloudwatch_log_resource_policy",
    "aws_iam_instance_profile",
    "aws_iam_policy_attachment",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_iam_user_policy",
    "aws_iam_user_policy_attachment",
    "aws_kms_grant",
    "aws_lambda_event_source_mapping",
    "aws_lambda_function_url",
    "aws_lambda_permission",
    "aws_network_acl_association",
    "aws_network_acl_rule",
    "aws_route",
    "aws_security_group_rule",
    "aws_vpc_ipv4_cidr_block_association",
];

/// Types that give nobody access to anything.
pub(crate) const GRANT_NOTHING: &[&str] = &[
    "aws_cloudwatch_dashboard",
    "aws_cloudwatch_event_target",
    "aws_cloudwatch_log_metric_filter",
    "aws_cloudwatch_log_stream",
    "aws_cloudwatch_log_subscription_filter",
    "aws_dynamodb_contributor_insights",
    "aws_iam_role_policies_exclusive",
    "aws_lambda_alias",
    "aws_main_route_table_association",
    "aws_route_table_association",
    "aws_s3_bucket_intelligent_tiering_configuration",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_metric",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_s3_object",
    "aws_sqs_queue_redrive_allow_policy",
    "aws_sqs_queue_redrive_policy",
    "aws_vpc_endpoint_route_table_association",
    "random_id",
    "random_string",
];

/// Data sources that only look something up which is nobody's.
pub(crate) const LOOK_UPS: &[&str] = &[
    "aws_availability_zones",
    "aws_caller_identity",
    "aws_iam_policy_document",
    "aws_partition",
    "aws_region",
    "aws_service_principal",
];

/// What belongs to a resource and has no policy of its own there, but others see to it: the type, what it is, as it follows the ARN, and the
/// services. A stream can have a policy; a role's settings are IAM's.
pub(crate) const APART: &[(&str, &str, &[&str], &[&str])] = &[
    ("aws_dynamodb_table", "stream", &["/stream/*"], &["dynamodb"]),
    ("aws_dynamodb_table", "backup", &["/backup/*", "/export/*", "/import/*"], &["dynamodb"]),
    ("aws_iam_role", "iam", &[""], &["iam"]),
];

pub(crate) fn kind_of(terraform: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.terraform == terraform)
}

/// Whether the proof knows the type.
pub(crate) fn is_known(terraform: &str) -> bool {
    kind_of(terraform).is_some()
        || ATTACHED.iter().any(|(attached, ..)| *attached == terraform)
        || READ_ELSEWHERE.contains(&terraform)
        || GRANT_NOTHING.contains(&terraform)
}

/// What AWS cannot limit to a resource. It shows ids and addresses of networks, and nothing inside of them. Lambda needs it of an
/// execution role to place a function in a VPC
/// ([execution role](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions)).
pub(crate) const ACCOUNT_WIDE: &[&str] =
    &["ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"];

/// On the ARN of network interfaces this one makes a new one; whose subnet it lands in, AWS asks for by the subnet's ARN.
pub(crate) const CREATES_INTERFACE: &str = "ec2:CreateNetworkInterface";
