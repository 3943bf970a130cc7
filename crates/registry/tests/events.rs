//! The events from outside: the types and the schemas that are shipped say the same, and whatever comes in there is a request or a
//! reason.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use naming::EnvironmentSuffix;
use proptest::prelude::*;
use registry::event::{
    Announced, Announcement, Asked, DeprovisionedNote, FailureNote, Header, MAX_BYTES, OffboardingNote, Phase,
    ProvisionedNote, ProvisioningNote, Received, Rejection, RestartingNote, Resumed, ResumedNote, Suspended,
    SuspendedNote, Version, schema,
};
use registry::{PlanName, Purpose, RequestId, Timestamp};
use serde_json::{Value, json};

fn dev() -> EnvironmentSuffix {
    "dev".parse().unwrap()
}

fn validator(schema: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

/// What a field of a detail may hold: right values, wrong values, values that look right.
fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!("1")),
        Just(json!("2")),
        Just(json!(1)),
        Just(json!("dev")),
        Just(json!("acme-corp")),
        Just(json!("acme--corp")),
        Just(json!("Acme")),
        Just(json!("platform")),
        Just(json!("crm-1")),
        Just(json!("-rf /")),
        Just(json!("gold 2")),
        Just(json!("123456789012")),
        Just(json!("12345678901")),
        Just(json!("arn:aws:iam::123456789012:role/deployer")),
        Just(json!("arn:aws:iam::123456789012:user/me")),
        Just(json!("")),
        Just(json!("x".repeat(129))),
        Just(json!("x".repeat(64))),
        Just(json!("a\nb")),
        Just(json!("acme\n")),
        Just(json!("dev\n")),
        Just(json!("1234567890１2")),
        Just(json!(0)),
        Just(json!(65535)),
        Just(json!(65536)),
        Just(json!(-1)),
        Just(json!(1.5)),
        Just(json!(3.0)),
        Just(json!(1e300)),
        Just(json!(null)),
        Just(json!(true)),
        Just(json!([])),
        Just(json!({})),
        ".{0,6}".prop_map(Value::from),
        "[a-z][a-z0-9-]{1,31}".prop_map(Value::from),
    ]
}

const FIELDS: [&str; 10] = [
    "version",
    "tenant_id",
    "environment_suffix",
    "request_id",
    "account_id",
    "assume_role_arn",
    "plan",
    "network_index",
    "acount_id",
    "extra",
];

fn right(detail_type: &str) -> Value {
    let mut detail =
        json!({ "version": "1", "tenant_id": "acme-corp", "environment_suffix": "dev", "request_id": "crm-1" });
    if detail_type == "TenantPlanChanged" {
        detail["plan"] = json!("gold");
    }
    detail
}

/// A right detail with some fields set, changed or gone.
fn spoiled() -> impl Strategy<Value = (&'static str, Value)> {
    let change = (prop::sample::select(&FIELDS[..]), prop::option::weighted(0.8, any_value()));
    (prop::sample::select(&Asked::DETAIL_TYPES[..]), prop::collection::vec(change, 0..4), any::<bool>()).prop_map(
        |(detail_type, changes, own_account)| {
            let mut detail = right(detail_type);
            if own_account && detail_type == "TenantSignup" {
                detail["account_id"] = json!("123456789012");
                detail["assume_role_arn"] = json!("arn:aws:iam::123456789012:role/deployer");
            }
            for (field, value) in changes {
                match value {
                    Some(value) => detail[field] = value,
                    None => drop(detail.as_object_mut().unwrap().remove(field)),
                }
            }
            (detail_type, detail)
        },
    )
}

/// What a schema cannot say: which environment this is, and that two fields agree.
fn beyond_a_schema(rejection: &Rejection) -> bool {
    matches!(rejection, Rejection::OtherEnvironment { .. } | Rejection::RoleOfOtherAccount { .. })
}

fn text(pattern: &'static str) -> impl Strategy<Value = String> {
    pattern.prop_filter_map("legal", Some)
}

fn moments() -> impl Strategy<Value = Timestamp> {
    any::<u32>().prop_map(Timestamp::from_seconds)
}

