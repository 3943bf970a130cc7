//! All requests of a family at once: is one of them allowed?

use std::collections::BTreeMap;

use super::Request;
use super::condition::Condition;
use super::glob::{Found, Glob, find};
use super::pattern::{Pattern, Reading, Variable};
use super::policy::{Selector, Statement};
use super::principal::{Meant, Principal};
use super::values::{Given, Sat, Want, among, any};
use super::ways::{Place, Policies, ResourceKind, meant, ways};
use crate::finding::StatementRef;

/// A family of requests.
#[derive(Clone, Debug)]
pub struct Question {
    /// Who asks.
    pub principal: Principal,
    /// The actions, as globs.
    pub actions: Vec<String>,
    /// The resources, as globs.
    pub resources: Vec<String>,
    /// For some keys of the context, the values that they can have; `None` is for the absent key. Every other key is free.
    pub known: BTreeMap<String, Vec<Option<Vec<String>>>>,
}

/// A way through.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) request: Request,
    /// The statements that let it through.
    pub(crate) statements: Vec<StatementRef>,
}

/// A request of the family that is allowed. None: there is none, which is proved.
pub fn search(policies: &Policies, question: &Question) -> Option<Request> {
    find_way(policies, question, &Besides::default()).map(|way| way.request)
}

/// What is not asked about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Besides {
    /// Actions that are left out.
    pub(crate) actions: Vec<String>,
    /// Resources that are left out, as globs.
    pub(crate) resources: Vec<String>,
    /// Take the resources of the question literally: `*` is what AWS calls the resource of an action that has none.
    pub(crate) literal: bool,
}

pub(crate) fn find_way(policies: &Policies, question: &Question, besides: &Besides) -> Option<Way> {
    if policies.kind != ResourceKind::Role {
        return Search::new(policies, question, besides).run(policies);
    }
    // A trust policy counts for `sts:` only.
    let of_sts = [Glob::wild("sts:*", true)];
    let trust = Search::new(policies, question, besides).with_actions(&of_sts, true).run(policies);
    trust.or_else(|| {
        let plain = Policies { resource: None, kind: ResourceKind::Plain, ..policies.clone() };
        Search::new(&plain, question, besides).with_actions(&of_sts, false).run(&plain)
    })
}

/// How many steps a search takes before it is given up and counts as a way through.
const MOST_STEPS: usize = 20_000;

/// Actions that make a telling example, where one of them fits.
const USUAL: [&str; 30] = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:ListAllMyBuckets",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:GetRecords",
    "dynamodb:RestoreTableFromBackup",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
    "sns:Publish",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "kms:CreateGrant",
    "kms:UpdateAlias",
    "lambda:InvokeFunction",
    "lambda:InvokeFunctionUrl",
    "logs:GetLogEvents",
    "logs:FilterLogEvents",
    "logs:PutLogEvents",
    "events:PutTargets",
    "events:PutEvents",
    "states:StartExecution",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "sts:AssumeRole",
    "iam:PassRole",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:DeleteNetworkInterface",
    "cloudwatch:DeleteAlarms",
];

struct Search<'p> {
    question: &'p Question,
    known: BTreeMap<String, Vec<Given>>,
    actions: Texts,
    resources: Texts,
    wants: BTreeMap<&'p str, Vec<Want<'p>>>,
    denials: Vec<&'p Statement>,
    steps: usize,
}

/// Constraints on one text.
#[derive(Default)]
struct Texts {
    wanted: Vec<Vec<Glob>>,
    unwanted: Vec<Vec<Glob>>,
}

impl Texts {
    fn of(patterns: &[String], fold: bool) -> Self {
        Self { wanted: vec![patterns.iter().map(|text| Glob::wild(text, fold)).collect()], unwanted: Vec::new() }
    }

    fn literal(texts: &[String]) -> Self {
        Self { wanted: vec![texts.iter().map(|text| Glob::exact(text)).collect()], unwanted: Vec::new() }
    }

    fn find(&self) -> Found {
        self.find_with(None, None)
    }

    fn find_with(&self, wanted: Option<&[Glob]>, unwanted: Option<&[Glob]>) -> Found {
        let wanted: Vec<&[Glob]> = self.wanted.iter().map(Vec::as_slice).chain(wanted).collect();
        let unwanted: Vec<&[Glob]> = self.unwanted.iter().map(Vec::as_slice).chain(unwanted).collect();
        find(&wanted, &unwanted)
    }

