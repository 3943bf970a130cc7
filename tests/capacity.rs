//! `app capacity`: the ledger of the example fleet, as it was agreed on. `UPDATE_GOLDEN=1 cargo test -p tests capacity` writes the table
//! anew.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::app::{Run, app, clean, project, project_of, run};
use crate::support::tools::{optional, skipped, tool};
use crate::support::{root, setting};

fn ledger(arguments: &[&str]) -> Value {
    let dir = project();
    let run = app(dir.path(), &[&["capacity", "--format", "json"], arguments].concat());
    assert_eq!(run.stderr, "", "{arguments:?}");
    run.json()
}

fn row<'a>(ledger: &'a Value, key: &str) -> &'a Value {
    let rows = ledger["accounts"][0]["rows"].as_array().unwrap();
    rows.iter().find(|row| row["key"] == key).unwrap_or_else(|| panic!("{key} has no row"))
}

/// Every quota with what the example fleet uses of it: easier to review than any assertion.
fn table(ledger: &Value) -> String {
    let mut table = String::new();
    for row in ledger["accounts"][0]["rows"].as_array().unwrap() {
        let text = |field: &str| row[field].as_str().map_or_else(|| row[field].to_string(), str::to_owned);
        let [key, used, per_tenant, limit] = ["key", "used", "per_tenant", "limit"].map(text);
        let fits = if row["fits"].is_null() { "any number".to_owned() } else { text("fits") };
        writeln!(table, "{key:<34} {used:>6} used {per_tenant:>6} per tenant {limit:>8} limit, {fits} fit").unwrap();
    }
    table
}

#[test]
fn the_ledger_of_the_example_fleet_is_as_agreed() {
    let agreed = root().join("tests/capacity/ledger.txt");
    let table = table(&ledger(&[]));
    if setting("UPDATE_GOLDEN").is_some() {
        std::fs::write(&agreed, &table).unwrap();
    }
    assert_eq!(
        table,
        std::fs::read_to_string(&agreed).unwrap(),
        "if this is meant: UPDATE_GOLDEN=1 cargo test -p tests capacity"
    );
}

/// What is known of AWS, reproduced by counting the stacks: VPCs at 4 tenants beside the default VPC, gateway endpoints at 10, Lambda's
/// concurrency at 900 / 12, network ACLs never.
#[test]
fn each_quota_bites_at_the_number_of_tenants_that_arithmetic_gives() {
    let ledger = ledger(&[]);
    let uses = [
        ("vpcs-per-region", 1, 4),
        ("gateway-endpoints-per-region", 2, 10),
        ("lambda-concurrency", 10 + 2, (1_000 - 100) / 12),
        ("iam-roles", 5, (1_000 - 5) / 5),
        ("event-rules-per-bus", 1, 300 - 5),
        ("network-plan-blocks", 1, 256),
        ("dynamodb-tables", 1, 2_500 - 1),
        ("kms-keys", 1, 100_000 - 1),
    ];
    for (key, per_tenant, fits) in uses {
        let row = row(&ledger, key);
        assert_eq!((&row["per_tenant"], &row["fits"]), (&per_tenant.into(), &fits.into()), "{key}");
    }
    for key in ["rules-per-network-acl", "subscription-filters-per-log-group", "interface-endpoints-per-vpc"] {
        assert!(row(&ledger, key)["fits"].is_null(), "{key} bites at some number of tenants");
    }
    assert_eq!(row(&ledger, "kms-keys")["lingers_days"], 7);
    assert_eq!(ledger["uncounted"], Value::Array(Vec::new()));
}

#[test]
fn quotas_come_from_flags_then_the_tenants_file_then_aws() {
    let dir = project_of(
        r#"{ "environment_suffix": "dev", "quotas": { "vpcs-per-region": 300, "lambda-concurrency": 5000 },
             "tenants": [{ "id": "acme-corp", "network_index": 0 }] }"#,
    );
    let run = app(dir.path(), &["capacity", "--format", "json", "--quota", "lambda-concurrency=2000"]);
    let ledger = run.done("app capacity").json();
    let said = |key: &str| (row(&ledger, key)["limit"].clone(), row(&ledger, key)["limit_from"].clone());
    assert_eq!(said("vpcs-per-region"), (300.into(), "tenants-file".into()));
    assert_eq!(said("lambda-concurrency"), (2000.into(), "flag".into()));
    assert_eq!(said("iam-roles"), (1000.into(), "aws-default".into()));
}

