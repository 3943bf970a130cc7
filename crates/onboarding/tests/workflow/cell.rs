//! A cell: the workflow, the function, a registry in memory, and made-up services around them.

use std::cell::{Cell as Slot, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use construct::Text;
use construct::test_util::platform;
use events::asl::interpret::{Execution, Pause, TaskError, World, run};
use events::workflow::Workflow;
use onboarding::{Desk, Settings};
use registry::store::memory::MemoryStore;
use registry::{Entry, Registry, Timestamp};
use serde_json::{Value, json};

/// What a build does: given the cell and the tenant's id.
type Build = Rc<dyn Fn(&Cell, &str) -> Result<Value, TaskError>>;

/// What happens before a task.
type Meanwhile = Box<dyn FnOnce(&Cell)>;

pub(crate) struct Cell {
    pub(crate) definition: Value,
    pub(crate) desk: Desk<MemoryStore>,
    /// What was put on the bus: detail-type and detail.
    pub(crate) bus: RefCell<Vec<(String, Value)>>,
    /// What waits in the dead-letter queue.
    pub(crate) letters: RefCell<Vec<Value>>,
    pub(crate) pauses: RefCell<Vec<(String, Pause)>>,
    /// Key and size of what lies in the bucket of states.
    pub(crate) states: RefCell<BTreeMap<String, u64>>,
    /// Where the release of each build was to be found.
    pub(crate) sources: RefCell<Vec<String>>,
    /// What the platform announced to itself, and its rule has not delivered yet.
    restarts: RefCell<VecDeque<Value>>,
    builds: RefCell<Build>,
    clock: Slot<u32>,
    executions: Slot<u32>,
    /// Errors to come, by state; one after the other.
    faults: RefCell<BTreeMap<String, VecDeque<TaskError>>>,
    /// What happens before a task, by state, once.
    before: RefCell<BTreeMap<String, VecDeque<Meanwhile>>>,
}

/// The time at which tests begin: 2026-01-31T12:00:00Z.
const NOON: u32 = 1_769_860_800;

impl Cell {
    pub(crate) fn new() -> Self {
        Self::with_limit(256)
    }

    /// A cell that takes so many tenants.
    pub(crate) fn with_limit(limit: u64) -> Self {
        let platform = platform();
        let workflow = Workflow { platform: &platform, dead_letters: Text::literal("https://queue") };
        let definition = workflow.machine().definition("aws");
        let limit = limit.to_string();
        let variables = [
            ("ENVIRONMENT_SUFFIX", "dev"),
            ("TABLE_NAME", "platform-registry-dev"),
            ("NETWORK_SUPERNET", "10.0.0.0/8"),
            ("NETWORK_PREFIX_LENGTH", "16"),
            ("TENANT_LIMIT", &limit),
            ("RELEASE", "0.2.0"),
            ("LEASE_SECONDS", "3600"),
            ("WAITING_SECONDS", "604800"),
            ("QUARANTINE_SECONDS", "2592000"),
        ];
        let lookup =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let settings = Settings::parse(&lookup).unwrap();
        let registry = Registry::new(MemoryStore::new(), settings.rules.clone()).with_wait(|_| {});
        Self {
            definition: serde_json::from_str(definition.text().unwrap().as_str()).unwrap(),
            desk: Desk::new(registry, settings),
            bus: RefCell::default(),
            letters: RefCell::default(),
            pauses: RefCell::default(),
            states: RefCell::default(),
            sources: RefCell::default(),
            restarts: RefCell::default(),
            builds: RefCell::new(Rc::new(|_, tenant| Ok(deployed(tenant)))),
            clock: Slot::new(NOON),
            executions: Slot::new(0),
            faults: RefCell::default(),
            before: RefCell::default(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.clock.get())
    }

    pub(crate) fn pass(&self, seconds: u32) {
        self.clock.set(self.clock.get() + seconds);
    }

    /// From now on, builds do this.
    pub(crate) fn on_build(&self, build: impl Fn(&Self, &str) -> Result<Value, TaskError> + 'static) {
        *self.builds.borrow_mut() = Rc::new(build);
    }

    /// The next attempts of a state's task fail so.
    pub(crate) fn fail(&self, state: &str, error: &str, times: usize) {
        let faults = (0..times).map(|_| TaskError::new(error, "made up"));
        self.faults.borrow_mut().entry(state.to_owned()).or_default().extend(faults);
    }

    /// From now on, nothing fails.
    pub(crate) fn clear_faults(&self) {
        self.faults.borrow_mut().clear();
    }

    /// Before the next attempt of a state's task, this happens.
    pub(crate) fn before(&self, state: &str, what: impl FnOnce(&Self) + 'static) {
        self.before.borrow_mut().entry(state.to_owned()).or_default().push_back(Box::new(what));
    }

    /// An event arrives and is dealt with; then what the platform announced to itself by it.
    pub(crate) fn event(&self, event: &Value) -> Execution {
        let execution = self.start(event);
        loop {
            let restart = self.restarts.borrow_mut().pop_front();
            let Some(restart) = restart else { return execution };
            self.start(&restart);
        }
    }

    fn start(&self, event: &Value) -> Execution {
        let number = self.executions.get() + 1;
        self.executions.set(number);
        let arn = format!("arn:aws:states:us-east-1:123456789012:execution:platform-onboarding-dev:{number}");
        run(&self.definition, event, &arn, &mut &*self)
    }

    pub(crate) fn signup(&self, tenant: &str) -> Execution {
        self.event(&asked(self, "TenantSignup", tenant, "crm-1", &json!({})))
    }

    pub(crate) fn offboarding(&self, tenant: &str) -> Execution {
        self.event(&asked(self, "TenantOffboarding", tenant, "crm-bye", &json!({})))
    }

    /// A quarter of an hour is over.
    pub(crate) fn reconcile(&self) -> Execution {
        self.event(&json!({ "source": "aws.events", "detail-type": "Scheduled Event", "detail": {} }))
    }

    pub(crate) fn entry(&self, tenant: &str) -> Entry {
        self.desk.registry().entry(&tenant.parse().unwrap()).unwrap().unwrap_or_else(|| panic!("no entry of {tenant}"))
    }

    pub(crate) fn is_known(&self, tenant: &str) -> bool {
        self.desk.registry().entry(&tenant.parse().unwrap()).unwrap().is_some()
    }

    /// The detail-types on the bus since the last look.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.bus.borrow_mut().drain(..).map(|(detail_type, _)| detail_type).collect()
    }
}

/// An event, as EventBridge delivers it.
pub(crate) fn asked(cell: &Cell, detail_type: &str, tenant: &str, request: &str, more: &Value) -> Value {
    let mut detail = json!({ "version": "1", "environment_suffix": "dev", "tenant_id": tenant, "request_id": request });
    detail.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({
        "version": "0", "id": format!("event-{tenant}-{request}"), "source": "palisade.signup", "detail-type": detail_type,
        "account": "123456789012", "region": "us-east-1", "resources": [], "time": cell.now().to_string(), "detail": detail,
    })
}

/// What CodeBuild says of a build whose deployment said this.
pub(crate) fn build(status: &str, stack: &Value) -> Value {
    let summary = json!({ "format_version": "1", "stacks": [stack] }).to_string();
    json!({ "Build": {
        "Id": "platform-runner-dev:1", "BuildStatus": status,
        "ExportedEnvironmentVariables": [{ "Name": "RUN_RESULT", "Value": summary }],
    } })
}

pub(crate) fn deployed(tenant: &str) -> Value {
    let url = json!({ "sensitive": false, "value": format!("https://{tenant}.example.com") });
    build("SUCCEEDED", &json!({ "tenant": tenant, "status": "deployed", "outputs": { "api_endpoint": url } }))
}

pub(crate) fn destroyed(tenant: &str) -> Value {
    build("SUCCEEDED", &json!({ "tenant": tenant, "status": "destroyed" }))
}

/// The error of a build that failed, as Step Functions reports it.
pub(crate) fn failed(tenant: &str) -> TaskError {
    let failure = json!({
        "class": "quota", "phase": "apply", "address": "aws_vpc.tenant", "cause": "VpcLimitExceeded", "fix": "request more VPCs",
        "resumable": true,
    });
    let stack = json!({ "tenant": tenant, "status": "failed", "failure": failure });
    TaskError::new("States.TaskFailed", build("FAILED", &stack)["Build"].to_string())
}

impl World for &Cell {
    fn task(&mut self, state: &str, resource: &str, parameters: &Value) -> Result<Value, TaskError> {
        let before = self.before.borrow_mut().get_mut(state).and_then(VecDeque::pop_front);
        if let Some(before) = before {
            before(self);
        }
        if let Some(error) = self.faults.borrow_mut().get_mut(state).and_then(VecDeque::pop_front) {
            return Err(error);
        }
        match resource {
            "lambda:invoke" => {
                assert_eq!(parameters["FunctionName"], "platform-onboarding-function-dev");
                let call = Desk::<MemoryStore>::read(parameters["Payload"].clone());
                let answer = call.and_then(|call| self.desk.step(call, self.now()));
                match answer {
                    Ok(answer) => Ok(json!({ "StatusCode": 200, "Payload": serde_json::to_value(answer).unwrap() })),
                    Err(error) => {
                        let payload = json!({ "errorType": error.name(), "errorMessage": onboarding::chain(&error) });
                        Err(TaskError::new(error.name(), payload.to_string()))
                    }
                }
            }
            "codebuild:startBuild.sync" => {
                assert_eq!(parameters["ProjectName"], "platform-runner-dev");
                self.sources.borrow_mut().push(parameters["SourceLocationOverride"].as_str().unwrap().to_owned());
                let variables = &parameters["EnvironmentVariablesOverride"];
                assert_eq!(variables.as_array().unwrap().len(), 1, "nothing of the event but the id reaches the build");
                assert_eq!([&variables[0]["Name"], &variables[0]["Type"]], ["TENANT_ID", "PLAINTEXT"]);
                let build = Rc::clone(&self.builds.borrow());
                build(self, variables[0]["Value"].as_str().unwrap())
            }
            "events:putEvents" => {
                let entries = parameters["Entries"].as_array().unwrap();
                assert!((1..=10).contains(&entries.len()), "PutEvents takes 1 to 10 events");
                for entry in entries {
                    assert_eq!(entry["Source"], "palisade.platform");
                    let detail = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
                    let detail_type = entry["DetailType"].as_str().unwrap();
                    if detail_type == "TenantRestarting" {
                        let time = self.now().to_string();
                        self.restarts.borrow_mut().push_back(json!({
                            "id": "restart", "source": entry["Source"], "detail-type": detail_type, "time": time, "detail": detail,
                        }));
                    }
                    registry::event::Announcement::read(detail_type, &detail).expect("an event that is announced");
                    self.bus.borrow_mut().push((detail_type.to_owned(), detail));
                }
                Ok(json!({ "FailedEntryCount": 0, "Entries": [] }))
            }
            "aws-sdk:s3:listObjectsV2" => {
                assert_eq!([&parameters["Bucket"], &parameters["Prefix"]], ["platform-state-dev", "tenant-"]);
                // Few at a time, so that there is more than one page.
                const PAGE: usize = 2;
                let after = parameters["StartAfter"].as_str().unwrap();
                let states = self.states.borrow();
                let rest: Vec<_> = states.iter().filter(|(key, _)| key.as_str() > after).collect();
                let contents: Vec<Value> = rest
                    .iter()
                    .take(PAGE)
                    .map(|(key, size)| json!({ "Key": key, "Size": size, "ETag": "x" }))
                    .collect();
                let mut answer = json!({ "IsTruncated": rest.len() > PAGE, "KeyCount": contents.len(), "Name": "platform-state-dev" });
                if !contents.is_empty() {
                    answer["Contents"] = contents.into();
                }
                Ok(answer)
            }
            "sqs:sendMessage" => {
                assert_eq!(parameters["QueueUrl"], "https://queue");
                self.letters.borrow_mut().push(parameters["MessageBody"].clone());
                Ok(json!({ "MessageId": "m" }))
            }
            other => panic!("{state} calls {other}"),
        }
    }

    fn wait(&mut self, state: &str, pause: &Pause) {
        self.pauses.borrow_mut().push((state.to_owned(), pause.clone()));
        match pause {
            Pause::Seconds(seconds) => self.pass(u32::try_from(*seconds).unwrap()),
            Pause::Until(time) => {
                let until: Timestamp = time.parse().unwrap();
                self.clock.set(until.seconds().max(self.clock.get()));
            }
        }
    }
}
