//! Every kind of use is counted from the document, at the resource that holds it.

use capacity::Key;
use serde_json::{Value, json};

use super::fixture::usage;

#[test]
fn what_adds_up_is_counted_by_type() {
    let cases: Vec<(Key, Value, u64)> = vec![
        (Key::VpcsPerRegion, json!({ "aws_vpc": { "a": {}, "b": { "count": 3 } } }), 4),
        (
            Key::GatewayEndpointsPerRegion,
            json!({ "aws_vpc_endpoint": { "a": { "vpc_endpoint_type": "Gateway" }, "b": {}, "c": { "vpc_endpoint_type": "Interface" } } }),
            2,
        ),
        (
            Key::SecurityGroupsPerRegion,
            json!({ "aws_vpc": { "a": {} }, "aws_security_group": { "a": {}, "b": {} } }),
            3,
        ),
        (
            Key::LambdaConcurrency,
            json!({ "aws_lambda_function": {
                "a": { "reserved_concurrent_executions": 10 }, "b": { "reserved_concurrent_executions": -1 }, "c": {} } }),
            10,
        ),
        (
            Key::LambdaCodeStorage,
            json!({ "aws_lambda_function": { "a": { "filename": "api.zip" }, "b": { "filename": "none.zip" } } }),
            3 << 20,
        ),
        (Key::IamRoles, json!({ "aws_iam_role": { "a": {} } }), 1),
        (Key::KmsKeys, json!({ "aws_kms_key": { "a": {}, "b": {} } }), 2),
        (
            Key::Alarms,
            json!({ "aws_cloudwatch_metric_alarm": { "a": {} }, "aws_cloudwatch_composite_alarm": { "b": {} } }),
            2,
        ),
        (
            Key::CodeBuildLinuxSmall,
            json!({ "aws_codebuild_project": {
                "a": { "concurrent_build_limit": 4, "environment": { "type": "LINUX_CONTAINER", "compute_type": "BUILD_GENERAL1_SMALL" } },
                "b": { "environment": { "type": "LINUX_CONTAINER", "compute_type": "BUILD_GENERAL1_LARGE" } } } }),
            4,
        ),
    ];
    for (key, resources, wanted) in cases {
        assert_eq!(usage(resources.clone()).shared(key), wanted, "{}: {resources}", key.as_str());
    }
}

#[test]
fn of_what_a_resource_holds_the_fullest_one_counts() {
    let to = |group: &str| json!({ "security_group_id": format!("${{aws_security_group.{group}.id}}") });
    let used = usage(json!({
        "aws_security_group": {
            "a": { "ingress": [{ "cidr_blocks": ["10.0.0.0/8", "172.16.0.0/12"], "security_groups": ["sg-1"] }] },
            "b": {},
        },
        "aws_vpc_security_group_egress_rule": { "x": to("b"), "y": to("b"), "z": to("a"), "w": to("b"), "v": to("b") },
    }));
    let fullest = used.own(Key::RulesPerSecurityGroup).unwrap();
    assert_eq!((fullest.used, fullest.resource.as_str()), (4, "aws_security_group.b"), "each direction by itself");
}

#[test]
fn rules_of_a_network_acl_are_counted_for_each_direction() {
    let rule = json!({ "rule_no": 1 });
    let used = usage(json!({
        "aws_network_acl": { "a": { "ingress": [rule, rule], "egress": rule } },
        "aws_network_acl_rule": {
            "x": { "network_acl_id": "${aws_network_acl.a.id}", "egress": true },
            "y": { "network_acl_id": "${aws_network_acl.a.id}", "egress": true } },
    }));
    assert_eq!(used.own(Key::RulesPerNetworkAcl).unwrap().used, 3);
}

#[test]
fn a_vpc_comes_with_a_route_table_an_acl_and_a_block_and_gateways_are_routes() {
    let vpc = "${aws_vpc.v.id}";
    let used = usage(json!({
        "aws_vpc": { "v": {} },
        "aws_subnet": { "a": { "vpc_id": vpc }, "b": { "vpc_id": vpc } },
        "aws_network_acl": { "n": { "vpc_id": vpc } },
        "aws_route_table": { "t": { "vpc_id": vpc } },
        "aws_vpc_endpoint": { "s3": { "vpc_id": vpc, "route_table_ids": ["${aws_route_table.t.id}"] } },
    }));
    let own = |key| used.own(key).unwrap().used;
    assert_eq!(
        [Key::SubnetsPerVpc, Key::NetworkAclsPerVpc, Key::RouteTablesPerVpc, Key::CidrBlocksPerVpc].map(own),
        [2, 2, 2, 1]
    );
    assert_eq!(own(Key::RoutesPerRouteTable), 2, "to the VPC and to S3");
}

