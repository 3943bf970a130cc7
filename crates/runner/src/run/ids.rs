//! By which id a resource is imported: what the provider's documentation says of each type.

/// How the id of a resource is made: the first form that can be filled in counts. `{id}` is what AWS answered when it was created, any
/// other name an argument of the resource; `{account}` and `{region}` are those of the stack.
///
/// Every type of the synthesised stacks is here ([provider documentation], "Import" of each type).
///
/// [provider documentation]: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
const FORMS: &[(&str, &[&str])] = &[
    ("aws_cloudwatch_event_rule", &["{event_bus_name}/{name}", "{name}"]),
    ("aws_cloudwatch_event_target", &["{event_bus_name}/{rule}/{target_id}", "{rule}/{target_id}"]),
    ("aws_cloudwatch_log_group", &["{name}"]),
    ("aws_cloudwatch_log_metric_filter", &["{log_group_name}:{name}"]),
    ("aws_cloudwatch_log_resource_policy", &["{policy_name}"]),
    ("aws_cloudwatch_log_subscription_filter", &["{log_group_name}|{name}"]),
    ("aws_cloudwatch_metric_alarm", &["{alarm_name}"]),
    ("aws_codebuild_project", &["{name}"]),
    (
        "aws_dynamodb_contributor_insights",
        &["name:{table_name}/index:{index_name}/{account}", "name:{table_name}/index:/{account}"],
    ),
    ("aws_dynamodb_resource_policy", &["{resource_arn}"]),
    ("aws_dynamodb_table", &["{name}"]),
    ("aws_flow_log", &["{id}"]),
    ("aws_iam_policy", &["{id}", "arn:aws:iam::{account}:policy/{name}"]),
    ("aws_iam_role", &["{name}"]),
    ("aws_iam_role_policy", &["{role}:{name}"]),
    ("aws_iam_role_policy_attachment", &["{role}/{policy_arn}"]),
    ("aws_kms_alias", &["{name}"]),
    ("aws_kms_key", &["{id}"]),
    ("aws_kms_key_policy", &["{key_id}"]),
    ("aws_lambda_function", &["{function_name}"]),
    ("aws_lambda_function_url", &["{function_name}/{qualifier}", "{function_name}"]),
    ("aws_lambda_permission", &["{function_name}:{qualifier}/{statement_id}", "{function_name}/{statement_id}"]),
    ("aws_network_acl", &["{id}"]),
    ("aws_route_table", &["{id}"]),
    ("aws_route_table_association", &["{subnet_id}/{route_table_id}"]),
    ("aws_s3_bucket", &["{bucket}"]),
    ("aws_s3_bucket_lifecycle_configuration", &["{bucket}"]),
    ("aws_s3_bucket_ownership_controls", &["{bucket}"]),
    ("aws_s3_bucket_policy", &["{bucket}"]),
    ("aws_s3_bucket_public_access_block", &["{bucket}"]),
    ("aws_s3_bucket_server_side_encryption_configuration", &["{bucket}"]),
    ("aws_s3_bucket_versioning", &["{bucket}"]),
    ("aws_security_group", &["{id}"]),
    ("aws_sfn_state_machine", &["{id}", "arn:aws:states:{region}:{account}:stateMachine:{name}"]),
    ("aws_sqs_queue", &["{id}", "https://sqs.{region}.amazonaws.com/{account}/{name}"]),
    ("aws_subnet", &["{id}"]),
    ("aws_vpc", &["{id}"]),
    ("aws_vpc_endpoint", &["{id}"]),
    ("aws_vpc_security_group_egress_rule", &["{id}"]),
    ("aws_vpc_security_group_ingress_rule", &["{id}"]),
];

/// AWS makes these with the VPC. Terraform takes them over when it "creates" them and leaves them when it "deletes" them, so there is
/// nothing to import.
const TAKEN_OVER: &[&str] = &["aws_default_network_acl", "aws_default_route_table", "aws_default_security_group"];

/// The id by which a resource is imported; none where it cannot be known.
pub(super) fn import_id(of: &dyn Fn(&str) -> Option<String>, resource_type: &str) -> Option<String> {
    let forms = FORMS.iter().find(|(known, _)| *known == resource_type).map_or(&["{id}"][..], |(_, forms)| forms);
    forms.iter().find_map(|form| fill(form, of))
}

/// Whether there is anything to import.
pub(super) fn is_imported(resource_type: &str) -> bool {
    !TAKEN_OVER.contains(&resource_type)
}

