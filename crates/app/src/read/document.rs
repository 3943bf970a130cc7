//! One configuration out of several files, in the one form that the proof reads: Terraform's JSON allows a list wherever a block stands
//! ([JSON configuration syntax](https://developer.hashicorp.com/terraform/language/syntax/json)).

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{ReadError, json};

/// The document of a stack; none if it has no file of JSON.
pub(super) fn of(files: &[PathBuf]) -> Result<Option<Value>, Vec<ReadError>> {
    let mut merged = Merged::default();
    let mut errors = Vec::new();
    for file in files {
        match json(file).and_then(|document| merged.add(file, &document)) {
            Ok(()) => {}
            Err(error) => errors.push(error),
        }
    }
    match errors.is_empty() {
        true => Ok((!files.is_empty()).then_some(Value::Object(merged.document))),
        false => Err(errors),
    }
}

#[derive(Default)]
struct Merged {
    document: Map<String, Value>,
}

impl Merged {
    fn add(&mut self, file: &Path, document: &Value) -> Result<(), ReadError> {
        let wrong = |found: String, help: &'static str| ReadError::NotTerraform { path: file.to_owned(), found, help };
        if !document.is_object() {
            return Err(wrong(
                "is no JSON object".to_owned(),
                "Terraform's JSON is one object with `resource` and more",
            ));
        }
        for (section, value) in fields(document) {
            let labels = match section {
                "resource" | "data" | "ephemeral" => 2,
                "module" | "output" | "variable" | "provider" | "check" => 1,
                // A block without labels.
                _ => 0,
            };
            let into = self.document.entry(section).or_insert_with(|| Value::Object(Map::new()));
            merge(into, value, labels, section == "provider", section)
                .map_err(|found| wrong(found, "Terraform takes each block once, over all files of a directory"))?;
        }
        Ok(())
    }
}

/// Adds blocks below as many labels; the error says what is wrong with which place.
fn merge(into: &mut Value, value: &Value, labels: usize, may_repeat: bool, place: &str) -> Result<(), String> {
    let no_block = || format!("`{place}` is no block");
    let twice = |place: &str| format!("`{place}` is declared twice");
    if labels == 0 && place.contains('.') {
        // The body of a labelled block.
        let bodies = items(value);
        if !bodies.iter().all(|body| body.is_object()) {
            return Err(no_block());
        }
        match (into, bodies.as_slice()) {
            (Value::Array(all), _) if may_repeat => all.extend(bodies.into_iter().cloned()),
            (into @ Value::Null, _) if may_repeat => *into = Value::Array(bodies.into_iter().cloned().collect()),
            (_, []) => return Err(no_block()),
            (into @ Value::Null, [one]) => *into = (*one).clone(),
            _ => return Err(twice(place)),
        }
        return Ok(());
    }
    for part in items(value) {
        if !part.is_object() {
            return Err(no_block());
        }
        for (key, inner) in fields(part) {
            let target = into.as_object_mut().ok_or_else(no_block)?.entry(key).or_insert(Value::Null);
            let below = format!("{place}.{key}");
            match labels {
                0 if target.is_null() => *target = inner.clone(),
                // `terraform`, `moved`, … say nothing of access and may be there more than once.
                0 if place != "locals" => {}
                0 => return Err(twice(&below)),
                1 => merge(target, inner, 0, may_repeat, &below)?,
                _ => {
                    if target.is_null() {
                        *target = Value::Object(Map::new());
                    }
                    merge(target, inner, labels - 1, may_repeat, &below)?;
                }
            }
        }
    }
    Ok(())
}

fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        single => vec![single],
    }
}

/// The fields of an object but its comments.
fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let fields = value.as_object().into_iter().flatten();
    fields.map(|(key, field)| (key.as_str(), field)).filter(|(key, _)| *key != "//")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn merged(documents: &[Value]) -> Result<Value, String> {
        let mut merged = Merged::default();
        for document in documents {
            merged.add(Path::new("f.tf.json"), document).map_err(|error| error.to_string())?;
        }
        Ok(Value::Object(merged.document))
    }

    #[test]
    fn files_of_one_directory_are_one_configuration() {
        let one = json!({ "//": "made by", "resource": { "t": { "a": { "x": 1 } } }, "provider": { "aws": { "region": "r" } },
            "locals": { "l": 1 } });
        let other = json!({ "resource": { "t": { "b": {} }, "u": { "a": {} } }, "provider": { "aws": [{ "alias": "z" }] },
            "locals": { "m": [1, 2] } });
        assert_eq!(
            merged(&[one, other]).unwrap(),
            json!({
                "resource": { "t": { "a": { "x": 1 }, "b": {} }, "u": { "a": {} } },
                "provider": { "aws": [{ "region": "r" }, { "alias": "z" }] },
                "locals": { "l": 1, "m": [1, 2] },
            })
        );
    }

    #[test]
    fn a_list_of_blocks_is_read_wherever_terraform_takes_one() {
        let want = json!({ "resource": { "t": { "a": { "x": 1 }, "b": {} } } });
        for document in [
            json!({ "resource": [{ "t": { "a": { "x": 1 } } }, { "t": { "b": {} } }] }),
            json!({ "resource": { "t": [{ "a": { "x": 1 } }, { "b": {} }] } }),
            json!({ "resource": [{ "t": [{ "a": [{ "x": 1 }], "//": "" }, { "b": {} }] }] }),
        ] {
            assert_eq!(merged(std::slice::from_ref(&document)).unwrap(), want, "{document}");
        }
    }

    #[test]
    fn what_is_declared_twice_is_refused_with_its_address() {
        let one = || json!({ "resource": { "t": { "a": {} } } });
        let error = merged(&[one(), one()]).unwrap_err();
        assert!(error.starts_with("f.tf.json: `resource.t.a` is declared twice"), "{error}");
        for (document, found) in [
            (json!({ "resource": { "t": { "a": [{}, {}] } } }), "`resource.t.a` is declared twice"),
            (json!({ "resource": { "t": { "a": 5 } } }), "`resource.t.a` is no block"),
            (json!({ "resource": { "t": { "a": [] } } }), "`resource.t.a` is no block"),
            (json!({ "resource": "x" }), "`resource` is no block"),
            (json!({ "locals": [{ "l": 1 }, { "l": 2 }] }), "`locals.l` is declared twice"),
        ] {
            let error = merged(std::slice::from_ref(&document)).unwrap_err();
            assert!(error.contains(found), "{document}: {error}");
        }
        assert!(merged(&[json!([])]).unwrap_err().contains("no JSON object"));
    }
}
