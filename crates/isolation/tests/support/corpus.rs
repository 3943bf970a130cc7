//! The documentation's cases (`aws/cases/*.json`). A file is a list of groups:
//!
//! - `name`: the section of AWS's documentation; `doc`: its page, in the IAM user guide unless it is a whole address;
//! - `identity` (a list), `boundary`, `session`, `resource`, `endpoint`: policies. A policy is a document, or its statement or list of
//!   statements where the Version is 2012-10-17;
//! - `kind` (`plain`, `key`, `role`), `resource_account`, `request` (`principal`, `action`, `resource`, `context`);
//! - `cases`: each says `when`, what it changes of the above (of `request` a part alone, too), and whether it is `allowed`.
//!
//! What is not said is as in [`base`].

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::{Ask, Kind, Situation, Who};

/// One case.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// File, section and circumstances.
    pub(crate) name: String,
    /// The page of AWS's documentation that says so.
    pub(crate) doc: String,
    pub(crate) situation: Situation,
    pub(crate) ask: Ask,
    pub(crate) allowed: bool,
}

/// Where the IAM user guide stands.
const GUIDE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/";

const PARTS: [&str; 8] =
    ["identity", "boundary", "session", "resource", "endpoint", "kind", "resource_account", "request"];

/// A session of a role that reads an object in its own account.
fn base() -> Value {
    json!({
        "identity": [],
        "kind": "plain",
        "resource_account": "111122223333",
        "request": {
            "principal": { "role": "arn:aws:iam::111122223333:role/app", "session": "s1" },
            "action": "s3:GetObject",
            "resource": "arn:aws:s3:::amzn-s3-demo-bucket/a.txt",
            "context": {},
        },
    })
}

/// Every case of every file of the folder.
pub(crate) fn cases(folder: &Path) -> Vec<Case> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files.iter().flat_map(|file| read(file)).collect()
}

fn read(file: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let groups: Vec<Value> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let stem = file.file_stem().expect("a name").to_string_lossy().into_owned();
    groups.iter().flat_map(|group| group_cases(&stem, group)).collect()
}

fn group_cases(stem: &str, group: &Value) -> Vec<Case> {
    let section = group["name"].as_str().unwrap_or_else(|| panic!("{stem}: a group has no name"));
    let doc = group["doc"].as_str().unwrap_or_else(|| panic!("{stem}: {section} cites no page"));
    let mut shared = base();
    change(&mut shared, group, &["name", "doc", "cases"]);
    let cases = group["cases"].as_array().unwrap_or_else(|| panic!("{stem}: {section} has no cases"));
    let case = |case: &Value| {
        let mut facts = shared.clone();
        change(&mut facts, case, &["when", "doc", "allowed"]);
        let when =
            case["when"].as_str().unwrap_or_else(|| panic!("{stem}: {section} has a case without circumstances"));
        let allowed = case["allowed"].as_bool().unwrap_or_else(|| panic!("{stem}: {section}, {when}: allowed or not?"));
        let name = format!("{stem}: {section}, {when}");
        Case {
            doc: page(case["doc"].as_str().unwrap_or(doc)),
            situation: situation(&facts),
            ask: ask(&name, &facts["request"]),
            allowed,
            name,
        }
    };
    cases.iter().map(case).collect()
}

/// The whole address of a page.
fn page(doc: &str) -> String {
    if doc.starts_with("https:") { doc.to_owned() } else { format!("{GUIDE}{doc}") }
}

/// Lays what a group or a case says over what stood before; of a request, part by part.
fn change(facts: &mut Value, by: &Value, others: &[&str]) {
    for (part, value) in by.as_object().expect("an object") {
        assert!(PARTS.contains(&part.as_str()) || others.contains(&part.as_str()), "what is `{part}`?");
        if part == "request" {
            let request = facts["request"].as_object_mut().expect("an object");
            request.extend(value.as_object().expect("an object").clone());
        } else if PARTS.contains(&part.as_str()) {
            facts[part] = value.clone();
        }
    }
}

fn situation(facts: &Value) -> Situation {
    let one = |part: &str| Some(&facts[part]).filter(|value| !value.is_null()).map(document);
    Situation {
        identity: facts["identity"].as_array().expect("a list of policies").iter().map(document).collect(),
        boundary: one("boundary"),
        session: one("session"),
        resource: one("resource"),
        endpoint: one("endpoint"),
        resource_account: facts["resource_account"].as_str().expect("an account").to_owned(),
        kind: match facts["kind"].as_str() {
            Some("plain") => Kind::Plain,
            Some("key") => Kind::Key,
            Some("role") => Kind::Role,
            other => panic!("kind {other:?}"),
        },
    }
}

/// A document, from one or from its statements.
fn document(policy: &Value) -> Value {
    if policy.get("Statement").is_some() {
        return policy.clone();
    }
    json!({ "Version": "2012-10-17", "Statement": policy })
}

fn ask(name: &str, request: &Value) -> Ask {
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{name}: {value} is no text")).to_owned();
    let principal = &request["principal"];
    let who = match principal.as_object().and_then(|fields| fields.keys().next()).map(String::as_str) {
        Some("role") => Who::Role { arn: text(&principal["role"]), session: text(&principal["session"]) },
        Some("user") => Who::User { arn: text(&principal["user"]) },
        Some("service") => Who::Service { name: text(&principal["service"]) },
        other => panic!("{name}: principal {other:?}"),
    };
    let context = |fields: &Map<String, Value>| -> BTreeMap<String, Vec<String>> {
        let values = |value: &Value| match value {
            Value::Array(values) => values.iter().map(text).collect(),
            one => vec![text(one)],
        };
        fields.iter().map(|(key, value)| (key.clone(), values(value))).collect()
    };
    Ask {
        who,
        action: text(&request["action"]),
        resource: text(&request["resource"]),
        context: context(request["context"].as_object().expect("an object")),
    }
}