    fn push(&mut self, wanted: bool, globs: Vec<Glob>) {
        if wanted { self.wanted.push(globs) } else { self.unwanted.push(globs) }
    }

    fn pop(&mut self, wanted: bool) {
        if wanted {
            self.wanted.pop()
        } else {
            self.unwanted.pop()
        };
    }
}

/// A constraint of a statement.
#[derive(Clone, Copy)]
enum Part<'p> {
    Actions(&'p Selector),
    Resources(&'p Selector),
    Condition(&'p Condition),
}

fn parts(statement: &Statement) -> Vec<Part<'_>> {
    let resources = statement.resources.iter().map(Part::Resources);
    let conditions = statement.conditions.iter().map(Part::Condition);
    std::iter::once(Part::Actions(&statement.actions)).chain(resources).chain(conditions).collect()
}

impl<'p> Search<'p> {
    fn new(policies: &'p Policies, question: &'p Question, besides: &Besides) -> Self {
        let facts = question.principal.facts().into_iter();
        let facts = facts.map(|(key, value)| (key.to_owned(), vec![value.map(|value| vec![value])]));
        let given = question.known.iter().map(|(key, values)| (key.to_ascii_lowercase(), values.clone()));
        let service = matches!(question.principal, Principal::Service { .. });
        let denials = policies
            .statements()
            .filter(|(place, statement)| {
                let counts = !service || matches!(place, Place::Resource | Place::Endpoint);
                counts && !statement.allow && meant(*place, statement, &question.principal, false) != Meant::Not
            })
            .map(|(_, statement)| statement)
            .collect();
        let mut actions = Texts::of(&question.actions, true);
        actions.push(false, besides.actions.iter().map(|text| Glob::wild(text, true)).collect());
        let mut resources =
            if besides.literal { Texts::literal(&question.resources) } else { Texts::of(&question.resources, false) };
        resources.push(false, besides.resources.iter().map(|text| Glob::wild(text, false)).collect());
        Self {
            question,
            known: facts.chain(given).collect(),
            actions,
            resources,
            wants: BTreeMap::new(),
            denials,
            steps: 0,
        }
    }

    fn with_actions(mut self, globs: &[Glob], wanted: bool) -> Self {
        self.actions.push(wanted, globs.to_vec());
        self
    }

    fn variable(&self, key: &str) -> Variable {
        match self.known.get(key).map(Vec::as_slice) {
            Some([Some(values)]) => match values.as_slice() {
                [value] => Variable::Value(value.clone()),
                _ => Variable::Absent,
            },
            Some([None]) => Variable::Absent,
            _ => Variable::Free,
        }
    }

    fn run(mut self, policies: &'p Policies) -> Option<Way> {
        if self.actions.find() == Found::None || self.resources.find() == Found::None {
            return None;
        }
        for way in ways(policies, &self.question.principal) {
            let candidates: Vec<Vec<&Statement>> = way
                .places
                .iter()
                .map(|place| {
                    let allows = policies.statements().filter(|(at, statement)| at == place && statement.allow);
                    let fits = allows.filter(|(at, statement)| {
                        let how = meant(*at, statement, &self.question.principal, true);
                        how != Meant::Not && (*at != Place::Resource || way.meant.contains(&how))
                    });
                    fits.map(|(_, statement)| statement).collect()
                })
                .collect();
            let found = self.allow(&candidates, &mut Vec::new());
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// Takes one Allow of each place, then escapes every Deny.
    fn allow(&mut self, places: &[Vec<&'p Statement>], taken: &mut Vec<&'p Statement>) -> Option<Way> {
        let Some((first, rest)) = places.split_first() else {
            let denials = self.denials.clone();
            let request = self.escape(&denials)?;
            return Some(Way { request, statements: taken.iter().map(|statement| statement.at.clone()).collect() });
        };
        for &statement in first {
            let parts = parts(statement);
            let mut pushed = 0;
            let mut open = true;
            for part in &parts {
                self.push(*part, true);
                pushed += 1;
                if !self.possible(*part) {
                    open = false;
                    break;
                }
            }
            let found = if open {
                taken.push(statement);
                let found = self.allow(rest, taken);
                taken.pop();
                found
            } else {
                None
            };
            for part in parts.iter().take(pushed).rev() {
                self.pop(*part, true);
            }
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn escape(&mut self, denials: &[&'p Statement]) -> Option<Request> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Some(self.example());
        }
        let Some((denial, rest)) = denials.split_first() else { return Some(self.example()) };
        let parts = parts(denial);
        if parts.iter().any(|part| self.fails_anyway(*part)) {
            return self.escape(rest);
        }
        for part in parts {
            self.push(part, false);
            let found = if self.possible(part) { self.escape(rest) } else { None };
            self.pop(part, false);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// Whether a part of a Deny cannot be met by what is left, so that nothing more has to be asked for.
    fn fails_anyway(&self, part: Part<'p>) -> bool {
        match part {
            Part::Actions(selector) | Part::Resources(selector) => {
                let texts = if matches!(part, Part::Actions(_)) { &self.actions } else { &self.resources };
                let globs = self.globs(selector, false);
                let (wanted, unwanted) = if selector.negated { (None, Some(globs)) } else { (Some(globs), None) };
                texts.find_with(wanted.as_deref(), unwanted.as_deref()) == Found::None
            }
            Part::Condition(condition) => {
                let met = Want { condition, holds: false };
                let variable = |key: &str| self.variable(key);
                match self.known.get(&condition.key) {
                    Some(values) => {
                        values.iter().all(|value| among(std::slice::from_ref(value), &[met], &variable) != Sat::No)
                    }
                    None => false,
                }
            }
        }
    }

    /// The globs of a selector: wide where the text must be among them, narrow where it must not.
    fn globs(&self, selector: &Selector, holds: bool) -> Vec<Glob> {
        let reading = if selector.negated == holds { Reading::Narrow } else { Reading::Wide };
        let glob = |pattern: &Pattern| pattern.glob(reading, &|key| self.variable(key));
        selector.patterns.iter().filter_map(glob).collect()
    }

    fn push(&mut self, part: Part<'p>, holds: bool) {
        match part {
            Part::Actions(selector) => {
                let globs = self.globs(selector, holds);
                self.actions.push(selector.negated != holds, globs);
            }
            Part::Resources(selector) => {
                let globs = self.globs(selector, holds);
                self.resources.push(selector.negated != holds, globs);
            }
            Part::Condition(condition) => {
                self.wants.entry(&condition.key).or_default().push(Want { condition, holds });
            }
        }
    }

    fn pop(&mut self, part: Part<'p>, holds: bool) {
        match part {
            Part::Actions(selector) => self.actions.pop(selector.negated != holds),
            Part::Resources(selector) => self.resources.pop(selector.negated != holds),
            Part::Condition(condition) => {
                if let Some(wants) = self.wants.get_mut(condition.key.as_str()) {
                    wants.pop();
                }
            }
        }
    }

    /// Whether the variable of a part still has a value.
    fn possible(&self, part: Part<'p>) -> bool {
        match part {
            Part::Actions(_) => self.actions.find() != Found::None,
            Part::Resources(_) => self.resources.find() != Found::None,
            Part::Condition(condition) => self.value(&condition.key) != Sat::No,
        }
    }

    fn value(&self, key: &str) -> Sat {
        let wants = self.wants.get(key).map(Vec::as_slice).unwrap_or_default();
        let variable = |key: &str| self.variable(key);
        match self.known.get(key) {
            Some(values) => among(values, wants, &variable),
            None => any(key, wants, &variable),
        }
    }

    /// A request that meets all constraints.
    fn example(&self) -> Request {
        let text = |found: Found, else_: &[String]| match found {
            Found::Text(text) => text,
            _ => else_.first().cloned().unwrap_or_default(),
        };
        let keys = self.wants.iter().filter(|(_, wants)| !wants.is_empty()).map(|(key, _)| (*key).to_owned());
        let keys = keys.chain(self.known.keys().cloned()).collect::<std::collections::BTreeSet<_>>();
        let facts = self.question.principal.facts();
        let context = keys.into_iter().filter(|key| !facts.iter().any(|(fact, _)| fact == key));
        let context = context.filter_map(|key| match self.value(&key) {
            Sat::With(Some(values)) => Some((key, values)),
            _ => None,
        });
        let usual =
            USUAL.iter().find(|action| self.actions.find_with(Some(&[Glob::exact(action)]), None) != Found::None);
        Request {
            principal: self.question.principal.clone(),
            action: usual
                .map_or_else(|| text(self.actions.find(), &self.question.actions), |action| (*action).to_owned()),
            resource: text(self.resources.find(), &self.question.resources),
            context: context.collect(),
        }
    }
}
