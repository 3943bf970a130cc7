//! The document, the state and AWS.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

/// What is in AWS: a file per resource, with what it is made of.
const CLOUD: &str = "cloud";

/// The stack's document.
pub(crate) fn document() -> io::Result<Value> {
    for name in ["cdk.tf.json", "main.tf.json"] {
        match fs::read(name) {
            Ok(bytes) => return serde_json::from_slice(&bytes).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(json!({}))
}

/// All files of the directory that Terraform reads.
fn files() -> io::Result<Vec<Value>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(".")? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".tf.json") {
            files.push(serde_json::from_slice(&fs::read(path)?).map_err(io::Error::other)?);
        }
    }
    Ok(files)
}

/// One resource in the state.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) body: Value,
}

pub(crate) struct World {
    document: Value,
    state: PathBuf,
    serial: u64,
    known: BTreeMap<String, Known>,
    outputs: Value,
}

impl World {
    pub(crate) fn open() -> io::Result<Self> {
        let document = document()?;
        let path = document["terraform"]["backend"]["local"]["path"].as_str().unwrap_or("terraform.tfstate");
        let mut world =
            Self { state: PathBuf::from(path), document, serial: 0, known: BTreeMap::new(), outputs: json!({}) };
        world.read()?;
        Ok(world)
    }

    pub(crate) fn state_path(&self) -> &Path {
        &self.state
    }

    fn read(&mut self) -> io::Result<()> {
        let bytes = match fs::read(&self.state) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        if bytes.is_empty() {
            return Ok(());
        }
        let state: Value = serde_json::from_slice(&bytes).map_err(io::Error::other)?;
        self.serial = state["serial"].as_u64().unwrap_or(0);
        self.outputs = state["outputs"].clone();
        for resource in state["resources"].as_array().into_iter().flatten() {
            let address = format!("{}.{}", text(&resource["type"]), text(&resource["name"]));
            let attributes = &resource["instances"][0]["attributes"];
            let known = Known { id: text(&attributes["id"]), body: attributes["body"].clone() };
            self.known.insert(address, known);
        }
        Ok(())
    }

    /// The resources of the document, in its order.
    pub(crate) fn declared(&self) -> Vec<(String, Value)> {
        let kinds = self.document["resource"].as_object().cloned().unwrap_or_default();
        let mut declared: Vec<_> = kinds
            .iter()
            .flat_map(|(kind, named)| {
                let named = named.as_object().cloned().unwrap_or_default();
                named.into_iter().map(move |(name, body)| (format!("{kind}.{name}"), body)).collect::<Vec<_>>()
            })
            .collect();
        // Whether JSON keeps the order of its fields is a matter of what else is built.
        declared.sort_by(|(one, _), (other, _)| one.cmp(other));
        declared
    }

    /// Whether any of the files declares a resource.
    pub(crate) fn is_declared(address: &str) -> io::Result<bool> {
        let (kind, name) = address.split_once('.').unwrap_or((address, ""));
        Ok(files()?.iter().any(|file| file["resource"][kind].get(name).is_some()))
    }

    /// What the import blocks of all files ask for: addresses and ids.
    pub(crate) fn imports(&self) -> io::Result<Vec<(String, String)>> {
        let mut imports = Vec::new();
        for file in files()? {
            let blocks = match &file["import"] {
                Value::Array(blocks) => blocks.clone(),
                Value::Object(block) => vec![Value::Object(block.clone())],
                _ => Vec::new(),
            };
            imports.extend(blocks.iter().map(|block| {
                (text(&block["to"]).trim_start_matches("${").trim_end_matches('}').to_owned(), text(&block["id"]))
            }));
        }
        Ok(imports)
    }

    pub(crate) fn known(&self) -> &BTreeMap<String, Known> {
        &self.known
    }

    pub(crate) fn addresses(&self) -> impl Iterator<Item = String> {
        self.known.keys().cloned()
    }

    pub(crate) fn serial(&self) -> u64 {
        self.serial
    }

    pub(crate) fn know(&mut self, address: &str, known: Known) {
        self.known.insert(address.to_owned(), known);
    }

    pub(crate) fn forget(&mut self, address: &str) {
        self.known.remove(address);
    }

    /// Sets the outputs by the document.
    pub(crate) fn compute_outputs(&mut self) {
        self.outputs = self.outputs_of_document();
    }

    fn outputs_of_document(&self) -> Value {
        let mut outputs = Map::new();
        for (name, output) in self.document["output"].as_object().into_iter().flatten() {
            let value = match output["value"].as_str() {
                Some(reference) if reference.starts_with("${") => {
                    let address = reference.trim_start_matches("${").trim_end_matches('}').trim_end_matches(".id");
                    self.known.get(address).map_or(Value::Null, |known| known.id.clone().into())
                }
                _ => output["value"].clone(),
            };
            let sensitive = output["sensitive"].as_bool().unwrap_or(false);
            outputs.insert(name.clone(), json!({"value": value, "type": "string", "sensitive": sensitive}));
        }
        Value::Object(outputs)
    }

    /// As the message after a plan has them: what becomes of each, by what is there before the plan is carried out.
    pub(crate) fn outputs_planned(&self, destroy: bool) -> Value {
        let wanted = if destroy { json!({}) } else { self.outputs_of_document() };
        let [known, wanted] = [&self.outputs, &wanted].map(|outputs| outputs.as_object().cloned().unwrap_or_default());
        let names = known.keys().chain(wanted.keys());
        let action = |name: &String| match (known.get(name), wanted.get(name)) {
            (None, _) => "create",
            (_, None) => "delete",
            (before, after) if before == after => "noop",
            _ => "update",
        };
        names.map(|name| (name.clone(), json!({"sensitive": false, "action": action(name)}))).collect()
    }

