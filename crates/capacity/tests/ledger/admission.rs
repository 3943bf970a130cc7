//! What is refused before anything is created, and what is not.

use std::collections::BTreeSet;

use capacity::{Fleet, Key, Part, Question, Shortage};

use super::fixture::{SHAPE, fleet, limits, tenant};

fn names(numbers: std::ops::Range<u64>) -> BTreeSet<String> {
    numbers.map(|number| format!("tenant-{number}")).collect()
}

fn refused(fleet: &Fleet, deployed: &BTreeSet<String>, question: &Question) -> Vec<Shortage> {
    fleet.admit(deployed, question).unwrap_err()
}

/// "VPCs per region: 5; 4 tenants if the default VPC exists"
#[test]
fn four_tenants_are_admitted_and_the_fifth_is_not() {
    let admission = fleet(SHAPE, 4).admit(&BTreeSet::new(), &Question::default()).unwrap();
    assert_eq!((admission.stacks, admission.new), (4, 4));
    let shortages = refused(&fleet(SHAPE, 5), &names(0..4), &Question::default());
    let said: Vec<String> = shortages.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "VPCs per Region (`vpcs-per-region`) in us-east-1: 5 in use, 6 wanted, limit 5 (AWS's default); no new tenant fits\n  \
            request: aws service-quotas request-service-quota-increase --service-code vpc --quota-code L-F678F1CE --desired-value 8 \
            --region us-east-1\n  \
            declare: if the account has more, \"quotas\": { \"vpcs-per-region\": NUMBER } in the tenants file, or `--quota vpcs-per-region=NUMBER`"
        ]
    );
}

#[test]
fn a_declared_quota_admits_more_and_still_has_an_end() {
    let question = limits(&[(Key::VpcsPerRegion, 300), (Key::LambdaConcurrency, 1_000)]);
    assert!(fleet(SHAPE, 75).admit(&names(0..70), &question).is_ok());
    let shortages = refused(&fleet(SHAPE, 80), &names(0..70), &question);
    assert_eq!(shortages.len(), 1);
    let said = shortages[0].to_string();
    assert!(
        said.contains("840 in use, 960 wanted and 100 must stay free, limit 1000 (`quotas` in the tenants file); 5 new tenants still fit"),
        "{said}"
    );
}

/// What exists proves that the account has more than is known; an update of it creates nothing.
#[test]
fn what_is_deployed_is_never_refused() {
    let fleet = fleet(SHAPE, 20);
    assert_eq!(fleet.admit(&names(0..20), &Question::default()).unwrap().new, 0);
    assert_eq!(refused(&fleet, &names(0..19), &Question::default())[0].key, Key::VpcsPerRegion);
}

#[test]
fn a_tenant_in_an_account_of_its_own_takes_nothing_from_the_shared_one() {
    let mut fleet = fleet(SHAPE, 4);
    for account in ["111111111111", "222222222222"] {
        fleet.add(account, Part::Tenant, &tenant(SHAPE, Some(account)));
    }
    assert!(fleet.admit(&BTreeSet::new(), &Question::default()).is_ok());
}

/// A policy that no account can hold is refused wherever it stands; one that some accounts hold, only where it is new.
#[test]
fn a_policy_that_is_too_long_is_refused_by_name() {
    let mut fleet = fleet(SHAPE, 1);
    let mut long = tenant(SHAPE, None);
    long["resource"]["aws_iam_policy"]["boundary"]["policy"] = "x".repeat(6_145).into();
    fleet.add("long", Part::Tenant, &long);
    let deployed = BTreeSet::from(["long".to_owned()]);
    let said = refused(&fleet, &deployed, &Question::default())[0].to_string();
    assert!(said.contains("long: aws_iam_policy.boundary has 6145 characters, limit 6144 characters"), "{said}");
    assert!(said.contains("request: cannot be raised") && !said.contains("declare"), "{said}");

    let mut long = tenant(SHAPE, None);
    long["resource"]["aws_iam_role"]["r0"]["assume_role_policy"] = "x".repeat(3_000).into();
    let mut fleet = Fleet::new(Default::default());
    fleet.add("long", Part::Tenant, &long);
    assert!(fleet.admit(&deployed, &Question::default()).is_ok());
    assert_eq!(refused(&fleet, &BTreeSet::new(), &Question::default())[0].key, Key::TrustPolicy);
}

#[test]
fn too_many_tables_at_a_time_are_a_matter_of_parallelism() {
    let wide = super::fixture::Shape { vpcs: 0, reserved: 0, roles: 0, tables: 100 };
    let all = Question { parallelism: std::num::NonZeroU64::new(6), ..Question::default() };
    let shortages = refused(&fleet(wide, 7), &BTreeSet::new(), &all);
    assert_eq!(shortages.len(), 1);
    assert!(shortages[0].to_string().contains("--parallelism 5"), "{}", shortages[0]);
    let fewer = Question { parallelism: std::num::NonZeroU64::new(5), ..Question::default() };
    assert!(fleet(wide, 7).admit(&BTreeSet::new(), &fewer).is_ok());
}

/// "KMS keys: counted in every key state, so pending deletion counts"
#[test]
fn the_key_of_a_tenant_that_is_gone_still_counts_and_nothing_else_of_it() {
    let mut gone = tenant(SHAPE, None);
    gone["resource"]["aws_kms_key"]["k"]["deletion_window_in_days"] = 7.into();
    let mut fleet = fleet(SHAPE, 4);
    fleet.add("gone", Part::Leaving, &gone);
    assert!(fleet.admit(&BTreeSet::new(), &Question::default()).is_ok(), "its VPC is gone");
    let account = &fleet.report(&Question::default()).accounts[0];
    let row = super::fixture::row(account, Key::KmsKeys);
    assert_eq!((row.used, row.lingers_days), (1, Some(7)));
    assert_eq!(account.tenants, 4);
}
