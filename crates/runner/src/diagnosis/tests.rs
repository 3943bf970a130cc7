use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;
use crate::message::Entry;
use crate::redact::Redactor;
use crate::{Class, Failure, Phase};

/// A diagnostic as the machine-readable UI has it, with what it is.
#[derive(Deserialize)]
struct Case {
    /// Where the text was seen: an issue, a reference, a run.
    source: String,
    class: Class,
    code: Option<String>,
    address: Option<String>,
    diagnostic: Value,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("fixtures/diagnostics.json")).unwrap()
}

fn about() -> About<'static> {
    About {
        stack: "tenant-acme-corp-dev",
        tenant: Some("acme-corp"),
        directory: Path::new("cdktf.out/stacks/tenant-acme-corp-dev"),
        command: Command::Deploy,
        phase: Phase::Apply,
        log: None,
    }
}

fn evidence(diagnostics: &[Value]) -> Evidence {
    let mut evidence = Evidence::default();
    for diagnostic in diagnostics {
        let line = json!({"@level": "error", "@message": "Error", "type": "diagnostic", "diagnostic": diagnostic});
        evidence.see(&Entry::of(line.to_string().as_bytes()));
    }
    evidence
}

fn failure(diagnostics: &[Value]) -> Failure {
    evidence(diagnostics).failure(&End::Code(1), &about(), &Redactor::new())
}

fn of_text(text: &str, end: &End) -> Failure {
    let mut evidence = Evidence::default();
    for line in text.lines() {
        evidence.see(&Entry::of(line.as_bytes()));
    }
    evidence.failure(end, &about(), &Redactor::new())
}

fn error(summary: &str, address: &str) -> Value {
    json!({"severity": "error", "summary": summary, "detail": "", "address": address})
}

#[test]
fn every_form_is_understood() {
    assert_eq!(code::forms(), (4, true));
}

