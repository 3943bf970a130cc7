//! The registry of a laptop: the tenants file, and what that has no field for in `.palisade/registry.json` beside it.
//!
//! People edit the tenants file, so it wins: a tenant that they wrote there is taken in, a state that they changed is taken over. What this
//! program changes there it changes in the text, and the result is parsed before it takes the file's place.
//!
//! Two files cannot be renamed at once. So the registry is written first, with the text that the tenants file is to have and the digest of
//! the text that it replaces; then the tenants file; then the registry without that text. Renaming the registry is the moment of decision:
//! who is killed before it has changed nothing, and after it every reader takes the new text for the file's, and the next writer puts it
//! there. Where a person changed the file in between, their file stands. Each file is the old one or the new one at any moment, and both
//! are on the disk before the command says so. A lock that the system lets go with its process keeps writers apart.

mod adopt;
mod disk;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use naming::fleet::{Edit, EditError, Fleet, FleetErrors, Overrides};
use naming::{OutsidePlanError, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::items::Items;
use super::memory::MemoryStore;
use super::{Key, Page, Store, StoreError, Stored, Transaction};
use crate::decide::Pending;
use crate::registry::Publisher;
use crate::time::Timestamp;
use disk::Lock;

/// Why the registry of a laptop cannot be used. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot {doing} `{}`; the registry and the tenants file are as they were", path.display())]
    Write {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The change is decided, but the tenants file could not be written.
    #[error("cannot write `{}`; the change is recorded, and the next `app tenants` command puts it into the file", path.display())]
    Unfinished {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The tenants file has errors.
    #[error("{0}")]
    Fleet(FleetErrors),
    /// The tenants file cannot be changed.
    #[error(transparent)]
    Edit(EditError),
    /// An index that the plan does not have.
    #[error(transparent)]
    OutsidePlan(OutsidePlanError),
    /// The registry cannot be understood.
    #[error(
        "`{}` is no registry of this program; put it aside, and the tenants file alone counts (what it does not say, such as histories, is \
         lost)",
        path.display()
    )]
    NotARegistry {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// A registry of a later program.
    #[error("`{}` has format version `{version}`; this program understands \"{FORMAT}\"", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: String,
    },
    /// Another environment's registry.
    #[error(
        "`{}` is the registry of the environment `{theirs}`, and this run is for `{ours}`; give each environment a tenants file of its own",
        path.display()
    )]
    OtherEnvironment {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        theirs: String,
        /// For whom it was read.
        ours: String,
    },
    /// A person gave an index to a tenant that is not free.
    #[error(
        "the tenants file gives network_index {index} to `{tenant}`, but tenant `{holder}` still holds it: its destroy is not recorded, or its \
         quarantine is not over; give `{tenant}` another index"
    )]
    IndexHeld {
        /// The index.
        index: u32,
        /// Who is to have it.
        tenant: TenantId,
        /// Who has it.
        holder: String,
    },
}

impl From<FileError> for StoreError {
    fn from(error: FileError) -> Self {
        Self::Refused(Box::<dyn Error + Send + Sync>::from(error))
    }
}

const FORMAT: &str = "1";

/// The registry file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format_version: String,
    environment_suffix: String,
    /// What the tenants file is about to become.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pending: Option<PendingText>,
    /// By partition and record.
    items: BTreeMap<String, BTreeMap<String, ItemDocument>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct PendingText {
    /// The SHA-256 of the file that it replaces.
    replaces: String,
    text: String,
}

#[derive(Serialize, Deserialize)]
struct ItemDocument {
    version: u64,
    body: Map<String, Value>,
}

/// Both files, as they are.
struct Loaded {
    /// The text of the tenants file, with what is pending.
    text: Vec<u8>,
    /// Whether that text is still to be written.
    unwritten: bool,
    fleet: Fleet,
    items: Items,
}

/// The registry of a laptop.
#[derive(Debug)]
pub struct FileStore {
    tenants: PathBuf,
    overrides: Overrides,
    home: PathBuf,
    registry: PathBuf,
    now: Timestamp,
}

