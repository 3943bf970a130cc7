//! What AWS alone names and a killed Terraform had begun to create is found by its tags.

use std::fs;

use jiff::Timestamp;
use runner::{Class, Event, Intent, Operation, Outcome, Status};
use serde_json::{Value, json};

use crate::support::{Fleet, THROTTLE};

const STACK: &str = "s000";
const DENIED: &str = "reading EC2 VPCs: operation error EC2: DescribeVpcs, https response error StatusCode: 403, RequestID: r, api error UnauthorizedOperation: You are not authorized to perform this operation.";

fn tags(name: &str) -> Value {
    json!({"TenantId": "acme", "Environment": "dev", "Name": name})
}

/// A stack with a resource of each kind that is searched for in another way, and its Terraform killed when AWS has these and the state
/// lacks them.
fn killed_while_creating(addresses: &[&str]) -> Fleet {
    let fleet = Fleet::new(1);
    declare(&fleet, true);
    // `after` comes once for each: the last one is killed, and the state was not written before.
    let last = addresses.last().unwrap();
    let kill = json!({"at": "after", "resource": last, "times": 1, "kill": 9});
    fleet.script(STACK, json!({"save_at_end": true, "faults": [kill]}));
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Failed]);
    // As a log that was cut off leaves it: of none of them is it known that it is done.
    change_record(&fleet, |record| {
        for it in record["doubtful"].as_array_mut().unwrap() {
            if addresses.contains(&it["address"].as_str().unwrap()) {
                it["id"] = Value::Null;
            }
        }
        // It was killed a while ago.
        record["ended"] = json!("2026-01-01T00:00:00Z");
    });
    fleet.script(STACK, json!({}));
    fleet
}

fn declare(fleet: &Fleet, whole: bool) {
    let resources = json!({
        "aws_kms_key": {"k": {"tags": tags("key")}},
        "aws_subnet": {
            "a": {"tags": tags("subnet-a"), "vpc_id": "${aws_vpc.v.id}"},
            "b": {"tags": tags("subnet-b"), "vpc_id": "${aws_vpc.v.id}"},
        },
        "aws_security_group": {"g": {"tags": tags("group"), "vpc_id": "${aws_vpc.v.id}"}},
        "aws_vpc": {"v": {"tags": tags("vpc")}},
        "aws_vpc_security_group_egress_rule": {"r": {"tags": {"TenantId": "acme"}, "security_group_id": "${aws_security_group.g.id}", "from_port": 443}},
        "aws_vpc_endpoint": {"s3": {"tags": tags("s3"), "vpc_id": "${aws_vpc.v.id}", "service_name": "com.amazonaws.eu-central-1.s3"}},
    });
    let document = json!({
        "terraform": {"backend": {"local": {"path": format!("../../../terraform.{STACK}.tfstate")}}},
        "provider": {"aws": [{"region": "eu-central-1"}]},
        "resource": if whole { resources } else { json!({}) },
    });
    fleet.write(STACK, "cdk.tf.json", &document);
}

fn change_record(fleet: &Fleet, change: impl FnOnce(&mut Value)) {
    let path = fleet.settings.home.join(format!("stacks/{STACK}/record.json"));
    let mut record: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut record);
    fs::write(path, record.to_string()).unwrap();
}

fn answers(fleet: &Fleet, answers: &Value) {
    fs::write(fleet.dir.path().join("answers.json"), answers.to_string()).unwrap();
}

/// The ids as the fake makes them.
fn id(address: &str) -> String {
    format!("id-{address}")
}

fn run(fleet: &Fleet, operation: Operation) -> (Outcome, Vec<String>) {
    let (mut outcomes, log) = fleet.run(operation);
    let notes = log.of(STACK).into_iter().filter_map(|event| match event {
        Event::Note(text) => Some(text),
        _ => None,
    });
    (outcomes.remove(0), notes.collect())
}

