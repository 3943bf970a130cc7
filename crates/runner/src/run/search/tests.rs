use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::question::{Question, document};
use super::*;

const TAGS: [(&str, &str); 3] = [("Environment", "dev"), ("Name", "tenant-acme-x-dev"), ("TenantId", "acme")];

fn it(resource_type: &str) -> Doubtful {
    Doubtful { address: format!("{resource_type}.a"), resource_type: resource_type.to_owned(), id: None }
}

fn known(resource_type: &str, body: &Value) -> Known {
    let document = json!({ "resource": { resource_type: { "a": body } } });
    let state = json!({ "resources": [
        { "mode": "managed", "type": "aws_vpc", "name": "v", "instances": [{ "attributes": { "id": "vpc-1" } }] },
        { "mode": "managed", "type": "aws_security_group", "name": "g", "instances": [{ "attributes": { "id": "sg-1" } }] },
        { "mode": "managed", "type": resource_type, "name": "other", "instances": [{ "attributes": { "id": "x-managed" } }] },
    ] });
    Known::new(document.to_string().as_bytes(), b"", state.to_string().as_bytes())
}

fn asked(resource_type: &str, body: &Value) -> Result<(Question, Known), Found> {
    let known = known(resource_type, body);
    Question::about(&known, &it(resource_type), Some("a"), 0).map(|question| (question, known))
}

fn found(question: &Question, known: &Known, answer: &Value) -> Found {
    question.judge(Some(&OutputValue { sensitive: false, value: Some(answer.clone()) }), known)
}

/// All that AWS has tags for from the first moment.
#[test]
fn a_question_asks_for_all_tags_and_for_what_it_is_in() {
    let tags: BTreeMap<&str, &str> = BTreeMap::from(TAGS);
    for (resource_type, body, source, filters) in [
        ("aws_vpc", json!({ "tags": tags }), "aws_vpcs", json!([])),
        (
            "aws_subnet",
            json!({ "tags": tags, "vpc_id": "${aws_vpc.v.id}" }),
            "aws_subnets",
            json!([["vpc-id", "vpc-1"]]),
        ),
        // Its VPC may be lost too.
        ("aws_route_table", json!({ "tags": tags, "vpc_id": "${aws_vpc.lost.id}" }), "aws_route_tables", json!([])),
        (
            "aws_vpc_endpoint",
            json!({ "tags": tags, "vpc_id": "${aws_vpc.v.id}", "service_name": "com.amazonaws.eu-west-1.s3" }),
            "aws_vpc_endpoint",
            json!([["vpc-id", "vpc-1"], ["service-name", "com.amazonaws.eu-west-1.s3"]]),
        ),
    ] {
        let (question, _) = asked(resource_type, &body).unwrap();
        let (data, outputs) = document([question].iter());
        let asked: Vec<Value> = data[source]["q0"]["filter"].as_array().unwrap().clone();
        let pairs: Vec<_> = asked.iter().map(|it| json!([it["name"], it["values"][0]])).collect();
        let mut expected: Vec<Value> = filters.as_array().unwrap().clone();
        expected.extend(TAGS.map(|(key, value)| json!([format!("tag:{key}"), value])));
        if resource_type == "aws_vpc_endpoint" {
            expected.push(json!(["vpc-endpoint-state", "pendingAcceptance"]));
        }
        assert_eq!(pairs, expected, "{resource_type}");
        assert!(outputs["q0"]["value"].as_str().unwrap().contains(&format!("data.{source}.q0.")), "{outputs}");
    }
}

#[test]
fn a_value_means_itself_to_terraform_and_to_ec2() {
    let body = json!({ "tags": { "Name": "a*b?c\\d", "Odd%{x": "y%{z" } });
    let (data, _) = document([asked("aws_vpc", &body).unwrap().0].iter());
    let filters = json!([
        { "name": "tag:Name", "values": ["a\\*b\\?c\\\\d"] },
        { "name": "tag:Odd%%{x", "values": ["y%%{z"] },
    ]);
    assert_eq!(data["aws_vpcs"]["q0"]["filter"], filters);
    let (data, _) = document([asked("aws_kms_key", &body).unwrap().0].iter());
    let filters = json!([{ "key": "Name", "values": ["a*b?c\\d"] }, { "key": "Odd%%{x", "values": ["y%%{z"] }]);
    let tagged = &data["aws_resourcegroupstaggingapi_resources"]["q0"];
    assert_eq!((&tagged["tag_filter"], &tagged["resource_type_filters"]), (&filters, &json!(["kms:key"])));
}