impl FileStore {
    /// The registry that belongs to a tenants file. `now` is when people's changes to that file are said to have been made.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn open(tenants_file: &Path, overrides: Overrides, now: Timestamp) -> Result<Self, FileError> {
        // The file itself is replaced, not a link to it.
        let tenants = std::fs::canonicalize(tenants_file)
            .map_err(|source| FileError::Read { path: tenants_file.to_owned(), source })?;
        let home = tenants.parent().unwrap_or(Path::new(".")).join(".palisade");
        let name = match tenants.file_stem().map(|stem| stem.to_string_lossy()) {
            Some(stem) if stem != "tenants" => format!("registry.{stem}.json"),
            _ => "registry.json".to_owned(),
        };
        let registry = home.join(name);
        Ok(Self { tenants, overrides, home, registry, now })
    }

    /// The tenants file, as it is.
    ///
    /// # Errors
    /// When it cannot be read, or has errors.
    pub fn fleet(&self) -> Result<Fleet, FileError> {
        let _lock = Lock::to_read(&self.home)?;
        Ok(self.load()?.fleet)
    }

    /// Where the events of a laptop go, which has no bus: `.palisade/events.jsonl`, one on a line, as EventBridge would deliver them.
    pub fn event_log(&self) -> EventLog {
        EventLog { path: self.home.join("events.jsonl") }
    }

    /// A copy of all items, for trying something out.
    ///
    /// # Errors
    /// When a file cannot be read, or has errors.
    pub fn copy(&self) -> Result<MemoryStore, FileError> {
        let _lock = Lock::to_read(&self.home)?;
        Ok(MemoryStore::of(self.load()?.items.0))
    }

    fn load(&self) -> Result<Loaded, FileError> {
        // In this order: a reader without the lock then sees a pending text or the file that it became.
        let document = self.document()?;
        let mut text = disk::read(&self.tenants, Fleet::MAX_BYTES)?;
        let mut unwritten = false;
        if let Some(pending) = document.as_ref().and_then(|document| document.pending.as_ref())
            && pending.replaces == digest(&text)
        {
            text = pending.text.clone().into_bytes();
            unwritten = true;
        }
        let name = self.tenants.file_name().unwrap_or_default().to_string_lossy();
        let fleet = Fleet::parse(&text, &name, &self.overrides).map_err(FileError::Fleet)?;
        let mut items = Items::default();
        if let Some(document) = document {
            let (ours, theirs) = (fleet.environment_suffix.to_string(), document.environment_suffix);
            if ours != theirs {
                return Err(FileError::OtherEnvironment { path: self.registry.clone(), theirs, ours });
            }
            for (tenant_id, records) in document.items {
                for (record, ItemDocument { version, body }) in records {
                    let key = Key { tenant_id: tenant_id.clone(), record };
                    items.0.insert(key, Stored { version, body });
                }
            }
        }
        adopt::adopt(&mut items, &fleet, self.now).map_err(|error| error.at(&self.registry))?;
        Ok(Loaded { text, unwritten, fleet, items })
    }

    fn document(&self) -> Result<Option<Document>, FileError> {
        let bytes = match disk::read(&self.registry, usize::MAX - 1) {
            Err(FileError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes?,
        };
        let unknown = |source| FileError::NotARegistry { path: self.registry.clone(), source };
        let value: Value = serde_json::from_slice(&bytes).map_err(unknown)?;
        if let Some(version) = value.get("format_version").and_then(Value::as_str).filter(|version| *version != FORMAT)
        {
            return Err(FileError::Format { path: self.registry.clone(), version: naming::shown(version) });
        }
        serde_json::from_value(value).map(Some).map_err(unknown)
    }

    fn write_registry(&self, items: &Items, fleet: &Fleet, pending: Option<PendingText>) -> Result<(), FileError> {
        let mut by_partition: BTreeMap<String, BTreeMap<String, ItemDocument>> = BTreeMap::new();
        for (key, item) in &items.0 {
            let document = ItemDocument { version: item.version, body: item.body.clone() };
            by_partition.entry(key.tenant_id.clone()).or_default().insert(key.record.clone(), document);
        }
        let document = Document {
            format_version: FORMAT.to_owned(),
            environment_suffix: fleet.environment_suffix.to_string(),
            pending,
            items: by_partition,
        };
        let failed = |source: serde_json::Error| FileError::Write {
            doing: "write",
            path: self.registry.clone(),
            source: source.into(),
        };
        let mut bytes = serde_json::to_vec_pretty(&document).map_err(failed)?;
        bytes.push(b'\n');
        disk::replace(&self.registry, &bytes)
    }

    fn write_tenants(&self, text: &[u8]) -> Result<(), FileError> {
        disk::replace(&self.tenants, text).map_err(|error| match error {
            FileError::Write { path, source, .. } => FileError::Unfinished { path, source },
            other => other,
        })
    }

    /// Carries out many commands as one: they see and change a copy in memory, which then takes the place of the files, whole. Meanwhile
    /// nobody else writes. A file is written once, where each command by itself would write it several times.
    ///
    /// # Errors
    /// When a file cannot be read or written, or has errors; then nothing is changed.
    pub fn all_at_once<T>(&self, act: impl FnOnce(&MemoryStore) -> T) -> Result<T, StoreError> {
        self.change(|items| {
            let memory = MemoryStore::of(std::mem::take(&mut items.0));
            let result = act(&memory);
            items.0 = memory.dump().into_iter().collect();
            Ok(result)
        })
    }

    fn change<T>(&self, act: impl FnOnce(&mut Items) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let _lock = Lock::to_write(&self.home)?;
        let mut loaded = self.load()?;
        if loaded.unwritten {
            self.write_tenants(&loaded.text)?;
        }
        let before: BTreeMap<Key, u64> = loaded.items.0.iter().map(|(key, item)| (key.clone(), item.version)).collect();
        let result = act(&mut loaded.items)?;
        let changed = loaded.items.0.iter().filter(|(key, item)| before.get(key) != Some(&item.version));
        let entries: Vec<&Stored> = changed.filter(|(key, _)| key.record == "tenant").map(|(_, item)| item).collect();
        let edits = self.edits(&loaded, &entries)?;
        if edits.is_empty() {
            self.write_registry(&loaded.items, &loaded.fleet, None)?;
            return Ok(result);
        }
        let name = self.tenants.file_name().unwrap_or_default().to_string_lossy();
        let text = naming::fleet::edit(&loaded.text, &name, &self.overrides, &edits).map_err(FileError::Edit)?;
        let pending = PendingText { replaces: digest(&loaded.text), text: text.clone() };
        self.write_registry(&loaded.items, &loaded.fleet, Some(pending))?;
        self.write_tenants(text.as_bytes())?;
        // Else a person who brings the old file back, byte for byte, would find it changed again.
        self.write_registry(&loaded.items, &loaded.fleet, None)?;
        Ok(result)
    }

    /// What has to change in the tenants file for it to say what these entries say.
    fn edits(&self, loaded: &Loaded, entries: &[&Stored]) -> Result<Vec<Edit>, FileError> {
        let mut edits = Vec::new();
        for item in entries {
            let entry =
                adopt::entry(item).map_err(|source| FileError::NotARegistry { path: self.registry.clone(), source })?;
            let id = entry.tenant.clone();
            let listed = loaded.fleet.tenants.iter().find(|listed| listed.tenant.id == id);
            match (listed, entry.line()) {
                (None, Some((index, state))) => edits.push(Edit::Add {
                    network_index: loaded.fleet.plan.index(u64::from(index)).map_err(FileError::OutsidePlan)?,
                    placement: entry.placement(),
                    id,
                    state,
                }),
                (Some(_), None) => edits.push(Edit::Drop { id }),
                (Some(listed), Some((_, state))) if listed.state != state => edits.push(Edit::SetState { id, state }),
                _ => {}
            }
        }
        Ok(edits)
    }
}

