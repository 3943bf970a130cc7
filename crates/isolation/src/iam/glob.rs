//! Globs: `*` and `?` as IAM has them, and the exact question whether a set of them leaves a text.
//!
//! A glob is compiled to a list of symbols. [`find`] walks the product of the automata of several globs at once, so that its answer is
//! about *all* texts and not about samples: some text in every one of the wanted sets and in none of the unwanted ones, or none.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;

/// One place of a glob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Symbol {
    Char(char),
    /// `?`.
    One,
    /// `*`.
    Many,
    /// `?` inside a part of an ARN: no colon.
    OneOfPart,
    /// `*` inside a part of an ARN: no colon.
    ManyOfPart,
}

/// A compiled glob. Without regard to case if `fold` is set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Glob {
    symbols: Arc<[Symbol]>,
    fold: bool,
}

impl Glob {
    pub(crate) fn new(symbols: Vec<Symbol>, fold: bool) -> Self {
        let mut kept: Vec<Symbol> = Vec::with_capacity(symbols.len());
        for symbol in symbols {
            // A `*` behind a `*` adds nothing.
            let again = matches!(symbol, Symbol::Many | Symbol::ManyOfPart) && kept.last() == Some(&symbol);
            if !again {
                kept.push(if fold { folded(symbol) } else { symbol });
            }
        }
        Self { symbols: kept.into(), fold }
    }

    /// `*` and `?` are wildcards that match any character.
    pub(crate) fn wild(text: &str, fold: bool) -> Self {
        let symbol = |c| match c {
            '*' => Symbol::Many,
            '?' => Symbol::One,
            c => Symbol::Char(c),
        };
        Self::new(text.chars().map(symbol).collect(), fold)
    }

    /// This one text.
    pub(crate) fn exact(text: &str) -> Self {
        Self::new(text.chars().map(Symbol::Char).collect(), false)
    }

    /// Every text.
    pub(crate) fn all() -> Self {
        Self { symbols: [Symbol::Many].into(), fold: false }
    }

    /// The same with wildcards that go beyond colons.
    pub(crate) fn crossing(&self) -> Self {
        let wider = |symbol: &Symbol| match symbol {
            Symbol::OneOfPart => Symbol::One,
            Symbol::ManyOfPart => Symbol::Many,
            other => *other,
        };
        Self::new(self.symbols.iter().map(wider).collect(), self.fold)
    }

    /// Whether it has wildcards that stop at colons.
    pub(crate) fn has_parts(&self) -> bool {
        self.symbols.iter().any(|symbol| matches!(symbol, Symbol::OneOfPart | Symbol::ManyOfPart))
    }

    /// The one text that it matches, if it has no wildcard.
    pub(crate) fn literal(&self) -> Option<String> {
        let char = |symbol: &Symbol| match symbol {
            Symbol::Char(c) => Some(*c),
            _ => None,
        };
        self.symbols.iter().map(char).collect()
    }

    fn is_literal(&self) -> bool {
        self.symbols.iter().all(|symbol| matches!(symbol, Symbol::Char(_)))
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        let mut text = text.chars();
        let mut rest = self.symbols.iter();
        // Most comparisons end in the part before the first wildcard.
        let wildcard = loop {
            match rest.clone().next() {
                Some(Symbol::Char(want)) => match text.next() {
                    Some(have) if self.same(*want, have) => _ = rest.next(),
                    _ => return false,
                },
                Some(_) => break rest.as_slice(),
                None => return text.next().is_none(),
            }
        };
        if wildcard == [Symbol::Many] {
            return true;
        }
        let mut places = vec![0; words(wildcard)];
        let mut next = places.clone();
        enter(&mut places, wildcard, 0);
        for c in text {
            next.fill(0);
            step(&places, &mut next, wildcard, self.fold, c);
            std::mem::swap(&mut places, &mut next);
            if is_dead(&places) {
                return false;
            }
        }
        accepts(&places, wildcard)
    }

    fn same(&self, want: char, have: char) -> bool {
        want == if self.fold { have.to_ascii_lowercase() } else { have }
    }

    /// Whether the parts before the first wildcards leave room for a common text.
    fn may_meet(&self, other: &Self) -> bool {
        for (a, b) in self.symbols.iter().zip(other.symbols.iter()) {
            match (a, b) {
                (Symbol::Char(a), Symbol::Char(b)) if a == b => {}
                (Symbol::Char(a), Symbol::Char(b)) => {
                    return (self.fold || other.fold) && a.eq_ignore_ascii_case(b);
                }
                _ => return true,
            }
        }
        let longer = if self.symbols.len() > other.symbols.len() { self } else { other };
        let shorter = self.symbols.len().min(other.symbols.len());
        longer.symbols.get(shorter).is_none_or(|symbol| matches!(symbol, Symbol::Many | Symbol::ManyOfPart))
    }
}

