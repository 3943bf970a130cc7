//! A3, A4, B2.1: data at rest.

use crate::support::policy::of_kind;
use crate::support::stacks::{list, one, refers, stacks, tenants};

/// A3.1 "partition key `tenant_id`, sort key `resource_type`", A3.2 "On-demand billing; Contributor Insights on"
#[test]
fn the_table_is_keyed_by_tenant_and_type_and_billed_on_demand() {
    for (tenant, stack) in tenants() {
        let (id, table) = stack.only("aws_dynamodb_table");
        let found = [&table["hash_key"], &table["range_key"], &table["billing_mode"]];
        assert_eq!(found, ["tenant_id", "resource_type", "PAY_PER_REQUEST"], "{tenant}");
        let insights = stack.of("aws_dynamodb_contributor_insights", "table_name", ("aws_dynamodb_table", id));
        assert!(insights.is_some(), "{tenant}");
    }
}

/// A3.3 "S3 bucket with Intelligent-Tiering", A3.4 "Versioning on every bucket", A3.5 "90-day lifecycle expiration"
#[test]
fn buckets_are_versioned_and_tenant_data_is_tiered_and_expires_after_90_days() {
    for stack in stacks() {
        for (id, _) in stack.all("aws_s3_bucket") {
            let versioning = stack.of("aws_s3_bucket_versioning", "bucket", ("aws_s3_bucket", id)).unwrap().1;
            assert_eq!(one(&versioning["versioning_configuration"])["status"], "Enabled", "{}: {id}", stack.name);
        }
    }
    for (tenant, stack) in tenants() {
        let rules = list(&stack.only("aws_s3_bucket_lifecycle_configuration").1["rule"]);
        assert!(rules.iter().all(|rule| rule["status"] == "Enabled" && !rule["filter"].is_null()), "{tenant}");
        let days: Vec<i64> = rules.iter().filter_map(|rule| one(&rule["expiration"])["days"].as_i64()).collect();
        assert_eq!(days, [90], "{tenant}");
        assert!(
            rules.iter().any(|rule| one(&rule["transition"])["storage_class"] == "INTELLIGENT_TIERING"),
            "{tenant}"
        );
        for (block, field) in [
            ("noncurrent_version_expiration", "noncurrent_days"),
            ("abort_incomplete_multipart_upload", "days_after_initiation"),
            ("expiration", "expired_object_delete_marker"),
        ] {
            assert!(rules.iter().any(|rule| !one(&rule[block])[field].is_null()), "{tenant}: {block}");
        }
    }
}

/// A4.1 "A customer managed KMS key (CMK) per tenant", B1.4 "KMS deletion window 7 days"
#[test]
fn each_stack_has_one_key_of_its_own_that_is_rotated_and_gone_after_7_days() {
    for stack in stacks() {
        let (id, key) = stack.only("aws_kms_key");
        assert_eq!(key["deletion_window_in_days"], 7, "{}", stack.name);
        assert_eq!(key["enable_key_rotation"], true, "{}", stack.name);
        assert!(stack.of("aws_kms_key_policy", "key_id", ("aws_kms_key", id)).is_some(), "{}", stack.name);
    }
}

/// A4.2 "S3 encrypted with the tenant's CMK", A4.3 "DynamoDB encrypted at rest", B2.1 "Every resource that can use KMS uses the tenant's CMK"
#[test]
fn everything_that_can_be_encrypted_is_under_the_stacks_own_key() {
    for stack in stacks() {
        for (kind, id, body) in stack.resources() {
            let key = match kind {
                "aws_dynamodb_table" => &one(&body["server_side_encryption"])["kms_key_arn"],
                "aws_s3_bucket" => {
                    let (_, encryption) =
                        stack.of("aws_s3_bucket_server_side_encryption_configuration", "bucket", (kind, id)).unwrap();
                    let rule = one(&encryption["rule"]);
                    assert_eq!(rule["bucket_key_enabled"], true, "{}: {id}", stack.name);
                    &one(&rule["apply_server_side_encryption_by_default"])["kms_master_key_id"]
                }
                "aws_lambda_function" => &body["kms_key_arn"],
                "aws_cloudwatch_log_group" => &body["kms_key_id"],
                "aws_sqs_queue" => &body["kms_master_key_id"],
                _ => continue,
            };
            assert!(stack.is_own_key(key), "{}: {kind}.{id} is encrypted with {key}", stack.name);
        }
    }
}

