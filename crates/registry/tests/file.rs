//! The registry of a laptop: two files, people who edit one of them, several processes, and kills between the writes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use naming::fleet::{Fleet, Overrides};
use naming::{Placement, TenantId};
use registry::event::Signup;
use registry::store::file::FileStore;
use registry::store::{Key, Store};
use registry::{
    Action, Applied, Command, Fence, Outcome, Purpose, Registry, RegistryError, Request, Rules, Status, Timestamp, What,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::{Dump, Watch, check_state};

const FILE: &str = "{\n  \"environment_suffix\": \"dev\",\n  \"tenants\": [\n    { \"network_index\": 0, \"id\": \"acme\" },\n    { \"network_index\": 2, \"id\": \"beta\", \"state\": \"suspended\" }\n  ]\n}\n";

struct Desk {
    directory: tempfile::TempDir,
    now: Timestamp,
}

impl Desk {
    fn new(file: &str) -> Self {
        let desk = Self { directory: tempfile::tempdir().unwrap(), now: Timestamp::from_seconds(1_700_000_000) };
        fs::write(desk.path(), file).unwrap();
        desk
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("tenants.json")
    }

    fn registry_path(&self) -> PathBuf {
        self.directory.path().join(".palisade/registry.json")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    fn registry(&self) -> Registry<FileStore> {
        open(&self.path(), self.now)
    }

    fn dump(&self) -> Dump {
        self.registry().store().copy().unwrap().dump().into_iter().collect()
    }

    fn try_request(&self, id: &str, request_id: &str, request: Request) -> Result<Applied, RegistryError> {
        let action = Action::Request { request_id: request_id.parse().unwrap(), requested_at: self.now, request };
        self.registry().apply(&Command { tenant: id.parse().unwrap(), action }, self.now)
    }

    fn request(&self, id: &str, request_id: &str, request: Request) -> Applied {
        self.try_request(id, request_id, request).unwrap()
    }

    fn act(&self, id: &str, action: Action) -> Applied {
        self.registry().apply(&Command { tenant: id.parse().unwrap(), action }, self.now).unwrap()
    }

    fn status(&self, id: &str) -> Status {
        self.registry().entry(&id.parse().unwrap()).unwrap().unwrap().status
    }
}

fn open(path: &Path, now: Timestamp) -> Registry<FileStore> {
    let store = FileStore::open(path, Overrides::default(), now).unwrap();
    let fleet = store.fleet().unwrap();
    Registry::new(store, Rules::new(fleet.environment_suffix, fleet.plan))
}

fn signup(id: &str, index: Option<u32>) -> Request {
    Request::Signup(Signup {
        tenant_id: id.parse().unwrap(),
        request_id: "unused".parse().unwrap(),
        placement: Placement::Shared,
        plan: None,
        network_index: index,
    })
}

fn at_once() -> Request {
    Request::Offboard { waiting: Some(Duration::ZERO) }
}

#[test]
fn a_tenants_whole_life_leaves_the_rest_of_the_file_to_the_byte() {
    let mut desk = Desk::new(FILE);
    let mut watch = Watch::default();
    let mut before = desk.dump();
    let mut step = |desk: &Desk, id: &str, action: Action| {
        let applied = desk.act(id, action);
        let after = desk.dump();
        watch.check_change(&before, &after, desk.now);
        before = after;
        applied.entry
    };
    let request = |desk: &Desk, id: &str, request| Action::Request {
        request_id: id.parse().unwrap(),
        requested_at: desk.now,
        request,
    };
    let entry = step(&desk, "acme-2", request(&desk, "r1", signup("acme-2", None)));
    assert_eq!((entry.status, entry.network_index), (Status::Requested, Some(1)), "the lowest free index");
    let with = |line: &str| FILE.replace("\"suspended\" }\n", &format!("\"suspended\" }}{line}\n"));
    assert_eq!(desk.text(), with(",\n    { \"id\": \"acme-2\", \"network_index\": 1 }"));
    let owner: registry::LeaseOwner = "run".parse().unwrap();
    let lease = |purpose| Action::Lease { owner: "run".parse().unwrap(), purpose, duration: Duration::from_secs(60) };
    let end = |token, outcome| Action::End { fence: Fence { owner: owner.clone(), token }, outcome };
    step(&desk, "acme-2", lease(Purpose::Deploy));
    let outputs = [("bucket_name".to_owned(), "tenant-acme-2-data-dev".to_owned())].into();
    step(&desk, "acme-2", end(1, Outcome::Provisioned { outputs, release: None }));
    step(&desk, "acme-2", request(&desk, "r2", Request::Suspend));
    assert_eq!(desk.text(), with(",\n    { \"id\": \"acme-2\", \"network_index\": 1, \"state\": \"suspended\" }"));
    step(&desk, "acme-2", request(&desk, "r3", at_once()));
    assert_eq!(desk.text(), with(",\n    { \"id\": \"acme-2\", \"network_index\": 1, \"state\": \"removed\" }"));
    step(&desk, "acme-2", lease(Purpose::Destroy));
    step(&desk, "acme-2", end(2, Outcome::Deprovisioned));
    assert!(desk.text().contains("acme-2"), "the tombstone stays during the quarantine");
    desk.now = desk.now.after(naming::lifecycle::QUARANTINE);
    assert_eq!(step(&desk, "acme-2", Action::Reconcile).status, Status::Forgotten);
    assert_eq!(desk.text(), FILE);
}

#[test]
fn what_people_write_into_the_file_counts() {
    let desk = Desk::new(FILE);
    assert_eq!((desk.status("acme"), desk.status("beta")), (Status::Requested, Status::Suspended));
    assert!(!desk.registry_path().exists(), "looking writes nothing");
    desk.request("new", "r1", signup("new", None));
    // A state by hand, a tenant by hand, an index by hand.
    let by_hand = desk
        .text()
        .replace("\"id\": \"acme\" }", "\"id\": \"acme\", \"state\": \"removed\" }")
        .replace("\"network_index\": 1 }", "\"network_index\": 9 }, { \"id\": \"zeta\", \"network_index\": 1 }");
    fs::write(desk.path(), &by_hand).unwrap();
    assert_eq!((desk.status("acme"), desk.status("zeta")), (Status::Deprovisioning, Status::Requested));
    assert_eq!(desk.registry().entry(&"new".parse().unwrap()).unwrap().unwrap().network_index, Some(9));
    check_state(&desk.dump(), desk.now);
    desk.request("more", "r2", signup("more", None));
    assert_eq!(
        desk.text(),
        by_hand.replace("\"network_index\": 1 }", "\"network_index\": 1 }, { \"id\": \"more\", \"network_index\": 3 }")
    );
    check_state(&desk.dump(), desk.now);
    let history: Vec<What> =
        desk.registry().history(&"acme".parse().unwrap()).unwrap().iter().map(|change| change.what).collect();
    assert_eq!(history, [What::Adopted, What::Edited]);
    // A line that is gone: the environment may still be there, so its index stays reserved.
    let gone = desk.text().replace("{ \"id\": \"zeta\", \"network_index\": 1 }, ", "");
    fs::write(desk.path(), &gone).unwrap();
    assert_eq!(desk.request("last", "r3", signup("last", None)).entry.network_index, Some(4), "1 is still zeta's");
    let error = desk.try_request("other", "r4", signup("other", Some(1))).unwrap_err();
    assert!(error.to_string().contains("network_index 1 is taken by tenant `zeta`"), "{error}");
    fs::write(desk.path(), gone.replace("\"network_index\": 3 }", "\"network_index\": 1 }")).unwrap();
    let cause = FileStore::open(&desk.path(), Overrides::default(), desk.now).unwrap().fleet().unwrap_err().to_string();
    assert!(cause.contains("gives network_index 1 to `more`, but tenant `zeta` still holds it"), "{cause}");
}

/// What a kill leaves between the two files: the registry is decided, the tenants file is still the old one.
#[test]
fn what_a_kill_interrupts_every_reader_sees_and_the_next_writer_completes() {
    let desk = Desk::new(FILE);
    desk.request("one", "r1", signup("one", None));
    let old = desk.text();
    desk.request("two", "r2", signup("two", None));
    let new = desk.text();
    // The moment after the registry was renamed.
    let mut document: Value = serde_json::from_slice(&fs::read(desk.registry_path()).unwrap()).unwrap();
    assert_eq!(document.get("pending"), None, "nothing is pending when a command has ended");
    let digest: String = Sha256::digest(&old).iter().map(|byte| format!("{byte:02x}")).collect();
    document["pending"] = json!({ "replaces": digest, "text": new });
    let decided = serde_json::to_vec(&document).unwrap();
    fs::write(desk.registry_path(), &decided).unwrap();
    fs::write(desk.path(), &old).unwrap();
    assert_eq!(desk.status("two"), Status::Requested);
    assert_eq!(desk.registry().store().fleet().unwrap().tenants.len(), 4);
    assert_eq!(desk.request("two", "r2", signup("two", None)).what, None, "the request is known");
    assert_eq!(desk.text(), old, "a reader writes nothing");
    desk.request("three", "r3", signup("three", None));
    let expected = new.replace(
        "\"id\": \"two\", \"network_index\": 3 }",
        "\"id\": \"two\", \"network_index\": 3 },\n    { \"id\": \"three\", \"network_index\": 4 }",
    );
    assert_eq!(desk.text(), expected);
    check_state(&desk.dump(), desk.now);
    // Where a person changed the file after the kill, their file stands.
    let by_hand = old.replace("\"acme\" }", "\"acme\", \"state\": \"suspended\" }");
    fs::write(desk.registry_path(), &decided).unwrap();
    fs::write(desk.path(), &by_hand).unwrap();
    assert_ne!(by_hand, old);
    assert_eq!(desk.status("acme"), Status::Suspended);
    let fleet = desk.registry().store().fleet().unwrap();
    assert!(!fleet.tenants.iter().any(|tenant| tenant.tenant.id.as_str() == "two"));
}

#[test]
fn many_writers_at_once_lose_nothing() {
    let desk = Desk::new(FILE);
    let path = desk.path();
    std::thread::scope(|scope| {
        for number in 0..24 {
            let (path, now) = (&path, desk.now);
            scope.spawn(move || {
                let id = format!("tenant-{number}");
                let action =
                    Action::Request { request_id: id.parse().unwrap(), requested_at: now, request: signup(&id, None) };
                open(path, now).apply(&Command { tenant: id.parse().unwrap(), action }, now).unwrap()
            });
        }
    });
    let fleet = Fleet::parse(desk.text().as_bytes(), "f", &Overrides::default()).unwrap();
    assert_eq!(fleet.tenants.len(), 26);
    check_state(&desk.dump(), desk.now);
    assert_eq!(desk.registry().pending().unwrap().len(), 24);
}

#[test]
fn a_broken_file_is_never_written_and_a_strange_registry_never_replaced() {
    let desk = Desk::new(FILE);
    desk.request("new", "r1", signup("new", None));
    let (text, registry) = (desk.text(), fs::read(desk.registry_path()).unwrap());
    let store = FileStore::open(&desk.path(), Overrides::default(), desk.now).unwrap();
    for (wrong, message) in [
        (&b"{"[..], "is no registry of this program"),
        (br#"{ "format_version": "2" }"#, "format version `2`"),
        (
            br#"{ "format_version": "1", "environment_suffix": "prod", "items": {} }"#,
            "environment `prod`, and this run is for `dev`",
        ),
    ] {
        fs::write(desk.registry_path(), wrong).unwrap();
        let error = store.get(&[Key::index(0)]).unwrap_err();
        let said = std::error::Error::source(&error).unwrap().to_string();
        assert!(said.contains(message), "{said}");
        assert_eq!(fs::read(desk.registry_path()).unwrap(), wrong);
    }
    fs::write(desk.registry_path(), &registry).unwrap();
    // A tenants file with a mistake is not made right, and not made worse.
    let broken = text.replace("\"dev\"", "\"d-ev\"");
    fs::write(desk.path(), &broken).unwrap();
    assert!(store.transact(&registry::store::Transaction::default()).is_err());
    assert_eq!(desk.text(), broken);
    assert_eq!(fs::read(desk.registry_path()).unwrap(), registry);
}

#[cfg(unix)]
#[test]
fn the_registry_is_private_and_the_tenants_file_keeps_its_mode_and_its_link() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let desk = Desk::new(FILE);
    fs::set_permissions(desk.path(), fs::Permissions::from_mode(0o640)).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("tenants.json");
    symlink(desk.path(), &link).unwrap();
    let tenant: TenantId = "new".parse().unwrap();
    let action =
        Action::Request { request_id: "r".parse().unwrap(), requested_at: desk.now, request: signup("new", None) };
    open(&link, desk.now).apply(&Command { tenant, action }, desk.now).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink() && desk.text().contains("new"));
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!((mode(&desk.path()), mode(&desk.registry_path())), (0o640, 0o600));
    assert_eq!(mode(desk.registry_path().parent().unwrap()), 0o700);
}

#[test]
fn many_commands_are_carried_out_as_one_and_the_tenants_file_follows() {
    let desk = Desk::new(FILE);
    let rules = desk.registry().rules().clone();
    let store = FileStore::open(&desk.path(), Overrides::default(), desk.now).unwrap();
    let before = fs::read(desk.path()).unwrap();
    let statuses = store
        .all_at_once(|memory| {
            let registry = Registry::new(memory, rules.clone());
            let ids: [TenantId; 2] = ["gamma".parse().unwrap(), "delta".parse().unwrap()];
            ids.map(|id| {
                let action = Action::Request {
                    request_id: "r-1".parse().unwrap(),
                    requested_at: desk.now,
                    request: signup(id.as_str(), None),
                };
                let applied = registry.apply(&Command { tenant: id, action }, desk.now).unwrap();
                assert_eq!(fs::read(desk.path()).unwrap(), before, "nothing is written before all is done");
                (applied.entry.status, applied.entry.network_index)
            })
        })
        .unwrap();
    assert_eq!(statuses, [(Status::Requested, Some(1)), (Status::Requested, Some(3))]);
    assert_eq!([desk.status("gamma"), desk.status("delta")], [Status::Requested; 2]);
    let fleet = Fleet::parse(desk.text().as_bytes(), "tenants.json", &Overrides::default()).unwrap();
    let listed: Vec<String> = fleet.tenants.iter().map(|listed| listed.tenant.id.to_string()).collect();
    assert!(listed.contains(&"gamma".to_owned()) && listed.contains(&"delta".to_owned()), "{listed:?}");
    check_state(&desk.dump(), desk.now);
}
