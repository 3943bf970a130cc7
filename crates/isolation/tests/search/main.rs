//! The policy engine against an evaluator that shares nothing with it, on random policies, questions and requests.
//!
//! `PROPTEST_CASES=100000 cargo test -p isolation --test search` tries many more than the usual 256.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test uses its part of what they share")]
mod support;

mod generate;
mod naive;
mod one_key;
mod one_name;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;

use generate::question::{Choice, Question, choices, questions};
use isolation::iam::{decide, search};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use support::{Ask, Situation};

/// The evaluator is not believed, but held against AWS's documentation first.
#[test]
fn the_naive_evaluator_decides_every_case_of_the_documentation() {
    let cases = support::corpus::cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws/cases"));
    let wrong = cases.iter().filter(|case| naive::allowed(&case.situation, &case.ask) != case.allowed);
    let wrong: Vec<String> =
        wrong.map(|case| format!("{} ({}) is allowed: {}", case.name, case.doc, case.allowed)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A situation, a question in it and requests inside the question.
struct Game {
    situation: Situation,
    question: Question,
    choices: Vec<Choice>,
}

/// What is needed to play it again by hand.
impl std::fmt::Debug for Game {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Situation { identity, boundary, session, resource, endpoint, resource_account, kind } = &self.situation;
        let parts = [("boundary", boundary), ("session", session), ("resource", resource), ("endpoint", endpoint)];
        writeln!(f, "{kind:?} in account {resource_account}")?;
        identity.iter().try_for_each(|document| writeln!(f, "identity: {document}"))?;
        let given = parts.iter().filter_map(|(part, document)| Some((part, document.as_ref()?)));
        given.into_iter().try_for_each(|(part, document)| writeln!(f, "{part}: {document}"))?;
        let Question { world, actions, resources, known } = &self.question;
        write!(f, "question: {:?}, {actions:?} on {resources:?}, known {known:?}", world.who)
    }
}

fn games() -> impl Strategy<Value = Game> {
    generate::worlds().prop_flat_map(|world| {
        let game = (generate::situations(&world), questions(&world), proptest::collection::vec(choices(), 32));
        game.prop_map(|(situation, question, choices)| Game { situation, question, choices })
    })
}

/// Where `search` is wider on purpose, so that it can raise a false alarm.
fn wide(situation: &Situation, question: &Question, way: &Ask) -> bool {
    // It does not rely on a NotPrincipal denying whoever has a boundary, which AWS warns of as of a flaw.
    let not_principal =
        situation.resource.as_ref().is_some_and(|document| document.to_string().contains("NotPrincipal"));
    // It does not follow a variable unless its key has one known value.
    let single = |key: &str| question.known.get(key).is_some_and(|options| options.len() == 1);
    let texts: Vec<String> = situation.documents().map(|document| document.to_string().to_lowercase()).collect();
    let uses = |key: &str| texts.iter().any(|text| text.contains(&format!("${{{}", key.to_lowercase())));
    let variable = ["aws:PrincipalTag/T", "s3:prefix"].iter().any(|key| uses(key) && !single(key));
    // What a single-valued operator makes of several values is not documented.
    let several = way.context.iter().any(|(key, values)| values.len() > 1 && !key.eq_ignore_ascii_case("aws:TagKeys"));
    // Whether a wildcard goes beyond the colons of what is no ARN is read to the wide side in an Allow, to the narrow one in a Deny.
    let no_arn = way.resource.matches(':').count() != 5;
    no_arn || (not_principal && situation.boundary.is_some()) || variable || several
}

/// How often something happened.
#[derive(Default)]
struct Seen {
    allowed: Cell<u32>,
    denied: Cell<u32>,
    found: Cell<u32>,
    proved: Cell<u32>,
    /// Of the ways found, those that must be allowed indeed.
    exact: Cell<u32>,
}

fn count(cell: &Cell<u32>) {
    cell.set(cell.get() + 1);
}

/// `decide` agrees with the evaluator on every request, and whatever is allowed inside a question makes `search` find a way; the way that
/// it shows lies in the question and is allowed indeed.
#[test]
fn the_engine_agrees_with_the_naive_evaluator() {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let seen = Seen::default();
    let outcome = runner.run(&games(), |Game { situation, question, choices }| {
        let policies = situation.policies();
        let way = search(&policies, &question.question());
        let found = way.is_some();
        let by_any_session = search(&policies, &question.by_any_session()).is_some();
        count(if found { &seen.found } else { &seen.proved });
        if let Some(way) = way {
            let ask = Ask::from_request(&question.world.who, &way);
            prop_assert_eq!(way.principal, ask.who.principal());
            prop_assert!(question.holds(&ask), "the way does not lie in the question: {:?}", ask);
            if !wide(&situation, &question, &ask) {
                count(&seen.exact);
                prop_assert!(naive::allowed(&situation, &ask), "a false alarm: {:?}", ask);
            }
        }
        for choice in choices {
            let ask = question.request(&choice);
            let allowed = naive::allowed(&situation, &ask);
            count(if allowed { &seen.allowed } else { &seen.denied });
            let decision = decide(&policies, &ask.request());
            prop_assert_eq!(decision.allowed, allowed, "{:?}: {}", ask, decision.reason);
            prop_assert!(found || !allowed, "allowed, and not found: {:?}", ask);
            prop_assert!(by_any_session || !allowed, "allowed, and not found for any session: {:?}", ask);
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let cells = [&seen.allowed, &seen.denied, &seen.found, &seen.exact, &seen.proved];
    let [allowed, denied, found, exact, proved] = cells.map(Cell::get);
    println!(
        "{allowed} requests allowed, {denied} denied; {found} ways found, {exact} of them exact; {proved} questions without"
    );
    if allowed + denied > 4000 {
        assert!(allowed * 10 > denied && denied * 10 > allowed, "{allowed} allowed, {denied} denied");
        assert!(found * 10 > proved && proved * 10 > found, "{found} found, {proved} proved");
        assert!(exact * 10 > found, "{exact} of {found} are exact");
    }
}

/// Whether `search` finds a way if and only if one of the requests is allowed; those in the question are all that could matter.
fn finds_what_trying_finds(
    situation: &Situation,
    resources: &[String],
    asks: &[Ask],
    seen: &Seen,
) -> Result<(), TestCaseError> {
    let policies = situation.policies();
    let question = isolation::iam::Question {
        principal: asks[0].who.principal(),
        actions: vec![asks[0].action.clone()],
        resources: resources.to_vec(),
        known: BTreeMap::new(),
    };
    let way = search(&policies, &question);
    count(if way.is_some() { &seen.found } else { &seen.proved });
    if let Some(way) = &way {
        let ask = Ask::from_request(&asks[0].who, way);
        prop_assert!(resources.iter().any(|pattern| naive::glob_matches(pattern, &ask.resource)), "outside: {:?}", ask);
        prop_assert!(naive::allowed(situation, &ask), "a false alarm: {:?}", ask);
    }
    for ask in asks {
        let allowed = naive::allowed(situation, ask);
        prop_assert_eq!(decide(&policies, &ask.request()).allowed, allowed, "{:?}", ask);
        let asked = resources.iter().any(|pattern| naive::glob_matches(pattern, &ask.resource));
        prop_assert!(way.is_some() || !asked || !allowed, "allowed, and not found: {:?}", ask);
    }
    Ok(())
}

/// Plays games of a kind, many more than of the long ones, and sees that both answers come up.
fn play<G: std::fmt::Debug>(games: &impl Strategy<Value = G>, game: impl Fn(G, &Seen) -> Result<(), TestCaseError>) {
    let cases = Config::default().cases * 4;
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let seen = Seen::default();
    if let Err(error) = runner.run(games, |it| game(it, &seen)) {
        panic!("{error}");
    }
    let [found, proved] = [&seen.found, &seen.proved].map(Cell::get);
    println!("{found} ways found, {proved} questions without");
    if found + proved > 200 {
        assert!(found * 10 > proved && proved * 10 > found, "{found} found, {proved} proved");
    }
}

/// Where one key decides, and every value that could matter is tried, `search` finds a way if and only if there is one.
#[test]
fn a_search_on_one_key_finds_what_trying_every_value_finds() {
    play(&one_key::games(), |one_key::Game { situation, asks }, seen| {
        finds_what_trying_finds(&situation, std::slice::from_ref(&asks[0].resource), &asks, seen)
    });
}

/// Where the resource decides, and every short name is tried, `search` finds a way if and only if there is one.
#[test]
fn a_search_on_resources_finds_what_trying_every_name_finds() {
    play(&one_name::games(), |one_name::Game { situation, resources, asks }, seen| {
        finds_what_trying_finds(&situation, &resources, &asks, seen)
    });
}
