//! The registry in DynamoDB, as an emulator has it: real conditional writes, real throttles and cut connections.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Credentials, Region};
use naming::{NetworkPlan, Placement, Platform, PlatformKind, ResourceName, TenantId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use registry::event::Signup;
use registry::store::dynamodb::DynamoDbStore;
use registry::store::memory::Fault as StoreFault;
use registry::store::{Expected, Key, Page, Store, StoreError, Stored, Transaction, Write};
use registry::{Action, Command, Registry, Request, Rules, Timestamp};
use serde_json::{Map, Value, json};

use crate::registry_support::world::{Subject, World, steps};
use crate::registry_support::{Dump, check_outbox, check_state};
use crate::support::app::{binary, clean, project_of, run};
use crate::support::emulator::{Fault, Proxy, dynamodb, emulator};

/// A table as `events` declares it, empty.
fn new_table(emulator: SocketAddr) -> ResourceName {
    static TABLES: AtomicU32 = AtomicU32::new(0);
    let suffix = format!("r{}", TABLES.fetch_add(1, Ordering::Relaxed));
    let platform = Platform {
        suffix: suffix.parse().unwrap(),
        environment: "test".parse().unwrap(),
        region: naming::Region::default(),
    };
    let name = platform.name(PlatformKind::Registry);
    let [partition, sort] = registry::store::KEY_ATTRIBUTES;
    let table = json!({
        "TableName": name.as_str(), "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": partition, "KeyType": "HASH" }, { "AttributeName": sort, "KeyType": "RANGE" }],
        "AttributeDefinitions": [
            { "AttributeName": partition, "AttributeType": "S" }, { "AttributeName": sort, "AttributeType": "S" }
        ],
    });
    dynamodb(emulator, "CreateTable", &table).expect("a table");
    name
}

/// A client that tries each call once: what goes wrong is to be seen.
fn client(address: SocketAddr) -> Client {
    let timeouts = TimeoutConfig::builder().operation_timeout(Duration::from_secs(60)).build();
    let config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .region(Region::new("us-east-1"))
        .endpoint_url(format!("http://{address}"))
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    Client::from_conf(config.build())
}

fn store(address: SocketAddr, table: &ResourceName) -> DynamoDbStore {
    DynamoDbStore::new(client(address), table.clone()).unwrap()
}