fn folded(symbol: Symbol) -> Symbol {
    match symbol {
        Symbol::Char(c) => Symbol::Char(c.to_ascii_lowercase()),
        other => other,
    }
}

/// How many words hold the places of a glob at which a walk can be: one bit for each symbol, and one for the end.
fn words(symbols: &[Symbol]) -> usize {
    symbols.len() / 64 + 1
}

/// Enters a place, and what follows where nothing has to be matched.
fn enter(places: &mut [u64], symbols: &[Symbol], mut at: usize) {
    loop {
        if let Some(word) = places.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
        match symbols.get(at) {
            Some(Symbol::Many | Symbol::ManyOfPart) => at += 1,
            _ => return,
        }
    }
}

/// The places that are entered.
fn entered(places: &[u64]) -> impl Iterator<Item = usize> + '_ {
    places.iter().enumerate().flat_map(|(index, word)| {
        let mut word = *word;
        std::iter::from_fn(move || {
            (word != 0).then(|| {
                let bit = word.trailing_zeros() as usize;
                word &= word - 1;
                index * 64 + bit
            })
        })
    })
}

/// Enters the places that one more character leads to.
fn step(from: &[u64], to: &mut [u64], symbols: &[Symbol], fold: bool, c: char) {
    let given = if fold { c.to_ascii_lowercase() } else { c };
    for at in entered(from) {
        match symbols.get(at) {
            Some(Symbol::Char(want)) if *want == given => enter(to, symbols, at + 1),
            Some(Symbol::One) => enter(to, symbols, at + 1),
            Some(Symbol::OneOfPart) if c != ':' => enter(to, symbols, at + 1),
            Some(Symbol::Many) => enter(to, symbols, at),
            Some(Symbol::ManyOfPart) if c != ':' => enter(to, symbols, at),
            _ => {}
        }
    }
}

fn is_dead(places: &[u64]) -> bool {
    places.iter().all(|word| *word == 0)
}

fn accepts(places: &[u64], symbols: &[Symbol]) -> bool {
    let end = symbols.len();
    places.get(end / 64).is_some_and(|word| word >> (end % 64) & 1 == 1)
}

/// Whether there is a text, and one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// No text at all.
    None,
    /// This one.
    Text(String),
    /// The search was given up; there may be one.
    Perhaps,
}

/// How many states of a product are visited before it is given up. Real policies need some hundred.
const MOST_STATES: usize = 50_000;

/// A text that is in at least one glob of each of the `wanted` sets, and in no glob of the `unwanted` sets.
pub(crate) fn find(wanted: &[&[Glob]], unwanted: &[&[Glob]]) -> Found {
    if let Some(literals) = wanted.iter().find(|set| set.iter().all(|glob| glob.is_literal() && !glob.fold)) {
        return among(literals, wanted, unwanted);
    }
    let apart = |a: &[Glob], b: &[Glob]| !a.iter().any(|a| b.iter().any(|b| a.may_meet(b)));
    if wanted.iter().enumerate().any(|(n, a)| wanted.iter().skip(n + 1).any(|b| apart(a, b))) {
        return Found::None;
    }
    // A set of literals in which only the case is open: one of its spellings stands for all, as far as every set folds.
    let folds = |set: &&&[Glob]| set.iter().all(|glob| glob.fold);
    if wanted.iter().chain(unwanted).all(|set| folds(&set))
        && let Some(literals) = wanted.iter().find(|set| set.iter().all(Glob::is_literal))
    {
        return among(literals, wanted, unwanted);
    }
    let all_fold = wanted.iter().chain(unwanted).all(|set| folds(&set));
    Product::new(wanted, unwanted, all_fold).search()
}

fn among(literals: &[Glob], wanted: &[&[Glob]], unwanted: &[&[Glob]]) -> Found {
    let fits = |text: &String| {
        wanted.iter().all(|set| set.iter().any(|glob| glob.matches(text)))
            && !unwanted.iter().any(|set| set.iter().any(|glob| glob.matches(text)))
    };
    literals.iter().filter_map(Glob::literal).find(fits).map_or(Found::None, Found::Text)
}

struct Product<'g> {
    /// Whether case makes no difference to any set.
    all_fold: bool,
    /// How many sets are wanted; they come first.
    wanted: usize,
    /// Each glob with the words of a state that are its places.
    sets: Vec<Vec<(&'g Glob, Range<usize>)>>,
    /// How many words a state has.
    words: usize,
}