/// A4.4 "Key policies that give tenant-scoped access and prevent use of the key by other tenants"
#[test]
fn the_key_policy_names_the_tenants_roles_and_denies_everyone_elses() {
    for (tenant, stack) in tenants() {
        let statements = of_kind(stack, "aws_kms_key_policy", "policy");
        for statement in statements.iter().filter(|statement| statement.allow) {
            assert!(!statement.principals.contains(&"AWS:*".to_owned()), "{}", statement.at);
            let administers = statement.principals.iter().any(|who| who.ends_with(":root"));
            for action in ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:ReEncryptFrom"]
            {
                if statement.covers(action) && administers {
                    assert!(
                        statement.condition("StringEquals", "kms:ViaService").is_some(),
                        "{}: {action}",
                        statement.at
                    );
                }
            }
            let roles = statement.principals.iter().filter(|who| who.contains("aws_iam_role"));
            for role in roles {
                let own = ["api", "relay"].iter().any(|id| refers(&role["AWS:".len()..].into(), "aws_iam_role", id));
                assert!(
                    own && statement.requires("StringEquals", "aws:PrincipalTag/TenantId", tenant),
                    "{}",
                    statement.at
                );
            }
        }
        let denials = statements.iter().filter(|statement| !statement.allow && statement.covers("kms:Decrypt"));
        let keys: Vec<&str> =
            denials.flat_map(|statement| statement.conditions.keys().map(|(_, key)| key.as_str())).collect();
        for key in ["aws:PrincipalTag/TenantId", "aws:PrincipalArn"] {
            assert!(keys.contains(&key), "{tenant}: nothing denies by {key}");
        }
    }
}

/// Bucket, table and queue say no to other tenants, whatever the asker's own policies allow.
#[test]
fn data_denies_other_tenants_by_tag_by_name_and_from_outside_the_vpc() {
    for (tenant, stack) in tenants() {
        for (kind, service, outside) in [
            ("aws_s3_bucket_policy", "s3:GetObject", true),
            ("aws_dynamodb_resource_policy", "dynamodb:GetItem", true),
            ("aws_sqs_queue", "sqs:ReceiveMessage", false),
        ] {
            let statements = of_kind(stack, kind, "policy");
            let denies = |operator: &str, key: &str| {
                statements.iter().any(|statement| {
                    let everyone = !statement.allow && statement.principals == ["AWS:*"] && statement.covers(service);
                    everyone && statement.condition(operator, key).is_some()
                })
            };
            assert!(denies("StringNotEquals", "aws:PrincipalTag/TenantId"), "{tenant}: {kind} by tag");
            assert!(denies("ArnNotEquals", "aws:PrincipalArn"), "{tenant}: {kind} by name");
            assert_eq!(denies("StringNotEquals", "aws:SourceVpce"), outside, "{tenant}: {kind} from outside");
            for statement in statements.iter().filter(|statement| !statement.allow) {
                let by_tag = statement.condition("StringNotEquals", "aws:PrincipalTag/TenantId").is_some();
                assert!(
                    !by_tag || statement.requires("Null", "aws:PrincipalTag/TenantId", "false"),
                    "{} hits AWS services",
                    statement.at
                );
            }
        }
        let table: Vec<String> =
            of_kind(stack, "aws_dynamodb_resource_policy", "policy").into_iter().flat_map(|s| s.resources).collect();
        assert!(
            table.iter().any(|resource| resource.ends_with("/index/*")),
            "{tenant}: a table's policy does not cover its indexes"
        );
    }
}