/// Every item of a table, by way of the store's own pages.
fn everything(emulator: SocketAddr, table: &ResourceName, store: &impl Store) -> Dump {
    let mut partitions = BTreeSet::new();
    let mut input = json!({ "TableName": table.as_str(), "ProjectionExpression": "tenant_id", "ConsistentRead": true });
    loop {
        let scanned = dynamodb(emulator, "Scan", &input).expect("a scan");
        for item in scanned["Items"].as_array().unwrap() {
            partitions.insert(item["tenant_id"]["S"].as_str().unwrap().to_owned());
        }
        match scanned.get("LastEvaluatedKey") {
            Some(key) if key.is_object() => input["ExclusiveStartKey"] = key.clone(),
            _ => break,
        }
    }
    let mut dump = Dump::new();
    for partition in partitions {
        let mut after = None;
        loop {
            let page = store.page(&partition, after.as_deref(), 100).unwrap();
            for (record, item) in page.items {
                dump.insert(Key { tenant_id: partition.clone(), record }, item);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    dump
}

/// A table behind a proxy that breaks what it is told to.
struct Watched {
    emulator: SocketAddr,
    proxy: Proxy,
    table: ResourceName,
    store: DynamoDbStore,
}

impl Watched {
    fn new(emulator: SocketAddr) -> Self {
        let (proxy, table) = (Proxy::before(emulator), new_table(emulator));
        let store = store(proxy.address, &table);
        Self { emulator, proxy, table, store }
    }
}

impl Store for Watched {
    fn get(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, StoreError> {
        self.store.get(keys)
    }

    fn page(&self, partition: &str, after: Option<&str>, limit: usize) -> Result<Page, StoreError> {
        self.store.page(partition, after, limit)
    }

    fn transact(&self, transaction: &Transaction) -> Result<(), StoreError> {
        self.store.transact(transaction)
    }
}

impl Subject for Watched {
    fn everything(&self) -> Dump {
        everything(self.emulator, &self.table, &self.store)
    }

    fn fail_next(&self, fault: Option<StoreFault>) {
        self.proxy.unplanned();
        let fault = match fault {
            None => return,
            Some(StoreFault::Conflict | StoreFault::Throttled) => Fault::Error(400, "ThrottlingException"),
            Some(StoreFault::LostBefore) => Fault::CutBefore,
            Some(StoreFault::LostAfter) => Fault::CutAfter,
        };
        self.proxy.plan("TransactWriteItems", fault);
    }
}

fn signup(number: u32) -> Command {
    let tenant: TenantId = format!("tenant-{number}").parse().unwrap();
    let request = Request::Signup(Signup {
        tenant_id: tenant.clone(),
        request_id: "unused".parse().unwrap(),
        placement: Placement::Shared,
        plan: None,
        network_index: None,
    });
    let request_id = format!("crm-{number}").parse().unwrap();
    let action = Action::Request { request_id, requested_at: Timestamp::from_seconds(1_700_000_000), request };
    Command { tenant, action }
}

/// "200 concurrent signups on the emulator: 200 tenants, 200 different indices, no lost or doubled event"
#[test]
fn two_hundred_signups_at_once_are_two_hundred_tenants_with_two_hundred_indices_and_events() {
    const SIGNUPS: u32 = 200;
    let Some(emulator) = emulator("registry_store") else { return };
    let table = new_table(emulator);
    let store = store(emulator, &table);
    let registry = Registry::new(&store, Rules::new("dev".parse().unwrap(), NetworkPlan::default()));
    let now = Timestamp::from_seconds(1_700_000_000);
    let answers: BTreeMap<u32, u32> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..SIGNUPS)
            .map(|number| {
                let registry = &registry;
                scope.spawn(move || {
                    let applied = registry.apply(&signup(number), now);
                    (number, applied.unwrap_or_else(|error| panic!("{number}: {error:?}")).entry.network_index.unwrap())
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(answers.len(), 200);
    assert_eq!(answers.values().collect::<BTreeSet<_>>().len(), 200, "no index twice");
    let dump = everything(emulator, &table, &store);
    check_state(&dump, now);
    assert_eq!(registry.entries().unwrap().len(), 200);
    let announced = (0..SIGNUPS).map(|number| format!("dev.tenant-{number}.1.0")).collect();
    check_outbox(&registry, &announced, 3);
    // Each of them once more changes nothing, and gets the same answer.
    for (number, index) in answers.into_iter().step_by(20) {
        let again = registry.apply(&signup(number), now).unwrap();
        assert_eq!((again.what, again.entry.network_index), (None, Some(index)));
    }
}

/// The same processes, crashes and lost answers as in memory, with real conditional writes.
#[test]
fn any_interleaving_keeps_the_registry_whole_with_real_conditional_writes() {
    let Some(emulator) = emulator("registry_store") else { return };
    let config = Config { cases: 6, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    TestRunner::new(config)
        .run(
            &steps().prop_map(|mut steps| {
                steps.truncate(50);
                steps
            }),
            |steps| {
                let mut world = World::new(Watched::new(emulator));
                for step in &steps {
                    world.step(step);
                }
                world.end();
                check_outbox(&world.registry, &world.watch.announced, 1);
                Ok(())
            },
        )
        .unwrap();
}

/// Every way in which a call can go wrong, and what the store makes of it.
#[test]
fn what_goes_wrong_on_the_way_is_told_as_what_it_is() {
    let Some(emulator) = emulator("registry_store") else { return };
    let watched = Watched::new(emulator);
    let key = |record: &str| Key { tenant_id: "acme".to_owned(), record: record.to_owned() };
    let write = |record: &str, expected, version| {
        let body: Map<String, Value> = [
            ("text".to_owned(), json!("")),
            ("deep".to_owned(), json!({ "list": [1, null, true, { "a": 1.5 }], "none": {} })),
            ("large".to_owned(), json!(u64::MAX)),
            // A body cannot change whose item it is.
            ("tenant_id".to_owned(), json!("other")),
        ]
        .into_iter()
        .collect();
        Write { key: key(record), expected, becomes: Some(Stored { version, body }) }
    };
    let one = |write| Transaction { writes: vec![write] };
    let create = one(write("a", Expected::Absent, 1));
    let plan = |fault| watched.proxy.plan("TransactWriteItems", fault);
    plan(Fault::Error(400, "ThrottlingException"));
    assert!(matches!(watched.transact(&create), Err(StoreError::Throttled(_))));
    plan(Fault::CutBefore);
    assert!(matches!(watched.transact(&create), Err(StoreError::Unknown(_))));
    assert_eq!(watched.get(&[key("a")]).unwrap(), [None]);
    plan(Fault::Error(500, "InternalServerError"));
    assert!(matches!(watched.transact(&create), Err(StoreError::Unknown(_))));
    plan(Fault::Error(400, "AccessDeniedException"));
    assert!(matches!(watched.transact(&create), Err(StoreError::Refused(_))));
    plan(Fault::CutAfter);
    assert!(matches!(watched.transact(&create), Err(StoreError::Unknown(_))));
    assert!(matches!(watched.transact(&create), Err(StoreError::Conflict { .. })), "the same by another process");
    let stored = watched.get(&[key("b"), key("a")]).unwrap();
    let mut body = create.writes[0].becomes.clone().unwrap().body;
    body.remove("tenant_id");
    assert_eq!(stored, [None, Some(Stored { version: 1, body })]);
    // All or none, and the items whose conditions do not hold are named.
    let mixed = Transaction { writes: vec![write("b", Expected::Absent, 1), write("a", Expected::Version(7), 8)] };
    match watched.transact(&mixed) {
        Err(StoreError::Conflict { keys }) => assert_eq!(keys, [key("a")]),
        other => panic!("{other:?}"),
    }
    assert_eq!(watched.get(&[key("b")]).unwrap(), [None]);
    watched.transact(&one(write("a", Expected::Version(1), 2))).unwrap();
    let delete = Write { key: key("a"), expected: Expected::Version(2), becomes: None };
    watched.transact(&one(delete)).unwrap();
    for operation in ["BatchGetItem", "Query"] {
        for fault in
            [Fault::CutBefore, Fault::Error(500, "InternalServerError"), Fault::Error(400, "ThrottlingException")]
        {
            watched.proxy.plan(operation, fault);
            let error = match operation {
                "Query" => watched.page("acme", None, 5).unwrap_err(),
                _ => watched.get(&[key("a")]).unwrap_err(),
            };
            assert!(matches!(error, StoreError::Throttled(_)), "{operation}: {error:?}");
        }
    }
    // Pages go on where they ended.
    let many = (0..7).map(|number| write(&format!("n{number}"), Expected::Absent, 1)).collect();
    watched.transact(&Transaction { writes: many }).unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = watched.page("acme", after.as_deref(), 3).unwrap();
        seen.extend(page.items.into_iter().map(|(record, _)| record));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["n0", "n1", "n2", "n3", "n4", "n5", "n6"]);
}

/// A signup gets through a storm of throttles and cut connections, once.
#[test]
fn a_signup_gets_through_throttles_and_cut_connections_and_counts_once() {
    let Some(emulator) = emulator("registry_store") else { return };
    let watched = Watched::new(emulator);
    for (operation, fault) in [
        ("BatchGetItem", Fault::Error(400, "ProvisionedThroughputExceededException")),
        ("Query", Fault::CutBefore),
        ("TransactWriteItems", Fault::CutBefore),
        ("TransactWriteItems", Fault::Error(500, "InternalServerError")),
        ("TransactWriteItems", Fault::CutAfter),
    ] {
        watched.proxy.plan(operation, fault);
    }
    let now = Timestamp::from_seconds(1_700_000_000);
    let registry = Registry::new(&watched.store, Rules::new("dev".parse().unwrap(), NetworkPlan::default()));
    let applied = registry.apply(&signup(1), now).unwrap();
    assert_eq!(watched.proxy.unplanned(), 0, "all of it happened");
    assert!(applied.entry.network_index.is_some());
    let dump = everything(emulator, &watched.table, &watched.store);
    check_state(&dump, now);
    check_outbox(&registry, &["dev.tenant-1.1.0".to_owned()].into(), 0);
}

/// "`app tenants add ID`, `remove`, `list`, `status`, `events replay FILE`: same code path, registry in `tenants.json` or in DynamoDB"
#[test]
fn the_command_line_works_on_the_platforms_table_too() {
    let Some(emulator) = emulator("registry_store") else { return };
    let table = new_table(emulator);
    let suffix = table.as_str().strip_prefix("platform-registry-").unwrap();
    let project = project_of(format!(r#"{{ "environment_suffix": "{suffix}", "tenants": [] }}"#));
    let tenants_file = || std::fs::read_to_string(project.path().join("tenants.json")).unwrap();
    let before = tenants_file();
    let command = |arguments: &[&str]| {
        let mut command = clean(binary());
        command.args(arguments).args(["--registry", "dynamodb", "--format", "json"]).current_dir(project.path());
        let credentials = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
        command.envs(credentials).env("AWS_ENDPOINT_URL", format!("http://{emulator}"));
        run(&mut command)
    };
    let add = ["tenants", "add", "newco", "--request-id", "crm-1"];
    let added = command(&add).done("add").json();
    assert_eq!([&added["done"], &added["tenant"]["status"]], ["signed_up", "requested"]);
    assert!(
        added["tenant"]["next_step"].as_str().unwrap().contains("a run begins, and is begun again by itself"),
        "{added}"
    );
    assert_eq!(command(&add).done("add again").json()["done"], Value::Null);

    let detail = json!({ "version": "1", "tenant_id": "other", "environment_suffix": suffix, "request_id": "crm-2" });
    let event = json!({ "id": "e-1", "source": "palisade.signup", "detail-type": "TenantSignup",
        "time": "2026-01-31T12:00:00Z", "detail": detail });
    std::fs::write(project.path().join("events.json"), event.to_string()).unwrap();
    let replayed = command(&["events", "replay", "events.json"]).done("replay").json();
    assert_eq!(replayed["events"][0]["outcome"], "done", "{replayed}");
    let refused = command(&["events", "replay", "events.json", "--dry-run"]);
    assert!(
        refused.code == Some(1) && refused.stderr.contains("the platform's cannot be copied"),
        "{}",
        refused.stderr
    );

    command(&["tenants", "remove", "newco", "--request-id", "crm-bye"]).done("remove");
    let listed = command(&["tenants", "list"]).done("list").json();
    let listed: Vec<[&Value; 3]> = listed["tenants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tenant| [&tenant["tenant"], &tenant["status"], &tenant["network_index"]])
        .collect();
    assert_eq!(
        listed,
        [[&json!("newco"), &json!("deprovisioning"), &json!(0)], [&json!("other"), &json!("requested"), &json!(1)]]
    );
    let status = command(&["tenants", "status", "newco"]).done("status").json();
    assert_eq!(status["history"].as_array().unwrap().len(), 2, "{status:#}");
    let registry = Registry::new(store(emulator, &table), Rules::new(suffix.parse().unwrap(), NetworkPlan::default()));
    assert_eq!(registry.entries().unwrap().len(), 2, "it is the table that was written");
    assert_eq!(tenants_file(), before, "and nothing else");
    assert!(!project.path().join(".palisade").exists());
}
