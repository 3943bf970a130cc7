//! A third party's judgement, iam-simulate, of AWS's documented cases and of the example fleet: policies are evaluated by people who have
//! nothing to do with this project.

#[path = "../crates/isolation/tests/support/mod.rs"]
#[allow(dead_code, reason = "each test uses its part of what they share")]
mod oracle;

mod fleet;
mod judge;
mod requests;

use std::collections::BTreeMap;

use isolation::iam::decide;

use crate::support::root;
use crate::support::stacks::{stacks, tenants};
use crate::support::tools::tool;
use fleet::Fleet;

/// The cases in which iam-simulate does not say what the documentation says, and why the documentation is followed.
const DIFFERENCES: &[(&str, &str)] = &[
    (
        "limits: Resource-based policies for IAM roles: role session ARN, not limited by an implicit deny in the session policy",
        "it always asks the session policy; `not limited by an implicit deny in … a session policy` is the documentation's word",
    ),
    (
        "limits: IAM role principals: everyone, with aws:PrincipalArn, not limited by an implicit deny in the session policy",
        "it always asks the session policy; `boundaries or session policies, do not limit permissions granted using …` says the page",
    ),
    (
        "sets: ForAllValues set operator, the key has no value, and Null asks for one",
        "to it a key with an empty list exists; Null is `the key exists and its value is not null`",
    ),
    (
        "values: Date condition operators, DateGreaterThan, seconds since 1970",
        "it reads seconds since 1970 as milliseconds, so that every date lies after them",
    ),
    (
        "variables: Policy variables with no value, the principal has no tag: inverted operators match",
        "it lets a value with an unknown variable match neither way; `inverted condition operators … do match against a null value`",
    ),
    (
        "variables: Policy variables with no value, StringNotLike matches",
        "it lets a value with an unknown variable match neither way; `inverted condition operators … do match against a null value`",
    ),
    (
        "variables: Policy variables with no value, a NotResource whose variable has no value leaves nothing out",
        "it lets such a NotResource match nothing; by the page the resource with the variable `will not match any resource`",
    ),
    ("variables: Special characters, ${$} is a dollar sign", "it does not read `${$}` in StringEquals as the letter"),
    (
        "variables: Version 2008-10-17: variables are treated as literal strings, the old version",
        "it does not look at the Version",
    ),
    (
        "variables: Version 2008-10-17: variables are treated as literal strings, no version",
        "it does not look at the Version",
    ),
    (
        "variables: Version 2008-10-17: variables are treated as literal strings, the literal text in a condition of the old version",
        "it does not look at the Version",
    ),
];

/// The cases that it cannot be asked, and why.
const NOT_ASKED: &[(&str, &str)] = &[
    (
        "limits: VPC endpoint policies, an interface endpoint's policy names the role",
        "it takes `*` alone as Principal of an endpoint's policy, as gateway endpoints do",
    ),
    (
        "limits: VPC endpoint policies, an interface endpoint's policy names another role",
        "it takes `*` alone as Principal of an endpoint's policy, as gateway endpoints do",
    ),
];

#[test]
fn iam_simulate_decides_the_documented_cases_alike_but_for_those_that_are_explained() {
    let Some(tools) = tool("iam_simulate_decides_the_documented_cases", "iam-simulate") else { return };
    let cases = oracle::corpus::cases(&root().join("crates/isolation/tests/aws/cases"));
    let questions: Vec<_> = cases.iter().map(|case| (&case.situation, &case.ask)).collect();
    let mut wrong = Vec::new();
    let mut explained: BTreeMap<&str, usize> =
        DIFFERENCES.iter().chain(NOT_ASKED).map(|(name, _)| (*name, 0)).collect();
    for (case, answer) in cases.iter().zip(judge::answers(&tools, &questions)) {
        let excuses = if answer.is_ok() { DIFFERENCES } else { NOT_ASKED };
        if answer == Ok(case.allowed) {
            continue;
        }
        match excuses.iter().find(|(name, _)| *name == case.name) {
            Some((name, _)) => *explained.entry(name).or_default() += 1,
            None => {
                wrong.push(format!("{} ({}): allowed is {}, it says {answer:?}", case.name, case.doc, case.allowed))
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let stale: Vec<_> = explained.into_iter().filter(|(_, seen)| *seen != 1).collect();
    assert!(stale.is_empty(), "these no longer differ, or are no cases: {stale:?}");
}

/// "Cross-tenant data access must be technically impossible": every role on every resource of every stack.
#[test]
fn iam_simulate_and_the_engine_agree_on_every_role_and_resource_of_the_fleet_and_allow_nothing_across_tenants() {
    let Some(tools) = tool("iam_simulate_and_the_engine_agree_on_the_fleet", "iam-simulate") else { return };
    let fleet = Fleet::read(stacks());
    let requests = requests::requests(&fleet);
    let questions: Vec<_> = requests.iter().map(|request| (&*request.situation, &request.ask)).collect();
    let mut wrong = Vec::new();
    let mut own: BTreeMap<&str, usize> = BTreeMap::new();
    let mut read = None;
    let mut misread = 0;
    for (request, answer) in requests.iter().zip(judge::answers(&tools, &questions)) {
        // Neighbours mostly share their situation.
        let policies = match read.take() {
            Some((before, policies)) if std::ptr::eq(before, &*request.situation) => policies,
            _ => request.situation.policies(),
        };
        let decided = decide(&policies, &request.ask.request()).allowed;
        read = Some((&*request.situation, policies));
        // It takes the colon in a variable's name for one of the ARN, where nothing stands before the name: an SQS queue.
        let sessions = request.ask.who.session_arn().contains("assumed-role/platform-deployer-");
        if sessions && decided && answer == Ok(false) && request.ask.resource.starts_with("arn:aws:sqs:") {
            misread += 1;
        } else if answer != Ok(decided) {
            wrong.push(format!("{request}: the engine says {decided}, iam-simulate {answer:?}"));
        }
        let across = request.role != request.target && request.target != "platform" && request.role != "platform";
        if across && (decided || answer == Ok(true)) {
            wrong.push(format!("{request}: reaches across tenants"));
        }
        // Sessions of the deployer aside: these are about the tenants' own roles.
        if decided && request.ask.who.session_arn().contains("assumed-role/tenant-") {
            *own.entry(&request.role).or_default() += 1;
        }
    }
    println!("{} requests; allowed: {own:?}", requests.len());
    assert!(misread > 0, "it reads variables in the ARNs of queues by now: take the exception out");
    wrong.truncate(20);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (tenant, _) in tenants() {
        assert!(own.get(tenant).is_some_and(|allowed| *allowed > 10), "{tenant} can do next to nothing: {own:?}");
    }
}