#[test]
fn a_fleet_that_does_not_fit_is_said_with_the_requests_and_exit_status_1() {
    let dir = project();
    let run = app(dir.path(), &["capacity", "--tenants", "10000"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    for wanted in [
        "too small",
        "accounts   21 for 10000 tenants",
        "--service-code vpc --quota-code L-F678F1CE",
        "set `network.prefix_length` to 22",
    ] {
        assert!(run.stdout.contains(wanted), "{wanted}: {}", run.stdout);
    }
    assert!(app(dir.path(), &["capacity"]).done("three tenants").stdout.contains("fits       3 tenants"));
}

#[test]
fn the_page_shows_what_the_program_says() {
    let dir = project();
    let page = std::fs::read_to_string(root().join("docs/capacity.md")).unwrap();
    for tenants in [None, Some("100"), Some("10000")] {
        let more = tenants.map_or_else(Vec::new, |tenants| vec!["--tenants", tenants]);
        let said = app(dir.path(), &[&["capacity"], more.as_slice()].concat()).stdout;
        assert!(
            page.contains(said.trim_end()),
            "docs/capacity.md shows something else for {tenants:?}; now it is\n{said}"
        );
    }
    let first = ledger(&[])["accounts"][0]["rows"][0].clone();
    let shown = page.rsplit("```json\n").next().and_then(|text| text.split("```").next()).unwrap();
    assert_eq!(serde_json::from_str::<Value>(shown).unwrap(), first);
}

#[test]
fn wrong_quotas_are_refused_with_the_nearest_name() {
    let dir = project();
    let cases = [
        ("vpcs-per-regoin=3", "did you mean `vpcs-per-region`?"),
        ("vpcs-per-region", "write KEY=NUMBER"),
        ("vpcs-per-region=many", "`many` is no whole number"),
        ("bucket-policy-bytes=3", "is the same in every account"),
    ];
    for (given, wanted) in cases {
        let run = app(dir.path(), &["capacity", "--quota", given]);
        assert_eq!(run.code, Some(2), "{given}");
        assert!(run.stderr.contains(wanted), "{given}: {}", run.stderr);
    }
    let dir = project_of(r#"{ "environment_suffix": "dev", "quotas": { "vpcs": 3 }, "tenants": [] }"#);
    let run = app(dir.path(), &["capacity"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("tenants.json:1:44: quotas: unknown quota `vpcs`"), "{}", run.stderr);
}

/// A Terraform that keeps what it was asked, and answers with these lines: one list for each call of `apply`, the last one for all more.
fn fake_terraform(dir: &Path, answers: &[(i32, &str)]) -> PathBuf {
    for (number, (_, lines)) in answers.iter().enumerate() {
        std::fs::write(dir.join(format!("answer-{number}")), lines).unwrap();
    }
    let codes: String = answers.iter().enumerate().map(|(n, (code, _))| format!("{n}) code={code};; ")).collect();
    let (here, last) = (dir.display(), answers.len() - 1);
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = version ] && echo '{{\"terraform_version\":\"1.11.4\"}}' && exit 0\n[ \"$1\" = init ] && exit 0\nn=$(cat {here}/calls 2>/dev/null || echo 0)\ncp main.tf.json {here}/asked-$n.tf.json\n\
         [ $n -gt {last} ] && n={last}\necho $((n + 1)) > {here}/calls\ncat {here}/answer-$n\ncase $n in {codes}esac\nexit $code\n"
    );
    let program = dir.join("fake-terraform");
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    program
}

fn read_account(dir: &Path, program: &Path, more: &[&str]) -> Run {
    let program = program.display().to_string();
    let arguments = ["capacity", "--format", "json", "--read-account", "--terraform-bin", &program];
    app(dir, &[&arguments, more].concat())
}

const OUTPUTS: &str = r#"{"type":"outputs","outputs":{
"limit_lambda_concurrency":{"sensitive":false,"type":"number","value":10},
"before_iam_roles":{"sensitive":false,"type":"number","value":990}}}"#;

/// "a quota that cannot be read is said and falls back to declared/default"
#[test]
fn the_accounts_own_quotas_count_and_what_cannot_be_read_is_said() {
    let dir = project();
    let refused = r#"{"type":"diagnostic","diagnostic":{"severity":"error","summary":"denied","detail":"AccessDenied",
"address":"data.aws_servicequotas_service_quota.vpcs_per_region"}}"#
        .replace('\n', "");
    let program = fake_terraform(dir.path(), &[(1, &refused), (0, &OUTPUTS.replace('\n', ""))]);
    let answer = read_account(dir.path(), &program, &["--quota", "iam-roles=2000"]);
    assert_eq!(answer.stderr, "");
    let ledger = answer.json();
    let lambda = row(&ledger, "lambda-concurrency");
    assert_eq!((&lambda["limit"], &lambda["limit_from"], &lambda["fits"]), (&10.into(), &"account".into(), &0.into()));
    let roles = row(&ledger, "iam-roles");
    assert_eq!((&roles["before"], &roles["limit_from"], &roles["fits"]), (&990.into(), &"flag".into(), &201.into()));
    assert_eq!(row(&ledger, "vpcs-per-region")["limit_from"], "aws-default");
    assert_eq!(ledger["unread"], serde_json::json!(["quota `vpcs-per-region`: denied: AccessDenied"]));
    let asked = |n: usize| std::fs::read_to_string(dir.path().join(format!("asked-{n}.tf.json"))).unwrap();
    assert!(asked(0).contains("L-F678F1CE") && !asked(1).contains("L-F678F1CE"), "what was refused is not asked again");
    assert!(!dir.path().join(".palisade/capacity").exists(), "nothing is left behind");
}

