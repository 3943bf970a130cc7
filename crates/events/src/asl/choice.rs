//! Choices: where the run goes on, by what the data say.

use serde_json::{Value, json};

use super::path::Path;

/// What must hold.
#[derive(Clone, Debug)]
pub enum Test {
    /// A text is this one.
    Is(Path, &'static str),
    /// A number is greater than this one.
    MoreThan(Path, u32),
    /// There is something, be it `null`.
    Present(Path),
    /// All of these hold. A later one is looked at only when the earlier ones hold, so that `Present` can guard what follows.
    All(Vec<Test>),
}

impl Test {
    pub(crate) fn render(&self) -> Value {
        match self {
            Self::Is(path, text) => json!({ "Variable": path.as_str(), "StringEquals": text }),
            Self::MoreThan(path, number) => json!({ "Variable": path.as_str(), "NumericGreaterThan": number }),
            Self::Present(path) => json!({ "Variable": path.as_str(), "IsPresent": true }),
            Self::All(tests) => json!({ "And": tests.iter().map(Self::render).collect::<Vec<_>>() }),
        }
    }
}

/// A choice. It has a rule at least, and always a state for when no rule holds: a run cannot fail for want of one.
///
/// ```
/// use events::{asl::{Choice, Test}, path};
/// let choice: Choice<u8> = Choice::when(Test::Present(path!("$.failure")), 1).otherwise(2);
/// ```
///
/// ```compile_fail
/// use events::{asl::{Choice, Test}, path};
/// let choice: Choice<u8> = Choice::when(Test::Present(path!("$.failure")), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Choice<N> {
    pub(crate) rules: Vec<(Test, N)>,
    pub(crate) otherwise: N,
}

/// The rules of a choice that has no last one yet.
#[derive(Clone, Debug)]
pub struct Rules<N>(Vec<(Test, N)>);

impl<N> Choice<N> {
    /// Where the run goes on when this holds.
    pub fn when(test: Test, next: N) -> Rules<N> {
        Rules(vec![(test, next)])
    }
}

impl<N> Rules<N> {
    /// Where it goes on when this holds and nothing before.
    #[must_use]
    pub fn or(mut self, test: Test, next: N) -> Self {
        self.0.push((test, next));
        self
    }

    /// Where it goes on when nothing holds.
    pub fn otherwise(self, next: N) -> Choice<N> {
        Choice { rules: self.0, otherwise: next }
    }
}