/// A file of events.
#[derive(Clone, Debug)]
pub struct EventLog {
    path: PathBuf,
}

impl Publisher for EventLog {
    fn publish(&mut self, events: &[Pending]) -> Vec<Result<(), String>> {
        let mut lines = String::new();
        for event in events {
            let time = event.detail.get("occurred_at").unwrap_or(&Value::Null);
            let line = serde_json::json!({
                "source": naming::lifecycle::SOURCE, "detail-type": event.detail_type, "time": time, "detail": event.detail,
            });
            lines.push_str(&line.to_string());
            lines.push('\n');
        }
        let written = disk::append(&self.path, lines.as_bytes());
        let result = written.map_err(|source| format!("cannot write `{}`: {source}", self.path.display()));
        vec![result; events.len()]
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Store for FileStore {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, StoreError> {
        let _lock = Lock::to_read(&self.home)?;
        Ok(self.load()?.items.get(keys))
    }

    fn page(&self, partition: &str, after: Option<&str>, limit: usize) -> Result<Page, StoreError> {
        let _lock = Lock::to_read(&self.home)?;
        Ok(self.load()?.items.page(partition, after, limit))
    }

    fn transact(&self, transaction: &Transaction) -> Result<(), StoreError> {
        self.change(|items| items.transact(transaction).map_err(|keys| StoreError::Conflict { keys }))
    }
}
