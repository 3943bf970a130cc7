//! What a box says of a resource: all of it read from the resource and from what is attached to it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::document::{Address, Document, NAMES, all_references, embedded, list, literal, reference, text};
use crate::graph::{Kind, Node};

/// Where a resource stands in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a column, with arrows; columns count from the left, and the number after it says what comes first there.
    Column(usize, usize),
    /// In the row of roles.
    Roles,
    /// In the row of what holds for the whole stack.
    Whole,
    /// Part of another resource, which tells of it.
    Part,
}

/// Every type that this program has a word for: the word, what it is, and its place.
const TYPES: &[(&str, &str, Kind, Place)] = &[
    ("aws_lambda_function_url", "Function URL", Kind::Entry, Place::Column(1, 0)),
    ("aws_cloudwatch_event_rule", "Rule", Kind::Entry, Place::Column(1, 1)),
    ("aws_sfn_state_machine", "Workflow", Kind::Compute, Place::Column(2, 0)),
    ("aws_lambda_function", "Function", Kind::Compute, Place::Column(2, 1)),
    ("aws_codebuild_project", "Build", Kind::Compute, Place::Column(2, 2)),
    ("aws_subnet", "Subnet", Kind::Network, Place::Column(2, 8)),
    ("aws_vpc_endpoint", "Endpoint", Kind::Network, Place::Column(3, 0)),
    ("aws_security_group", "Security group", Kind::Network, Place::Column(3, 8)),
    ("aws_network_acl", "Network ACL", Kind::Network, Place::Column(2, 9)),
    ("aws_dynamodb_table", "Table", Kind::Data, Place::Column(4, 0)),
    ("aws_s3_bucket", "Bucket", Kind::Data, Place::Column(4, 1)),
    ("aws_cloudwatch_log_group", "Log group", Kind::Log, Place::Column(4, 2)),
    ("aws_sqs_queue", "Queue", Kind::Data, Place::Column(4, 3)),
    ("aws_iam_role", "Role", Kind::Identity, Place::Roles),
    ("aws_kms_key", "Key", Kind::Key, Place::Whole),
    ("aws_cloudwatch_metric_alarm", "Alarms", Kind::Watch, Place::Whole),
    ("aws_cloudwatch_event_target", "", Kind::Other, Place::Part),
    ("aws_cloudwatch_log_metric_filter", "", Kind::Other, Place::Part),
    ("aws_cloudwatch_log_resource_policy", "", Kind::Other, Place::Part),
    ("aws_cloudwatch_log_subscription_filter", "", Kind::Other, Place::Part),
    ("aws_default_network_acl", "", Kind::Other, Place::Part),
    ("aws_default_route_table", "", Kind::Other, Place::Part),
    ("aws_default_security_group", "", Kind::Other, Place::Part),
    ("aws_dynamodb_contributor_insights", "", Kind::Other, Place::Part),
    ("aws_dynamodb_resource_policy", "", Kind::Other, Place::Part),
    ("aws_flow_log", "", Kind::Other, Place::Part),
    ("aws_iam_policy", "", Kind::Other, Place::Part),
    ("aws_iam_role_policy", "", Kind::Other, Place::Part),
    ("aws_iam_role_policy_attachment", "", Kind::Other, Place::Part),
    ("aws_kms_alias", "", Kind::Other, Place::Part),
    ("aws_kms_key_policy", "", Kind::Other, Place::Part),
    ("aws_lambda_permission", "", Kind::Other, Place::Part),
    ("aws_route_table", "", Kind::Other, Place::Part),
    ("aws_route_table_association", "", Kind::Other, Place::Part),
    ("aws_s3_bucket_lifecycle_configuration", "", Kind::Other, Place::Part),
    ("aws_s3_bucket_ownership_controls", "", Kind::Other, Place::Part),
    ("aws_s3_bucket_policy", "", Kind::Other, Place::Part),
    ("aws_s3_bucket_public_access_block", "", Kind::Other, Place::Part),
    ("aws_s3_bucket_server_side_encryption_configuration", "", Kind::Other, Place::Part),
    ("aws_s3_bucket_versioning", "", Kind::Other, Place::Part),
    ("aws_vpc", "", Kind::Other, Place::Part),
    ("aws_vpc_security_group_egress_rule", "", Kind::Other, Place::Part),
    ("aws_vpc_security_group_ingress_rule", "", Kind::Other, Place::Part),
];

/// The place of a type; none where this program has no word for it.
pub(crate) fn place(kind: &str) -> Option<Place> {
    TYPES.iter().find(|(known, ..)| *known == kind).map(|(.., place)| *place)
}

