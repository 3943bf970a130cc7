//! A fleet of documents that can be changed: whatever a change names must be there, and must be another afterwards.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use isolation::Verdict;
use serde_json::{Map, Value, json};

pub(crate) const ACME: &str = "tenant-acme-corp-dev";
pub(crate) const TECH: &str = "tenant-tech-startup-dev";
pub(crate) const RETAIL: &str = "tenant-retail-co-dev";
pub(crate) const PLATFORM: &str = "platform-dev";

/// The account of all stacks, as the documents write it.
pub(crate) const ACCOUNT: &str = "${data.aws_caller_identity.current.account_id}";

/// An account of nobody in the fleet.
pub(crate) const STRANGER: &str = "444455556666";

/// An ARN in the region and account of the fleet.
pub(crate) fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:us-east-1:{ACCOUNT}:{resource}")
}

/// An ARN of IAM in the account of the fleet.
pub(crate) fn iam(resource: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{resource}")
}

/// The documents of a fleet by the name of the stack.
#[derive(Clone, PartialEq)]
pub(crate) struct Fleet {
    pub(crate) stacks: BTreeMap<String, Value>,
}

impl Fleet {
    /// The example fleet as it was agreed on.
    pub(crate) fn golden() -> Self {
        static READ: OnceLock<BTreeMap<String, Value>> = OnceLock::new();
        let read = |name: &str| (name.to_owned(), serde_json::from_str(&text(name)).expect("a golden stack is JSON"));
        Self { stacks: READ.get_or_init(|| [ACME, TECH, RETAIL, PLATFORM].map(read).into()).clone() }
    }

    /// The platform and these tenants, each in its own block of addresses.
    pub(crate) fn of(ids: &[&str]) -> Self {
        let mut fleet = Self { stacks: BTreeMap::new() };
        let platform = Self::golden().stacks.remove(PLATFORM).expect("the golden fleet has a platform");
        fleet.stacks.insert(PLATFORM.to_owned(), platform);
        for (index, id) in ids.iter().enumerate() {
            fleet.stacks.insert(format!("tenant-{id}-dev"), tenant(id, index));
        }
        fleet
    }

    /// Calls a tenant otherwise; its addresses stay.
    pub(crate) fn rename(&mut self, id: &str, other: &str) {
        let document = self.stacks.remove(&format!("tenant-{id}-dev")).expect("the tenant to rename is there");
        let renamed = document.to_string().replace(id, other);
        let document = serde_json::from_str(&renamed).expect("a renamed document is JSON");
        self.stacks.insert(format!("tenant-{other}-dev"), document);
    }

    /// A whole document.
    pub(crate) fn document(&mut self, stack: &str) -> &mut Value {
        self.stacks.get_mut(stack).unwrap_or_else(|| panic!("no stack `{stack}`"))
    }

    /// A resource, by its address.
    pub(crate) fn at<'f>(&'f mut self, stack: &str, address: &str) -> Resource<'f> {
        let pointer = format!("/resource/{}", address.replace('.', "/"));
        let body = self.document(stack).pointer_mut(&pointer);
        let body = body.unwrap_or_else(|| panic!("no `{address}` in {stack}"));
        Resource { body, address: address.to_owned() }
    }

    /// Adds a resource.
    pub(crate) fn add(&mut self, stack: &str, address: &str, body: Value) {
        self.add_to(stack, "resource", address, body);
    }

    /// Adds a data source.
    pub(crate) fn look_up(&mut self, stack: &str, address: &str, body: Value) {
        self.add_to(stack, "data", address, body);
    }

    fn add_to(&mut self, stack: &str, section: &str, address: &str, body: Value) {
        let (kind, id) = address.split_once('.').expect("an address is TYPE.ID");
        let document = self.document(stack).as_object_mut().expect("a document is an object");
        let section = document.entry(section).or_insert_with(|| json!({})).as_object_mut().expect("so is a section");
        let ids = section.entry(kind).or_insert_with(|| json!({})).as_object_mut().expect("so are the ids of a type");
        assert!(ids.insert(id.to_owned(), body).is_none(), "`{address}` is there already");
    }

    /// Removes a resource.
    pub(crate) fn remove(&mut self, stack: &str, address: &str) {
        let (kind, id) = address.split_once('.').expect("an address is TYPE.ID");
        let ids = self.document(stack).pointer_mut(&format!("/resource/{kind}")).and_then(Value::as_object_mut);
        let removed = ids.and_then(|ids| ids.remove(id));
        assert!(removed.is_some(), "no `{address}` in {stack}");
    }

    /// What the proof says.
    pub(crate) fn verdict(&self) -> Verdict {
        judge(self.stacks.iter())
    }
}

