//! `app tenants` and `app events` from outside: many processes at once, kills, and what people and programs are told.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use naming::fleet::{Fleet, Overrides};
use serde_json::{Value, json};

const TENANTS: &str = "{\n  \"environment_suffix\": \"dev\",\n  \"tenants\": [\n    { \"id\": \"acme-corp\",  \"network_index\": 0 }\n  ]\n}\n";

fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_app"));
    for variable in
        ["CDKTF_OUTDIR", "CDKTF_CONTEXT_JSON", "PALISADE_ENVIRONMENT_SUFFIX", "PALISADE_REGION", "PALISADE_BACKEND"]
    {
        command.env_remove(variable);
    }
    command.current_dir(directory).args(arguments);
    command
}

fn app(directory: &Path, arguments: &[&str]) -> Output {
    command(directory, arguments).output().unwrap()
}

fn start(directory: &Path, arguments: &[&str]) -> Child {
    command(directory, arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| json!(String::from_utf8_lossy(&output.stderr)))
}

fn project() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("tenants.json"), TENANTS).unwrap();
    directory
}

fn file(project: &Path) -> String {
    fs::read_to_string(project.join("tenants.json")).unwrap()
}

/// The ids of the tenants file, which must be a right one.
fn ids(project: &Path) -> BTreeSet<String> {
    let fleet = Fleet::parse(file(project).as_bytes(), "tenants.json", &Overrides::default()).unwrap();
    fleet.tenants.iter().map(|tenant| tenant.tenant.id.to_string()).collect()
}