/// How a resource is called in a sentence, for example `function api`.
pub(crate) fn called((kind, id): Address<'_>) -> String {
    let word = TYPES.iter().find(|(known, ..)| *known == kind).map_or(kind, |(_, word, ..)| word);
    let mut word = word.to_owned();
    if !word.starts_with("URL") {
        word = word.chars().next().map(|c| c.to_ascii_lowercase()).into_iter().chain(word.chars().skip(1)).collect();
    }
    format!("{word} {}", id.replace('_', " "))
}

/// The box of a resource.
pub(crate) fn node(document: &Document<'_>, address: Address<'_>, body: &Value, frame: Option<usize>) -> Node {
    let (kind, id) = address;
    let known = TYPES.iter().find(|(known, ..)| *known == kind);
    let (word, what, place) =
        known.map_or((kind, Kind::Other, Place::Whole), |(_, word, what, place)| (word, *what, *place));
    let (column, order) = match place {
        Place::Column(column, order) => (Some(column), order),
        _ => (None, 0),
    };
    let name = NAMES.iter().find_map(|attribute| literal(body.get(attribute)?));
    let name = name.map_or_else(|| format!("{kind}.{id}"), str::to_owned);
    Node {
        kind: what,
        title: if kind == "aws_security_group" { word.to_owned() } else { format!("{word} {}", id.replace('_', " ")) },
        lines: lines(document, address, body),
        name,
        encrypted: encrypted(document).contains_key(&address),
        frame,
        column,
        order,
    }
}

/// What is encrypted under which key of the stack.
pub(crate) fn encrypted<'a>(document: &Document<'a>) -> BTreeMap<Address<'a>, Address<'a>> {
    let mut found = BTreeMap::new();
    for (address, body) in document.resources() {
        let fields = body.as_object().into_iter().flatten();
        let settings = fields.filter(|(name, _)| {
            name.contains("kms") || ["server_side_encryption", "rule", "encryption_key"].contains(&name.as_str())
        });
        let key = settings.flat_map(|(_, value)| all_references(value)).find(|(kind, _)| *kind == "aws_kms_key");
        let Some(key) = key else { continue };
        match place(address.0) {
            Some(Place::Part) if address.0 == "aws_s3_bucket_server_side_encryption_configuration" => {
                found.extend(reference(body, "bucket").map(|bucket| (bucket, key)));
            }
            Some(Place::Part) => {}
            _ => {
                found.insert(address, key);
            }
        }
    }
    found
}