/// What the proof says of stacks in this order.
pub(crate) fn judge<'f>(stacks: impl Iterator<Item = (&'f String, &'f Value)>) -> Verdict {
    let mut fleet = isolation::Fleet::new();
    fleet.expect(calls());
    for (name, document) in stacks {
        fleet.add(name, document);
    }
    fleet.verdict()
}

/// What the code of the functions calls, as the lists beside it say.
fn calls() -> Vec<isolation::Call> {
    let of = |path: &str, function: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut calls: Vec<isolation::Call> = serde_json::from_str(&text).expect("a list of calls");
        calls
            .iter_mut()
            .filter(|call| call.function.is_empty())
            .for_each(|call| function.clone_into(&mut call.function));
        calls
    };
    let mut calls = of("../compute/calls.json", "");
    calls.extend(of("../tenant-api/calls.json", "aws_lambda_function.api"));
    calls.extend(of("../log-relay/calls.json", "aws_lambda_function.relay"));
    calls
}

fn text(stack: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/golden/{stack}.tf.json"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A tenant's stack: that of `acme-corp` with another name and another block of addresses.
pub(crate) fn tenant(id: &str, index: usize) -> Value {
    let mut renamed = text(ACME).replace("acme-corp", id);
    for part in ["0.0/16", "0.0/20", "16.0/20"] {
        for quote in ["\"", "\\\""] {
            let with = |index: usize| format!("{quote}10.{index}.{part}{quote}");
            renamed = renamed.replace(&with(0), &with(index));
        }
    }
    serde_json::from_str(&renamed).expect("a renamed document is JSON")
}

/// A resource of a fleet.
pub(crate) struct Resource<'f> {
    body: &'f mut Value,
    address: String,
}

