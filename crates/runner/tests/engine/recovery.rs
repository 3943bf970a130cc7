//! Whatever is killed, the next run finds what happened and converges.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use runner::{Class, Event, Holder, Interrupt, Operation, Stage, Status, Waiting, run};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::{Log, Project, notes};

/// As long as anything here may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

fn wait_until(what: &str, mut there: impl FnMut() -> bool) {
    let began = Instant::now();
    while !there() {
        assert!(began.elapsed() < PATIENCE, "{what} did not come");
        thread::sleep(Duration::from_millis(20));
    }
}

/// `b` takes as long as it is let; `a` is there before.
fn slow() -> Value {
    let waits = json!({ "local-exec": { "command": "while [ ! -e go ]; do sleep 0.05; done" } });
    json!({ "a": { "input": "one" }, "b": { "input": "${terraform_data.a.output}", "provisioner": waits } })
}

fn quick() -> Value {
    json!({ "a": { "input": "one" }, "b": { "input": "${terraform_data.a.output}" } })
}

fn is_at_b(log: &Log) -> bool {
    log.of("s").iter().any(|event| {
        matches!(event, Event::Resource { address, stage: Stage::Started, .. } if address == "terraform_data.b")
    })
}

fn kill(project: &Project, signal: Signal) {
    let note: Holder =
        serde_json::from_slice(&fs::read(project.settings.home.join("stacks/s/process.json")).unwrap()).unwrap();
    let pid = Pid::from_raw(note.pid.try_into().unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

fn ids(project: &Project) -> Vec<(String, String)> {
    let state: Value = serde_json::from_slice(&fs::read(project.state("s")).unwrap()).unwrap();
    let resources = state["resources"].as_array().unwrap().iter();
    resources
        .map(|it| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&it["name"]), text(&it["instances"][0]["attributes"]["id"]))
        })
        .collect()
}

/// Terraform is killed when it has created one resource and begun another, and the state has neither.
#[test]
fn what_was_created_and_is_not_in_the_state_is_taken_over() {
    let Some(project) = Project::new("what_was_created_and_is_not_in_the_state_is_taken_over", &["s"]) else { return };
    project.write("s", &slow());
    let log = Log::default();
    let outcomes = thread::scope(|scope| {
        let run = scope
            .spawn(|| run(Operation::Deploy, &project.stacks, &project.settings, &log, &Interrupt::new()).unwrap());
        wait_until("the second resource", || is_at_b(&log));
        kill(&project, Signal::KILL);
        run.join().unwrap()
    });
    let failure = outcomes[0].failure.as_ref().unwrap();
    assert_eq!((outcomes[0].status, failure.class), (Status::Failed, Class::Crash), "{failure:?}");
    let record = project.records().of("s").unwrap().unwrap();
    let doubtful: Vec<_> = record.doubtful.iter().map(|it| (it.address.as_str(), it.id.is_some())).collect();
    assert_eq!(doubtful, [("terraform_data.a", true), ("terraform_data.b", false)]);
    let created = record.doubtful[0].id.clone().unwrap();
    // A power cut may lose what was written last.
    let mut state: Value = serde_json::from_slice(&fs::read(project.state("s")).unwrap()).unwrap();
    state["resources"] = json!([]);
    fs::write(project.state("s"), state.to_string()).unwrap();

    project.write("s", &quick());
    let (outcomes, log) = project.run(Operation::Deploy);
    assert_eq!(outcomes[0].status, Status::Deployed, "{:?}", outcomes[0].failure);
    assert_eq!(outcomes[0].changes.add, 1, "what is taken over is not created again");
    let notes = notes(&log);
    assert!(notes.iter().any(|note| note.starts_with("took over terraform_data.a")), "{notes:?}");
    assert!(
        notes.iter().any(|note| note.contains("terraform_data.b") && note.contains("AWS alone knows its id")),
        "{notes:?}"
    );
    assert!(ids(&project).contains(&("a".to_owned(), created)));
    let record = project.records().of("s").unwrap().unwrap();
    assert_eq!((record.doubtful, record.killed), (Vec::new(), None));
    assert_eq!(project.statuses(Operation::Deploy), [Status::Unchanged]);
}

/// The same, and the stack is to be destroyed, or does not declare it any more.
#[test]
fn what_was_created_and_is_not_in_the_state_is_destroyed() {
    let Some(project) = Project::new("what_was_created_and_is_not_in_the_state_is_destroyed", &["s"]) else { return };
    for still_declared in [true, false] {
        project.write("s", &slow());
        let log = Log::default();
        thread::scope(|scope| {
            scope
                .spawn(|| run(Operation::Deploy, &project.stacks, &project.settings, &log, &Interrupt::new()).unwrap());
            wait_until("the second resource", || is_at_b(&log));
            kill(&project, Signal::KILL);
        });
        // As the kill may leave it: Terraform writes over the file.
        fs::write(project.state("s"), "").unwrap();
        let _ = fs::remove_dir_all(project.settings.home.join("stacks/s/state-copies"));
        let _ = fs::remove_file(project.dir.path().join("terraform.s.tfstate.backup"));
        project.write("s", &if still_declared { quick() } else { json!({}) });
        let (outcomes, log) = project.run(Operation::Destroy);
        assert_eq!(outcomes[0].status, Status::Destroyed, "{:?}", outcomes[0].failure);
        assert_eq!(outcomes[0].changes.remove, 1, "still declared: {still_declared}: {:?}", notes(&log));
        let entries: Vec<_> =
            fs::read_dir(&project.stacks[0].directory).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(
            entries.iter().filter(|name| name.to_string_lossy().ends_with(".tf.json")).count(),
            1,
            "{entries:?}"
        );
    }
}

