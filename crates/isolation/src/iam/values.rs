//! One key of the context: is there a value that meets some conditions and fails others?

use super::condition::{Condition, Family, Quantifier, is_multi_valued};
use super::glob::{Found, Glob, find};
use super::pattern::{Reading, Variable};

/// A condition that must hold, or must not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Want<'p> {
    pub(crate) condition: &'p Condition,
    pub(crate) holds: bool,
}

/// A key's values in one request; none if it is absent.
pub(crate) type Given = Option<Vec<String>>;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sat {
    No,
    With(Given),
    /// There may be a value, but none can be named.
    Perhaps,
}

impl Want<'_> {
    /// Whether a value meets the want, in the way that errs to yes.
    fn met(&self, given: &Given, variable: &dyn Fn(&str) -> Variable) -> bool {
        let reading = if self.holds { Reading::Wide } else { Reading::Narrow };
        self.condition.holds(given.as_deref(), reading, variable) == self.holds
    }
}

/// A value among the candidates that meets every want.
pub(crate) fn among(candidates: &[Given], wants: &[Want<'_>], variable: &dyn Fn(&str) -> Variable) -> Sat {
    let fits = |given: &&Given| wants.iter().all(|want| want.met(given, variable));
    candidates.iter().find(fits).map_or(Sat::No, |given| Sat::With(given.clone()))
}

/// A value of a free key that meets every want.
pub(crate) fn any(key: &str, wants: &[Want<'_>], variable: &dyn Fn(&str) -> Variable) -> Sat {
    if wants.iter().all(|want| want.met(&None, variable)) {
        return Sat::With(None);
    }
    let mut every = Vec::new();
    let mut some = Vec::new();
    for want in wants {
        if want.condition.family == Family::Null {
            // Any value will do, or none.
            if !want.met(&Some(vec![String::from("-")]), variable) {
                return Sat::No;
            }
            continue;
        }
        if want.condition.lacks_quantifier(key) && !want.holds {
            // What becomes of such a condition, AWS does not say: any value may fail it.
            continue;
        }
        let (of_all, negated) = match want.condition.quantifier {
            Quantifier::One if want.condition.lacks_quantifier(key) => (false, want.condition.negated),
            Quantifier::Any => (false, want.condition.negated),
            Quantifier::All => (true, want.condition.negated),
            Quantifier::One => (want.condition.negated, want.condition.negated),
        };
        let test = Test { condition: want.condition, matches: negated != want.holds };
        if of_all == want.holds { every.push(test) } else { some.push(test) }
    }
    let quantified = wants.iter().any(|want| want.condition.quantifier != Quantifier::One);
    if !quantified && !is_multi_valued(key) {
        // One value meets all of them.
        return one(every.into_iter().chain(some).collect(), variable);
    }
    if some.is_empty() {
        return one(every, variable);
    }
    let mut values = Vec::new();
    for test in some {
        match one(every.iter().copied().chain([test]).collect(), variable) {
            Sat::With(value) => values.extend(value.unwrap_or_default()),
            other => return other,
        }
    }
    Sat::With(Some(values))
}

/// Whether a single value is among those of a condition, its negation left out, or is not.
#[derive(Clone, Copy)]
struct Test<'p> {
    condition: &'p Condition,
    matches: bool,
}

impl Test<'_> {
    fn reading(&self) -> Reading {
        if self.matches { Reading::Wide } else { Reading::Narrow }
    }

    fn met(&self, text: &str, variable: &dyn Fn(&str) -> Variable) -> bool {
        self.condition.compares(text, self.reading(), variable) == self.matches
    }
}

fn one(tests: Vec<Test<'_>>, variable: &dyn Fn(&str) -> Variable) -> Sat {
    let value = |text: String| Sat::With(Some(vec![text]));
    let of_text = |test: &Test<'_>| matches!(test.condition.family, Family::Text(_));
    if tests.iter().all(of_text) {
        let globs: Vec<(bool, Vec<Glob>)> =
            tests.iter().map(|test| (test.matches, test.condition.globs(test.reading(), variable))).collect();
        let sets = |matches| globs.iter().filter(move |(m, _)| *m == matches).map(|(_, set)| set.as_slice());
        let (wanted, unwanted): (Vec<_>, Vec<_>) = (sets(true).collect(), sets(false).collect());
        return match find(&wanted, &unwanted) {
            Found::None => Sat::No,
            Found::Text(text) => value(text),
            Found::Perhaps => Sat::Perhaps,
        };
    }
    let families: Vec<_> = tests.iter().map(|test| std::mem::discriminant(&test.condition.family)).collect();
    let mixed = families.iter().any(|family| Some(family) != families.first());
    let edges: Option<Vec<Vec<String>>> = tests.iter().map(|test| test.condition.edges()).collect();
    let Some(edges) = edges else { return Sat::Perhaps };
    let outside = ["0", "0.0.0.0", "::", "1970-01-01T00:00:00Z", "-"].map(str::to_owned);
    let mut candidates = edges.into_iter().flatten().collect::<Vec<_>>();
    if let Some(between) = all_between(&candidates) {
        candidates.extend(between);
    }
    candidates.extend(outside);
    match candidates.into_iter().find(|text| tests.iter().all(|test| test.met(text, variable))) {
        Some(text) => value(text),
        None if mixed => Sat::Perhaps,
        None => Sat::No,
    }
}

/// Numbers between the edges of several conditions.
fn all_between(edges: &[String]) -> Option<Vec<String>> {
    let mut numbers: Vec<f64> = edges.iter().map(|text| text.parse().ok()).collect::<Option<_>>()?;
    numbers.sort_by(f64::total_cmp);
    let between = numbers.iter().zip(numbers.iter().skip(1)).map(|(a, b)| a + (b - a) / 2.0);
    Some(between.map(|number| number.to_string()).collect())
}