/// The places of all globs, in one piece: states are made, compared and kept by the thousand.
type State = Vec<u64>;

impl<'g> Product<'g> {
    fn new(wanted: &[&'g [Glob]], unwanted: &[&'g [Glob]], all_fold: bool) -> Self {
        let mut end = 0;
        let mut place = |glob: &'g Glob| {
            let start = end;
            end += words(&glob.symbols);
            (glob, start..end)
        };
        let sets = wanted.iter().chain(unwanted).map(|set| set.iter().map(&mut place).collect()).collect();
        Self { all_fold, wanted: wanted.len(), sets, words: end }
    }

    /// Breadth first, so that the shortest text is found.
    fn search(&self) -> Found {
        let mut start = vec![0; self.words];
        for (glob, range) in self.sets.iter().flatten() {
            enter(start.get_mut(range.clone()).unwrap_or_default(), &glob.symbols, 0);
        }
        let other = self.other();
        let mut seen = BTreeSet::from([start.clone()]);
        let mut queue = VecDeque::from([(start, None)]);
        let mut way: Vec<(Option<usize>, char)> = Vec::new();
        while let Some((state, last)) = queue.pop_front() {
            if self.accepts(&state) {
                return Found::Text(text(&way, last));
            }
            for c in self.candidates(&state, other) {
                let Some(next) = self.step(&state, c).filter(|next| !seen.contains(next)) else { continue };
                seen.insert(next.clone());
                if seen.len() > MOST_STATES {
                    return Found::Perhaps;
                }
                way.push((last, c));
                queue.push_back((next, Some(way.len() - 1)));
            }
        }
        Found::None
    }

    fn accepts(&self, state: &[u64]) -> bool {
        let accepts = |(glob, range): &(&Glob, Range<usize>)| accepts(part(state, range), &glob.symbols);
        self.sets.iter().enumerate().all(|(n, set)| set.iter().any(accepts) == (n < self.wanted))
    }

    /// Where one more character leads to; nothing where a wanted set is left without a walk.
    fn step(&self, state: &[u64], c: char) -> Option<State> {
        let mut next = vec![0; self.words];
        for (n, set) in self.sets.iter().enumerate() {
            let mut alive = false;
            for (glob, range) in set {
                let to = next.get_mut(range.clone())?;
                step(part(state, range), to, &glob.symbols, glob.fold, c);
                alive |= !is_dead(to);
            }
            if n < self.wanted && !alive {
                return None;
            }
        }
        Some(next)
    }

    /// The characters that can make a difference: those that some glob waits for, and one that none does.
    fn candidates(&self, state: &[u64], other: char) -> BTreeSet<char> {
        let mut chars = BTreeSet::new();
        let mut literal_only = None::<BTreeSet<char>>;
        for (n, set) in self.sets.iter().enumerate() {
            let mut own = BTreeSet::new();
            let mut wild = false;
            for (glob, range) in set {
                for at in entered(part(state, range)) {
                    match glob.symbols.get(at) {
                        Some(Symbol::Char(c)) => {
                            own.insert(*c);
                            if glob.fold && !self.all_fold {
                                own.insert(c.to_ascii_uppercase());
                            }
                        }
                        Some(Symbol::OneOfPart | Symbol::ManyOfPart) => {
                            wild = true;
                            own.insert(':');
                        }
                        Some(_) => wild = true,
                        None => {}
                    }
                }
            }
            if n < self.wanted && !wild && literal_only.as_ref().is_none_or(|set| own.len() < set.len()) {
                literal_only = Some(own.clone());
            }
            chars.extend(own);
        }
        literal_only.unwrap_or_else(|| {
            chars.insert(other);
            chars
        })
    }

    /// A character that no glob names.
    fn other(&self) -> char {
        let named: BTreeSet<char> = self
            .sets
            .iter()
            .flatten()
            .flat_map(|(glob, _)| glob.symbols.iter())
            .filter_map(|symbol| match symbol {
                Symbol::Char(c) => Some(c.to_ascii_lowercase()),
                _ => None,
            })
            .collect();
        ('a'..='z').chain('0'..='9').chain('\u{a1}'..).find(|c| !named.contains(c)).unwrap_or('\u{fffd}')
    }
}

fn part<'s>(state: &'s [u64], range: &Range<usize>) -> &'s [u64] {
    state.get(range.clone()).unwrap_or_default()
}

