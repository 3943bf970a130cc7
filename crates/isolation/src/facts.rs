//! Reading a Terraform JSON document.

use serde_json::{Map, Value};

/// One block of a document.
#[derive(Clone, Copy)]
pub(crate) struct Block<'d> {
    pub(crate) kind: &'d str,
    pub(crate) id: &'d str,
    pub(crate) body: &'d Map<String, Value>,
}

impl<'d> Block<'d> {
    pub(crate) fn address(&self) -> String {
        format!("{}.{}", self.kind, self.id)
    }

    pub(crate) fn text(&self, field: &str) -> Option<&'d str> {
        self.body.get(field)?.as_str()
    }
}

/// The blocks of a section (`resource` or `data`).
pub(crate) fn blocks<'d>(document: &'d Value, section: &str) -> Vec<Block<'d>> {
    let mut found = Vec::new();
    for (kind, ids) in document.get(section).and_then(Value::as_object).into_iter().flatten() {
        for (id, body) in ids.as_object().into_iter().flatten() {
            // A block may also stand in a list of one.
            let body = body.as_object().or_else(|| body.as_array()?.first()?.as_object());
            if let Some(body) = body {
                found.push(Block { kind, id, body });
            }
        }
    }
    found
}

/// Whether every block stands where it is looked for: under its section, type and id, alone.
pub(crate) fn is_plain(document: &Value) -> bool {
    let object = |value: &Value| value.as_object().is_some();
    let single =
        |value: &Value| value.as_array().is_none_or(|items| matches!(items.as_slice(), [item] if object(item)));
    ["resource", "data"].iter().filter_map(|section| document.get(section)).all(|section| {
        let Some(kinds) = section.as_object() else { return false };
        kinds.values().all(|ids| {
            ids.as_object().is_some_and(|ids| ids.values().all(|body| object(body) || single(body) && body.is_array()))
        })
    })
}

/// A list, or a single value as a list of one.
pub(crate) fn items(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(single) => vec![single],
    }
}

/// What `${type.id.attribute}` refers to: type, id and attribute; nothing for any other text.
pub(crate) fn reference(text: &str) -> Option<(&str, &str, &str)> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    let mut parts = inner.splitn(3, '.');
    let found = (parts.next()?, parts.next()?, parts.next()?);
    let plain = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || "_-.[]".contains(c));
    plain(inner).then_some(found)
}

/// Calls `visit` with every text below a value.
pub(crate) fn each_text<'d>(value: &'d Value, visit: &mut impl FnMut(&'d str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, visit)),
        Value::Object(fields) => {
            fields.iter().filter(|(name, _)| *name != "//").for_each(|(_, field)| each_text(field, visit))
        }
        _ => {}
    }
}