fn fill(form: &str, of: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = form;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        filled.push_str(before);
        filled.push_str(&of(name).filter(|value| !value.is_empty())?);
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::known::Known;
    use super::super::search::is_searched;
    use super::*;

    /// The synthesised stacks as they are checked in.
    fn golden() -> Vec<Value> {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden");
        let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        let stacks: Vec<Value> = files
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
            .collect();
        assert!(!stacks.is_empty(), "no stacks in {directory}");
        stacks
    }

    #[test]
    fn every_type_of_the_synthesised_stacks_has_an_id_and_no_other() {
        let mut types: Vec<String> = golden()
            .iter()
            .flat_map(|stack| stack["resource"].as_object().unwrap().keys().cloned().collect::<Vec<_>>())
            .collect();
        types.sort();
        types.dedup();
        let mut known: Vec<&str> = FORMS.iter().map(|(name, _)| *name).chain(TAKEN_OVER.iter().copied()).collect();
        known.sort_unstable();
        assert_eq!(types, known);
    }

    /// What a killed Terraform had begun has no id from AWS. All that is not named by AWS alone is found by its arguments.
    #[test]
    fn the_ids_of_what_is_named_by_the_stack_follow_from_the_stack() {
        let state = json!({ "resources": [
            { "mode": "data", "type": "aws_caller_identity", "name": "current",
              "instances": [{ "attributes": { "account_id": "123456789012" } }] },
            { "mode": "managed", "type": "aws_kms_key", "name": "tenant", "instances": [{ "attributes": { "key_id": "k-1" } }] },
        ] });
        let named_by_aws = [
            "aws_flow_log",
            "aws_kms_key",
            "aws_network_acl",
            "aws_route_table",
            "aws_security_group",
            "aws_subnet",
            "aws_vpc",
            "aws_vpc_endpoint",
            "aws_vpc_security_group_egress_rule",
            "aws_vpc_security_group_ingress_rule",
        ];
        assert!(
            named_by_aws.iter().all(|resource_type| is_searched(resource_type)),
            "these are looked for by their tags"
        );
        let refer_to_these = ["aws_route_table_association", "aws_dynamodb_resource_policy", "aws_kms_key_policy"];
        for stack in golden() {
            let known = Known::new(stack.to_string().as_bytes(), b"", state.to_string().as_bytes());
            for (resource_type, resources) in stack["resource"].as_object().unwrap() {
                for name in resources.as_object().unwrap().keys() {
                    let id = import_id(&|argument| known.argument(resource_type, name, argument), resource_type);
                    let by_aws = [&named_by_aws[..], &refer_to_these].concat().contains(&resource_type.as_str());
                    let expected = is_imported(resource_type) && !by_aws;
                    if resource_type != "aws_kms_key_policy" {
                        assert_eq!(id.is_some(), expected, "{resource_type}.{name}: {id:?}");
                    }
                    assert!(id.is_none_or(|id| !id.contains(['{', '}', '$'])), "{resource_type}.{name}");
                }
            }
        }
    }

    #[test]
    fn ids_are_those_of_the_documentation() {
        let document = json!({
            "provider": { "aws": [{ "region": "eu-west-1" }] },
            "resource": {
                "aws_lambda_function": { "api": { "function_name": "tenant-acme-api" } },
                "aws_lambda_permission": { "p": { "function_name": "${aws_lambda_function.api.function_name}", "statement_id": "S" } },
                "aws_sqs_queue": { "q": { "name": "dlq" } },
                "aws_iam_policy": { "b": { "name": "boundary" }, "circle": { "name": "${aws_iam_policy.circle.arn}" } },
                "aws_iam_role": { "r": { "name": "deployer" } },
                "aws_iam_role_policy_attachment": { "a": {
                    "role": "${aws_iam_role.r.name}", "policy_arn": "${aws_iam_policy.b.arn}"
                } },
                "aws_route_table_association": { "a": { "subnet_id": "${aws_subnet.a.id}", "route_table_id": "${aws_route_table.r.id}" } },
                "aws_dynamodb_contributor_insights": { "m": { "table_name": "metadata" } },
                "aws_s3_bucket": { "circle": { "bucket": "${aws_s3_bucket.circle.bucket}" }, "odd": { "bucket": "$${x}" } },
            },
        });
        let state = json!({ "resources": [
            { "mode": "data", "type": "aws_caller_identity", "name": "me", "instances": [{ "attributes": { "account_id": "123" } }] },
            { "mode": "managed", "type": "aws_subnet", "name": "a", "instances": [{ "attributes": { "id": "subnet-1" } }] },
            { "mode": "managed", "type": "aws_route_table", "name": "r", "instances": [{ "attributes": { "id": "rtb-1" } }] },
        ] });
        let known = Known::new(document.to_string().as_bytes(), b"", state.to_string().as_bytes());
        let id = |resource_type: &str, name: &str| {
            import_id(&|argument| known.argument(resource_type, name, argument), resource_type)
        };
        for (resource_type, name, expected) in [
            ("aws_lambda_permission", "p", Some("tenant-acme-api/S")),
            ("aws_sqs_queue", "q", Some("https://sqs.eu-west-1.amazonaws.com/123/dlq")),
            ("aws_iam_policy", "b", Some("arn:aws:iam::123:policy/boundary")),
            ("aws_iam_policy", "circle", None),
            ("aws_iam_role_policy_attachment", "a", Some("deployer/arn:aws:iam::123:policy/boundary")),
            ("aws_route_table_association", "a", Some("subnet-1/rtb-1")),
            ("aws_dynamodb_contributor_insights", "m", Some("name:metadata/index:/123")),
            ("aws_s3_bucket", "circle", None),
            ("aws_s3_bucket", "odd", None),
            ("aws_s3_bucket", "absent", None),
        ] {
            assert_eq!(id(resource_type, name).as_deref(), expected, "{resource_type}.{name}");
        }
        let answered = |argument: &str| (argument == "id").then(|| "x-1".to_owned());
        assert_eq!(import_id(&answered, "aws_of_another_kind").as_deref(), Some("x-1"));
        assert_eq!(import_id(&answered, "aws_vpc").as_deref(), Some("x-1"));
    }
}