fn announced() -> impl Strategy<Value = Announced> {
    let plan = || prop::option::of("[a-z][a-z ]{0,63}".prop_map(|plan| plan.parse::<PlanName>().unwrap()));
    let outputs = prop::collection::btree_map("[a-z_]{1,8}", ".{0,20}", 0..4);
    let phase = prop_oneof![Just(Phase::Registered), Just(Phase::Deploying)];
    let failure = (".{0,80}", prop::option::of(".{0,2100}"), ".{0,2100}", ".{0,30}", any::<u32>(), any::<bool>());
    prop_oneof![
        (any::<u32>(), phase, any::<u32>()).prop_map(|(network_index, phase, attempt)| Announced::Provisioning(
            ProvisioningNote { network_index, phase, attempt }
        )),
        (any::<u32>(), plan(), outputs).prop_map(|(network_index, plan, outputs)| Announced::Provisioned(
            ProvisionedNote { network_index, plan, outputs }
        )),
        failure.prop_map(|(phase, address, cause, fix, attempt, resumable)| Announced::ProvisioningFailed(
            FailureNote { phase, address, cause, fix, attempt, resumable }.bounded()
        )),
        (any::<u32>(), moments()).prop_map(|(network_index, quarantine_until)| Announced::Deprovisioned(
            DeprovisionedNote { network_index, quarantine_until }
        )),
        moments().prop_map(|waiting_until| Announced::Offboarding(OffboardingNote { waiting_until })),
        Just(Announced::Suspended(SuspendedNote { status: Suspended::Suspended })),
        Just(Announced::Resumed(ResumedNote { status: Resumed::Active })),
        (any::<u32>(), prop_oneof![Just(Purpose::Deploy), Just(Purpose::Destroy)])
            .prop_map(|(restart, purpose)| Announced::Restarting(RestartingNote { restart, purpose })),
    ]
}

fn announcements() -> impl Strategy<Value = Announcement> {
    let request = text("[A-Za-z0-9][A-Za-z0-9._:-]{0,127}").prop_map(|id| id.parse::<RequestId>().unwrap());
    (announced(), ".{0,40}", request, moments()).prop_map(|(announced, event_id, request_id, occurred_at)| {
        let header = Header {
            version: Version,
            event_id,
            tenant_id: "acme-corp".parse().unwrap(),
            environment_suffix: dev(),
            request_id,
            occurred_at,
        };
        Announcement { header, announced }
    })
}

fn schemas_of_announced() -> BTreeMap<&'static str, jsonschema::Validator> {
    Announced::DETAIL_TYPES.into_iter().map(|name| (name, validator(schema::of_announced(name).unwrap()))).collect()
}

#[test]
fn every_event_has_a_schema_of_its_name() {
    for (names, of) in [
        (&Asked::DETAIL_TYPES[..], schema::of_asked as fn(&str) -> Option<&'static str>),
        (&Announced::DETAIL_TYPES[..], schema::of_announced),
    ] {
        for name in names {
            let schema: Value = serde_json::from_str(of(name).unwrap()).unwrap();
            assert_eq!(schema["title"], *name);
            assert!(jsonschema::meta::is_valid(&schema), "{name}");
        }
        assert_eq!(of("TenantTeleported"), None);
    }
}

#[test]
fn asked_details_are_taken_by_the_type_and_the_schema_alike() {
    let schemas: BTreeMap<_, _> =
        Asked::DETAIL_TYPES.into_iter().map(|name| (name, validator(schema::of_asked(name).unwrap()))).collect();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(4000));
    runner
        .run(&spoiled(), |(detail_type, detail)| {
            let taken = Asked::read(detail_type, &detail, &dev());
            let legal = match &taken {
                Ok(_) => true,
                Err(rejection) => beyond_a_schema(rejection),
            };
            prop_assert_eq!(schemas[detail_type].is_valid(&detail), legal, "{}: {:?}", detail, taken);
            Ok(())
        })
        .unwrap();
}

