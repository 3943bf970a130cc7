//! One line, from JSON to [`Entry`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Change, ChangeAction, Diagnostic, Entry, Hook, Message, Severity, SummaryOf, output};
use crate::{Changes, Stage};

/// A message as it is written. The parts are read only when the type is known, as types use one key for different forms (`hook`), and the
/// type comes after them.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "@message", default, borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(rename = "@level", default, borrow)]
    level: Option<Cow<'a, str>>,
    #[serde(rename = "type", default, borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    terraform: Option<&'a RawValue>,
    #[serde(default, borrow)]
    tofu: Option<&'a RawValue>,
    #[serde(default, borrow)]
    ui: Option<&'a RawValue>,
    #[serde(default, borrow)]
    change: Option<&'a RawValue>,
    #[serde(default, borrow)]
    changes: Option<&'a RawValue>,
    #[serde(default, borrow)]
    outputs: Option<&'a RawValue>,
    #[serde(default, borrow)]
    hook: Option<&'a RawValue>,
    #[serde(default, borrow)]
    diagnostic: Option<&'a RawValue>,
    #[serde(default, borrow)]
    message_code: Option<&'a RawValue>,
    #[serde(default)]
    state: Option<IgnoredAny>,
}

pub(super) fn read(line: &[u8]) -> Entry {
    let text = String::from_utf8_lossy(line);
    let trimmed = text.trim();
    if trimmed.starts_with('{')
        && let Ok(line) = serde_json::from_str::<Line>(trimmed)
        && (line.kind.is_some() || line.level.is_some())
    {
        return Entry::Message(line.message());
    }
    Entry::Text(text.trim_end_matches('\r').to_owned())
}

/// Reads a part; none when it is missing or of another form.
fn part<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

impl Line<'_> {
    fn message(self) -> Message {
        let kind = self.kind.as_deref().unwrap_or_default();
        self.known(kind).unwrap_or_else(|| Message::Other {
            kind: kind.to_owned(),
            text: self.text.as_deref().unwrap_or_default().to_owned(),
        })
    }

    fn known(&self, kind: &str) -> Option<Message> {
        let text = || self.text.as_deref().unwrap_or_default().to_owned();
        Some(match kind {
            "version" => {
                let tofu = self.tofu.is_some();
                let version = part(if tofu { self.tofu } else { self.terraform })?;
                Message::Version { version, tofu, ui: part(self.ui).unwrap_or_default() }
            }
            "planned_change" => Message::PlannedChange(part::<WireChange>(self.change)?.into()),
            "resource_drift" => Message::ResourceDrift(part::<WireChange>(self.change)?.into()),
            "change_summary" => part::<WireSummary>(self.changes)?.into(),
            "outputs" => {
                // One that cannot be read costs the others nothing.
                let outputs: BTreeMap<String, &RawValue> = part(self.outputs)?;
                let read = |(name, raw)| Some((name, part::<WireOutput>(Some(raw))?));
                let outputs: Vec<(String, WireOutput)> = outputs.into_iter().filter_map(read).collect();
                if outputs.iter().any(|(_, it)| it.action.is_some()) {
                    let changes = |it: &WireOutput| it.action.as_deref().is_some_and(|action| action != "noop");
                    let changing = outputs.into_iter().filter(|(_, it)| changes(it)).map(|(name, _)| name).collect();
                    Message::PlannedOutputs { changing }
                } else {
                    let told = outputs.into_iter().map(|(name, it)| (name, output(it.sensitive, it.value)));
                    Message::Outputs(told.collect())
                }
            }
            "diagnostic" => Message::Diagnostic(part::<WireDiagnostic>(self.diagnostic)?.into()),
            "init_output" => Message::Init { code: part(self.message_code).unwrap_or_default(), text: text() },
            "log" if self.state.is_some() => Message::StateDump,
            "log" => Message::Log(text()),
            _ => return self.hook(kind),
        })
    }

    fn hook(&self, kind: &str) -> Option<Message> {
        let (what, stage) = kind.rsplit_once('_')?;
        let hook: WireHook = part(self.hook)?;
        let elapsed = hook.elapsed();
        let stage = match stage {
            "start" => Stage::Started,
            "progress" => Stage::Going { elapsed: elapsed.unwrap_or_default() },
            "complete" => Stage::Done,
            "errored" => Stage::Failed,
            _ => return None,
        };
        let WireHook { resource: WireResource { addr, resource_type }, id_key, id_value, .. } = hook;
        if what == "provision" {
            let provisioner = hook.provisioner.unwrap_or_default();
            return Some(Message::Provision { address: addr, provisioner, stage, output: hook.output });
        }
        let action = if what == "refresh" { ChangeAction::Read } else { hook.action.unwrap_or(ChangeAction::Other) };
        let id = id_key.zip(id_value).filter(|(key, value)| !key.is_empty() && !value.is_empty());
        let hook = Hook { address: addr, resource_type, action, stage, id, elapsed };
        match what {
            "apply" => Some(Message::Apply(hook)),
            "refresh" => Some(Message::Refresh(hook)),
            "ephemeral_op" => Some(Message::Ephemeral(hook)),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct WireResource {
    addr: String,
    #[serde(default)]
    resource_type: String,
}

impl<'de> Deserialize<'de> for ChangeAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Cow::<'de, str>::deserialize(deserializer)?.as_ref() {
            "noop" => Self::Noop,
            "create" => Self::Create,
            "read" => Self::Read,
            "update" => Self::Update,
            "replace" => Self::Replace,
            "delete" => Self::Delete,
            "move" => Self::Move,
            // Terraform's word for it is `remove`, OpenTofu's `forget`.
            "remove" | "forget" => Self::Forget,
            "import" => Self::Import,
            _ => Self::Other,
        })
    }
}

