//! A rollout in waves: a few tenants first, the rest when they are well.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// How far a rollout is after a wave: so many tenants, or so many of a hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// So many tenants.
    Count(NonZeroUsize),
    /// So many of a hundred tenants, rounded up; 1 to 100.
    Percent(u8),
}

/// The waves of a rollout: how far it is after each of them. The last one is all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waves(Vec<Size>);

/// How many stacks may fail before a rollout stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// So many.
    Count(usize),
    /// So many of a hundred of those that were tried, rounded down.
    Percent(u8),
}

/// Why a text says no waves, or no budget.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WavesError {
    /// One of the sizes is none.
    #[error(
        "`{given}` is no size of a wave; write a number of tenants from 1, or a percentage from 1% to 100%, as in 1,10%,100%"
    )]
    Size {
        /// What was given.
        given: String,
    },
    /// The sizes do not grow.
    #[error(
        "`{after}` does not come after `{before}`: sizes are cumulative, each one says how far the rollout is after its wave, as in 1,10%,100%"
    )]
    Order {
        /// The one before.
        before: Size,
        /// The one after.
        after: Size,
    },
    /// The last wave is not all.
    #[error(
        "the last wave is `{last}`, and the other tenants would never have their turn; end with 100%, as in 1,10%,100%, and use --pause to stop in between"
    )]
    NotAll {
        /// The last size.
        last: Size,
    },
    /// No budget.
    #[error(
        "`{given}` is no failure budget; write a number of stacks, such as 2, or a percentage of those tried, from 0% to 100%, such as 5%"
    )]
    Budget {
        /// What was given.
        given: String,
    },
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl fmt::Display for Waves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&sizes.join(","))
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

fn percentage(text: &str) -> Option<u8> {
    text.strip_suffix('%')?.parse().ok().filter(|percent| *percent <= 100)
}

impl FromStr for Waves {
    type Err = WavesError;

    fn from_str(text: &str) -> Result<Self, WavesError> {
        let size = |given: &str| {
            let given = given.trim();
            let percent = percentage(given).filter(|percent| *percent > 0).map(Size::Percent);
            let size = percent.or_else(|| given.parse().ok().map(Size::Count));
            size.ok_or_else(|| WavesError::Size { given: given.to_owned() })
        };
        let sizes = text.split(',').map(size).collect::<Result<Vec<_>, _>>()?;
        for (before, after) in sizes.iter().zip(sizes.iter().skip(1)) {
            let grows = match (before, after) {
                (Size::Count(before), Size::Count(after)) => before < after,
                (Size::Percent(before), Size::Percent(after)) => before < after,
                // Which one is larger depends on the fleet; a wave that adds nobody is passed over. After all there is nothing.
                (Size::Percent(before), Size::Count(_)) => *before < 100,
                (Size::Count(_), Size::Percent(_)) => true,
            };
            if !grows {
                return Err(WavesError::Order { before: *before, after: *after });
            }
        }
        match sizes.last() {
            Some(Size::Percent(100)) => Ok(Self(sizes)),
            Some(last) => Err(WavesError::NotAll { last: *last }),
            None => Err(WavesError::Size { given: text.to_owned() }),
        }
    }
}

impl Waves {
    /// One wave of all.
    pub fn all_at_once() -> Self {
        Self(vec![Size::Percent(100)])
    }

    /// Cuts a list into the waves. One that would add nobody is left out.
    pub(crate) fn cut<T>(&self, list: Vec<T>) -> Vec<Vec<T>> {
        let all = list.len();
        let mut rest = list.into_iter();
        let mut taken = 0;
        let mut waves = Vec::new();
        for size in &self.0 {
            let until = match size {
                Size::Count(count) => count.get(),
                Size::Percent(percent) => (all * usize::from(*percent)).div_ceil(100),
            };
            let wave: Vec<T> = rest.by_ref().take(until.saturating_sub(taken)).collect();
            taken += wave.len();
            if !wave.is_empty() {
                waves.push(wave);
            }
        }
        waves
    }
}

impl FromStr for Budget {
    type Err = WavesError;

    fn from_str(text: &str) -> Result<Self, WavesError> {
        let count = || text.parse().ok().map(Self::Count);
        percentage(text).map(Self::Percent).or_else(count).ok_or_else(|| WavesError::Budget { given: text.to_owned() })
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::Count(0)
    }
}

impl Budget {
    /// Whether it holds when so many of those that were tried failed.
    pub(crate) fn holds(self, failed: usize, tried: usize) -> bool {
        match self {
            Self::Count(count) => failed <= count,
            Self::Percent(percent) => failed <= tried * usize::from(percent) / 100,
        }
    }
}