fn lines(document: &Document<'_>, address: Address<'_>, body: &Value) -> Vec<String> {
    let number = |pointer: &str| body.pointer(pointer).and_then(Value::as_u64);
    let mut lines = Vec::new();
    match address.0 {
        "aws_lambda_function" => {
            let reserved = number("/reserved_concurrent_executions").map(|reserved| format!("{reserved} reserved"));
            let memory = number("/memory_size").map(|size| format!("{size} MB"));
            let timeout = number("/timeout").map(|seconds| format!("{seconds} s"));
            lines.push(joined([memory, timeout, reserved]));
            lines.extend(reference(body, "role").map(called));
        }
        "aws_codebuild_project" | "aws_sfn_state_machine" => {
            let role = reference(body, "service_role").or_else(|| reference(body, "role_arn"));
            let description = Some(text(body, "description").to_owned()).filter(|text| !text.is_empty());
            lines.extend(description.or(role.map(called)));
        }
        "aws_lambda_function_url" => {
            lines.push(format!("authorization {}", text(body, "authorization_type")));
            lines.push(callers(document, body));
        }
        "aws_cloudwatch_event_rule" => {
            let pattern = embedded(body, "event_pattern");
            let types = list(&pattern, "/detail-type");
            let tenants = list(&pattern, "/detail/tenant_id");
            lines.push(match (types.as_slice(), body.get("schedule_expression").and_then(Value::as_str)) {
                ([], Some(schedule)) => schedule.to_owned(),
                ([one], Some(schedule)) => format!("{schedule}, {one}"),
                ([one], None) => (*one).to_owned(),
                (several, _) => format!("{} types of events", several.len()),
            });
            lines.extend((!tenants.is_empty()).then(|| format!("of {} only", tenants.join(", "))));
        }
        "aws_vpc_endpoint" => {
            lines.push(format!("{}, with a policy", text(body, "vpc_endpoint_type")));
            if body.get("policy").is_none() {
                lines = vec![format!("{}, NO POLICY", text(body, "vpc_endpoint_type"))];
            }
        }
        "aws_subnet" => lines.push(text(body, "cidr_block").to_owned()),
        "aws_network_acl" => {
            let rules = |action: &str| {
                let rules = body.get("egress").and_then(Value::as_array);
                let rules = rules.into_iter().flatten().filter(|rule| text(rule, "action") == action);
                rules.map(|rule| text(rule, "cidr_block")).collect::<Vec<_>>()
            };
            lines.extend(rules("allow").first().map(|own| format!("allows {own}")));
            lines.push(format!("denies {} private ranges", rules("deny").len()));
        }
        "aws_security_group" => {
            let open = |kind: &str| {
                let rules = document.of(kind).filter(|(_, rule)| reference(rule, "security_group_id") == Some(address));
                let ports = rules.map(|(_, rule)| rule.get("from_port").map_or("all".to_owned(), Value::to_string));
                let mut ports: Vec<String> = ports.collect();
                ports.sort();
                ports.dedup();
                if ports.is_empty() { "nothing".to_owned() } else { ports.join(", ") }
            };
            let (inward, outward) =
                (open("aws_vpc_security_group_ingress_rule"), open("aws_vpc_security_group_egress_rule"));
            lines.push(address.1.replace('_', " "));
            lines.push(format!("in: {inward}; out: {outward}"));
        }
        "aws_dynamodb_table" => {
            lines.push(joined([
                Some(text(body, "hash_key").to_owned()),
                body.get("range_key").and_then(Value::as_str).map(str::to_owned),
            ]));
            let recovery = body.pointer("/point_in_time_recovery/enabled") == Some(&Value::Bool(true));
            let policy = attached(document, "aws_dynamodb_resource_policy", address).is_some();
            lines.push(joined([policy.then(|| "own policy".to_owned()), recovery.then(|| "PITR".to_owned())]));
        }
        "aws_s3_bucket" => {
            let part = |kind: &str| attached(document, kind, address);
            let versions = part("aws_s3_bucket_versioning").map(|_| "versioned".to_owned());
            let private = part("aws_s3_bucket_public_access_block").map(|_| "not public".to_owned());
            lines.push(joined([versions, private]));
            let policy = part("aws_s3_bucket_policy").map(|_| "own policy".to_owned());
            let days =
                part("aws_s3_bucket_lifecycle_configuration").and_then(expiry).map(|days| format!("{days} days"));
            lines.push(joined([policy, days]));
        }
        "aws_cloudwatch_log_group" => {
            let flow = document.of("aws_flow_log").any(|(_, log)| all_references(log).contains(&address));
            lines.extend(number("/retention_in_days").map(|days| format!("kept {days} days")));
            lines.extend(flow.then(|| "flow log of the VPC".to_owned()));
        }
        "aws_sqs_queue" => {
            let policy = body.get("policy").map(|_| "own policy".to_owned());
            let days = number("/message_retention_seconds").map(|seconds| format!("{} days", seconds / 86_400));
            lines.push(joined([policy, days]));
        }
        "aws_iam_role" => lines.push(text(body, "description").to_owned()),
        "aws_kms_key" => {
            lines.push(text(body, "description").to_owned());
            let rotates = body.get("enable_key_rotation") == Some(&Value::Bool(true));
            let under = encrypted(document).values().filter(|key| **key == address).count();
            let rotates = rotates.then(|| "rotated each year".to_owned());
            lines.push(joined([Some(format!("encrypts {under} resources")), rotates]));
        }
        _ => {}
    }
    lines.retain(|line| !line.is_empty());
    lines.truncate(2);
    lines
}

/// Who may call a function URL.
fn callers(document: &Document<'_>, url: &Value) -> String {
    let function = reference(url, "function_name");
    let permissions = document.of("aws_lambda_permission").filter(|(_, permission)| {
        permission.get("function_url_auth_type").is_some() && reference(permission, "function_name") == function
    });
    let principals = permissions.map(|(_, permission)| match reference(permission, "principal") {
        Some(role) => called(role),
        None => text(permission, "principal").to_owned(),
    });
    let mut principals: Vec<String> = principals.collect();
    principals.sort();
    principals.dedup();
    if principals.is_empty() { "nobody may call it".to_owned() } else { format!("by {} only", principals.join(", ")) }
}

/// The part of a type that refers to a resource.
fn attached<'a>(document: &Document<'a>, kind: &str, owner: Address<'_>) -> Option<&'a Value> {
    document.of(kind).map(|(_, body)| body).find(|body| {
        ["bucket", "resource_arn", "queue_url"].iter().any(|attribute| reference(body, attribute) == Some(owner))
    })
}

/// After how many days a bucket's objects expire.
fn expiry(lifecycle: &Value) -> Option<u64> {
    let rules = lifecycle.get("rule").and_then(Value::as_array).into_iter().flatten();
    rules
        .filter_map(|rule| {
            let expiration = rule.get("expiration")?;
            expiration.get(0).unwrap_or(expiration).get("days")?.as_u64()
        })
        .min()
}

fn joined<const N: usize>(parts: [Option<String>; N]) -> String {
    let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" · ")
}