#[test]
fn the_provider_of_the_resource_is_asked() {
    let body = json!({ "tags": BTreeMap::from(TAGS), "provider": "aws.home" });
    let (data, _) = document([asked("aws_kms_key", &body).unwrap().0].iter());
    for source in ["aws_resourcegroupstaggingapi_resources", "aws_kms_key"] {
        assert_eq!(data[source]["q0"]["provider"], "aws.home", "{source}");
    }
}

#[test]
fn what_would_find_others_too_is_not_asked() {
    let told = |found: Found| match found {
        Found::Unknown(why) | Found::NotYet(why) => why,
        other => panic!("{other:?}"),
    };
    let why = |resource_type: &str, body: Value| told(asked(resource_type, &body).unwrap_err());
    let unnamed = json!({ "tags": { "TenantId": "acme" } });
    assert!(why("aws_vpc", unnamed.clone()).contains("`Name`"));
    assert!(why("aws_vpc", json!({})).contains("`Name`"));
    assert!(why("aws_kms_key", unnamed.clone()).contains("`Name`"), "another environment has one with these tags");
    assert!(why("aws_vpc", json!({ "tags": { "Name": "${var.x}" } })).contains("not known"));
    let rule = asked("aws_vpc_security_group_egress_rule", &unnamed).unwrap_err();
    assert!(matches!(rule, Found::NotYet(_)), "its group may be found: {rule:?}");
    assert!(why("terraform_data", json!({})).contains("no search"));
    let known = known("aws_vpc", &json!({ "tags": BTreeMap::from(TAGS) }));
    assert!(told(Question::about(&known, &it("aws_vpc"), None, 0).unwrap_err()).contains("module"));
}

#[test]
fn one_that_no_state_has_is_the_one() {
    let (question, known) = asked("aws_vpc", &json!({ "tags": BTreeMap::from(TAGS) })).unwrap();
    let ids = |ids: &[&str]| json!(ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>());
    let found = |all: &[&str]| found(&question, &known, &ids(all));
    assert_eq!(found(&[]), Found::Nothing);
    assert_eq!(found(&["x-managed"]), Found::Nothing, "it is in the state");
    assert_eq!(found(&["x-2"]), Found::One("x-2".into()));
    assert_eq!(found(&["x-2", "x-managed"]), Found::One("x-2".into()));
    assert_eq!(found(&["x-3", "x-2"]), Found::Several(vec!["x-2".into(), "x-3".into()]));
    assert!(matches!(question.judge(None, &known), Found::Unknown(_)));
}

#[test]
fn ids_are_the_ends_of_arns_and_keys_that_are_to_be_deleted_are_none() {
    let named = json!({ "tags": BTreeMap::from(TAGS) });
    let (question, known) = asked("aws_flow_log", &named).unwrap();
    let answer = json!([{ "id": "arn:aws:ec2:eu-west-1:123456789012:vpc-flow-log/fl-1" }]);
    assert_eq!(found(&question, &known, &answer), Found::One("fl-1".into()));
    let (question, known) = asked("aws_kms_key", &named).unwrap();
    let key = |id: &str, state: &str| json!({ "id": id, "key_state": state });
    let answer = json!([key("k-1", "PendingDeletion"), key("k-2", "Enabled"), key("k-3", "PendingReplicaDeletion")]);
    assert_eq!(found(&question, &known, &answer), Found::One("k-2".into()));
}

