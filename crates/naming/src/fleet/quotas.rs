//! What AWS allows an account, where that is not its default.

use std::collections::BTreeMap;

use super::json::{Json, Node};
use super::problem::Problem;
use super::reader::{Fields, Reader, nearest};
use crate::name::shown;

/// The quotas that a tenants file can declare. What each of them limits, the crate `capacity` knows; a test holds the two together.
pub const QUOTAS: &[&str] = &[
    "alarms",
    "aliases-per-key",
    "cidr-blocks-per-vpc",
    "codebuild-linux-small-builds",
    "dynamodb-control-plane-operations",
    "dynamodb-tables",
    "event-pattern-characters",
    "event-rules-per-bus",
    "gateway-endpoints-per-region",
    "iam-policies",
    "iam-roles",
    "interface-endpoints-per-vpc",
    "kms-keys",
    "lambda-code-storage",
    "lambda-concurrency",
    "lambda-interfaces-per-vpc",
    "log-groups",
    "network-acls-per-vpc",
    "network-interfaces-per-region",
    "policies-per-role",
    "route-tables-per-vpc",
    "routes-per-route-table",
    "rules-per-network-acl",
    "rules-per-security-group",
    "s3-buckets",
    "security-groups-per-interface",
    "security-groups-per-region",
    "state-machines",
    "subnets-per-vpc",
    "trust-policy-characters",
    "vpcs-per-region",
];

/// The most that is believed of any quota.
const MOST: u64 = 1_000_000_000_000;

pub(super) fn read(reader: &mut Reader<'_>, node: Option<&Node<'_>>) -> Option<BTreeMap<&'static str, u64>> {
    let Some(node) = node else { return Some(BTreeMap::new()) };
    let Json::Object(members) = &node.value else {
        reader.wrong_type(node, "quotas", "an object");
        return None;
    };
    let mut quotas = BTreeMap::new();
    let mut seen = Fields::new();
    for member in members {
        let name: &str = &member.name;
        if let Some(first) = seen.insert(name, member) {
            let first = reader.location(first.at);
            reader.error(member.at, "quotas", Problem::DuplicateField { name: shown(name), first });
            continue;
        }
        let Some(known) = QUOTAS.iter().find(|known| **known == name) else {
            let problem = Problem::UnknownQuota { name: shown(name), nearest: nearest(name, QUOTAS) };
            reader.error(member.at, "quotas", problem);
            continue;
        };
        if let Some(value) = reader.number(&member.node, &format!("quotas.{known}"), MOST, (0, MOST)) {
            quotas.insert(*known, value);
        }
    }
    Some(quotas)
}

#[cfg(test)]
mod tests {
    use crate::fleet::{Fleet, Overrides};

    fn parse(quotas: &str) -> Result<Vec<(&'static str, u64)>, String> {
        let file = format!(r#"{{ "environment_suffix": "dev", "quotas": {quotas}, "tenants": [] }}"#);
        let fleet = Fleet::parse(file.as_bytes(), "t", &Overrides::default());
        fleet.map(|fleet| fleet.quotas.into_iter().collect()).map_err(|errors| errors.to_string())
    }

    #[test]
    fn declared_quotas_are_numbers_by_known_names() {
        assert_eq!(
            parse(r#"{ "vpcs-per-region": 300, "lambda-concurrency": 5000 }"#).unwrap(),
            [("lambda-concurrency", 5_000), ("vpcs-per-region", 300)]
        );
        assert_eq!(parse("{}").unwrap(), []);
    }

    #[test]
    fn every_wrong_quota_is_told_with_what_would_do() {
        assert_eq!(
            parse(r#"{ "vpc-per-region": 300, "iam-roles": "5000", "alarms": -1, "alarms": 2, "wombats": 1 }"#)
                .unwrap_err(),
            "t:1:44: quotas: unknown quota `vpc-per-region`; `app capacity --format json` names them all\n  \
               help: did you mean `vpcs-per-region`?\n\
             t:1:80: quotas.iam-roles: found the text `5000` where a whole number should be\n  \
               help: write 5000 without quotes\n\
             t:1:98: quotas.alarms: `-1` is no whole number from 0 to 1000000000000\n\
             t:1:102: quotas: the field `alarms` stands here a second time; the first is at line 1, column 88\n  \
               help: remove one of the two\n\
             t:1:115: quotas: unknown quota `wombats`; `app capacity --format json` names them all"
        );
        assert_eq!(parse("[]").unwrap_err(), "t:1:42: quotas: found a list where an object should be");
    }
}