#[test]
fn announced_details_are_what_their_schemas_say_and_read_back() {
    let schemas = schemas_of_announced();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(500));
    runner
        .run(&announcements(), |announcement| {
            let name = announcement.announced.detail_type();
            let detail = serde_json::to_value(&announcement).unwrap();
            let errors: Vec<String> = schemas[name].iter_errors(&detail).map(|error| error.to_string()).collect();
            prop_assert!(errors.is_empty(), "{}: {:?}", detail, errors);
            prop_assert_eq!(Announcement::read(name, &detail).unwrap(), announcement);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_spoiled_announcement_is_refused_by_the_type_and_the_schema_alike() {
    let schemas = schemas_of_announced();
    let fields = [
        "version",
        "event_id",
        "tenant_id",
        "environment_suffix",
        "request_id",
        "occurred_at",
        "network_index",
        "phase",
        "attempt",
        "plan",
        "outputs",
        "address",
        "cause",
        "fix",
        "resumable",
        "quarantine_until",
        "waiting_until",
        "status",
        "more",
    ];
    let change = (prop::sample::select(fields.to_vec()), prop::option::of(any_value()));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(4000));
    runner
        .run(&(announcements(), change), |(announcement, (field, value))| {
            let name = announcement.announced.detail_type();
            let mut detail = serde_json::to_value(&announcement).unwrap();
            match value {
                // serde takes 3 but not 3.0 for a whole number; nobody sends that.
                Some(value) if value.is_f64() => return Ok(()),
                Some(value) => detail[field] = value,
                None => drop(detail.as_object_mut().unwrap().remove(field)),
            }
            let read = Announcement::read(name, &detail);
            prop_assert_eq!(schemas[name].is_valid(&detail), read.is_ok(), "{} {}: {:?}", name, detail, read);
            Ok(())
        })
        .unwrap();
}

fn event(detail: &Value) -> Value {
    json!({
        "version": "0", "id": "0d1a", "source": "palisade.signup", "detail-type": "TenantSignup", "account": "123456789012",
        "time": "2026-01-31T12:00:00Z", "region": "us-east-1", "resources": [], "detail": detail,
    })
}

/// "an event with a bad id, an unknown version or an oversized body goes to the DLQ with a reason"
#[test]
fn what_is_not_taken_has_a_reason() {
    let with = |field: &str, value: Value| {
        let mut detail = right("TenantSignup");
        detail[field] = value;
        event(&detail).to_string()
    };
    let outer = |field: &str, value: Value| {
        let mut event = event(&right("TenantSignup"));
        event[field] = value;
        event.to_string()
    };
    let cases = [
        (with("tenant_id", json!("a--b")), "tenant_id", "two hyphens in a row"),
        (with("tenant_id", json!("platform")), "tenant_id", "is reserved"),
        (with("version", json!("7")), "unknown_version", "version `7`; \"1\" is understood"),
        (with("version", json!(1)), "wrong_type", "`version` is not a text"),
        (with("request_id", json!("$(reboot)")), "text", "request id `$(reboot)`"),
        (with("environment_suffix", json!("prod")), "other_environment", "environment `prod`, and this is `dev`"),
        (with("acount_id", json!("1")), "unknown_field", "`acount_id`, which this version does not know"),
        (with("account_id", json!("123456789012")), "half_a_placement", "come together"),
        (with("network_index", json!("3")), "network_index", "no whole number from 0 to 65535"),
        (with("plan", json!("x".repeat(MAX_BYTES))), "oversized", "at most 32768 are taken"),
        (outer("source", json!("evil")), "other_source", "comes from `evil`"),
        (
            outer("detail-type", json!("TenantRenamed")),
            "unknown_detail_type",
            "it takes TenantSignup, TenantOffboarding",
        ),
        (outer("detail", json!([])), "wrong_type", "`detail` is not an object"),
        (outer("time", json!("now")), "time", "`now` is no time"),
        ("{}".to_owned(), "missing_field", "the event has no `source`"),
        ("[]".to_owned(), "wrong_type", "`event` is not an object"),
        ("{".to_owned(), "not_json", "line 1"),
    ];
    for (event, code, message) in cases {
        let rejection = Received::parse(event.as_bytes(), &dev()).unwrap_err();
        let reason = serde_json::to_value(&rejection).unwrap();
        assert_eq!(reason["code"], code, "{event:.200}");
        assert!(reason["message"].as_str().unwrap().contains(message), "{reason}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic_and_reasons_are_short(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let rejection = Received::parse(&bytes, &dev()).unwrap_err();
        prop_assert!(serde_json::to_string(&rejection).unwrap().len() < 1000);
    }

    #[test]
    fn a_reason_is_short_whatever_the_field_holds(field in prop::sample::select(&FIELDS[..]), text in "\\PC{0,2000}") {
        let mut detail = right("TenantSignup");
        detail[field] = json!(text);
        if let Err(rejection) = Received::parse(event(&detail).to_string().as_bytes(), &dev()) {
            prop_assert!(serde_json::to_string(&rejection).unwrap().len() < 2000, "{}", rejection);
        }
    }
}
