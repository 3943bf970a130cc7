//! Mutation tests of the proof: a proved fleet is spoiled in many ways, and each is either caught with the statement that lets a request
//! through, or harmless because AWS stops the request by another layer. What is expected comes from AWS's documentation, not from the
//! proof. `spoiled.txt` lists every outcome; `UPDATE_GOLDEN=1 cargo test -p isolation --test spoiled` writes it anew.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod boundary;
mod bucket;
mod calls;
mod deployer;
mod fleet;
mod function;
mod harmless;
mod identity;
mod key;
mod lists;
mod logs;
mod network;
mod open;
mod owners;
mod platform;
mod platform_read;
mod queue;
mod roles;
mod spoiling;
mod steps;
mod table;
mod unread;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use isolation::{Rule, Verdict};

use crate::fleet::Fleet;
use crate::spoiling::{Expect, Spoiling};

fn spoilings() -> impl Iterator<Item = &'static Spoiling> {
    let all = [
        identity::ALL,
        boundary::ALL,
        roles::ALL,
        bucket::ALL,
        table::ALL,
        queue::ALL,
        key::ALL,
        function::ALL,
        logs::ALL,
        network::ALL,
        owners::ALL,
        platform::ALL,
        deployer::ALL,
        unread::ALL,
    ];
    all.into_iter().flatten()
}

/// Each spoiling with what the proof says, judged once.
fn judged() -> &'static [(&'static Spoiling, Verdict)] {
    static JUDGED: OnceLock<Vec<(&'static Spoiling, Verdict)>> = OnceLock::new();
    JUDGED.get_or_init(|| {
        let all: Vec<&Spoiling> = spoilings().collect();
        let half = all.len().div_ceil(2);
        let judge = |part: &[&'static Spoiling]| -> Vec<_> {
            part.iter().map(|spoiling| (*spoiling, spoiling.fleet().verdict())).collect()
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = all.chunks(half).map(|part| scope.spawn(move || judge(part))).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("no verdict panics")).collect()
        })
    })
}

#[test]
fn the_fleet_is_proved_before_it_is_spoiled() {
    let verdict = Fleet::golden().verdict();
    assert!(verdict.proved(), "{verdict}");
}

#[test]
fn every_spoiling_is_another_one() {
    let names: BTreeSet<&str> = spoilings().map(|spoiling| spoiling.name).collect();
    assert_eq!(names.len(), spoilings().count(), "two spoilings have one name");
    let golden = Fleet::golden();
    let mut seen: Vec<(&str, Fleet)> = Vec::new();
    for spoiling in spoilings() {
        let fleet = spoiling.fleet();
        assert!(fleet != golden, "{} changes nothing", spoiling.name);
        if let Some((other, _)) = seen.iter().find(|(_, other)| *other == fleet) {
            panic!("{} is {other}", spoiling.name);
        }
        seen.push((spoiling.name, fleet));
    }
}

/// "each one either is caught with the right statement named, or is shown to be harmless by another layer"
#[test]
fn every_spoiling_is_caught_at_its_place_or_stopped_by_another_layer() {
    let known = |name: &str| open::MISSED.iter().chain(open::ALARMS).any(|open| *open == name);
    let mut wrong = Vec::new();
    let mut stale = Vec::new();
    for (spoiling, verdict) in judged() {
        match spoiling.disagreement(verdict) {
            Some(disagreement) if !known(spoiling.name) => wrong.push(disagreement),
            None if known(spoiling.name) => stale.push(spoiling.name),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), spoilings().count(), wrong.join("\n"));
    assert!(stale.is_empty(), "judged as expected; take them out of `open`: {stale:#?}");
}

/// "with a concrete example request"
#[test]
fn whoever_reaches_another_is_named_with_a_request() {
    for (spoiling, verdict) in judged() {
        for finding in &verdict.findings {
            let at = format!("{}: {finding}", spoiling.name);
            if finding.rule == Rule::NoCrossTenantAccess {
                assert!(finding.access.is_some(), "{at}");
            }
            if let Some(access) = &finding.access {
                let own = finding.rule == Rule::NoCrossTenantAccess && access.from == access.to;
                assert!(!own, "{at}");
                assert!(access.action.contains(':') && !access.action.contains('*'), "{at}");
                assert!(!access.principal.is_empty() && !access.resource.is_empty(), "{at}");
                assert!(!access.statements.is_empty(), "{at}");
            }
        }
    }
}

/// "each must be found, with the right tenants and statement named"
#[test]
fn a_session_that_reaches_another_tenant_is_named_with_both() {
    let tenants = ["acme-corp", "acme", "tech-startup", "retail-co"];
    for (spoiling, verdict) in judged().iter().filter(|(spoiling, _)| spoiling.name.starts_with("deployer: ")) {
        for access in verdict.findings.iter().filter_map(|finding| finding.access.as_ref()) {
            let at = format!("{}: {access:?}", spoiling.name);
            let sessions = access.principal.ends_with(":role/platform-deployer-role-dev");
            if sessions {
                assert!(tenants.contains(&access.from.as_str()), "{at}");
                assert!(tenants.contains(&access.to.as_str()) || access.to == "platform", "{at}");
                assert!(access.statements.iter().any(|statement| statement.stack == fleet::PLATFORM), "{at}");
            }
        }
    }
}

#[test]
fn what_is_open_is_a_spoiling() {
    for name in open::MISSED.iter().chain(open::ALARMS) {
        assert!(spoilings().any(|spoiling| spoiling.name == *name), "no spoiling is called `{name}`");
    }
}

#[test]
fn every_rule_is_broken_by_some_spoiling() {
    let broken: BTreeSet<Rule> = spoilings()
        .filter_map(|spoiling| match spoiling.expect {
            Expect::Caught(catches) => Some(catches.iter().map(|catch| catch.rule)),
            Expect::Harmless(_) => None,
        })
        .flatten()
        .collect();
    assert_eq!(broken, BTreeSet::from(Rule::ALL));
}

/// "no false alarm in the harmless ones"
#[test]
fn a_change_that_means_the_same_raises_no_finding() {
    let golden = Fleet::golden();
    let mut alarms = Vec::new();
    for (name, change) in harmless::ALL.iter().chain(deployer::HARMLESS) {
        let mut fleet = Fleet::golden();
        change(&mut fleet);
        assert!(fleet != golden, "{name} changes nothing");
        let verdict = fleet.verdict();
        if let Some(first) = verdict.findings.first() {
            alarms.push(format!("## {name}: {} findings\n{first}", verdict.findings.len()));
        }
    }
    assert!(
        alarms.is_empty(),
        "{} of {}\n{}",
        alarms.len(),
        harmless::ALL.len() + deployer::HARMLESS.len(),
        alarms.join("\n")
    );
}

#[test]
fn the_table_of_outcomes_is_as_agreed() {
    let rows: Vec<String> = spoilings().map(|spoiling| spoiling.row(open::mark(spoiling.name))).collect();
    let table = rows.join("\n") + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spoiled/spoiled.txt");
    if std::env::vars_os().any(|(name, _)| name == "UPDATE_GOLDEN") {
        std::fs::write(&path, &table).expect("the table can be written");
    }
    let agreed = std::fs::read_to_string(&path).expect("the table is there");
    for (line, (agreed, now)) in agreed.lines().zip(table.lines()).enumerate() {
        assert_eq!(agreed, now, "line {} of spoiled.txt; UPDATE_GOLDEN=1 accepts", line + 1);
    }
    assert_eq!(agreed.lines().count(), table.lines().count(), "UPDATE_GOLDEN=1 accepts");
}
