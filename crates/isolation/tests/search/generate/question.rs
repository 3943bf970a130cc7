//! Random questions, and concrete requests inside of them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{World, condition};
use crate::naive::glob_matches;
use crate::support::Ask;

/// Families of actions and resources, and what is known of the context: the values that a key can have, or its absence.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) world: World,
    pub(crate) actions: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) known: BTreeMap<String, Vec<Option<Vec<String>>>>,
}

/// A question in a world.
pub(crate) fn questions(world: &World) -> impl Strategy<Value = Question> + use<> {
    let service = world.service();
    let action = select(vec!["*", "Get*", "Get", "Put", "GetTag"]).prop_map(move |name| format!("{service}:{name}"));
    let action = prop_oneof![5 => action, 1 => Just("*".to_owned())];
    let prefix = world.prefix();
    let name = select(vec!["*", "*", "a*", "*b", "a", "b", "ab", "a/b", "?"]);
    let resource = prop_oneof![8 => name.prop_map(move |name| format!("{prefix}{name}")), 1 => Just("*".to_owned())];
    let known: Vec<_> = condition::domains()
        .map(|(key, found)| {
            let value = select(found).prop_map(|values| values.iter().map(|value| (*value).to_owned()).collect());
            let size = prop_oneof![2 => Just(1), 1 => Just(2)];
            let value = proptest::option::weighted(0.8, value);
            let values = size.prop_flat_map(move |size| proptest::collection::vec(value.clone(), size));
            proptest::option::weighted(0.65, values).prop_map(|values| (key.to_owned(), values))
        })
        .collect();
    let world = world.clone();
    (proptest::collection::vec(action, 1..3), proptest::collection::vec(resource, 1..3), known).prop_map(
        move |(actions, resources, known)| Question {
            world: world.clone(),
            actions,
            resources,
            known: known.into_iter().filter_map(|(key, values)| Some((key, values?))).collect(),
        },
    )
}

/// Choices that make a request out of a question.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    action: (Index, Index),
    resource: Index,
    names: Vec<&'static str>,
    values: Vec<Option<Index>>,
}

/// Choices for one request.
pub(crate) fn choices() -> impl Strategy<Value = Choice> {
    let names = select(vec!["a", "b", "ab", "a/b", "", "*", "aa/b"]);
    let keys = condition::domains().count();
    (
        any::<(Index, Index)>(),
        any::<Index>(),
        proptest::collection::vec(names, 1..3),
        proptest::collection::vec(proptest::option::weighted(0.8, any::<Index>()), keys),
    )
        .prop_map(|(action, resource, names, values)| Choice { action, resource, names, values })
}

impl Question {
    /// The question, as the engine knows it.
    pub(crate) fn question(&self) -> isolation::iam::Question {
        isolation::iam::Question {
            principal: self.world.who.principal(),
            actions: self.actions.clone(),
            resources: self.resources.clone(),
            known: self.known.clone(),
        }
    }

    /// The question for whatever session of the role.
    pub(crate) fn by_any_session(&self) -> isolation::iam::Question {
        let mut question = self.question();
        if let isolation::iam::Principal::Role { session, .. } = &mut question.principal {
            "*".clone_into(session);
        }
        question
    }

    /// The request that these choices make, inside the question.
    pub(crate) fn request(&self, choice: &Choice) -> Ask {
        let matching: Vec<String> =
            self.world.actions().into_iter().filter(|action| matches(&self.actions, action, true)).collect();
        let mut context = BTreeMap::new();
        for ((key, found), chosen) in condition::domains().zip(&choice.values) {
            let values = match self.known.get(key) {
                Some(options) => choice.or_any(chosen).get(options).clone(),
                None => chosen.map(|index| index.get(found).iter().map(|value| (*value).to_owned()).collect()),
            };
            if let Some(values) = values {
                context.insert(key.to_owned(), values);
            }
        }
        Ask {
            who: self.world.who.clone(),
            action: choice.action.1.get(&matching).clone(),
            resource: self.resource(choice.resource.get::<String>(&self.resources), &choice.names),
            context,
        }
    }

    /// A resource of the pattern: each wildcard becomes a name.
    fn resource(&self, pattern: &str, names: &[&str]) -> String {
        if pattern == "*" {
            return self.world.prefix() + names[0];
        }
        pattern.replace('*', names[0]).replace('?', "a")
    }

    /// Whether a request lies inside the question.
    pub(crate) fn holds(&self, ask: &Ask) -> bool {
        let context: BTreeMap<String, &Vec<String>> =
            ask.context.iter().map(|(key, values)| (key.to_lowercase(), values)).collect();
        matches(&self.actions, &ask.action, true)
            && matches(&self.resources, &ask.resource, false)
            && self.known.iter().all(|(key, options)| {
                let found = context.get(&key.to_lowercase()).filter(|values| !values.is_empty());
                options.iter().any(|option| option.as_ref() == found.copied())
            })
    }
}

impl Choice {
    /// An index also where the key would be left out: what is known leaves no choice.
    fn or_any(&self, chosen: &Option<Index>) -> Index {
        chosen.unwrap_or(self.resource)
    }
}

fn matches(patterns: &[String], text: &str, ignore_case: bool) -> bool {
    let fold = |text: &str| if ignore_case { text.to_lowercase() } else { text.to_owned() };
    patterns.iter().any(|pattern| glob_matches(&fold(pattern), &fold(text)))
}