#[test]
fn real_diagnostics_are_classified() {
    let mut wrong = String::new();
    for case in cases() {
        let failure = failure(std::slice::from_ref(&case.diagnostic));
        let found = (failure.class, &failure.code, &failure.address);
        if found != (case.class, &case.code, &case.address) {
            let wanted = (case.class, &case.code, &case.address);
            writeln!(wrong, "{}\n  found  {found:?}\n  wanted {wanted:?}\n  of {}", case.source, case.diagnostic)
                .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What people read, of every case: a table's diff is easier to judge than a failed assertion.
#[test]
fn causes_and_fixes_read_well() {
    let mut table = String::new();
    for case in cases() {
        let failure = failure(&[case.diagnostic]);
        assert!(failure.cause.chars().count() <= 300 && !failure.cause.contains('\n'), "{}", failure.cause);
        writeln!(table, "{:?}\n  {}\n  -> {}\n", failure.class, failure.cause, failure.fix).unwrap();
    }
    let golden = include_str!("fixtures/verdicts.txt");
    if table != golden {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnosis/fixtures/verdicts.txt.new");
        std::fs::write(&path, &table).unwrap();
        panic!("the verdicts differ; read {} and put it in the place of verdicts.txt", path.display());
    }
}

#[test]
fn every_class_that_terraform_can_cause_has_a_case() {
    let classes: BTreeSet<Class> = cases().iter().map(|case| case.class).collect();
    for class in [
        Class::Quota,
        Class::Permission,
        Class::NameTaken,
        Class::Throttled,
        Class::Credentials,
        Class::Network,
        Class::Service,
        Class::LockHeld,
        Class::State,
        Class::Disk,
        Class::Crash,
        Class::Tool,
        Class::Timeout,
        Class::Configuration,
        Class::Interrupted,
        Class::Unknown,
    ] {
        assert!(classes.contains(&class), "{class:?}");
    }
}

#[test]
fn every_rule_says_where_it_is_from_and_none_is_there_twice() {
    let mut seen = BTreeSet::new();
    for rule in rules::RULES {
        assert!(!rule.source.is_empty(), "{rule:?}");
        assert!(!(rule.code.is_empty() && rule.says.is_empty()), "{rule:?}");
        assert_eq!(rule.says, rule.says.to_lowercase(), "is compared with small letters: {rule:?}");
        assert!(seen.insert((rule.code, rule.says)), "twice: {rule:?}");
    }
}

/// A rule that an earlier one always covers would never speak.
#[test]
fn every_rule_can_speak() {
    let mut silent = String::new();
    for rule in rules::RULES {
        let summary = match rule.code {
            "" => format!("creating X: {}", rule.says),
            code => format!(
                "creating X: operation error X: Y, https response error StatusCode: 400, RequestID: r, api error {code}: {}",
                rule.says
            ),
        };
        let found = rules::find(&summary, "").unwrap();
        if (found.code, found.says) != (rule.code, rule.says) {
            writeln!(silent, "{} {} is covered by {} {}", rule.code, rule.says, found.code, found.says).unwrap();
        }
    }
    assert!(silent.is_empty(), "{silent}");
}

/// "quota-like codes must not be classed transient"
#[test]
fn no_quota_and_nothing_else_that_lasts_is_transient() {
    for case in cases() {
        let transient = failure(std::slice::from_ref(&case.diagnostic)).class.is_transient();
        let expected = matches!(case.class, Class::Throttled | Class::Network | Class::Service | Class::LockHeld);
        assert_eq!(transient, expected, "{}", case.diagnostic);
    }
}

/// One of two calls was lost, or somebody else was faster: the next plan no longer has it.
#[test]
fn what_is_not_there_any_more_when_it_is_deleted_passes_and_only_then() {
    let hook = |kind: &str, action: &str| {
        let resource =
            json!({"addr": "aws_vpc_endpoint.s3", "resource_type": "aws_vpc_endpoint", "resource_name": "s3"});
        let hook = json!({"resource": resource, "action": action});
        Entry::of(json!({"@level": "info", "@message": "", "type": kind, "hook": hook}).to_string().as_bytes())
    };
    let deletes = [("apply_start", "delete"), ("apply_errored", "delete")];
    let others: [&[(&str, &str)]; 4] = [
        &[],
        &[("apply_start", "update"), ("apply_errored", "update")],
        &[("apply_start", "delete"), ("apply_complete", "delete")],
        // A replacement whose creation fails.
        &[
            ("apply_start", "delete"),
            ("apply_complete", "delete"),
            ("apply_start", "create"),
            ("apply_errored", "create"),
        ],
    ];
    for (code, class) in [
        ("InvalidRoute.NotFound", Class::Configuration),
        ("InvalidVpcEndpointId.NotFound", Class::Configuration),
        ("NoSuchBucket", Class::Configuration),
        ("NoSuchEntity", Class::Unknown),
        ("ResourceNotFoundException", Class::Unknown),
        ("AWS.SimpleQueueService.NonExistentQueue", Class::Unknown),
        ("QueueDoesNotExist", Class::Unknown),
    ] {
        let summary = format!(
            "doing EC2 VPC Endpoint (vpce-1): operation error X: Y, https response error StatusCode: 400, RequestID: r, api error {code}: no such thing"
        );
        let of = |hooks: &[(&str, &str)], address: &str| {
            let mut evidence = Evidence::default();
            hooks.iter().for_each(|(kind, action)| evidence.see(&hook(kind, action)));
            let line = json!({"@level": "error", "@message": "", "type": "diagnostic", "diagnostic": error(&summary, address)});
            evidence.see(&Entry::of(line.to_string().as_bytes()));
            evidence.failure(&End::Code(1), &about(), &Redactor::new())
        };
        let deleted = of(&deletes, "aws_vpc_endpoint.s3");
        assert_eq!((deleted.class, deleted.resumable), (Class::Service, true), "{code}");
        assert!(deleted.fix.contains("gone already"), "{}", deleted.fix);
        assert_eq!(of(&deletes, "aws_vpc.main").class, class, "{code} of another resource");
        for hooks in others {
            assert_eq!(of(hooks, "aws_vpc_endpoint.s3").class, class, "{code} in {hooks:?}");
        }
    }
    // As the provider's newer resources say it: without an address, and with a detail.
    let of = |hooks: &[(&str, &str)], summary: &str, detail: &str| {
        let mut evidence = Evidence::default();
        hooks.iter().for_each(|(kind, action)| evidence.see(&hook(kind, action)));
        let diagnostic = json!({"severity": "error", "summary": summary, "detail": detail});
        let line = json!({"@level": "error", "@message": "", "type": "diagnostic", "diagnostic": diagnostic});
        evidence.see(&Entry::of(line.to_string().as_bytes()));
        evidence.failure(&End::Code(1), &about(), &Redactor::new()).class
    };
    let rule = "deleting VPC Security Group Rule (sgr-744a6e93bb0480155)";
    let said = |code: &str| {
        format!(
            "operation error EC2: RevokeSecurityGroupEgress, https response error StatusCode: 400, RequestID: r, api error {code}: no"
        )
    };
    assert_eq!(of(&deletes, rule, &said("InvalidPermission.NotFound")), Class::Service);
    assert_eq!(of(&[], rule, &said("InvalidPermission.NotFound")), Class::Configuration);
    assert_eq!(of(&deletes, rule, &said("UnauthorizedOperation")), Class::Permission);
    let state = "Error acquiring the state lock";
    assert_eq!(of(&deletes, state, &said("NoSuchBucket")), Class::Configuration, "it is not what is deleted");
}

#[test]
fn the_cause_is_told_and_not_its_consequences() {
    let throttled = error(
        "creating KMS Key: operation error KMS: CreateKey, https response error StatusCode: 400, RequestID: r, api error ThrottlingException: Rate exceeded",
        "aws_kms_key.a",
    );
    let quota = error(
        "creating EC2 VPC: operation error EC2: CreateVpc, https response error StatusCode: 400, RequestID: r, api error VpcLimitExceeded: The maximum number of VPCs has been reached.",
        "aws_vpc.main",
    );
    let halted = error("execution halted", "aws_s3_bucket.c");
    let cancelled = json!({"severity": "error", "summary": "Request cancelled", "detail": "The plugin.(*GRPCProvider).ApplyResourceChange request was cancelled.", "address": "aws_s3_bucket.c"});
    let failure = failure(&[throttled, halted, cancelled, quota]);
    assert_eq!(failure.class, Class::Quota);
    assert_eq!(failure.address.as_deref(), Some("aws_vpc.main"));
    assert_eq!(failure.cause, "creating EC2 VPC: VpcLimitExceeded: The maximum number of VPCs has been reached.");
    assert!(
        failure
            .detail
            .contains("3 more errors:\n- aws_kms_key.a: creating KMS Key: ThrottlingException: Rate exceeded\n"),
        "{}",
        failure.detail
    );
}

#[test]
fn of_equal_errors_the_first_is_told() {
    let taken =
        |address| error("creating IAM Role (x): EntityAlreadyExists: Role with name x already exists.", address);
    let failure = failure(&[taken("aws_iam_role.first"), taken("aws_iam_role.second")]);
    assert_eq!(failure.address.as_deref(), Some("aws_iam_role.first"));
    assert!(failure.detail.contains("1 more error:\n- aws_iam_role.second: "), "{}", failure.detail);
    assert!(!failure.resumable);
}

#[test]
fn a_thousand_errors_are_counted_and_not_kept() {
    let errors: Vec<Value> = (0..1000).map(|at| error(&"x".repeat(10_000), &format!("aws_vpc.v{at}"))).collect();
    let evidence = evidence(&errors);
    assert_eq!(evidence.errors().len(), 64);
    let failure = evidence.failure(&End::Code(1), &about(), &Redactor::new());
    assert!(failure.detail.len() < 10_000, "{}", failure.detail.len());
}

#[test]
fn warnings_are_no_reason() {
    let failure = failure(&[json!({"severity": "warning", "summary": "no space left on device", "detail": ""})]);
    assert_eq!(failure.class, Class::Unknown);
    assert_eq!(failure.cause, "Terraform ended with exit status 1 during apply without an error message");
}

#[test]
fn the_holder_of_a_lock_is_told() {
    let case = cases().into_iter().find(|case| case.class == Class::LockHeld).unwrap();
    let evidence = evidence(&[case.diagnostic]);
    let lock = evidence.lock().unwrap();
    assert_eq!(
        lock,
        LockInfo {
            id: "8806b649-5567-a00a-9109-cad010c89ff4".into(),
            path: "terraform.tenant-acme-corp.tfstate".into(),
            operation: "OperationTypeApply".into(),
            who: "ci@runner-7".into(),
            version: "1.11.4".into(),
            created: "2026-11-27 01:49:07.504437641 +0000 UTC".into(),
            info: String::new(),
        }
    );
    let failure = evidence.failure(&End::Code(1), &about(), &Redactor::new());
    assert_eq!(failure.cause, "the state is locked by ci@runner-7 since 2026-11-27 01:49:07 UTC (apply)");
    assert!(failure.fix.contains("`app deploy --resume --tenant acme-corp --unlock`"), "{}", failure.fix);
    assert!(failure.fix.contains("8806b649-5567-a00a-9109-cad010c89ff4"), "{}", failure.fix);
}

#[test]
fn a_state_that_cannot_be_read_is_no_lock() {
    for case in cases().into_iter().filter(|case| case.class != Class::LockHeld) {
        assert_eq!(evidence(std::slice::from_ref(&case.diagnostic)).lock(), None, "{}", case.diagnostic);
    }
}

#[test]
fn terraform_asks_for_init_in_its_own_words() {
    let asks: Vec<String> = cases()
        .into_iter()
        .filter(|case| evidence(std::slice::from_ref(&case.diagnostic)).wants_init())
        .map(|case| case.diagnostic["summary"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        asks,
        ["Backend initialization required, please run \"terraform init\"", "Inconsistent dependency lock file"]
    );
}

#[test]
fn errors_for_people_are_read_too() {
    let text = "Initializing the backend...\n╷\n│ Error: creating IAM Role (x): EntityAlreadyExists: Role with name x already exists.\n│ \n│   with aws_iam_role.function,\n│   on cdk.tf.json line 1, in resource.aws_iam_role.function:\n│    1: \n│ \n╵\n";
    let failure = of_text(text, &End::Code(1));
    assert_eq!((failure.class, failure.address.as_deref()), (Class::NameTaken, Some("aws_iam_role.function")));
}

#[test]
fn a_panic_is_a_crash() {
    let text = "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation]\n\ngoroutine 1 [running]:\nmain.main()\n";
    let failure = of_text(text, &End::Code(2));
    assert_eq!(failure.class, Class::Crash);
    assert_eq!(failure.cause, "panic: runtime error: invalid memory address or nil pointer dereference");
}

#[test]
fn a_signal_is_a_crash_whatever_was_said_before() {
    let evidence = evidence(&[error("creating X: AccessDenied: no", "aws_vpc.main")]);
    let failure = evidence.failure(&End::Signal(9), &about(), &Redactor::new());
    assert_eq!(failure.class, Class::Crash);
    assert!(failure.cause.contains("SIGKILL"), "{}", failure.cause);
    assert!(failure.detail.contains("aws_vpc.main"), "{}", failure.detail);
}

#[test]
fn nothing_and_garbage_are_told_as_such() {
    assert_eq!(of_text("", &End::Code(1)).cause, "Terraform ended with exit status 1 during apply and wrote nothing");
    let failure = of_text("\u{1}\u{2}lorem\n{\"half\nipsum", &End::Code(3));
    assert_eq!(failure.class, Class::Unknown);
    assert_eq!(
        failure.cause,
        "Terraform ended with exit status 3 during apply without an error message; its last line was: ipsum"
    );
    assert!(failure.detail.starts_with("3 of 3 lines were no messages of Terraform"), "{}", failure.detail);
    assert!(failure.fix.starts_with("read the log"), "{}", failure.fix);
}

#[test]
fn a_program_that_cannot_be_started_is_a_missing_tool() {
    let start = |reason: &str| Evidence::default().failure(&End::NotStarted(reason.into()), &about(), &Redactor::new());
    assert_eq!(start("No such file or directory (os error 2)").class, Class::Tool);
    assert_eq!(start("Permission denied (os error 13)").class, Class::Tool);
    assert_eq!(start("No space left on device (os error 28)").class, Class::Disk);
    assert_eq!(start("Cannot allocate memory (os error 12)").class, Class::Crash);
}

#[test]
fn a_dump_of_the_state_comes_before_everything() {
    let mut evidence = evidence(&[error("creating X: AccessDenied: no", "aws_vpc.main")]);
    evidence
        .see(&Entry::of(br#"{"@level":"info","@message":"Emergency state dump","type":"log","state":{"version":4}}"#));
    assert!(evidence.has_state_dump());
    let failure = evidence.failure(&End::Code(1), &about(), &Redactor::new());
    assert_eq!((failure.class, failure.resumable), (Class::State, true));
    assert!(failure.fix.contains("Emergency state dump"), "{}", failure.fix);
}

#[test]
fn a_secret_in_an_error_is_not_passed_on() {
    let mut redactor = Redactor::new();
    redactor.hide(["hunter2hunter2"]);
    let evidence = evidence(&[error(
        "creating X: InvalidParameterValue: hunter2hunter2 and AWS_SECRET_ACCESS_KEY=abcdefgh",
        "aws_vpc.main",
    )]);
    let failure = evidence.failure(&End::Code(1), &about(), &redactor);
    let all = serde_json::to_string(&failure).unwrap();
    assert!(!all.contains("hunter2") && !all.contains("abcdefgh"), "{all}");
}

#[test]
fn the_fix_names_the_command_that_was_run() {
    let mut about = about();
    let evidence = evidence(&[error(
        "creating EC2 VPC: VpcLimitExceeded: The maximum number of VPCs has been reached.",
        "aws_vpc.main",
    )]);
    for (command, tenant, expected) in [
        (Command::Deploy, Some("acme"), "then `app deploy --resume --tenant acme`"),
        (Command::Destroy, Some("acme"), "then `app destroy --tenant acme`"),
        (Command::Plan, Some("acme"), "then `app plan --tenant acme`"),
        (Command::Deploy, None, "then `app deploy --resume`"),
    ] {
        (about.command, about.tenant) = (command, tenant);
        let failure = evidence.failure(&End::Code(1), &about, &Redactor::new());
        assert!(failure.fix.ends_with(expected), "{}", failure.fix);
        assert!(failure.fix.contains("`app capacity`"), "{}", failure.fix);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_that_terraform_says_panics(summary in "\\PC{0,200}", detail in any::<String>(), text in any::<String>(), code in any::<i32>()) {
        let mut evidence = evidence(&[json!({"severity": "error", "summary": summary, "detail": detail})]);
        for line in text.lines() {
            evidence.see(&Entry::of(line.as_bytes()));
        }
        let _ = (evidence.lock(), evidence.wants_init());
        for end in [End::Code(code), End::Signal(code), End::NotStarted(text.clone()), End::Unknown] {
            let failure = evidence.failure(&end, &about(), &Redactor::new());
            prop_assert!(failure.cause.chars().count() <= 300);
            prop_assert!(!failure.fix.is_empty());
        }
        let _ = of_text(&text, &End::Code(code));
    }
}