#[derive(Deserialize)]
struct WireChange {
    resource: WireResource,
    action: ChangeAction,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    importing: Option<WireImporting>,
}

#[derive(Deserialize)]
struct WireImporting {
    #[serde(default)]
    id: String,
}

impl From<WireChange> for Change {
    fn from(wire: WireChange) -> Self {
        Self {
            address: wire.resource.addr,
            resource_type: wire.resource.resource_type,
            action: wire.action,
            reason: wire.reason,
            importing: wire.importing.map(|it| it.id),
        }
    }
}

#[derive(Deserialize)]
struct WireSummary {
    #[serde(default)]
    add: u32,
    #[serde(default)]
    change: u32,
    #[serde(default)]
    import: u32,
    #[serde(default)]
    remove: u32,
    operation: WireOperation,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireOperation {
    Plan,
    Apply,
    Destroy,
}

impl From<WireSummary> for Message {
    fn from(wire: WireSummary) -> Self {
        let of = match wire.operation {
            WireOperation::Plan => SummaryOf::Plan,
            WireOperation::Apply => SummaryOf::Apply,
            WireOperation::Destroy => SummaryOf::Destroy,
        };
        let WireSummary { add, change, import, remove, .. } = wire;
        Self::Summary { of, changes: Changes { add, change, remove, import } }
    }
}

#[derive(Deserialize)]
struct WireOutput {
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    value: Option<Value>,
    /// Of a plan: `noop`, `create`, `update` or `delete`.
    #[serde(default)]
    action: Option<String>,
}

#[derive(Deserialize)]
struct WireHook {
    resource: WireResource,
    #[serde(default)]
    action: Option<ChangeAction>,
    #[serde(default)]
    id_key: Option<String>,
    #[serde(default)]
    id_value: Option<String>,
    #[serde(default)]
    elapsed_seconds: Option<f64>,
    #[serde(default)]
    provisioner: Option<String>,
    #[serde(default)]
    output: Option<String>,
}

impl WireHook {
    fn elapsed(&self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.elapsed_seconds?).ok()
    }
}

#[derive(Deserialize)]
struct WireDiagnostic {
    #[serde(default)]
    severity: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    range: Option<WireRange>,
    #[serde(default)]
    snippet: Option<WireSnippet>,
}

#[derive(Deserialize)]
struct WireRange {
    #[serde(default)]
    filename: String,
}

#[derive(Deserialize)]
struct WireSnippet {
    #[serde(default)]
    context: Option<String>,
}

impl From<WireDiagnostic> for Diagnostic {
    fn from(wire: WireDiagnostic) -> Self {
        Self {
            // What is neither is better shown than not.
            severity: if wire.severity == "warning" { Severity::Warning } else { Severity::Error },
            summary: wire.summary,
            detail: wire.detail,
            address: wire.address.filter(|address| !address.is_empty()),
            file: wire.range.map(|range| range.filename).filter(|file| !file.is_empty()),
            context: wire.snippet.and_then(|snippet| snippet.context),
        }
    }
}
