//! The machine: all its states, checked, as the JSON that Step Functions takes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use construct::Text;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::state::State;
use super::time::Seconds;

/// The states of a machine, by name. Made by [`states!`](crate::states).
pub trait StateNames: Copy + Ord + 'static {
    /// All of them.
    const ALL: &'static [Self];

    /// The name.
    fn name(self) -> &'static str;
}

/// Declares the states of a machine: an enumeration, so that each has one definition and a `Next` can name no other.
#[macro_export]
macro_rules! states {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident { $($(#[$doc:meta])* $state:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        $visibility enum $name { $($(#[$doc])* $state,)+ }

        impl $crate::asl::StateNames for $name {
            const ALL: &'static [Self] = &[$(Self::$state,)+];

            fn name(self) -> &'static str {
                match self { $(Self::$state => stringify!($state),)+ }
            }
        }
    };
}

/// What is wrong with a machine and cannot be seen while the program is compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No run comes there.
    #[error("no run reaches the state `{0}`; name it in a `next`, or remove it")]
    Unreached(&'static str),
    /// A run that comes there never ends.
    #[error("no run ends that is in the state `{0}`; let it reach a `Succeed` or a `Fail`")]
    Endless(&'static str),
    /// The name is too long.
    #[error("the name of the state `{0}` has more than {MAX_NAME} characters")]
    LongName(&'static str),
    /// A field of a template would be read as something else.
    #[error("the state `{state}` has a field `{field}` that is empty, stands twice or ends with `.$`")]
    Field {
        /// The state.
        state: &'static str,
        /// The field.
        field: &'static str,
    },
    /// Pauses that do not grow.
    #[error("the state `{0}` is tried again with a longest pause that is no longer than the first one")]
    Pauses(&'static str),
    /// A retry that names no error, or an error for the second time.
    #[error("the state `{0}` is tried again after no error, or after one that an earlier retry names already")]
    Retries(&'static str),
    /// The definition is too large.
    #[error("the definition has {0} bytes, and Step Functions takes {MAX_BYTES}")]
    TooLarge(usize),
}

/// The most characters of a state's name ([quotas](https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)).
const MAX_NAME: usize = 80;
/// The most bytes of a definition: the largest request that Step Functions takes.
const MAX_BYTES: usize = 1024 * 1024;

/// A state machine.
///
/// ```
/// use events::asl::{ErrorName, Fail, Machine, Seconds, Succeed, Wait};
/// events::states! {
///     /// Two states.
///     enum Step { Pause, Done }
/// }
/// let machine = Machine::new("Pauses", Step::Pause, Seconds::of::<60>(), |step| match step {
///     Step::Pause => Wait::For(Seconds::of::<1>(), Step::Done).into(),
///     Step::Done => Succeed { comment: "It paused" }.into(),
/// });
/// assert!(machine.definition("aws").text().is_some());
/// ```
///
/// A state without a definition does not compile:
///
/// ```compile_fail
/// use events::asl::{ErrorName, Fail, Machine, Seconds, Succeed, Wait};
/// events::states! {
///     /// Two states.
///     enum Step { Pause, Done }
/// }
/// let machine = Machine::new("Pauses", Step::Pause, Seconds::of::<60>(), |step| match step {
///     Step::Pause => Wait::For(Seconds::of::<1>(), Step::Done).into(),
/// });
/// assert!(machine.definition("aws").text().is_some());
/// ```
#[derive(Clone, Debug)]
pub struct Machine<N> {
    comment: &'static str,
    start: N,
    within: Seconds,
    states: BTreeMap<N, State<N>>,
}

impl<N: StateNames> Machine<N> {
    /// A machine that begins with a state and whose runs may take so long at most.
    pub fn new(comment: &'static str, start: N, within: Seconds, state: impl Fn(N) -> State<N>) -> Self {
        let states = N::ALL.iter().map(|name| (*name, state(*name))).collect();
        Self { comment, start, within, states }
    }

    /// What its tasks do.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.states.values().filter_map(State::call)
    }

    /// The definition in the Amazon States Language, or all that is wrong with it.
    pub fn definition(&self, partition: &str) -> Definition {
        let mut faults = self.faults();
        let name = |state: N| state.name();
        let states: Map<String, Value> =
            self.states.iter().map(|(state, body)| (state.name().to_owned(), body.render(partition, &name))).collect();
        let text = Text::json(&json!({
            "Comment": self.comment,
            "StartAt": self.start.name(),
            "TimeoutSeconds": self.within.get(),
            "States": states,
        }));
        if text.as_str().len() > MAX_BYTES {
            faults.push(Fault::TooLarge(text.as_str().len()));
        }
        Definition(if faults.is_empty() { Ok(text) } else { Err(Faults(faults)) })
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let reached = self.reached();
        let ending = self.ending();
        for (state, body) in &self.states {
            let name = state.name();
            if !reached.contains(state) {
                faults.push(Fault::Unreached(name));
            }
            if !ending.contains(state) {
                faults.push(Fault::Endless(name));
            }
            if name.chars().count() > MAX_NAME {
                faults.push(Fault::LongName(name));
            }
            for (field, again) in body.field_names() {
                if again || field.is_empty() || field.ends_with(".$") {
                    faults.push(Fault::Field { state: name, field });
                }
            }
            let mut errors = BTreeSet::new();
            for retry in body.retries() {
                if retry.longest_pause <= retry.first_pause {
                    faults.push(Fault::Pauses(name));
                }
                if retry.on.is_empty() || !retry.on.iter().all(|error| errors.insert(*error)) {
                    faults.push(Fault::Retries(name));
                }
            }
        }
        faults
    }

    fn reached(&self) -> BTreeSet<N> {
        let (mut seen, mut open) = (BTreeSet::new(), vec![self.start]);
        while let Some(state) = open.pop() {
            if seen.insert(state) {
                open.extend(self.states.get(&state).into_iter().flat_map(State::successors));
            }
        }
        seen
    }

    /// The states from which a run can end.
    fn ending(&self) -> BTreeSet<N> {
        let mut found: BTreeSet<N> =
            self.states.iter().filter(|(_, body)| body.is_end()).map(|(state, _)| *state).collect();
        loop {
            let more: Vec<N> = self
                .states
                .iter()
                .filter(|(state, body)| {
                    !found.contains(state) && body.successors().iter().any(|next| found.contains(next))
                })
                .map(|(state, _)| *state)
                .collect();
            if more.is_empty() {
                return found;
            }
            found.extend(more);
        }
    }
}

/// All that is wrong with a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// One by one.
    pub fn all(&self) -> &[Fault] {
        &self.0
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.0.iter().map(Fault::to_string).collect();
        f.write_str(&texts.join("; "))
    }
}

impl std::error::Error for Faults {}

/// The definition of a state machine as an attribute of a resource. One with faults cannot be written, which the stack reports
/// ([`construct::Fault::Body`]).
#[derive(Clone, Debug)]
pub struct Definition(Result<Text, Faults>);

impl Definition {
    /// The definition, if nothing is wrong with it.
    pub fn text(&self) -> Option<&Text> {
        self.0.as_ref().ok()
    }

    /// What is wrong with it.
    pub fn faults(&self) -> &[Fault] {
        self.0.as_ref().err().map(Faults::all).unwrap_or_default()
    }
}

impl Serialize for Definition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}
