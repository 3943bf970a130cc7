//! The tenants file from outside: whatever is in it, there is a fleet or an error with its place; and the schema that editors use agrees.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use naming::fleet::{Fleet, Overrides, SCHEMA};
use proptest::prelude::*;
use serde_json::{Value, json};

fn parse(bytes: &[u8]) -> Result<Fleet, naming::fleet::FleetErrors> {
    Fleet::parse(bytes, "tenants.json", &Overrides::default())
}

fn file(tenants: &[(String, u32)]) -> Value {
    let tenants: Vec<Value> = tenants.iter().map(|(id, index)| json!({ "id": id, "network_index": index })).collect();
    json!({ "environment_suffix": "dev", "network": { "prefix_length": 20 }, "tenants": tenants })
}

fn fleets() -> impl Strategy<Value = Vec<(String, u32)>> {
    let id =
        "[a-z][a-z0-9]{1,5}(-[a-z0-9]{1,5}){0,3}".prop_filter("reserved", |id| id.parse::<naming::TenantId>().is_ok());
    proptest::collection::btree_map(id, 0_u32..4096, 0..20).prop_map(|tenants| {
        let mut indices = std::collections::BTreeSet::new();
        tenants.into_iter().filter(|(_, index)| indices.insert(*index)).collect()
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn a_legal_file_gives_just_its_tenants(tenants in fleets()) {
        let fleet = parse(file(&tenants).to_string().as_bytes()).unwrap();
        let found: Vec<(String, u32)> =
            fleet.tenants.iter().map(|tenant| (tenant.tenant.id.to_string(), tenant.tenant.network_index.get())).collect();
        prop_assert_eq!(found, tenants);
    }

    /// One byte more, less or other: never a panic, and every error points into the file.
    #[test]
    fn a_spoiled_file_is_told_where(tenants in fleets(), at in any::<prop::sample::Index>(), byte in any::<u8>(), how in 0..3) {
        let mut bytes = serde_json::to_vec_pretty(&file(&tenants)).unwrap();
        let at = at.index(bytes.len());
        match how {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            _ => drop(bytes.remove(at)),
        }
        let lines = bytes.split(|byte| *byte == b'\n').count();
        if let Err(errors) = parse(&bytes) {
            for error in errors.iter() {
                prop_assert!(error.location.is_none_or(|place| place.line <= lines), "{}", error);
            }
        }
    }
}

/// What a schema cannot say (that ids, indices and accounts are unique and inside the plan) is left out here.
#[test]
fn the_schema_and_the_parser_agree() {
    let schema = jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
    let with = |tenant: Value| json!({ "environment_suffix": "dev", "tenants": [tenant] });
    let role = "arn:aws:iam::123456789012:role/deployer";
    let cases = [
        json!({ "environment_suffix": "dev", "tenants": [] }),
        json!({ "environment_suffix": "dev-1", "tenants": [] }),
        json!({ "environment_suffix": "", "tenants": [] }),
        json!({ "environment_suffix": 1, "tenants": [] }),
        json!({ "tenants": [] }),
        json!({ "environment_suffix": "dev" }),
        json!({ "environment_suffix": "dev", "tenants": {} }),
        json!({ "environment_suffix": "dev", "tenants": [], "owner": "me" }),
        json!({ "environment_suffix": "dev", "tenants": [], "region": "us-east-1" }),
        json!({ "environment_suffix": "dev", "tenants": [], "region": "mars" }),
        json!({ "environment_suffix": "dev", "tenants": [], "environment": "${x}" }),
        json!({ "environment_suffix": "dev", "tenants": [], "network": { "prefix_length": 25 } }),
        json!({ "environment_suffix": "dev", "tenants": [], "backend": { "type": "local" } }),
        json!({ "environment_suffix": "dev", "tenants": [], "backend": { "type": "local", "bucket": "states" } }),
        json!({ "environment_suffix": "dev", "tenants": [], "backend": { "type": "s3", "bucket": "states" } }),
        json!({ "environment_suffix": "dev", "tenants": [], "backend": { "type": "s3" } }),
        json!({ "environment_suffix": "dev", "tenants": [], "backend": { "type": "s3", "bucket": "Bad_Name" } }),
        json!({ "environment_suffix": "dev", "tenants": [], "quotas": {} }),
        json!({ "environment_suffix": "dev", "tenants": [], "quotas": { "vpcs-per-region": 300, "iam-roles": 0 } }),
        json!({ "environment_suffix": "dev", "tenants": [], "quotas": { "vpcs": 300 } }),
        json!({ "environment_suffix": "dev", "tenants": [], "quotas": { "vpcs-per-region": -1 } }),
        json!({ "environment_suffix": "dev", "tenants": [], "quotas": { "vpcs-per-region": "300" } }),
        json!({ "environment_suffix": "dev", "tenants": [], "quotas": { "vpcs-per-region": 2_000_000_000_000_u64 } }),
        json!({ "environment_suffix": "dev", "tenants": [], "quotas": [] }),
        with(json!({ "id": "acme", "network_index": 0 })),
        with(json!({ "id": "acme", "network_index": 0, "state": "suspended" })),
        with(json!({ "id": "acme", "network_index": 0, "state": "gone" })),
        with(json!({ "id": "Acme", "network_index": 0 })),
        with(json!({ "id": "a--b", "network_index": 0 })),
        with(json!({ "id": "platform", "network_index": 0 })),
        with(json!({ "id": "a", "network_index": 0 })),
        with(json!({ "id": "a".repeat(31), "network_index": 0 })),
        with(json!({ "id": "acme", "network_index": -1 })),
        with(json!({ "id": "acme", "network_index": "0" })),
        with(json!({ "id": "acme", "network_index": 1.5 })),
        with(json!({ "id": "acme" })),
        with(json!({ "id": "acme", "network_index": 0, "account_id": "123456789012" })),
        with(json!({ "id": "acme", "network_index": 0, "account_id": "123456789012", "assume_role_arn": role })),
        with(json!({ "id": "acme", "network_index": 0, "account_id": "123", "assume_role_arn": role })),
        with(json!({ "id": "acme", "network_index": 0, "account_id": "123456789012", "assume_role_arn": "me" })),
    ];
    let properties = serde_json::from_str::<Value>(SCHEMA).unwrap()["properties"]["quotas"]["properties"].clone();
    let declared: Vec<&String> = properties.as_object().unwrap().keys().collect();
    assert_eq!(declared, naming::fleet::QUOTAS, "the schema completes every quota");
    for case in cases {
        let parsed = parse(case.to_string().as_bytes());
        assert_eq!(schema.is_valid(&case), parsed.is_ok(), "{case}: {parsed:?}");
    }
}
