//! The AWS provider's schema (`tests/schema`) and what it says of a stack.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::root;

/// What Terraform itself takes in any resource.
const META: [&str; 7] = ["//", "depends_on", "lifecycle", "provider", "count", "for_each", "provisioner"];

/// The schema of all types.
pub(crate) fn provider() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let path = root().join("tests/schema/aws-provider-schema.json");
        serde_json::from_str(&std::fs::read_to_string(path).expect("the schema is there")).expect("the schema is JSON")
    })
}

/// One attribute or block: its flags, kind, and the shape inside.
#[derive(Clone, Copy)]
pub(crate) struct Spec<'a> {
    flags: &'a str,
    kind: &'a str,
    /// The name of the shape inside.
    pub(crate) shape: &'a str,
}

impl<'a> Spec<'a> {
    /// Reads `FLAGS:KIND:SHAPE`.
    pub(crate) fn parse(text: &'a str) -> Self {
        let mut parts = text.splitn(3, ':');
        let mut next = || parts.next().unwrap_or_default();
        Self { flags: next(), kind: next(), shape: next() }
    }

    /// Whether it must be written.
    pub(crate) fn required(self) -> bool {
        self.flags.contains('r')
    }

    /// Whether it may be written.
    pub(crate) fn settable(self) -> bool {
        self.flags != "c"
    }
}

/// What a type's schema says is wrong with a body: `path: what`, nothing when all is well. `section` is `resource`, `data` or `provider`.
pub(crate) fn problems(schema: &Value, section: &str, kind: &str, body: &Value) -> Vec<String> {
    let schema = if section == "provider" { &schema[section] } else { &schema[section][kind] };
    if !schema.is_object() {
        return vec![format!("{kind}: unknown {section} type")];
    }
    let mut check = Check { shapes: &schema["d"], problems: Vec::new() };
    match body.as_object() {
        Some(body) => {
            let meta: &[&str] = if section == "provider" { &["alias"] } else { &META };
            check.fields(kind, &schema["f"], body, meta, false);
        }
        None => check.problems.push(format!("{kind}: not an object")),
    }
    check.problems
}

struct Check<'a> {
    shapes: &'a Value,
    problems: Vec<String>,
}

impl Check<'_> {
    fn problem(&mut self, path: &str, what: impl AsRef<str>) {
        self.problems.push(format!("{path}: {}", what.as_ref()));
    }

    /// Checks the fields of a body or a block; with `every_key`, none may be left out.
    fn fields(&mut self, path: &str, shape: &Value, body: &Map<String, Value>, meta: &[&str], every_key: bool) {
        let shape = shape.as_object().expect("a shape is an object");
        for (key, value) in body.iter().filter(|(key, _)| !meta.contains(&key.as_str())) {
            let path = format!("{path}.{key}");
            match shape.get(key).and_then(Value::as_str).map(Spec::parse) {
                None => self.problem(&path, "unknown"),
                Some(spec) if !spec.settable() => self.problem(&path, "is computed and cannot be written"),
                Some(spec) => self.value(&path, spec, value),
            }
        }
        for (key, spec) in shape {
            let spec = Spec::parse(spec.as_str().expect("a spec is a text"));
            if spec.required() && body.get(key).is_none_or(Value::is_null) {
                self.problem(path, format!("`{key}` is required"));
            } else if every_key && !body.contains_key(key) {
                self.problem(path, format!("`{key}` must be named, if only as null"));
            }
        }
    }

    fn value(&mut self, path: &str, spec: Spec<'_>, value: &Value) {
        if value.is_null() {
            return;
        }
        match spec.kind {
            "any" => {}
            kind if kind.starts_with('B') => self.blocks(path, spec, value),
            _ if expression(value) => {}
            "AL" | "AS" | "AL!" | "AS!" => self.objects(path, spec, value),
            "s" | "n" | "b" => self.scalar(path, spec.kind, value),
            "ls" | "ss" => match value.as_array() {
                Some(items) => items.iter().for_each(|item| self.scalar(path, "s", item)),
                None => self.problem(path, "wants a list of texts"),
            },
            "ms" | "mn" | "mb" => match value.as_object() {
                Some(items) => items.values().for_each(|item| self.scalar(path, &spec.kind[1..], item)),
                None => self.problem(path, "wants a map"),
            },
            other => panic!("{path}: the schema has an unknown kind `{other}`"),
        }
    }

    fn scalar(&mut self, path: &str, kind: &str, value: &Value) {
        let (fits, wanted) = match kind {
            "s" => (value.is_string(), "a text"),
            "n" => (value.is_number() || expression(value), "a number"),
            _ => (value.is_boolean() || expression(value), "true or false"),
        };
        if !fits {
            self.problem(path, format!("wants {wanted}, not {value}"));
        }
    }

    fn blocks(&mut self, path: &str, spec: Spec<'_>, value: &Value) {
        let blocks = super::stacks::list(value);
        if spec.kind == "B1" && blocks.len() > 1 {
            self.problem(path, "may stand once");
        }
        self.each(path, spec, &blocks, false);
    }

    fn objects(&mut self, path: &str, spec: Spec<'_>, value: &Value) {
        match value.as_array() {
            Some(items) => self.each(path, spec, &items.iter().collect::<Vec<_>>(), spec.kind.ends_with('!')),
            None => self.problem(path, "wants a list of objects"),
        }
    }

    fn each(&mut self, path: &str, spec: Spec<'_>, items: &[&Value], every_key: bool) {
        let shapes = self.shapes;
        for item in items {
            match item.as_object() {
                Some(item) => self.fields(path, &shapes[spec.shape], item, &[], every_key),
                None => self.problem(path, format!("wants an object, not {item}")),
            }
        }
    }
}

/// `${…}`, which Terraform evaluates to any type.
fn expression(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with("${") && text.ends_with('}'))
}