#[test]
fn a_rule_is_told_from_others_of_its_group_by_what_it_lets_through() {
    let body = json!({
        "tags": { "TenantId": "acme" }, "security_group_id": "${aws_security_group.g.id}", "description": "To S3",
        "from_port": 443, "to_port": 443, "ip_protocol": "tcp", "prefix_list_id": "${aws_vpc_endpoint.s3.prefix_list_id}",
    });
    let (question, known) = asked("aws_vpc_security_group_egress_rule", &body).unwrap();
    let rule = json!({
        "id": "sgr-1", "is_egress": true, "tags": { "TenantId": "acme", "More": "x" }, "description": "To S3", "from_port": 443,
        "to_port": 443, "ip_protocol": "tcp", "prefix_list_id": "pl-1", "cidr_ipv4": null, "referenced_security_group_id": null,
    });
    let with = |name: &str, value: Value| {
        let mut other = rule.clone();
        other[name] = value;
        other
    };
    let others = [
        ("is_egress", json!(false)),
        ("tags", json!({})),
        ("tags", json!({ "TenantId": "acme-corp" })),
        ("description", json!("To DynamoDB")),
        ("from_port", json!(80)),
        ("ip_protocol", json!("udp")),
        // AWS's own, which lets everything out.
        ("tags", Value::Null),
    ];
    let mut all: Vec<Value> = others.into_iter().map(|(name, value)| with(name, value)).collect();
    all.iter_mut().enumerate().for_each(|(at, it)| it["id"] = json!(format!("sgr-other-{at}")));
    assert_eq!(found(&question, &known, &json!(all)), Found::Nothing);
    all.push(rule);
    assert_eq!(found(&question, &known, &json!(all)), Found::One("sgr-1".into()));
    let (data, _) = document([question].iter());
    let filter = json!([{ "name": "group-id", "values": ["sg-1"] }]);
    assert_eq!(data["aws_vpc_security_group_rules"]["q0"]["filter"], filter);
}

#[test]
fn an_error_is_an_answer_where_the_provider_says_so() {
    let endpoint = json!({ "tags": BTreeMap::from(TAGS), "vpc_id": "vpc-1", "service_name": "s3" });
    let (question, _) = asked("aws_vpc_endpoint", &endpoint).unwrap();
    let told = |text: &str| question.told_by(text);
    assert_eq!(told("no matching EC2 VPC Endpoint found"), Some(Found::Nothing));
    let several =
        "multiple EC2 VPC Endpoints matched; use additional constraints to reduce matches to a single EC2 VPC Endpoint";
    assert_eq!(told(several), Some(Found::Several(Vec::new())));
    assert_eq!(told("reading EC2 VPC Endpoint: UnauthorizedOperation"), None);
    assert!(question.is_of("data.aws_vpc_endpoint.q0") && question.is_of("data.aws_kms_key.q0[\"a.b\"]"));
    assert!(!question.is_of("data.aws_vpc_endpoint.q01") && !question.is_of("aws_vpc_endpoint.q0"));
    let (question, _) = asked("aws_vpc", &json!({ "tags": BTreeMap::from(TAGS) })).unwrap();
    assert_eq!(question.told_by("no matching EC2 VPC found"), None, "a list is empty and no error");
}

#[test]
fn one_thing_is_not_two_resources() {
    let (a, b, c) = (it("aws_vpc"), it("aws_vpc"), it("aws_vpc"));
    let one = |id: &str| Found::One(id.to_owned());
    let found = BTreeMap::from([(0, one("vpc-1")), (1, one("vpc-1")), (2, one("vpc-2"))]);
    let told = told_apart(&[&a, &b, &c], &found);
    assert!(matches!(&told[0], Found::Unknown(why) if why.contains("vpc-1")), "{told:?}");
    assert!(matches!(&told[1], Found::Unknown(why) if why.contains("vpc-1")), "{told:?}");
    assert_eq!(told[2], one("vpc-2"));
}

/// With what the stacks declare as they are synthesised.
#[test]
fn every_resource_of_the_stacks_that_aws_names_can_be_looked_for() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden");
    let mut asked = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let stack: Value = serde_json::from_slice(&bytes).unwrap();
        let group = |name: &str| json!({ "mode": "managed", "type": "aws_security_group", "name": name, "instances": [{ "attributes": { "id": "sg-1" } }] });
        let state = json!({ "resources": [group("functions"), group("endpoints")] });
        let known = Known::new(&bytes, b"", state.to_string().as_bytes());
        for (resource_type, resources) in stack["resource"].as_object().unwrap() {
            for name in resources.as_object().unwrap().keys().filter(|_| is_searched(resource_type)) {
                let question = Question::about(&known, &it(resource_type), Some(name), 0);
                assert!(question.is_ok(), "{resource_type}.{name}: {question:?}");
                asked += 1;
            }
        }
    }
    assert!(asked > 40, "{asked} resources");
}