#[test]
fn an_account_that_cannot_be_reached_is_an_error_and_no_guess() {
    let dir = project();
    let said =
        r#"{"type":"diagnostic","diagnostic":{"severity":"error","summary":"No valid credential sources found"}}"#;
    let program = fake_terraform(dir.path(), &[(1, said)]);
    let answer = read_account(dir.path(), &program, &[]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""));
    assert!(answer.stderr.contains("No valid credential sources found; check the credentials"), "{}", answer.stderr);
    let absent = read_account(dir.path(), Path::new("./no-terraform"), &[]);
    assert!(absent.code == Some(1) && absent.stderr.contains("`--terraform-bin`"), "{}", absent.stderr);
}

/// Terraform and the real provider take the configuration that asks.
#[test]
fn terraform_finds_the_questions_to_the_account_valid() {
    let test = "terraform_finds_the_questions_to_the_account_valid";
    let Some(binary) = tool(test, "terraform") else { return };
    let Ok(plugins) = optional("aws-provider") else { return skipped(test, "aws-provider: not there") };
    let dir = project();
    let program = fake_terraform(dir.path(), &[(0, "{}")]);
    read_account(dir.path(), &program, &[]).done("app capacity --read-account");
    let questions = dir.path().join("questions");
    std::fs::create_dir(&questions).unwrap();
    std::fs::copy(dir.path().join("asked-0.tf.json"), questions.join("main.tf.json")).unwrap();
    let terraform = |arguments: &[&str]| {
        let mut command = clean(&binary);
        command.args(arguments).current_dir(&questions);
        run(command.env("CHECKPOINT_DISABLE", "1").env("TF_CLI_CONFIG_FILE", "/dev/null"))
    };
    let plugins = format!("-plugin-dir={}", plugins.display());
    terraform(&["init", "-input=false", "-no-color", "-backend=false", &plugins]).done("terraform init");
    terraform(&["validate", "-no-color"]).done("terraform validate");
}