fn searches(fleet: &Fleet) -> Vec<Value> {
    let text = fs::read_to_string(fleet.dir.path().join("searches.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn imported(fleet: &Fleet) -> Vec<(String, String)> {
    let calls = fleet.calls_of(STACK, "import").into_iter();
    calls
        .map(|call| (call.arguments[call.arguments.len() - 2].clone(), call.arguments.last().unwrap().clone()))
        .collect()
}

fn assert_nothing_is_left_of_the_search(fleet: &Fleet) {
    assert!(!fleet.settings.home.join(format!("stacks/{STACK}/search")).exists());
}

#[test]
fn what_is_found_by_its_tags_is_taken_over_in_the_order_of_what_it_is_in() {
    let rule = "aws_vpc_security_group_egress_rule.r";
    let begun = [
        "aws_kms_key.k",
        "aws_subnet.a",
        "aws_subnet.b",
        "aws_security_group.g",
        "aws_vpc.v",
        "aws_vpc_endpoint.s3",
        rule,
    ];
    let fleet = killed_while_creating(&begun);
    // Overrides say how AWS is reached; what else they say is of the stack.
    let endpoints = json!({"endpoints": {"ec2": "http://127.0.0.1:1"}});
    fleet.write(
        STACK,
        "my_override.tf.json",
        &json!({"provider": {"aws": [endpoints]}, "terraform": {"backend": {"local": {"path": "x"}}}}),
    );
    let named = |address: &str, name: &str| json!({"id": id(address), "Name": name});
    answers(
        &fleet,
        &json!({
            "aws_vpcs": [named("aws_vpc.v", "vpc")],
            "aws_subnets": [named("aws_subnet.a", "subnet-a"), named("aws_subnet.b", "subnet-b")],
            "aws_security_groups": [named("aws_security_group.g", "group")],
            "aws_vpc_endpoint": [{"id": id("aws_vpc_endpoint.s3")}],
            "aws_vpc_security_group_rule": [
                {"id": "sgr-all", "is_egress": true, "tags": {}},
                {"id": id(rule), "is_egress": true, "tags": {"TenantId": "acme"}, "from_port": 443},
            ],
            "aws_kms_key": [{"id": "k-gone", "key_state": "PendingDeletion"}, {"id": id("aws_kms_key.k"), "key_state": "Enabled"}],
        }),
    );
    let (outcome, notes) = run(&fleet, Operation::Deploy);
    assert_eq!(outcome.status, Status::Deployed, "{:?} {notes:?}", outcome.failure);
    assert_eq!(outcome.changes.add, 0, "{notes:?}");
    let mut taken = imported(&fleet);
    taken.sort();
    let mut expected = begun.map(|address| (address.to_owned(), id(address)));
    expected.sort();
    assert_eq!(taken, expected);
    assert_eq!(fleet.cloud(STACK).len(), 7, "nothing twice");
    let rounds: Vec<usize> = searches(&fleet).iter().map(|asked| asked["output"].as_object().unwrap().len()).collect();
    assert_eq!(rounds, [6, 1], "one search for all but the rule, whose group had to be found");
    assert_eq!(taken.len(), 7);
    // A group that was killed before its first rule was taken away is made again.
    let tainted: Vec<_> =
        fleet.calls_of(STACK, "taint").iter().map(|call| call.arguments.last().unwrap().clone()).collect();
    assert_eq!(tainted, ["aws_security_group.g"]);
    assert!(notes.iter().any(|note| note.starts_with("took over aws_vpc.v (id-aws_vpc.v)")), "{notes:?}");
    let asked = &searches(&fleet)[0];
    assert_eq!(asked["provider"]["aws"][0]["region"], "eu-central-1");
    assert!(asked.get("resource").is_none() && asked["terraform"].get("backend").is_none(), "{asked}");
    assert_nothing_is_left_of_the_search(&fleet);
    assert!(!fleet.settings.home.join(format!("stacks/{STACK}/begun.json")).exists(), "of no use any more");
    assert_eq!(fleet.statuses(Operation::Deploy), [Status::Unchanged]);
}

#[test]
fn several_are_told_and_none_is_touched() {
    let fleet = killed_while_creating(&["aws_vpc.v"]);
    answers(&fleet, &json!({"aws_vpcs": [{"id": "vpc-1"}, {"id": "vpc-2"}]}));
    let (_, notes) = run(&fleet, Operation::Destroy);
    let told = notes.iter().find(|note| note.contains("several")).unwrap_or_else(|| panic!("{notes:?}"));
    assert!(told.contains("(vpc-1, vpc-2)") && told.contains("not used by subnets"), "{told}");
    assert!(told.contains("import 'aws_vpc.v' ID"), "{told}");
    assert!(!imported(&fleet).iter().any(|(address, _)| address == "aws_vpc.v"));
    assert!(fleet.cloud(STACK).contains(&"aws_vpc.v".to_owned()), "nothing is destroyed");
    let record = fleet.record(STACK).unwrap();
    assert_eq!(
        record.doubtful.iter().map(|it| it.address.as_str()).collect::<Vec<_>>(),
        ["aws_vpc.v"],
        "it is not forgotten"
    );
}

#[test]
fn what_is_not_found_is_created_and_looked_for_again_when_aws_has_it_after_all() {
    let fleet = killed_while_creating(&["aws_vpc.v"]);
    // The request never reached AWS.
    fs::remove_file(fleet.directory(STACK).join("cloud/aws_vpc.v")).unwrap();
    let (outcome, notes) = run(&fleet, Operation::Deploy);
    assert_eq!(outcome.status, Status::Deployed, "{:?} {notes:?}", outcome.failure);
    assert_eq!(imported(&fleet).iter().filter(|(address, _)| address == "aws_vpc.v").count(), 0);
    assert_eq!(fleet.cloud(STACK).len(), 7);

    // An endpoint that is there twice is refused by AWS.
    let fleet = killed_while_creating(&["aws_vpc_endpoint.s3"]);
    let path = fleet.dir.path().join("answers.json");
    let (outcome, notes) = std::thread::scope(|scope| {
        let run = scope.spawn(|| run(&fleet, Operation::Deploy));
        fleet.wait_until("the first search", |fleet| !searches(fleet).is_empty());
        fs::write(&path, json!({"aws_vpc_endpoint": [{"id": id("aws_vpc_endpoint.s3")}]}).to_string()).unwrap();
        run.join().unwrap()
    });
    assert!(outcome.status.is_good(), "{:?} {notes:?}", outcome.failure);
    assert!(notes.iter().any(|note| note.contains("is there after all")), "{notes:?}");
    assert_eq!(fleet.cloud(STACK).len(), 7);
}

/// "EC2 … eventual consistency": what was created a moment ago is not shown at once.
#[test]
fn what_was_killed_just_now_is_looked_for_until_aws_must_show_it() {
    let fleet = killed_while_creating(&["aws_vpc.v"]);
    change_record(&fleet, |record| record["ended"] = json!(Timestamp::now().to_string()));
    let path = fleet.dir.path().join("answers.json");
    let (outcome, notes) = std::thread::scope(|scope| {
        let run = scope.spawn(|| run(&fleet, Operation::Deploy));
        fleet.wait_until("the first search", |fleet| !searches(fleet).is_empty());
        fs::write(&path, json!({"aws_vpcs": [{"id": id("aws_vpc.v")}]}).to_string()).unwrap();
        run.join().unwrap()
    });
    assert!(outcome.status.is_good(), "{:?} {notes:?}", outcome.failure);
    assert_eq!(outcome.attempts, 1, "a wait is no attempt");
    assert!(imported(&fleet).contains(&("aws_vpc.v".to_owned(), id("aws_vpc.v"))), "{notes:?}");
}

#[test]
fn a_search_that_is_denied_is_told_and_the_others_are_not_concerned() {
    let fleet = killed_while_creating(&["aws_subnet.a", "aws_vpc.v", "aws_vpc_endpoint.s3"]);
    let endpoint = id("aws_vpc_endpoint.s3");
    answers(
        &fleet,
        &json!({"aws_vpcs": DENIED, "aws_subnets": [{"id": id("aws_subnet.a"), "Name": "subnet-a"}], "aws_vpc_endpoint": [{"id": endpoint}]}),
    );
    let (_, notes) = run(&fleet, Operation::Destroy);
    let told = notes.iter().find(|note| note.contains("aws_vpc.v")).unwrap_or_else(|| panic!("{notes:?}"));
    assert!(told.contains("AWS alone knows its id") && told.contains("UnauthorizedOperation"), "{told}");
    let taken = imported(&fleet);
    for address in ["aws_subnet.a", "aws_vpc_endpoint.s3"] {
        assert!(taken.contains(&(address.to_owned(), id(address))), "{taken:?}");
    }
    assert_eq!(searches(&fleet).len(), 2, "the second leaves out what the first could not read");
    assert_eq!(fleet.cloud(STACK), ["aws_vpc.v"], "all that is known of is gone");
    assert_nothing_is_left_of_the_search(&fleet);
}

#[test]
fn a_search_that_passes_by_is_tried_again_and_nothing_is_created_meanwhile() {
    let fleet = killed_while_creating(&["aws_vpc.v"]);
    answers(&fleet, &json!({"aws_vpcs": THROTTLE}));
    let applied = fleet.calls_of(STACK, "apply").len();
    let (outcome, _) = run(&fleet, Operation::Deploy);
    let failure = outcome.failure.unwrap();
    assert_eq!((outcome.status, failure.class, failure.address), (Status::Failed, Class::Throttled, None));
    assert_eq!((outcome.attempts, searches(&fleet).len()), (2, 2));
    assert_eq!(fleet.calls_of(STACK, "apply").len(), applied, "a second VPC is worse than none");
    answers(&fleet, &json!({"aws_vpcs": [{"id": id("aws_vpc.v")}]}));
    let (outcome, notes) = run(&fleet, Operation::Deploy);
    assert!(outcome.status.is_good(), "{:?} {notes:?}", outcome.failure);
    assert_eq!(fleet.cloud(STACK).len(), 7);
}

/// "Things found that belong to a removed resource": a removed tenant's stack declares nothing.
#[test]
fn what_a_stack_does_not_declare_any_more_is_found_and_destroyed() {
    for intent in [Intent::Stand, Intent::Go] {
        let mut fleet = killed_while_creating(&["aws_subnet.a", "aws_vpc.v"]);
        answers(
            &fleet,
            &json!({"aws_vpcs": [{"id": id("aws_vpc.v"), "Name": "vpc"}], "aws_subnets": [{"id": id("aws_subnet.a"), "Name": "subnet-a"}]}),
        );
        declare(&fleet, false);
        fleet.stacks[0].intent = intent;
        let (outcome, notes) = run(&fleet, if intent == Intent::Go { Operation::Deploy } else { Operation::Destroy });
        assert_eq!(outcome.status, Status::Destroyed, "{:?} {notes:?}", outcome.failure);
        assert!(fleet.cloud(STACK).is_empty(), "{:?} {notes:?}", fleet.cloud(STACK));
        assert_eq!(fleet.record(STACK).unwrap().doubtful, []);
    }
}