fn text(way: &[(Option<usize>, char)], mut last: Option<usize>) -> String {
    let mut chars = Vec::new();
    while let Some((before, c)) = last.and_then(|at| way.get(at)) {
        chars.push(*c);
        last = *before;
    }
    chars.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn globs(texts: &[&str]) -> Vec<Glob> {
        texts.iter().map(|text| Glob::wild(text, false)).collect()
    }

    fn found(wanted: &[&[&str]], unwanted: &[&str]) -> Option<String> {
        let wanted: Vec<Vec<Glob>> = wanted.iter().map(|set| globs(set)).collect();
        let wanted: Vec<&[Glob]> = wanted.iter().map(Vec::as_slice).collect();
        match find(&wanted, &[&globs(unwanted)]) {
            Found::Text(text) => Some(text),
            Found::None => None,
            Found::Perhaps => panic!("given up"),
        }
    }

    #[test]
    fn a_common_text_is_found_or_there_is_none() {
        assert_eq!(found(&[&["a*"], &["*b"]], &[]).as_deref(), Some("ab"));
        assert_eq!(found(&[&["a*"], &["b*"]], &[]), None);
        assert_eq!(
            found(&[&["tenant-acme-*"], &["tenant-acme-corp-data"]], &[]).as_deref(),
            Some("tenant-acme-corp-data")
        );
        assert_eq!(found(&[&["*/a/*"], &["b/*"]], &[]).as_deref(), Some("b/a/"));
        assert_eq!(found(&[&["??"], &["a*"]], &["ab", "aa"]).map(|text| text.len()), Some(2));
    }

    #[test]
    fn what_the_unwanted_cover_together_leaves_nothing() {
        assert_eq!(found(&[&["a?"]], &["a?"]), None);
        assert_eq!(found(&[&["a*"]], &["a", "a?*"]), None);
        assert_eq!(found(&[&["*"]], &["", "?", "??*"]), None);
        assert_eq!(found(&[&["*"]], &["", "?", "???*"]).map(|text| text.len()), Some(2));
    }

    #[test]
    fn parts_of_an_arn_end_at_the_colon() {
        let part = Glob::new(vec![Symbol::Char('a'), Symbol::ManyOfPart, Symbol::Char(':'), Symbol::Many], false);
        assert!(part.matches("axx:y:z"));
        assert!(!part.matches("b:"));
        let of_account = Glob::new(vec![Symbol::ManyOfPart, Symbol::Char(':'), Symbol::Char('r')], false);
        assert!(!of_account.matches("1:2:r"));
        assert_eq!(find(&[&[of_account], &globs(&["1:*:r"])], &[]), Found::None);
    }

    #[test]
    fn case_is_folded_where_the_glob_says_so() {
        let fold = [Glob::wild("S3:Get*", true)];
        assert!(fold[0].matches("s3:gETobject"));
        assert_eq!(find(&[&fold, &globs(&["S3:GET"])], &[]), Found::Text("S3:GET".into()));
        assert_eq!(find(&[&fold], &[&[Glob::wild("s3:get*", true)]]), Found::None);
        assert!(matches!(find(&[&fold], &[&globs(&["s3:get*"])]), Found::Text(_)));
    }

    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => naive(rest, text) || (!text.is_empty() && naive(pattern, &text[1..])),
            (['?', rest @ ..], [_, text @ ..]) => naive(rest, text),
            ([a, rest @ ..], [b, text @ ..]) => a == b && naive(rest, text),
            _ => false,
        }
    }

    fn naive_matches(pattern: &str, text: &str) -> bool {
        naive(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn a_glob_matches_as_the_plain_definition_does(pattern in "[ab*?]{0,6}", text in "[abc]{0,7}") {
            prop_assert_eq!(Glob::wild(&pattern, false).matches(&text), naive_matches(&pattern, &text));
        }

        /// Any text that fits is a text that is found, and what is found fits.
        #[test]
        fn nothing_is_missed_and_nothing_made_up(
            wanted in prop::collection::vec("[ab*?]{0,5}", 1..4),
            unwanted in prop::collection::vec("[ab*?]{0,5}", 0..4),
            text in "[abc]{0,6}",
        ) {
            let sets: Vec<Vec<&str>> = wanted.iter().map(|pattern| vec![pattern.as_str()]).collect();
            let sets: Vec<&[&str]> = sets.iter().map(Vec::as_slice).collect();
            let not: Vec<&str> = unwanted.iter().map(String::as_str).collect();
            let fits = |text: &str| wanted.iter().all(|p| naive_matches(p, text)) && !unwanted.iter().any(|p| naive_matches(p, text));
            match found(&sets, &not) {
                Some(found) => prop_assert!(fits(&found), "{found}"),
                None => prop_assert!(!fits(&text), "{text} was missed"),
            }
        }
    }
}
