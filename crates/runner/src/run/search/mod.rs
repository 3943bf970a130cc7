//! What was begun to be created and AWS alone names is looked for by its tags: it has them from its first moment, as the provider gives
//! them with the request that creates it.
//!
//! Terraform itself looks, with data sources in a directory of its own: so it is the stack's own AWS, by the stack's own provider, its
//! overrides and the caller's credentials. Nothing is created there, and no state of a stack is touched.

mod question;
mod scratch;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::json;

pub(super) use question::{is_searched, used_by};

use self::question::Question;
use self::scratch::Scratch;
use super::document::Document;
use super::job::{Job, Stop};
use super::known::Known;
use super::session::Session;
use super::{import, recover, steps};
use crate::message::Diagnostic;
use crate::record::Doubtful;
use crate::{Failure, OutputValue, Phase};

/// What became of the search for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// This is it.
    One(String),
    /// It may be each of these, by their ids, where they are known.
    Several(Vec<String>),
    /// It is not there.
    Nothing,
    /// It cannot be looked for before what it is in is known, for this reason.
    NotYet(String),
    /// It could not be looked for, for this reason.
    Unknown(String),
}

/// Looks for all of these, and tells of each in their order.
pub(super) fn search(
    session: &Session,
    job: &Job,
    document: &Document,
    known: &Known,
    phase: Phase,
    wanted: &[&Doubtful],
) -> Result<Vec<Found>, Stop> {
    let mut found = BTreeMap::new();
    let mut questions = Vec::new();
    for (place, it) in wanted.iter().enumerate() {
        match Question::about(known, it, recover::plain_name(it), place) {
            Ok(question) => questions.push(question),
            Err(why) => drop(found.insert(place, why)),
        }
    }
    if !questions.is_empty() {
        ask(session, job, document, known, phase, questions, &mut found)?;
    }
    Ok(told_apart(wanted, &found))
}

/// One thing in AWS is not two resources.
fn told_apart(wanted: &[&Doubtful], found: &BTreeMap<usize, Found>) -> Vec<Found> {
    let of = |place: usize| match found.get(&place) {
        Some(found) => found.clone(),
        None => Found::Unknown("it was not looked for".to_owned()),
    };
    let all: Vec<Found> = (0..wanted.len()).map(of).collect();
    let claims = |id: &String| all.iter().filter(|it| matches!(it, Found::One(other) if other == id)).count();
    let alone = |it: &Found| match it {
        Found::One(id) if claims(id) > 1 => {
            Found::Unknown(format!("{id} has its tags, and may as well be another resource whose creation was begun"))
        }
        it => it.clone(),
    };
    all.iter().map(alone).collect()
}

fn ask(
    session: &Session,
    job: &Job,
    document: &Document,
    known: &Known,
    phase: Phase,
    mut open: Vec<Question>,
    found: &mut BTreeMap<usize, Found>,
) -> Result<(), Stop> {
    // Its plugins and their versions are those of the stack.
    steps::init_if_needed(session, job, document)?;
    let mut scratch = Scratch::make(session, job, document, phase)?;
    // Each round leaves out what the one before has answered, or could not.
    while !open.is_empty() {
        let (data, outputs) = question::document(open.iter());
        let providers = if document.needs_plugins() { document.required_providers.clone() } else { json!({}) };
        let answer = scratch.ask(&json!({
            "terraform": { "required_providers": providers },
            "provider": known.providers().unwrap_or(&json!({})),
            "data": data,
            "output": outputs,
        }))?;
        let errors = match answer {
            scratch::Answer::Outputs(outputs) => {
                let output = |question: &Question| -> Option<&OutputValue> { outputs.get(&question.label()) };
                found.extend(open.iter().map(|it| (it.place, it.judge(output(it), known))));
                return Ok(());
            }
            scratch::Answer::Failed(errors, failure) => {
                let mine = |question: &Question| {
                    errors.iter().filter(|it| it.resource().is_some_and(|of| question.is_of(&of))).collect::<Vec<_>>()
                };
                let told = open.iter().filter_map(|it| Some((it.place, of_errors(&scratch, it, &mine(it))?)));
                let told: Vec<_> = told.collect();
                if told.is_empty() {
                    // It is about none of them, so it is about all.
                    let all = open.iter().map(|it| (it.place, failed(failure.clone())));
                    found.extend(all.map(|(place, told)| Ok((place, told?))).collect::<Result<Vec<_>, Stop>>()?);
                    return Ok(());
                }
                told
            }
        };
        for (place, told) in errors {
            found.insert(place, told?);
            open.retain(|it| it.place != place);
        }
    }
    Ok(())
}

/// What the errors of its data sources tell of a question; none where it has none.
fn of_errors(scratch: &Scratch, question: &Question, errors: &[&Diagnostic]) -> Option<Result<Found, Stop>> {
    let first = errors.first()?;
    let text = format!("{}\n{}", first.summary, first.detail);
    Some(question.told_by(&text).map_or_else(|| failed(scratch.failure_of(first)), Ok))
}

/// A search that failed: tried again with the stack where that may help.
fn failed(failure: Box<Failure>) -> Result<Found, Stop> {
    if import::is_of_more(failure.class) {
        return Err(failure.into());
    }
    Ok(Found::Unknown(failure.cause))
}
