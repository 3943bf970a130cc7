//! The tenant's table and bucket, as Terraform will get them.

use construct::test_util::tenant;
use construct::{Construct, Stack};
use serde_json::{Value, json};
use storage::TenantStorage;

fn resources() -> Value {
    let mut stack = Stack::new(tenant("acme"));
    let storage = TenantStorage {
        key: stack.stand_in("key"),
        key_ready: stack.stand_in_address("key_policy"),
        s3_endpoint: stack.stand_in("s3"),
        dynamodb_endpoint: stack.stand_in("dynamodb"),
    };
    storage.declare(&mut stack);
    stack.resources()
}

/// "partition key `tenant_id`, sort key `resource_type`", "On-demand billing; Contributor Insights on"
#[test]
fn the_table_has_its_keys_and_is_billed_on_demand() {
    let resources = resources();
    let table = &resources["aws_dynamodb_table"]["metadata"];
    assert_eq!(
        [&table["hash_key"], &table["range_key"], &table["billing_mode"]],
        ["tenant_id", "resource_type", "PAY_PER_REQUEST"]
    );
    assert_eq!(
        resources["aws_dynamodb_contributor_insights"]["metadata"]["table_name"],
        "${aws_dynamodb_table.metadata.name}"
    );
}

/// Records of events must not pile up; nothing else has the attribute.
#[test]
fn items_of_the_table_can_expire() {
    let ttl = &resources()["aws_dynamodb_table"]["metadata"]["ttl"];
    assert_eq!(ttl, &json!({ "attribute_name": "expires_at", "enabled": true }));
}

/// "encrypted with the tenant's CMK"
#[test]
fn table_and_bucket_wait_for_the_policy_of_the_key_that_encrypts_them() {
    let resources = resources();
    let table = &resources["aws_dynamodb_table"]["metadata"];
    let encryption = &resources["aws_s3_bucket_server_side_encryption_configuration"]["data"];
    assert_eq!(table["server_side_encryption"], json!({ "enabled": true, "kms_key_arn": "${stand_in.key.it}" }));
    assert_eq!(
        encryption["rule"]["apply_server_side_encryption_by_default"]["kms_master_key_id"],
        "${stand_in.key.it}"
    );
    for resource in [table, encryption] {
        assert_eq!(resource["depends_on"], json!(["stand_in.key_policy"]));
    }
}

/// "90-day lifecycle expiration", and on a versioned bucket expiry alone deletes nothing.
#[test]
fn objects_expire_with_their_old_versions_markers_and_unfinished_uploads() {
    let resources = resources();
    let rules = &resources["aws_s3_bucket_lifecycle_configuration"]["data"]["rule"];
    assert_eq!(rules[0]["expiration"]["days"], 90);
    assert_eq!(rules[0]["transition"], json!({ "days": 0, "storage_class": "INTELLIGENT_TIERING" }));
    assert_eq!(rules[0]["noncurrent_version_expiration"]["noncurrent_days"], 7);
    assert_eq!(rules[0]["abort_incomplete_multipart_upload"]["days_after_initiation"], 7);
    assert_eq!(rules[1]["expiration"], json!({ "expired_object_delete_marker": true }));
    assert_eq!(resources["aws_s3_bucket_versioning"]["data"]["versioning_configuration"]["status"], "Enabled");
}

/// "Everything can be destroyed"
#[test]
fn nothing_stands_in_the_way_of_a_destroy() {
    let resources = resources();
    assert_eq!(resources["aws_s3_bucket"]["data"]["force_destroy"], true);
    assert_eq!(resources["aws_dynamodb_table"]["metadata"]["deletion_protection_enabled"], false);
}
