//! What comes before a session of a page: steps that its comment names.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::fleet::project::{ACME, FLEET, Fleet, RETAIL};
use crate::support::app::Run;
use crate::support::tools::tool;
use crate::support::wait_for;

pub(super) struct Stage {
    fleet: Fleet,
    /// The next run is interrupted when it works on so many stacks and goes no further.
    interrupt: Option<usize>,
}

const ALL: [(&str, u32, Option<&str>); 3] = [("acme-corp", 0, None), ("tech-startup", 1, None), ("retail-co", 2, None)];

type Step = fn(&mut Stage);

/// Each with what it is called in a page.
const STEPS: &[(&str, Step)] = &[
    ("nothing is deployed", |stage| stage.fleet = Fleet::new()),
    ("the fleet is deployed", |stage| {
        stage.fleet.tenants(&ALL);
        stage.fleet.deploy(&[]);
    }),
    ("the functions are not built", |stage| {
        let project = stage.fleet.path();
        fs::remove_dir_all(project.join("target")).unwrap();
        // Their code is there: it is a checkout.
        for file in ["tenant-api", "log-relay", "onboarding"].map(|name| format!("crates/{name}/Cargo.toml")) {
            fs::create_dir_all(project.join(&file).parent().unwrap()).unwrap();
            fs::write(project.join(file), "").unwrap();
        }
        fs::write(project.join("Cargo.lock"), "").unwrap();
    }),
    ("the VPC of retail-co fails", |stage| {
        let summary = "creating EC2 VPC: operation error EC2: CreateVpc, https response error StatusCode: 400, RequestID: 6f0c, api error \
                       VpcLimitExceeded: The maximum number of VPCs has been reached.";
        stage.fleet.synth();
        let fault =
            json!({ "at": "before", "resource": "aws_vpc.tenant", "fail": { "summary": summary, "detail": "" } });
        stage.fleet.script(RETAIL, json!({ "faults": [fault] }));
    }),
    ("nothing fails any more", |stage| {
        for stack in FLEET {
            let _ = fs::remove_file(stage.fleet.stack(stack).join("fake.json"));
        }
    }),
    ("Ctrl-C is pressed in the middle", |stage| {
        stage.fleet.synth();
        for stack in FLEET {
            let hang = json!({ "at": "before", "resource": "aws_s3_bucket.data", "hang": { "millis": 120_000, "obeys": true } });
            stage.fleet.script(stack, json!({ "faults": [hang] }));
        }
        stage.interrupt = Some(2);
    }),
    ("Terraform is killed when it has created the bucket of acme-corp", |stage| {
        stage.fleet.synth();
        let kill = json!({ "at": "after", "resource": "aws_s3_bucket.data", "times": 1, "kill": 9 });
        stage.fleet.script(ACME, json!({ "faults": [kill] }));
    }),
    ("Terraform is killed while it holds the lock of acme-corp", |stage| {
        stage.fleet.synth();
        let kill = json!({ "at": "start", "times": 1, "kill": 9 });
        stage.fleet.script(ACME, json!({ "lock_stays": true, "faults": [kill] }));
        stage.fleet.run(&["deploy", "--auto-approve", "--tenant", "acme-corp"]);
    }),
    ("retail-co is removed", |stage| stage.fleet.tenants(&[ALL[0], ALL[1], ("retail-co", 2, Some("removed"))])),
    ("tech-startup is deleted from the file", |stage| {
        stage.fleet.tenants(&[ALL[0], ("retail-co", 2, Some("removed"))])
    }),
    ("tech-startup is in the file again", |stage| {
        stage.fleet.tenants(&[ALL[0], ALL[1], ("retail-co", 2, Some("removed"))]);
    }),
    ("the first tenant is not well once", |stage| {
        let check = stage.fleet.path().join("smoke-test");
        let script = "#!/bin/sh\n[ -n \"$TENANT\" ] && mkdir asked 2>/dev/null || exit 0\necho \"the queue of $TENANT is stuck\"; exit 1\n";
        fs::write(&check, script).unwrap();
        fs::set_permissions(&check, fs::Permissions::from_mode(0o755)).unwrap();
    }),
    ("the dead-letter queue of acme-corp is deleted by hand", |stage| {
        fs::remove_file(stage.fleet.stack(ACME).join("cloud/aws_sqs_queue.dead_letters")).unwrap();
    }),
    ("there are five tenants more", |stage| {
        let ids: Vec<String> = (3..8).map(|number| format!("tenant{number}")).collect();
        let more = ids.iter().zip(3..).map(|(id, index)| (id.as_str(), index, None));
        stage.fleet.tenants(&ALL.into_iter().chain(more).collect::<Vec<_>>());
    }),
    ("four tenants are deployed, and a fifth is in the file", |stage| {
        stage.fleet = Fleet::new();
        let four = [("tenant0", 0, None), ("tenant1", 1, None), ("tenant2", 2, None), ("tenant3", 3, None)];
        stage.fleet.tenants(&four);
        stage.fleet.deploy(&[]);
        stage.fleet.tenants(&[&four[..], &[("tenant4", 4, None)]].concat());
    }),
    ("another CDKTF app has written its stacks", |stage| {
        if let Some(node) = tool("what_can_be_run_without_aws_says_what_the_page_says", "node") {
            let other = crate::verify::peer(&node, "cdktf", "leaky");
            let _ = fs::remove_dir_all(stage.fleet.path().join("cdktf.out"));
            fs::rename(other.path().join("cdktf.out"), stage.fleet.path().join("cdktf.out")).unwrap();
        }
    }),
];

impl Stage {
    pub(super) fn new() -> Self {
        Self { fleet: Fleet::new(), interrupt: None }
    }

    /// Takes a step.
    pub(super) fn step(&mut self, name: &str) -> Result<(), String> {
        let known = || STEPS.iter().map(|(known, _)| *known).collect::<Vec<_>>().join("; ");
        let (_, step) = STEPS
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| format!("no step `{name}`; known are: {}", known()))?;
        step(self);
        Ok(())
    }

    /// Runs the program.
    pub(super) fn run(&mut self, arguments: &[String]) -> Run {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let Some(stacks) = self.interrupt.take() else { return self.fleet.run(&arguments) };
        let child = self.fleet.start(&arguments);
        let mut before = 0;
        wait_for("a run that goes no further", Duration::from_secs(60), || {
            let created: Vec<usize> =
                FLEET.iter().map(|stack| self.fleet.resources(stack)).filter(|count| *count > 0).collect();
            let now = created.iter().sum();
            let stands = created.len() == stacks && now == before;
            before = now;
            std::thread::sleep(Duration::from_millis(700));
            stands.then_some(())
        });
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        child.wait_with_output().unwrap().into()
    }
}