/// "two processes at once never lose an entry"
#[test]
fn many_processes_at_once_lose_no_entry() {
    let project = project();
    let names: Vec<String> = (0..12).map(|number| format!("tenant-{number}")).collect();
    let processes: Vec<Child> = names.iter().map(|name| start(project.path(), &["tenants", "add", name])).collect();
    for (name, process) in names.iter().zip(processes) {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let mut wanted: BTreeSet<String> = names.into_iter().collect();
    wanted.insert("acme-corp".to_owned());
    assert_eq!(ids(project.path()), wanted);
    let list = json_of(&app(project.path(), &["tenants", "list", "--format", "json"]));
    let indices: BTreeSet<u64> =
        list["tenants"].as_array().unwrap().iter().map(|tenant| tenant["network_index"].as_u64().unwrap()).collect();
    assert_eq!(indices.len(), 13, "no index twice: {list}");
}

/// "SIGKILL at any moment leaves the old or the new file"
#[test]
fn a_kill_at_any_moment_leaves_the_old_file_or_the_new_one() {
    const KILLS: u32 = 24;
    let project = project();
    let began = Instant::now();
    assert!(app(project.path(), &["tenants", "add", "first"]).status.success());
    let usual = began.elapsed();
    for kill in 0..KILLS {
        let (name, request) = (format!("tenant-{kill}"), format!("r-{kill}"));
        let before = file(project.path());
        let add = ["tenants", "add", name.as_str(), "--request-id", request.as_str()];
        let mut process = start(project.path(), &add);
        std::thread::sleep(usual.mul_f64(f64::from(kill) * 1.2 / f64::from(KILLS)));
        process.kill().unwrap();
        process.wait().unwrap();
        let after = file(project.path());
        let new = before
            .replace(" }\n  ]", &format!(" }},\n    {{ \"id\": \"{name}\",  \"network_index\": {} }}\n  ]", kill + 2));
        assert!(after == before || after == new, "a mixture after kill {kill}: {after}");
        // Once more: whatever the kill interrupted is completed, and nothing is made twice.
        let again = app(project.path(), &add);
        assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
        assert_eq!(file(project.path()), new, "after kill {kill}");
    }
    assert_eq!(ids(project.path()).len(), usize::try_from(KILLS).unwrap() + 2);
    // Each signup was announced, perhaps more than once.
    let log = fs::read_to_string(project.path().join(".palisade/events.jsonl")).unwrap();
    let announced: BTreeSet<String> = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .map(|event| event["detail"]["event_id"].as_str().unwrap().to_owned())
        .collect();
    let wanted = (0..KILLS).map(|kill| format!("dev.tenant-{kill}.1.0")).chain(["dev.first.1.0".to_owned()]);
    assert_eq!(announced, wanted.collect());
}

#[test]
fn a_tenant_comes_and_goes_and_the_same_request_twice_counts_once() {
    let project = project();
    let run = |arguments: &[&str]| {
        let output = app(project.path(), &[arguments, &["--format", "json"]].concat());
        (output.status.code(), json_of(&output))
    };
    let add = [
        "tenants",
        "add",
        "bigbank",
        "--request-id",
        "crm-1",
        "--index",
        "7",
        "--account-id",
        "123456789012",
        "--assume-role-arn",
        "arn:aws:iam::123456789012:role/deployer",
    ];
    let (status, first) = run(&add);
    assert_eq!(
        (status, &first["done"], &first["tenant"]["network"]),
        (Some(0), &json!("signed_up"), &json!("10.7.0.0/16"))
    );
    assert!(file(project.path()).contains(
        "{ \"id\": \"bigbank\",  \"network_index\": 7,  \"account_id\": \"123456789012\",  \"assume_role_arn\": \"arn:aws:iam::123456789012:role/deployer\" }"
    ), "{}", file(project.path()));
    let before = file(project.path());
    let (status, again) = run(&add);
    assert_eq!((status, &again["done"], &again["tenant"]["network_index"]), (Some(0), &Value::Null, &json!(7)));
    assert_eq!(file(project.path()), before);
    let (status, _) = run(&["tenants", "remove", "bigbank", "--waiting-days", "3"]);
    assert_eq!(status, Some(0));
    assert_eq!(file(project.path()), before, "the environment stands for three days");
    let (_, detail) = run(&["tenants", "status", "bigbank"]);
    assert_eq!(detail["tenant"]["status"], "waiting");
    let history: Vec<&str> =
        detail["history"].as_array().unwrap().iter().map(|change| change["what"].as_str().unwrap()).collect();
    assert_eq!(history, ["signed_up", "offboarded"]);
    let (status, removed) = run(&["tenants", "remove", "acme-corp"]);
    assert_eq!((status, &removed["tenant"]["status"]), (Some(0), &json!("deprovisioning")));
    assert!(file(project.path()).contains("{ \"id\": \"acme-corp\",  \"network_index\": 0,  \"state\": \"removed\" }"));
}

#[test]
fn refusals_say_what_to_do_and_change_nothing() {
    let project = project();
    assert!(app(project.path(), &["tenants", "add", "gone", "--request-id", "crm-7"]).status.success());
    let before = file(project.path());
    let role = "arn:aws:iam::210987654321:role/deployer";
    let cases: &[(&[&str], i32, &str)] = &[
        (&["tenants", "add", "gone"], 1, "request `crm-7` signed it up"),
        (&["tenants", "add", "new", "--index", "0"], 1, "network_index 0 is taken by tenant `acme-corp`"),
        (&["tenants", "add", "new", "--index", "256"], 1, "is outside the network plan"),
        (&["tenants", "add", "gone", "--request-id", "crm-7", "--index", "9"], 1, "give another request another id"),
        (
            &["tenants", "add", "new", "--account-id", "123456789012", "--assume-role-arn", role],
            1,
            "the role is in account 210987654321",
        ),
        (&["tenants", "remove", "nobody"], 1, "there is no tenant `nobody`"),
        (&["tenants", "status", "nobody"], 1, "`app tenants list` shows those that there are"),
        (&["tenants", "add", "New"], 2, "did you mean `new`?"),
        (&["tenants", "add", "new", "--request-id", "$(id)"], 2, "request id `$(id)` is not 1 to 128 characters"),
        (&["tenants", "add", "new", "--account-id", "123456789012"], 2, "--assume-role-arn"),
        (&["events", "replay", "none.json"], 1, "cannot read the events of `none.json`"),
        (&["tenants", "list", "--tenants-file", "none.json"], 1, "there is no tenants file `none.json`"),
    ];
    for (arguments, status, message) in cases {
        let output = app(project.path(), arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(*status), "{arguments:?}: {said}");
        assert!(said.contains(message), "{arguments:?}: {said}");
        assert_eq!(file(project.path()), before, "{arguments:?}");
    }
}

#[test]
fn events_of_a_file_are_taken_once_and_each_answer_is_told() {
    let project = project();
    let event = |detail_type: &str, tenant: &str, request: &str| {
        json!({
            "version": "0", "id": format!("id-{request}"), "source": "palisade.signup", "detail-type": detail_type,
            "time": "2026-01-31T12:00:00Z",
            "detail": { "version": "1", "environment_suffix": "dev", "tenant_id": tenant, "request_id": request },
        })
    };
    let events = [
        event("TenantSignup", "acme", "r1"),
        event("TenantSignup", "acme", "r1"),
        event("TenantSignup", "acme", "r2"),
        event("TenantOffboarding", "unknown", "r3"),
        event("TenantSignup", "a--b", "r4"),
        event("TenantOffboarding", "acme", "r5"),
    ];
    let lines: String = events.iter().map(|event| format!("{event}\r\n")).collect();
    fs::write(project.path().join("lines.jsonl"), format!("{lines}\nnot json\n")).unwrap();
    fs::write(project.path().join("list.json"), json!(events[..2]).to_string()).unwrap();
    fs::write(project.path().join("one.json"), serde_json::to_vec_pretty(&events[0]).unwrap()).unwrap();
    let outcomes = |arguments: &[&str]| {
        let output = app(project.path(), &[&["events", "replay"], arguments, &["--format", "json"]].concat());
        let document = json_of(&output);
        let outcomes: Vec<String> = document["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| format!("{} {}", event["outcome"].as_str().unwrap(), event["code"].as_str().unwrap_or("-")))
            .collect();
        (output.status.code(), outcomes)
    };
    let first = [
        "done signed_up",
        "known -",
        "refused exists",
        "refused unknown_tenant",
        "rejected tenant_id",
        "done offboarded",
        "rejected not_json",
    ];
    let before = file(project.path());
    assert_eq!(outcomes(&["lines.jsonl", "--dry-run"]), (Some(1), first.map(str::to_owned).to_vec()));
    assert_eq!(file(project.path()), before, "a dry run changes nothing");
    assert!(!project.path().join(".palisade").exists());
    assert_eq!(outcomes(&["list.json"]), (Some(0), vec!["done signed_up".to_owned(), "known -".to_owned()]));
    assert_eq!(outcomes(&["one.json"]), (Some(0), vec!["known -".to_owned()]));
    let again = first.map(|outcome| if outcome == "done signed_up" { "known -" } else { outcome });
    assert_eq!(outcomes(&["lines.jsonl"]), (Some(1), again.map(str::to_owned).to_vec()));
    let again = again.map(|outcome| if outcome == "done offboarded" { "known -" } else { outcome });
    assert_eq!(outcomes(&["lines.jsonl"]), (Some(1), again.map(str::to_owned).to_vec()));
    assert_eq!(ids(project.path()), ["acme".to_owned(), "acme-corp".to_owned()].into());
    let status = json_of(&app(project.path(), &["tenants", "status", "acme", "--format", "json"]));
    assert_eq!(status["tenant"]["status"], "waiting", "an event leaves the environment its waiting period");
}

/// A kill of a replay in the middle: the file is replayed again, and each event counts once.
#[test]
fn a_replay_that_is_killed_is_replayed_again() {
    let project = project();
    let lines: String = (0..20)
        .map(|number| {
            let detail = json!({ "version": "1", "environment_suffix": "dev", "tenant_id": format!("t-{number}"), "request_id": "r" });
            let event = json!({ "source": "palisade.signup", "detail-type": "TenantSignup", "time": "2026-01-31T12:00:00Z", "detail": detail });
            format!("{event}\n")
        })
        .collect();
    fs::write(project.path().join("events.jsonl"), lines).unwrap();
    let mut process = start(project.path(), &["events", "replay", "events.jsonl"]);
    let began = Instant::now();
    while ids(project.path()).len() < 5 && began.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(1));
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let output = app(project.path(), &["events", "replay", "events.jsonl"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(ids(project.path()).len(), 21);
}