#[test]
fn one_interrupt_stops_gracefully_and_the_next_run_goes_on() {
    let Some(project) = Project::new("one_interrupt_stops_gracefully_and_the_next_run_goes_on", &["s", "t", "u"])
    else {
        return;
    };
    for name in ["s", "t", "u"] {
        project.write(name, &slow());
    }
    let (log, interrupt) = (Log::default(), Interrupt::new());
    let outcomes = thread::scope(|scope| {
        let run = scope.spawn(|| run(Operation::Deploy, &project.stacks, &project.settings, &log, &interrupt).unwrap());
        wait_until("the second resource", || is_at_b(&log));
        interrupt.request();
        run.join().unwrap()
    });
    assert_eq!(outcomes[0].status, Status::Interrupted, "{:?}", outcomes[0]);
    assert_eq!(outcomes[2].status, Status::NotStarted, "nothing more is started");
    assert_eq!(ids(&project).first().unwrap().0, "a", "the state has what was done");
    assert!(!project.dir.path().join(".terraform.s.tfstate.lock.info").exists(), "the lock is given back");
    let record = project.records().of("s").unwrap().unwrap();
    assert_eq!((record.status, record.doubtful.len()), (Some(Status::Interrupted), 0));
    for name in ["s", "t", "u"] {
        project.write(name, &quick());
    }
    assert_eq!(project.statuses(Operation::Deploy), [Status::Deployed; 3]);
}

/// The record says that a Terraform is at work, and it is.
#[test]
fn the_terraform_of_an_earlier_run_is_waited_for() {
    let Some(project) = Project::new("the_terraform_of_an_earlier_run_is_waited_for", &["s"]) else { return };
    assert_eq!(project.statuses(Operation::Deploy), [Status::Deployed]);
    let home = project.settings.home.join("stacks/s");
    let mut record: Value = serde_json::from_slice(&fs::read(home.join("record.json")).unwrap()).unwrap();
    record["status"] = Value::Null;
    fs::write(home.join("record.json"), record.to_string()).unwrap();
    let mut other = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    // As the runner notes it.
    let stat = fs::read_to_string(format!("/proc/{}/stat", other.id())).unwrap();
    let started: u64 = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().parse().unwrap();
    let read = |path: &str| fs::read_to_string(path).unwrap().trim().to_owned();
    let (boot, host) = (read("/proc/sys/kernel/random/boot_id"), read("/proc/sys/kernel/hostname"));
    let note = json!({ "pid": other.id(), "started": started, "boot": boot, "host": host });
    fs::write(home.join("process.json"), note.to_string()).unwrap();
    let log = Log::default();
    let outcomes = thread::scope(|scope| {
        let run = scope
            .spawn(|| run(Operation::Deploy, &project.stacks, &project.settings, &log, &Interrupt::new()).unwrap());
        wait_until("the wait", || {
            log.of("s")
                .iter()
                .any(|event| matches!(event, Event::Waiting(Waiting::EarlierRun { pid }) if *pid == other.id()))
        });
        other.kill().unwrap();
        other.wait().unwrap();
        run.join().unwrap()
    });
    assert_eq!(outcomes[0].status, Status::Unchanged, "{:?}", outcomes[0].failure);
    assert!(notes(&log).iter().any(|note| note.contains("its Terraform went on and finished")), "{:?}", notes(&log));
}

/// A state that Terraform could not write to its place is put there, and is kept.
#[test]
fn a_state_that_was_left_beside_the_stack_is_put_in_its_place() {
    let Some(project) = Project::new("a_state_that_was_left_beside_the_stack_is_put_in_its_place", &["s"]) else {
        return;
    };
    project.write("s", &quick());
    assert_eq!(project.statuses(Operation::Deploy), [Status::Deployed]);
    let later = fs::read(project.state("s")).unwrap();
    let mut earlier: Value = serde_json::from_slice(&later).unwrap();
    earlier["serial"] = json!(1);
    earlier["resources"] = json!([]);
    fs::write(project.state("s"), earlier.to_string()).unwrap();
    let errored = project.stacks[0].directory.join("errored.tfstate");
    fs::write(&errored, &later).unwrap();
    assert_eq!(project.statuses(Operation::Deploy), [Status::Unchanged]);
    assert!(!errored.exists());
    let copies = fs::read_dir(project.settings.home.join("stacks/s/state-copies")).unwrap();
    let kept = copies.filter(|copy| fs::read(copy.as_ref().unwrap().path()).unwrap() == later).count();
    assert!(kept >= 1, "it is not deleted");

    // One of another state is not forced into the place of this one.
    let mut foreign: Value = serde_json::from_slice(&later).unwrap();
    foreign["lineage"] = json!("another");
    fs::write(&errored, foreign.to_string()).unwrap();
    let (outcomes, _) = project.run(Operation::Deploy);
    let failure = outcomes[0].failure.as_ref().unwrap();
    assert_eq!((failure.class, failure.resumable), (Class::State, false), "{failure:?}");
    assert!(errored.exists());
}
