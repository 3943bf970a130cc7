//! The synthesised stacks of the example fleet.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Map, Value};

/// One stack.
pub struct Stack {
    /// Its name.
    pub name: String,
    /// The id of its tenant; none for the platform.
    pub tenant: Option<String>,
    /// Its document as it was written.
    pub text: String,
    /// Its document.
    pub document: Value,
}

/// One resource.
pub struct Resource<'s> {
    /// Its type.
    pub kind: &'s str,
    /// Its id.
    pub id: &'s str,
    /// Its body.
    pub body: &'s Map<String, Value>,
}

impl Resource<'_> {
    /// A field, null where it is not set.
    pub fn get(&self, field: &str) -> &Value {
        self.body.get(field).unwrap_or(&Value::Null)
    }

    /// Its address, for messages.
    pub fn address(&self) -> String {
        format!("{}.{}", self.kind, self.id)
    }
}

impl Stack {
    /// All resources.
    pub fn resources(&self) -> Vec<Resource<'_>> {
        let mut found = Vec::new();
        for (kind, ids) in self.document["resource"].as_object().expect("a stack has resources") {
            for (id, body) in ids.as_object().expect("resources by id") {
                found.push(Resource { kind, id, body: body.as_object().expect("a body") });
            }
        }
        found
    }

    /// The resources of one type.
    pub fn of(&self, kind: &str) -> Vec<Resource<'_>> {
        self.resources().into_iter().filter(|resource| resource.kind == kind).collect()
    }

    /// The one resource of a type.
    pub fn only(&self, kind: &str) -> Resource<'_> {
        let mut found = self.of(kind);
        assert_eq!(found.len(), 1, "{}: {kind}", self.name);
        found.remove(0)
    }

    /// A resource by type and id.
    pub fn get(&self, kind: &str, id: &str) -> Resource<'_> {
        let found = self.of(kind).into_iter().find(|resource| resource.id == id);
        found.unwrap_or_else(|| panic!("{} has no {kind}.{id}", self.name))
    }
}

/// The stacks that a run wrote.
pub fn read(output: &Path) -> BTreeMap<String, Stack> {
    let manifest = std::fs::read_to_string(output.join("manifest.json")).expect("a manifest");
    let manifest: Value = serde_json::from_str(&manifest).expect("the manifest is JSON");
    let stacks = manifest["stacks"].as_object().expect("stacks");
    stacks
        .iter()
        .map(|(name, entry)| {
            let path = output.join(entry["synthesizedStackPath"].as_str().expect("a path"));
            let text = std::fs::read_to_string(path).expect("a document");
            let document: Value = serde_json::from_str(&text).expect("the document is JSON");
            let tenant = name.strip_prefix("tenant-").and_then(|rest| rest.rsplit_once('-')).map(|(id, _)| id.to_owned());
            (name.clone(), Stack { name: name.clone(), tenant, text, document })
        })
        .collect()
}

/// Synthesises a tenants file and reads what was written.
pub fn synth(tenants: &str) -> BTreeMap<String, Stack> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(directory.path().join("tenants.json"), tenants).expect("a tenants file");
    let output = crate::run(directory.path(), &[]);
    assert!(output.status.success(), "{}", crate::stderr(&output));
    read(&directory.path().join("cdktf.out"))
}

/// The stacks of the example fleet, synthesised once.
pub fn all() -> &'static BTreeMap<String, Stack> {
    static STACKS: OnceLock<BTreeMap<String, Stack>> = OnceLock::new();
    STACKS.get_or_init(|| {
        let directory = crate::project();
        let output = crate::run(directory.path(), &[]);
        assert!(output.status.success(), "{}", crate::stderr(&output));
        assert_eq!(crate::stderr(&output), "", "a CDKTF CLI shows stderr as errors");
        read(&directory.path().join("cdktf.out"))
    })
}

/// The stacks of the example tenants.
pub fn tenants() -> Vec<(&'static str, &'static Stack)> {
    all().values().filter_map(|stack| Some((stack.tenant.as_deref()?, stack))).collect()
}

/// The platform's stack.
pub fn platform() -> &'static Stack {
    &all()["platform-dev"]
}