/// The order in which tenants have their turn in a rollout: by a hash of what is rolled out and the stack's name.
///
/// So it is the same on every machine and after every interruption, but each rollout begins with others: nobody is always the first to
/// meet what is new.
pub(crate) fn order<T>(list: &mut [T], rollout: &str, name: impl Fn(&T) -> &str) {
    list.sort_by_cached_key(|item| {
        let mut hash = Sha256::new();
        hash.update(rollout.as_bytes());
        hash.update([0]);
        hash.update(name(item).as_bytes());
        (<[u8; 32]>::from(hash.finalize()), name(item).to_owned())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(waves: &str, count: usize) -> Vec<usize> {
        waves.parse::<Waves>().unwrap().cut((0..count).collect()).iter().map(Vec::len).collect()
    }

    #[test]
    fn sizes_are_cumulative_and_waves_that_add_nobody_are_left_out() {
        assert_eq!(cut("1,10%,100%", 100), [1, 9, 90]);
        assert_eq!(cut("1,10%,100%", 3), [1, 2]);
        assert_eq!(cut("5,10%,100%", 20), [5, 15]);
        assert_eq!(cut("1%,50%,100%", 256), [3, 125, 128]);
        assert_eq!(cut("100%", 4), [4]);
        assert_eq!(cut("1, 100%", 0), Vec::<usize>::new());
    }

    #[test]
    fn nobody_is_left_out_and_nobody_has_two_turns() {
        for count in 0..40 {
            for waves in ["1,100%", "1%,2%,3%,100%", "7,33%,100%", "100%"] {
                let cut: Vec<usize> = waves.parse::<Waves>().unwrap().cut((0..count).collect()).concat();
                assert_eq!(cut, (0..count).collect::<Vec<_>>(), "{waves} of {count}");
            }
        }
    }

    #[test]
    fn what_says_no_waves_is_refused_with_what_would_do() {
        let said = |text: &str| text.parse::<Waves>().unwrap_err().to_string();
        for given in ["", "0,100%", "0%,100%", "ten,100%", "101%", "-1,100%", "1,,100%", "1.5,100%"] {
            assert!(
                said(given)
                    .ends_with("write a number of tenants from 1, or a percentage from 1% to 100%, as in 1,10%,100%"),
                "{given}"
            );
        }
        assert!(said("10%,5%,100%").starts_with("`5%` does not come after `10%`: sizes are cumulative"));
        assert!(said("2,2,100%").starts_with("`2` does not come after `2`"));
        assert!(said("100%,5").starts_with("`5` does not come after `100%`"));
        assert!(said("1,10%").starts_with("the last wave is `10%`"));
        assert_eq!("1,10%,100%".parse::<Waves>().unwrap().to_string(), "1,10%,100%");
    }

    #[test]
    fn a_budget_is_a_number_or_a_share_of_those_tried() {
        let holds = |budget: &str, failed, tried| budget.parse::<Budget>().unwrap().holds(failed, tried);
        assert!(holds("0", 0, 1) && !holds("0", 1, 100));
        assert!(holds("2", 2, 3) && !holds("2", 3, 300));
        assert!(!holds("10%", 1, 9) && holds("10%", 1, 10) && !holds("10%", 2, 19));
        assert!(holds("100%", 5, 5) && !holds("0%", 1, 100));
        assert_eq!(Budget::default(), Budget::Count(0));
        for given in ["", "-1", "5 %", "200%", "some"] {
            let said = given.parse::<Budget>().unwrap_err().to_string();
            assert!(said.contains("is no failure budget; write a number of stacks"), "{said}");
        }
    }

    #[test]
    fn the_order_is_that_of_the_rollout_and_not_of_the_machine() {
        let ordered = |rollout: &str, mut names: Vec<&'static str>| {
            order(&mut names, rollout, |name| name);
            names
        };
        let names = vec!["tenant-a-dev", "tenant-b-dev", "tenant-c-dev", "tenant-d-dev"];
        let mut turned = names.clone();
        turned.reverse();
        assert_eq!(ordered("one", names), ordered("one", turned));
    }

    #[test]
    fn everybody_is_the_first_now_and_then() {
        let names: Vec<String> = (0..8).map(|n| format!("tenant-{n}-dev")).collect();
        let mut first: Vec<String> = (0..200)
            .map(|rollout| {
                let mut names = names.clone();
                order(&mut names, &rollout.to_string(), |name| name);
                names.swap_remove(0)
            })
            .collect();
        first.sort();
        first.dedup();
        assert_eq!(first, names);
    }
}
