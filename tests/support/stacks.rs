//! The example tenants' stacks, as the program writes them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use super::app::{app, project};

/// The three example tenants with the place of each in the network plan.
pub(crate) const TENANTS: [(&str, u8); 3] = [("acme-corp", 0), ("tech-startup", 1), ("retail-co", 2)];

/// The suffix of the example environment.
pub(crate) const SUFFIX: &str = "dev";

/// One synthesised stack.
pub(crate) struct Stack {
    pub(crate) name: String,
    /// The tenant; none for the platform.
    pub(crate) tenant: Option<&'static str>,
    pub(crate) text: String,
    pub(crate) body: Value,
}

/// A resource: type, id, body.
pub(crate) type Resource<'a> = (&'a str, &'a str, &'a Value);

/// What a run wrote.
pub(crate) struct Synthesised {
    _dir: tempfile::TempDir,
    pub(crate) out: PathBuf,
    pub(crate) manifest: Value,
    pub(crate) stacks: Vec<Stack>,
}

/// The project's own tenants, synthesised once.
pub(crate) fn synthesised() -> &'static Synthesised {
    static DONE: OnceLock<Synthesised> = OnceLock::new();
    DONE.get_or_init(|| {
        let dir = project();
        app(dir.path(), &[]).done("app, without an argument");
        let out = dir.path().join("cdktf.out");
        Synthesised { manifest: read(&out.join("manifest.json")).1, stacks: load(&out), out, _dir: dir }
    })
}

/// The stacks of a directory, as its manifest lists them.
pub(crate) fn load(out: &Path) -> Vec<Stack> {
    let (_, manifest) = read(&out.join("manifest.json"));
    let stacks = manifest["stacks"].as_object().expect("`stacks` is an object");
    let load = |(name, entry): (&String, &Value)| {
        let (text, body) = read(&out.join(entry["synthesizedStackPath"].as_str().expect("a path")));
        let tenant = TENANTS.iter().map(|(id, _)| *id).find(|id| name.starts_with(&format!("tenant-{id}-")));
        Stack { name: name.clone(), tenant, text, body }
    };
    stacks.iter().map(load).collect()
}

fn read(path: &Path) -> (String, Value) {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let body = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (text, body)
}

/// All stacks, the platform's too.
pub(crate) fn stacks() -> &'static [Stack] {
    &synthesised().stacks
}

/// Each tenant with its stack.
pub(crate) fn tenants() -> impl Iterator<Item = (&'static str, &'static Stack)> {
    TENANTS.iter().map(|(id, _)| {
        let found = stacks().iter().find(|stack| stack.tenant == Some(*id));
        (*id, found.unwrap_or_else(|| panic!("tenant `{id}` has no stack")))
    })
}

/// The platform's stack.
pub(crate) fn platform() -> &'static Stack {
    stacks().iter().find(|stack| stack.tenant.is_none()).expect("there is a platform stack")
}

/// An attribute of a resource is a list, also where Terraform lets a single one stand alone.
pub(crate) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

/// A block that stands once: itself, also when it is written as a list of one.
pub(crate) fn one(value: &Value) -> &Value {
    match value {
        Value::Array(items) if items.len() == 1 => &items[0],
        other => other,
    }
}

/// The text of a value, empty where it is none.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Every text in a value, with the path to it.
pub(crate) fn texts(value: &Value) -> Vec<(String, &str)> {
    fn walk<'a>(path: String, value: &'a Value, found: &mut Vec<(String, &'a str)>) {
        match value {
            Value::String(text) => found.push((path, text)),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(at, item)| walk(format!("{path}[{at}]"), item, found))
            }
            Value::Object(fields) => fields.iter().for_each(|(key, item)| walk(format!("{path}.{key}"), item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(String::new(), value, &mut found);
    found
}

/// Whether a value is a reference to an attribute of this resource, as in `${aws_vpc.tenant.id}`.
pub(crate) fn refers(value: &Value, kind: &str, id: &str) -> bool {
    text(value).starts_with(&format!("${{{kind}.{id}."))
}

impl Stack {
    /// The tenant's id, or `platform`.
    pub(crate) fn owner(&self) -> &str {
        self.tenant.unwrap_or("platform")
    }

    /// Every resource.
    pub(crate) fn resources(&self) -> Vec<Resource<'_>> {
        self.section("resource")
    }

    /// Every data source.
    pub(crate) fn data(&self) -> Vec<Resource<'_>> {
        self.section("data")
    }

    fn section(&self, section: &str) -> Vec<Resource<'_>> {
        let types = self.body[section].as_object().into_iter().flatten();
        types
            .flat_map(|(kind, entries)| {
                let entries = entries.as_object().into_iter().flatten();
                entries.map(move |(id, body)| (kind.as_str(), id.as_str(), body))
            })
            .collect()
    }

    /// Every resource of a type, by id.
    pub(crate) fn all(&self, kind: &str) -> BTreeMap<&str, &Value> {
        let entries = self.body["resource"][kind].as_object().into_iter().flatten();
        entries.map(|(id, body)| (id.as_str(), body)).collect()
    }

    /// The resource of a type that there must be one of: its id and its body.
    pub(crate) fn only(&self, kind: &str) -> (&str, &Value) {
        let found = self.all(kind);
        assert_eq!(found.len(), 1, "{} has {} of `{kind}`: {:?}", self.name, found.len(), found.keys());
        found.into_iter().next().expect("one")
    }

    /// The one resource of a type whose `attribute` refers to this resource, or says its literal name.
    pub(crate) fn of(&self, kind: &str, attribute: &str, (target, id): (&str, &str)) -> Option<(&str, &Value)> {
        let names = ["bucket", "name", "function_name"].map(|name| &self.body["resource"][target][id][name]);
        let points = |body: &Value| {
            let value = &body[attribute];
            refers(value, target, id) || (value.is_string() && names.contains(&value))
        };
        self.all(kind).into_iter().find(|(_, body)| points(body))
    }

    /// The tenant's key of this stack.
    pub(crate) fn is_own_key(&self, value: &Value) -> bool {
        refers(value, "aws_kms_key", self.only("aws_kms_key").0)
    }
}