impl Resource<'_> {
    /// Gives a field another value.
    pub(crate) fn set(&mut self, field: &str, value: Value) {
        let fields = self.body.as_object_mut().expect("a resource is an object");
        let before = fields.insert(field.to_owned(), value);
        assert_ne!(before.as_ref(), fields.get(field), "{}.{field} is so already", self.address);
    }

    /// Changes a value below the resource.
    pub(crate) fn change(&mut self, pointer: &str, value: Value) {
        let found = self.body.pointer_mut(pointer);
        let found = found.unwrap_or_else(|| panic!("{} has no `{pointer}`", self.address));
        assert_ne!(*found, value, "{}{pointer} is so already", self.address);
        *found = value;
    }

    /// Takes a field away.
    pub(crate) fn unset(&mut self, field: &str) {
        let removed = self.body.as_object_mut().and_then(|fields| fields.remove(field));
        assert!(removed.is_some(), "{} has no `{field}`", self.address);
    }

    /// A list below the resource.
    pub(crate) fn list(&mut self, field: &str) -> &mut Vec<Value> {
        let found = self.body.get_mut(field).and_then(Value::as_array_mut);
        found.unwrap_or_else(|| panic!("{} has no list `{field}`", self.address))
    }

    /// The field that holds the resource's policy.
    pub(crate) fn policy_field(&self) -> &'static str {
        match self.address.split('.').next() {
            Some("aws_iam_role") => "assume_role_policy",
            Some("aws_cloudwatch_log_resource_policy") => "policy_document",
            _ => "policy",
        }
    }

    /// Changes the resource's policy.
    pub(crate) fn policy(&mut self, change: impl FnOnce(&mut Map<String, Value>)) {
        let field = self.policy_field();
        let text = self.body.get(field).and_then(Value::as_str);
        let text = text.unwrap_or_else(|| panic!("{} has no `{field}`", self.address));
        let mut policy: Map<String, Value> = serde_json::from_str(text).expect("a policy is a JSON object");
        let before = policy.clone();
        change(&mut policy);
        assert_ne!(before, policy, "the policy of {} stays as it is", self.address);
        self.set(field, Value::String(Value::Object(policy).to_string()));
    }

    /// Changes the list of statements.
    pub(crate) fn statements(&mut self, change: impl FnOnce(&mut Vec<Value>)) {
        self.policy(|policy| {
            change(policy.get_mut("Statement").and_then(Value::as_array_mut).expect("statements are a list"));
        });
    }

    /// Changes a statement.
    pub(crate) fn statement(&mut self, sid: &str, change: impl FnOnce(&mut Value)) {
        let address = self.address.clone();
        self.statements(|statements| {
            let found = statements.iter_mut().find(|statement| statement["Sid"] == sid);
            change(found.unwrap_or_else(|| panic!("{address} has no statement `{sid}`")));
        });
    }

    /// Gives an element of a statement another value.
    pub(crate) fn element(&mut self, sid: &str, element: &str, value: Value) {
        self.statement(sid, |statement| {
            assert_ne!(statement[element], value, "`{sid}` has this `{element}` already");
            statement[element] = value;
        });
    }

    /// Gives an element another name, as `Action` is turned into `NotAction`.
    pub(crate) fn turn(&mut self, sid: &str, element: &str, other: &str) {
        self.statement(sid, |statement| {
            let fields = statement.as_object_mut().expect("a statement is an object");
            let value = fields.remove(element).unwrap_or_else(|| panic!("`{sid}` has no `{element}`"));
            assert!(fields.insert(other.to_owned(), value).is_none(), "`{sid}` has `{other}` already");
        });
    }

    /// Adds a statement.
    pub(crate) fn also(&mut self, statement: Value) {
        self.statements(|statements| statements.push(statement));
    }

    /// Removes a statement.
    pub(crate) fn without(&mut self, sid: &str) {
        let address = self.address.clone();
        self.statements(|statements| {
            let before = statements.len();
            statements.retain(|statement| statement["Sid"] != sid);
            assert_eq!(statements.len() + 1, before, "{address} has no statement `{sid}`");
        });
    }

    /// Drops a condition.
    pub(crate) fn unconditioned(&mut self, sid: &str, operator: &str, key: &str) {
        self.statement(sid, |statement| {
            let conditions = statement["Condition"].as_object_mut().expect("the statement has conditions");
            let keys = conditions.get_mut(operator).and_then(Value::as_object_mut);
            let removed = keys.and_then(|keys| keys.remove(key));
            assert!(removed.is_some(), "`{sid}` has no condition {operator} of {key}");
            conditions.retain(|_, keys| keys.as_object().is_some_and(|keys| !keys.is_empty()));
            if conditions.is_empty() {
                statement.as_object_mut().expect("a statement is an object").remove("Condition");
            }
        });
    }

    /// Uses another condition operator.
    pub(crate) fn operator(&mut self, sid: &str, operator: &str, other: &str) {
        self.statement(sid, |statement| {
            let conditions = statement["Condition"].as_object_mut().expect("the statement has conditions");
            let keys = conditions.remove(operator).unwrap_or_else(|| panic!("`{sid}` has no {operator}"));
            assert!(conditions.insert(other.to_owned(), keys).is_none(), "`{sid}` has {other} already");
        });
    }

    /// Compares a condition key with another value.
    pub(crate) fn value(&mut self, sid: &str, operator: &str, key: &str, value: Value) {
        self.statement(sid, |statement| {
            let found = &mut statement["Condition"][operator][key];
            assert!(!found.is_null() && *found != value, "`{sid}` does not compare {operator} {key} with another");
            *found = value;
        });
    }
}
