//! Small stacks.

use std::collections::BTreeMap;

use capacity::{AccountLedger, Fleet, Key, Limit, Limits, Origin, Part, Question, Row, Usage};
use serde_json::{Value, json};

/// How much a tenant has of what fleets run out of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) vpcs: u64,
    pub(crate) reserved: u64,
    pub(crate) roles: u64,
    pub(crate) tables: u64,
}

pub(crate) const SHAPE: Shape = Shape { vpcs: 1, reserved: 12, roles: 5, tables: 1 };

fn some(count: u64, body: impl Fn(u64) -> Value) -> Value {
    (0..count).map(|n| (format!("r{n}"), body(n))).collect::<serde_json::Map<_, _>>().into()
}

/// A tenant's stack, in an account of its own if one is named.
pub(crate) fn tenant(shape: Shape, account: Option<&str>) -> Value {
    let mut provider = json!({ "region": "us-east-1" });
    if let Some(account) = account {
        provider["assume_role"] = json!([{ "role_arn": format!("arn:aws:iam::{account}:role/deployer") }]);
    }
    json!({
        "provider": { "aws": [provider] },
        "resource": {
            "aws_vpc": some(shape.vpcs, |n| json!({ "cidr_block": format!("10.{n}.0.0/16") })),
            "aws_lambda_function": { "api": { "function_name": "api", "reserved_concurrent_executions": shape.reserved } },
            "aws_iam_role": some(shape.roles, |n| json!({ "name": format!("role-{n}"), "assume_role_policy": "{}" })),
            "aws_dynamodb_table": some(shape.tables, |n| json!({ "name": format!("table-{n}") })),
        },
    })
}

/// What a stack with these resources uses.
pub(crate) fn usage(resources: Value) -> Usage {
    let mut fleet = Fleet::new(BTreeMap::from([("api.zip".to_owned(), 3 << 20)]));
    let provider = json!({ "aws": [{ "region": "us-east-1" }] });
    fleet.add("stack", Part::Tenant, &json!({ "provider": provider, "resource": resources }));
    fleet.usage("stack").unwrap().clone()
}

/// A fleet of equal tenants in the shared account.
pub(crate) fn fleet(shape: Shape, tenants: u64) -> Fleet {
    let mut fleet = Fleet::new(BTreeMap::new());
    fleet.set_standard(&tenant(shape, None));
    for number in 0..tenants {
        fleet.add(&format!("tenant-{number}"), Part::Tenant, &tenant(shape, None));
    }
    fleet
}

pub(crate) fn limits(set: &[(Key, u64)]) -> Question {
    let mut limits = Limits::default();
    for (key, value) in set {
        limits.set(*key, Limit { value: *value, origin: Origin::TenantsFile });
    }
    Question { limits: BTreeMap::from([(None, limits)]), ..Question::default() }
}

pub(crate) fn row(account: &AccountLedger, key: Key) -> &Row {
    account.rows.iter().find(|row| row.key == key).unwrap_or_else(|| panic!("{} has no row", key.as_str()))
}