    pub(crate) fn outputs_change(&self, destroy: bool) -> bool {
        let planned = self.outputs_planned(destroy);
        planned.as_object().is_some_and(|outputs| outputs.values().any(|output| output["action"] != "noop"))
    }

    pub(crate) fn clear_outputs(&mut self) {
        self.outputs = json!({});
    }

    pub(crate) fn outputs(&self) -> &Value {
        &self.outputs
    }

    /// As the message after an apply has them: without the values of sensitive ones.
    pub(crate) fn outputs_told(&self) -> Value {
        let mut outputs = self.outputs.clone();
        for output in outputs.as_object_mut().into_iter().flat_map(|outputs| outputs.values_mut()) {
            if output["sensitive"] == true
                && let Some(fields) = output.as_object_mut()
            {
                fields.remove("value");
            }
        }
        outputs
    }

    pub(crate) fn state_text(&self) -> String {
        if self.serial == 0 {
            return String::new();
        }
        let resources: Vec<Value> = self
            .known
            .iter()
            .map(|(address, known)| {
                let (kind, name) = address.split_once('.').unwrap_or((address, ""));
                json!({"mode": "managed", "type": kind, "name": name, "provider": "provider[\"fake\"]",
                    "instances": [{"schema_version": 0, "attributes": {"id": known.id, "body": known.body}}]})
            })
            .collect();
        json!({"version": 4, "terraform_version": crate::VERSION, "serial": self.serial, "lineage": "fake",
            "outputs": self.outputs, "resources": resources})
        .to_string()
    }

    /// Writes the state over what is there, as Terraform does: it is not replaced at once.
    pub(crate) fn save(&mut self) -> io::Result<()> {
        self.serial += 1;
        fs::write(&self.state, self.state_text())
    }

    /// What Terraform does with a state that it cannot save: it writes it beside the document, or else says it.
    pub(crate) fn lose(&mut self, dump: bool) -> io::Result<()> {
        self.serial += 1;
        if !dump {
            return fs::write("errored.tfstate", self.state_text());
        }
        let text = self.state_text();
        crate::say::line(&format!(
            "{{\"@level\":\"info\",\"@message\":\"Emergency state dump\",\"type\":\"log\",\"state\":{text}}}"
        ));
        Ok(())
    }

    /// Puts a state in the place of the one that is there, unless that is a later one.
    pub(crate) fn push(&self, from: &Path) -> io::Result<bool> {
        let bytes = fs::read(from)?;
        let state: Value = serde_json::from_slice(&bytes).map_err(io::Error::other)?;
        let later = state["serial"].as_u64().is_some_and(|serial| serial > self.serial);
        if later {
            fs::write(&self.state, bytes)?;
        }
        Ok(later)
    }

    fn lock_path(&self) -> PathBuf {
        let mut path = self.state.clone().into_os_string();
        path.push(".fake-lock");
        path.into()
    }

    /// Takes the lock; if it is held, says by whom.
    pub(crate) fn lock(&self, stays: bool) -> io::Result<Option<String>> {
        let path = self.lock_path();
        if let Ok(info) = fs::read_to_string(&path) {
            let holder =
                info.lines().find_map(|line| line.strip_prefix("pid:")).and_then(|pid| pid.trim().parse::<u32>().ok());
            // One that was killed may wait to be collected, and holds nothing any more.
            let stat = holder.and_then(|pid| fs::read_to_string(format!("/proc/{pid}/stat")).ok());
            let alive = stat.is_some_and(|stat| !stat.contains(") Z "));
            if alive || info.contains("stays: true") {
                return Ok(Some(info));
            }
        }
        let id = format!("00000000-0000-4000-8000-{:012}", std::process::id());
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let created = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S.%9f +0000 UTC");
        let info = format!(
            "  ID:        {id}\n  Path:      {}\n  Operation: OperationTypeApply\n  Who:       fake@{host}\n  Version:   {}\n  \
             Created:   {created}\n  Info:      \npid: {}\nstays: {stays}\n",
            self.state.display(),
            crate::VERSION,
            std::process::id()
        );
        fs::write(&path, info)?;
        Ok(None)
    }

    pub(crate) fn release(&self) {
        let _ = fs::remove_file(self.lock_path());
    }

    /// Breaks the lock with this id.
    pub(crate) fn unlock(&self, id: &str) -> io::Result<bool> {
        let path = self.lock_path();
        let held = fs::read_to_string(&path).is_ok_and(|info| info.contains(id) && !id.is_empty());
        if held {
            fs::remove_file(path)?;
        }
        Ok(held)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// AWS.
pub(crate) struct Cloud;

impl Cloud {
    fn path(address: &str) -> PathBuf {
        Path::new(CLOUD).join(address)
    }

    pub(crate) fn get(address: &str) -> Option<Value> {
        serde_json::from_slice(&fs::read(Self::path(address)).ok()?).ok()
    }

    pub(crate) fn put(address: &str, body: &Value) -> io::Result<()> {
        fs::create_dir_all(CLOUD)?;
        fs::write(Self::path(address), body.to_string())
    }

    pub(crate) fn delete(address: &str) -> io::Result<()> {
        match fs::remove_file(Self::path(address)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
