//! What Terraform's AWS provider calls for each resource of a tenant's stack, asked of a session of the deployer: its own tenant's is
//! allowed, everybody else's denied. The list stands beside the deployer's policies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use isolation::Ask;
use serde::Deserialize;
use serde_json::Value;

use crate::fleet::{Fleet, PLATFORM};

const TENANTS: [&str; 3] = ["acme-corp", "tech-startup", "retail-co"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    /// The Terraform type, or `state`.
    #[serde(rename = "type")]
    kind: String,
    /// `create`, `read`, `update` or `delete`.
    when: String,
    action: String,
    /// `self`, a field that refers to another resource, `*`, or `STACK:TYPE.ID`, with what follows in the ARN.
    on: String,
    /// Keys of the context; no value means that the key is absent.
    #[serde(default)]
    context: BTreeMap<String, Vec<String>>,
    /// Whether it is asked about no tenant's resource: a list, or a look-up that AWS limits to none.
    #[serde(default)]
    shared: bool,
}

fn calls() -> Vec<Call> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../security/deployer-calls.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("a list of calls")
}

fn filled(text: &str, tenant: &str) -> String {
    text.replace("{tenant_id}", tenant).replace("{suffix}", "dev").replace("{region}", "us-east-1")
}

/// What a field refers to, as `TYPE.ID`.
fn referred(body: &Value, field: &str) -> Vec<String> {
    let found = field.split('.').try_fold(body, |value, name| match value {
        Value::Array(items) => items.first()?.get(name),
        value => value.get(name),
    });
    let all: Vec<&Value> = match found {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let address = |value: &&Value| {
        let inner = value.as_str()?.strip_prefix("${")?;
        Some(inner.split('.').take(2).collect::<Vec<_>>().join("."))
    };
    all.iter().filter_map(address).collect()
}

/// The targets of a call for each resource of its type in a tenant's stack.
fn targets(call: &Call, tenant: &str, document: &Value) -> Vec<String> {
    let stack = format!("tenant-{tenant}-dev");
    let (on, end) = match call.on.split_once([':', '/']) {
        Some((on, _)) if !call.on.starts_with(PLATFORM.trim_end_matches("-dev")) => (on, call.on.get(on.len()..)),
        _ => (call.on.as_str(), None),
    };
    if on == "*" || on.starts_with("platform") {
        return vec![filled(on, tenant)];
    }
    let section = if call.kind.ends_with("_zones") { "data" } else { "resource" };
    let bodies = document[section][&call.kind].as_object().into_iter().flatten();
    let of = |(id, body): (&String, &Value)| match on {
        "self" => vec![format!("{}.{id}", call.kind)],
        field => referred(body, field),
    };
    bodies.flat_map(of).map(|address| format!("{stack}:{address}{}", end.unwrap_or_default())).collect()
}

fn ask(call: &Call, resource: &str, session: &str, named: &str, drop_absent: bool) -> Ask {
    let values = |(key, values): (&String, &Vec<String>)| {
        (key.clone(), values.iter().map(|value| filled(value, named)).collect::<Vec<_>>())
    };
    let mut context: BTreeMap<String, Vec<String>> = call.context.iter().map(values).collect();
    context.retain(|_, values| !(drop_absent && values.is_empty()));
    context.insert("aws:PrincipalTag/TenantId".to_owned(), vec![session.to_owned()]);
    context.insert("aws:SecureTransport".to_owned(), vec!["true".to_owned()]);
    Ask {
        principal: "platform-deployer-role-dev".to_owned(),
        action: call.action.clone(),
        resource: resource.to_owned(),
        context,
    }
}

fn fleet(golden: &Fleet) -> isolation::Fleet {
    let mut fleet = isolation::Fleet::new();
    golden.stacks.iter().for_each(|(name, document)| fleet.add(name, document));
    fleet
}

/// "a test shows for every resource type of the golden tenant stack that the calls are allowed for its own tenant"
#[test]
fn a_session_may_do_all_that_terraform_calls_for_its_own_tenants_stack() {
    let golden = Fleet::golden();
    let mut asks = Vec::new();
    for tenant in TENANTS {
        let document = &golden.stacks[&format!("tenant-{tenant}-dev")];
        for call in &calls() {
            let targets = targets(call, tenant, document);
            asks.extend(targets.iter().map(|target| ask(call, target, tenant, tenant, false)));
        }
    }
    let answers = fleet(&golden).explain_each(&asks);
    let refused = asks.iter().zip(answers).filter_map(|(ask, answer)| {
        let answer = answer.unwrap_or_else(|error| panic!("{ask:?}: {error}"));
        (!answer.decision.allowed).then(|| format!("{} on {}: {}", ask.action, ask.resource, answer.decision.reason))
    });
    let refused: BTreeSet<String> = refused.collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

/// "… and denied for every other"
#[test]
fn a_session_may_do_none_of_it_for_another_tenants_stack() {
    let golden = Fleet::golden();
    let mut asks = Vec::new();
    for (session, other) in TENANTS.iter().flat_map(|a| TENANTS.iter().map(move |b| (*a, *b))) {
        if session == other {
            continue;
        }
        let document = &golden.stacks[&format!("tenant-{other}-dev")];
        for call in calls().iter().filter(|call| !call.shared) {
            let makes = ["ec2:Create", "ec2:Authorize", "kms:CreateKey"];
            let tags_new = call.context.contains_key("ec2:CreateAction");
            let is_new = call.context.contains_key("aws:RequestTag/TenantId")
                && call.action != "ec2:CreateTags"
                && makes.iter().any(|makes| call.action.starts_with(makes));
            for target in targets(call, other, document) {
                asks.push(ask(call, &target, session, other, true));
                // What is new and its own, or named as its own, is its own.
                if !is_new && !tags_new && !target.starts_with("platform") {
                    asks.push(ask(call, &target, session, session, true));
                }
            }
        }
    }
    let answers = fleet(&golden).explain_each(&asks);
    let allowed = asks.iter().zip(answers).filter_map(|(ask, answer)| {
        let answer = answer.unwrap_or_else(|error| panic!("{ask:?}: {error}"));
        answer.decision.allowed.then(|| format!("{} on {} with {:?}", ask.action, ask.resource, ask.context))
    });
    let allowed: BTreeSet<String> = allowed.collect();
    assert!(allowed.is_empty(), "{allowed:#?}");
}

#[test]
fn the_list_has_calls_for_every_type_of_a_tenants_stack_and_for_no_other() {
    let golden = Fleet::golden();
    let document = &golden.stacks["tenant-acme-corp-dev"];
    let mut types: BTreeSet<String> = document["resource"].as_object().expect("resources").keys().cloned().collect();
    let listed: BTreeSet<String> = calls().into_iter().map(|call| call.kind).collect();
    // What Terraform only looks up, and the state of the stack. `aws_caller_identity` needs no permission.
    types.extend(["aws_availability_zones", "state"].map(str::to_owned));
    assert_eq!(listed, types);
    for kind in types.iter().filter(|kind| !["aws_availability_zones", "state"].contains(&kind.as_str())) {
        let when: BTreeSet<String> =
            calls().into_iter().filter(|call| call.kind == *kind).map(|call| call.when).collect();
        assert!(when.contains("create") && when.contains("read"), "{kind}: {when:?}");
    }
}
