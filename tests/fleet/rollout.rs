//! Waves, health checks, pauses and interrupts.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::project::{FLEET, Fleet, PLATFORM, endings};

const WAVES: [&str; 2] = ["--waves", "1,100%"];

/// The tenants of each wave, as it is recorded.
fn waves(fleet: &Fleet) -> Vec<Vec<String>> {
    let file = std::fs::read(fleet.path().join(".palisade/rollout.json")).unwrap();
    let rollout: Value = serde_json::from_slice(&file).unwrap();
    serde_json::from_value(rollout["waves"].clone()).unwrap()
}

fn is_over(fleet: &Fleet) -> bool {
    !fleet.path().join(".palisade/rollout.json").exists()
}

fn count(document: &Value, status: &str) -> u64 {
    document["counts"][status].as_u64().unwrap_or(0)
}

/// "`--waves` stops at the first wave over its failure budget"
#[test]
fn a_wave_over_its_budget_ends_the_rollout_and_a_resumed_one_goes_on_with_it() {
    let fleet = Fleet::new();
    fleet.synth();
    FLEET.iter().for_each(|stack| fleet.fail(stack, "plan", "it cannot work"));
    FLEET.iter().for_each(|stack| fleet.fail(stack, "start", "it cannot work"));
    let run = fleet.run(&[&["deploy", "--auto-approve"][..], &WAVES].concat());
    assert_eq!(run.code, Some(1));
    assert!(
        run.stdout.contains("0 of 2 done, of 2 + 2 stacks; stopped: more failed than the failure budget allows"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("4 stacks: 2 failed, 2 not run"), "{}", run.stdout);
    let cut = waves(&fleet);
    assert_eq!(cut.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2], "the platform comes with the first wave");
    assert!(cut[0].contains(&PLATFORM.to_owned()), "{cut:?}");

    FLEET.iter().for_each(|stack| fleet.repair(stack));
    let done = fleet.document(&["deploy", "--auto-approve", "--resume"]);
    assert_eq!((count(&done, "deployed"), &done["rollout"]["done"]), (4, &json!(2)));
    assert!(is_over(&fleet));
}

#[test]
fn a_budget_lets_a_rollout_go_on_and_the_run_still_fails() {
    let fleet = Fleet::new();
    fleet.synth();
    fleet.fail(PLATFORM, "start", "it cannot work");
    let told = fleet.told(&[&["deploy", "--auto-approve", "--failure-budget", "1"][..], &WAVES].concat());
    assert_eq!((count(&told, "failed"), count(&told, "deployed")), (1, 3), "{told}");
    assert_eq!((&told["succeeded"], &told["rollout"]["stopped"]), (&json!(false), &Value::Null));
}

#[test]
fn a_rollout_pauses_after_each_wave_and_goes_on_in_the_same_order() {
    let fleet = Fleet::new();
    let paused = fleet.run(&[&["deploy", "--auto-approve", "--pause"][..], &WAVES].concat()).done("the first wave");
    assert!(
        paused.stdout.contains("1 of 2 done") && paused.stdout.contains("it pauses, as was asked"),
        "{}",
        paused.stdout
    );
    assert!(paused.stdout.contains("app deploy --resume --auto-approve"), "{}", paused.stdout);
    let cut = waves(&fleet);
    for stack in &cut[1] {
        assert_eq!(fleet.resources(stack), 0, "{stack} is of the second wave");
    }
    let done = fleet.document(&["deploy", "--auto-approve", "--resume"]);
    let deployed: Vec<&str> =
        endings(&done).into_iter().filter(|(_, status)| *status == "deployed").map(|(stack, _)| stack).collect();
    let mut second = cut[1].clone();
    second.sort();
    assert_eq!(deployed, second);
    assert!(is_over(&fleet));
}

/// "Health check between waves (function URL `/health`, or a command)"
#[test]
fn what_is_not_well_after_its_wave_ends_the_rollout_and_is_asked_again_when_it_is_resumed() {
    use std::os::unix::fs::PermissionsExt;
    let fleet = Fleet::new();
    let check = fleet.path().join("check.sh");
    let script = "#!/bin/sh\necho \"$STACK\" >> asked\n[ -e well ] || { echo 'no answer'; exit 1; }\n";
    std::fs::write(&check, script).unwrap();
    std::fs::set_permissions(&check, std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = fleet.run(&[&["deploy", "--auto-approve", "--health-command", "./check.sh"][..], &WAVES].concat());
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.contains("health (unhealthy)") && run.stdout.contains("no answer"), "{}", run.stdout);
    let first = &waves(&fleet)[0];
    let asked = || {
        let text = std::fs::read_to_string(fleet.path().join("asked")).unwrap_or_default();
        let mut asked: Vec<String> = text.lines().map(str::to_owned).collect();
        asked.sort();
        asked
    };
    let mut expected = first.clone();
    expected.sort();
    assert_eq!(asked(), expected, "the first wave, and no more");

    std::fs::write(fleet.path().join("well"), "").unwrap();
    let done = fleet.document(&["deploy", "--auto-approve", "--resume"]);
    assert_eq!((&done["succeeded"], count(&done, "deployed")), (&json!(true), 2), "{done}");
    assert_eq!(asked().len(), 2 + 4, "the first wave again, then the second, by the check of the record");
}

/// "First Ctrl-C asks every Terraform to stop gracefully and waits; the second one is explained before it is obeyed"
#[test]
fn the_first_interrupt_is_explained_and_a_later_run_goes_on() {
    let fleet = Fleet::new();
    fleet.synth();
    FLEET.iter().for_each(|stack| {
        fleet.script(stack, json!({ "faults": [{ "at": "start", "hang": { "millis": 120_000, "obeys": true } }] }));
    });
    let child = fleet.start(&["deploy", "--auto-approve", "--parallelism", "2"]);
    let began = Instant::now();
    let locks = || {
        FLEET
            .iter()
            .filter(|stack| fleet.path().join(format!(".palisade/stacks/{stack}/process.json")).exists())
            .count()
    };
    while locks() < 2 && began.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(300));
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let run: crate::support::app::Run = child.wait_with_output().unwrap().into();
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("A second Ctrl-C makes Terraform leave without waiting"), "{}", run.stderr);
    assert!(run.stdout.contains("2 stopped, 2 not run"), "{}", run.stdout);
    FLEET.iter().for_each(|stack| fleet.repair(stack));
    let done = fleet.document(&["deploy", "--auto-approve", "--resume"]);
    assert_eq!(count(&done, "deployed"), 4, "{done}");
}