/// Lambda makes one interface for each pair of a subnet and a set of security groups.
#[test]
fn functions_of_the_same_subnets_and_groups_share_interfaces() {
    let config = |groups: &[&str]| json!({ "subnet_ids": ["${aws_subnet.a.id}", "${aws_subnet.b.id}"], "security_group_ids": groups });
    let resources = |second: &[&str]| {
        json!({
            "aws_vpc": { "v": {} },
            "aws_subnet": { "a": { "vpc_id": "${aws_vpc.v.id}" }, "b": { "vpc_id": "${aws_vpc.v.id}" } },
            "aws_lambda_function": { "x": { "vpc_config": config(&["g", "h"]) }, "y": { "vpc_config": config(second) } },
            "aws_vpc_endpoint": { "logs": { "vpc_endpoint_type": "Interface", "vpc_id": "${aws_vpc.v.id}", "subnet_ids": ["s", "t", "u"] } },
        })
    };
    let shared = usage(resources(&["h", "g"]));
    assert_eq!(shared.shared(Key::NetworkInterfacesPerRegion), 3 + 2, "the order of groups does not matter");
    let apart = usage(resources(&["g"]));
    assert_eq!(apart.shared(Key::NetworkInterfacesPerRegion), 3 + 4);
    let fullest = apart.own(Key::LambdaInterfacesPerVpc).unwrap();
    assert_eq!((fullest.used, fullest.resource.as_str()), (4, "aws_vpc.v"));
    assert_eq!(apart.own(Key::SecurityGroupsPerInterface).unwrap().used, 2);
}

#[test]
fn policies_are_as_long_as_what_aws_gets() {
    let policy = r#"{ "Resource": "${aws_sqs_queue.q.arn}" }"#;
    let used = usage(json!({
        "aws_sqs_queue": { "q": { "name": "q" } },
        "aws_iam_role": { "r": { "assume_role_policy": policy, "inline_policy": [{ "policy": policy }] } },
        "aws_iam_role_policy": { "p": { "role": "${aws_iam_role.r.id}", "policy": policy } },
        "aws_iam_role_policy_attachment": { "a": { "role": "${aws_iam_role.r.name}" }, "b": { "role": "${aws_iam_role.r.name}" } },
        "aws_kms_key_policy": { "k": { "policy": policy } },
    }));
    let arn = "arn:aws:sqs:us-east-1:123456789012:q".len() as u64;
    let own = |key| used.own(key).unwrap().used;
    assert_eq!(own(Key::TrustPolicy), arn + r#"{ "Resource": "" }"#.len() as u64);
    assert_eq!(
        own(Key::InlinePolicies),
        2 * (arn + r#"{"Resource":""}"#.len() as u64),
        "of a role together, without white space"
    );
    assert_eq!(own(Key::KeyPolicy), own(Key::TrustPolicy));
    assert_eq!(own(Key::PoliciesPerRole), 2);
}

#[test]
fn rules_are_counted_for_each_bus_and_those_with_wildcards_apart() {
    let used = usage(json!({ "aws_cloudwatch_event_rule": {
        "a": { "event_pattern": r#"{"detail":{"name":[{"wildcard":"tenant-*"}]}}"# },
        "b": { "event_pattern": r#"{"source":["x"]}"#, "event_bus_name": "default" },
        "c": { "event_bus_name": "${aws_cloudwatch_event_bus.own.name}" },
    } }));
    assert_eq!(used.shared(Key::EventRulesPerBus), 3);
    assert_eq!(used.shared(Key::WildcardRulesPerBus), 1);
}

#[test]
fn what_is_decided_later_is_said() {
    let mut fleet = capacity::Fleet::new(std::collections::BTreeMap::new());
    let document = json!({ "module": {}, "resource": { "aws_vpc": { "v": { "for_each": "${var.all}" } } } });
    fleet.add("stack", capacity::Part::Tenant, &document);
    let uncounted = fleet.uncounted();
    assert_eq!(uncounted.len(), 2, "{uncounted:?}");
    assert!(uncounted.iter().any(|what| what.starts_with("stack: aws_vpc.v: ")), "{uncounted:?}");
}
