//! Terraform's state, as far as this program has to know it: what is in it, whether it is whole, and copies of it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::private;

/// So many copies of a local state are kept.
const KEPT_COPIES: usize = 10;

/// What is in a state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// The addresses of what Terraform manages.
    pub(crate) addresses: Vec<String>,
    /// Whether there is anything else in it that a destroy would remove.
    pub(crate) outputs: bool,
}

impl State {
    /// Whether there is nothing to destroy.
    pub(crate) fn is_empty(&self) -> bool {
        self.addresses.is_empty() && !self.outputs
    }
}

/// A state file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// There is none.
    Absent,
    /// It has no bytes. Terraform makes it so when it takes the lock of a state that is not there yet, and also just before it writes one.
    Blank,
    /// It is no state.
    Damaged(String),
    /// It is whole.
    Whole(State),
}

#[derive(Deserialize)]
struct File {
    version: u64,
    #[serde(default)]
    outputs: serde_json::Map<String, Value>,
    #[serde(default)]
    resources: Vec<Resource>,
    // OpenTofu's, when the state is encrypted.
    #[serde(default)]
    encrypted_data: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Resource {
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    module: Option<String>,
    #[serde(default)]
    instances: Vec<Instance>,
}

#[derive(Deserialize)]
struct Instance {
    #[serde(default)]
    index_key: Option<Value>,
}

/// The version of the state's format since Terraform 0.12.
const FORMAT: u64 = 4;

/// Reads what Terraform wrote to a file or to its output.
pub(crate) fn parse(bytes: &[u8]) -> Found {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Found::Blank;
    }
    match serde_json::from_slice::<File>(bytes) {
        Err(error) => Found::Damaged(error.to_string()),
        // What is in it only OpenTofu knows.
        Ok(file) if file.encrypted_data.is_some() => Found::Whole(State { addresses: Vec::new(), outputs: true }),
        Ok(file) if file.version != FORMAT => Found::Damaged(format!("its format is {}, not {FORMAT}", file.version)),
        Ok(file) => Found::Whole(State { addresses: addresses(&file.resources), outputs: !file.outputs.is_empty() }),
    }
}

fn addresses(resources: &[Resource]) -> Vec<String> {
    let managed = resources.iter().filter(|resource| resource.mode == "managed");
    let mut all: Vec<String> = managed
        .flat_map(|resource| {
            let module = resource.module.as_ref().map(|module| format!("{module}.")).unwrap_or_default();
            let address = format!("{module}{}.{}", resource.kind, resource.name);
            resource.instances.iter().map(move |instance| match &instance.index_key {
                None => address.clone(),
                Some(key) => format!("{address}[{key}]"),
            })
        })
        .collect();
    all.sort();
    all
}

/// Looks at a local state.
pub(crate) fn look(path: &Path) -> io::Result<Found> {
    match fs::read(path) {
        Ok(bytes) => Ok(parse(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Absent),
        Err(error) => Err(error),
    }
}

/// Copies a local state that is whole, if it is not the newest copy already; the oldest copies go.
pub(crate) fn keep_copy(state: &Path, copies: &Path, run: &str) -> io::Result<()> {
    let known = copies_of(copies);
    let content = fs::read(state)?;
    if known.last().is_some_and(|newest| fs::read(newest).is_ok_and(|copy| copy == content)) {
        return Ok(());
    }
    private::directory(copies)?;
    let mut names = (1_u32..).map(|number| copies.join(format!("{run}-{number}.tfstate")));
    let name = names.find(|name| !name.exists()).ok_or_else(|| io::Error::other("too many copies"))?;
    private::copy(state, &name)?;
    for old in known.iter().take((known.len() + 1).saturating_sub(KEPT_COPIES)) {
        fs::remove_file(old)?;
    }
    Ok(())
}

/// The newest whole state that could be put in the place of one that is damaged: Terraform's own backup, or a copy of ours.
pub(crate) fn best_copy(state: &Path, copies: &Path) -> Option<PathBuf> {
    let mut backup = state.as_os_str().to_owned();
    backup.push(".backup");
    let mut candidates = copies_of(copies);
    candidates.push(backup.into());
    let changed = |path: &PathBuf| fs::metadata(path).and_then(|found| found.modified()).ok();
    let whole = candidates.into_iter().filter(|path| matches!(look(path), Ok(Found::Whole(_))));
    whole.max_by_key(changed)
}

/// Copies have the names of runs, which begin with the time.
fn copies_of(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut copies: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "tfstate")).collect();
    copies.sort();
    copies
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(serial: u32) -> String {
        format!(
            r#"{{ "version": 4, "serial": {serial}, "outputs": {{}}, "resources": [
                {{ "mode": "data", "type": "aws_region", "name": "x", "instances": [{{}}] }},
                {{ "mode": "managed", "type": "aws_vpc", "name": "main", "instances": [{{ "attributes": {{ "id": "vpc-1" }} }}] }},
                {{ "mode": "managed", "type": "aws_subnet", "name": "s", "module": "module.m",
                   "instances": [{{ "index_key": 0 }}, {{ "index_key": "b" }}] }}] }}"#
        )
    }

    #[test]
    fn a_state_is_known_by_the_addresses_of_what_is_managed() {
        let Found::Whole(found) = parse(state(1).as_bytes()) else { panic!("not whole") };
        assert_eq!(found.addresses, ["aws_vpc.main", "module.m.aws_subnet.s[\"b\"]", "module.m.aws_subnet.s[0]"]);
        assert!(!found.is_empty());
    }

    #[test]
    fn what_is_no_state_is_told_apart_from_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.tfstate");
        assert_eq!(look(&path).unwrap(), Found::Absent);
        for (content, damaged) in [("", false), (" \n", false), ("{", true), ("[]", true), (r#"{"version":3}"#, true)] {
            fs::write(&path, content).unwrap();
            assert_eq!(matches!(look(&path).unwrap(), Found::Damaged(_)), damaged, "{content:?}");
            assert_eq!(look(&path).unwrap() == Found::Blank, !damaged, "{content:?}");
        }
        let encrypted = parse(br#"{"version":4,"serial":1,"lineage":"x","encrypted_data":"abc"}"#);
        assert!(matches!(encrypted, Found::Whole(state) if !state.is_empty()));
    }

    #[test]
    fn the_last_ten_copies_are_kept_and_the_same_state_once() {
        let dir = tempfile::tempdir().unwrap();
        let (path, copies) = (dir.path().join("x.tfstate"), dir.path().join("copies"));
        for run in 10..40 {
            fs::write(&path, state(run)).unwrap();
            keep_copy(&path, &copies, &format!("run-{run}")).unwrap();
            keep_copy(&path, &copies, &format!("run-{run}")).unwrap();
        }
        let kept = copies_of(&copies);
        assert_eq!(kept.len(), KEPT_COPIES);
        assert_eq!(kept.last().unwrap(), &copies.join("run-39-1.tfstate"));
        fs::write(&path, "").unwrap();
        assert_eq!(best_copy(&path, &copies), Some(copies.join("run-39-1.tfstate")));
    }
}
