//! What it says: the machine-readable UI, or text for people.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::{Exit, VERSION};

pub(crate) struct Say {
    json: bool,
}

/// One line to the standard output, in one write.
pub(crate) fn line(text: &str) {
    let _ = raw(format!("{text}\n").as_bytes());
}

pub(crate) fn raw(bytes: &[u8]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

impl Say {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// A message: in JSON with what it carries, for people its text alone.
    pub(crate) fn message(&self, level: &str, text: &str, kind: &str, key: &str, value: Value) {
        if !self.json {
            return line(text);
        }
        let mut message = json!({"@level": level, "@message": text, "@module": "terraform.ui", "@timestamp": "2026-01-01T00:00:00.000000Z", "type": kind});
        if let Some(fields) = message.as_object_mut()
            && !key.is_empty()
        {
            fields.insert(key.to_owned(), value);
        }
        line(&message.to_string());
    }

    pub(crate) fn version(&self) {
        if self.json {
            line(&json!({"@level": "info", "@message": format!("Terraform {VERSION}"), "type": "version", "terraform": VERSION, "ui": "1.2"}).to_string());
        }
    }

    pub(crate) fn init(&self, code: &str, text: &str) {
        self.message("info", text, "init_output", "message_code", code.into());
    }

    pub(crate) fn log(&self, text: &str) {
        self.message("info", text, "log", "", Value::Null);
    }

    /// What happens to a resource.
    pub(crate) fn hook(&self, kind: &str, address: &str, action: &str, id: Option<&str>) {
        let mut hook = json!({"resource": resource(address), "action": action, "elapsed_seconds": 0});
        if let (Some(fields), Some(id)) = (hook.as_object_mut(), id) {
            fields.insert("id_key".into(), "id".into());
            fields.insert("id_value".into(), id.into());
        }
        self.message("info", &format!("{address}: {kind} ({action})"), kind, "hook", hook);
    }

    pub(crate) fn planned(&self, kind: &str, address: &str, action: &str) {
        let change = json!({"resource": resource(address), "action": action});
        self.message("info", &format!("{address}: Plan to {action}"), kind, "change", change);
    }

    /// An error, after which the command ends.
    pub(crate) fn error(&self, summary: &str, detail: &str, address: Option<&str>, code: u8) -> Exit {
        let mut diagnostic = json!({"severity": "error", "summary": summary, "detail": detail});
        if let (Some(fields), Some(address)) = (diagnostic.as_object_mut(), address) {
            fields.insert("address".into(), address.into());
        }
        self.message("error", &format!("Error: {summary}"), "diagnostic", "diagnostic", diagnostic);
        Exit(code)
    }
}

fn resource(address: &str) -> Value {
    let kind = address.split('.').next().unwrap_or_default();
    json!({"addr": address, "module": "", "resource": address, "implied_provider": "aws", "resource_type": kind,
        "resource_name": address.split('.').nth(1).unwrap_or_default(), "resource_key": null})
}
