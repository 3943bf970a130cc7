//! Which stacks are meant: `--tenant` with globs, `--platform`, or all.

use std::fmt;
use std::str::FromStr;

use clap::Args;
use naming::fleet::{Fleet, TenantState};
use naming::{Owner, TenantId};

use crate::recorded::{Recorded, with_stack};

/// Which stacks.
#[derive(Args, Clone, Debug, Default)]
pub struct Selection {
    /// Only these tenants: an id, or a pattern with `*` and `?`, such as 'acme-*'; may be given several times.
    #[arg(long = "tenant", value_name = "GLOB")]
    pub tenants: Vec<Pattern>,
    /// Only the platform, or, with --tenant, the platform too.
    #[arg(long)]
    pub platform: bool,
}

/// A tenant id, or a pattern of ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

/// Why a text is no pattern of ids.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// There is nothing in it.
    #[error("it is empty; write a tenant's id, such as acme-corp, or a pattern, such as 'acme-*'")]
    Empty,
    /// Something that no id has.
    #[error(
        "no tenant id has {0:?}; ids are made of a-z, 0-9 and `-`, and a pattern has `*` (anything) and `?` (one character) beside them"
    )]
    Character(char),
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '*' | '?');
        match text.chars().find(|c| !legal(*c)) {
            Some(found) => Err(PatternError::Character(found)),
            None if text.is_empty() => Err(PatternError::Empty),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Pattern {
    /// Whether an id fits.
    pub fn matches(&self, id: &str) -> bool {
        // The last `*` alone is ever gone back to: what an earlier one could take more of, the last one can too.
        let (pattern, text) = (self.0.as_bytes(), id.as_bytes());
        let (mut p, mut t) = (0, 0);
        let mut back: Option<(usize, usize)> = None;
        while t < text.len() {
            match pattern.get(p) {
                Some(b'*') => {
                    back = Some((p + 1, t));
                    p += 1;
                }
                Some(wanted) if *wanted == b'?' || text.get(t) == Some(wanted) => {
                    p += 1;
                    t += 1;
                }
                _ => match back {
                    Some((after, from)) => {
                        back = Some((after, from + 1));
                        (p, t) = (after, from + 1);
                    }
                    None => return false,
                },
            }
        }
        pattern.iter().skip(p).all(|rest| *rest == b'*')
    }

    fn is_plain(&self) -> bool {
        !self.0.contains(['*', '?'])
    }
}

/// Why a selection selects nothing.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// No tenant with this id has a stack.
    #[error("there is no tenant `{given}` with a stack; {hint}")]
    Unknown {
        /// What was given.
        given: String,
        /// What would do.
        hint: String,
    },
    /// A pattern that fits no tenant.
    #[error("no tenant with a stack fits `{given}`; {hint}")]
    NoMatch {
        /// What was given.
        given: String,
        /// What would do.
        hint: String,
    },
}

/// The id that is nearest, if one is near; else where the ids are. A fleet has too many of them to show.
fn hint(fleet: &Fleet, recorded: &Recorded, given: &Pattern) -> String {
    if fleet.tenants.iter().any(|tenant| tenant.tenant.id.as_str() == given.0) {
        return "the tenants file says `removed`, and its destroy is recorded".to_owned();
    }
    let bare = given.0.replace(['*', '?'], "");
    let ids: Vec<&str> = with_stack(fleet, recorded).map(|(tenant, _)| tenant.id.as_str()).collect();
    let near = ids.iter().map(|id| (strsim::damerau_levenshtein(id, &bare), *id)).min();
    match near.filter(|(distance, id)| *distance * 3 <= id.len()) {
        Some((_, id)) => format!("did you mean `{id}`?"),
        // What was given may be a part of an id: the one that shares the longest start with it.
        None => {
            let shared = |id: &str| id.bytes().zip(bare.bytes()).take_while(|(a, b)| a == b).count();
            match ids.iter().copied().max_by_key(|id| (shared(id), std::cmp::Reverse(*id))).filter(|id| shared(id) > 1)
            {
                Some(id) => format!("the nearest id is `{id}`"),
                None => "`app list` shows those that have one".to_owned(),
            }
        }
    }
}

impl Selection {
    /// Whether all stacks are meant.
    pub fn is_all(&self) -> bool {
        self.tenants.is_empty() && !self.platform
    }

    /// Checks that every pattern fits a tenant that has a stack.
    ///
    /// # Errors
    /// The first that fits none, with the nearest id.
    pub(crate) fn check(&self, fleet: &Fleet, recorded: &Recorded) -> Result<(), SelectionError> {
        for pattern in &self.tenants {
            if with_stack(fleet, recorded).any(|(tenant, _)| pattern.matches(tenant.id.as_str())) {
                continue;
            }
            let (given, hint) = (pattern.to_string(), hint(fleet, recorded, pattern));
            return Err(match pattern.is_plain() {
                true => SelectionError::Unknown { given, hint },
                false => SelectionError::NoMatch { given, hint },
            });
        }
        Ok(())
    }

    /// Whether a tenant's stack is meant; none stands for the platform.
    pub(crate) fn takes(&self, tenant: Option<&TenantId>) -> bool {
        match tenant {
            Some(id) => self.is_all() || self.tenants.iter().any(|pattern| pattern.matches(id.as_str())),
            None => self.is_all() || self.platform,
        }
    }
}

/// A tenant that has a stack with resources, by its id.
pub(crate) fn tenant<'a>(
    fleet: &'a Fleet,
    recorded: &'a Recorded,
    given: &str,
) -> Result<&'a naming::Tenant, SelectionError> {
    let mut served = with_stack(fleet, recorded).filter(|(_, state)| *state != TenantState::Removed);
    let found = served.find(|(tenant, _)| tenant.id.as_str() == given).map(|(tenant, _)| tenant);
    found.ok_or_else(|| SelectionError::Unknown {
        given: given.to_owned(),
        hint: match with_stack(fleet, recorded).any(|(tenant, _)| tenant.id.as_str() == given) {
            true => "the tenants file says `removed`".to_owned(),
            false => hint(fleet, recorded, &Pattern(given.to_owned())),
        },
    })
}

/// The name of the platform's stack, if it is meant.
pub(crate) fn platform(fleet: &Fleet, selection: &Selection) -> Option<String> {
    selection.takes(None).then(|| fleet.platform().stack_name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use naming::fleet::Overrides;

    fn fits(pattern: &str, id: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().matches(id)
    }

    #[test]
    fn patterns_fit_whole_ids() {
        for (pattern, id) in [
            ("acme", "acme"),
            ("acme-*", "acme-corp"),
            ("*", "a"),
            ("*-co", "retail-co"),
            ("a?me", "acme"),
            ("*e*l*", "retail-co"),
            ("a*-c*p", "a-c-corp"),
            ("acme**", "acme"),
        ] {
            assert!(fits(pattern, id), "{pattern} {id}");
        }
        for (pattern, id) in [
            ("acme", "acme-corp"),
            ("acme-*", "acme"),
            ("?", "ab"),
            ("*-co", "retail-corp"),
            ("a*b", "abc"),
            ("?*", ""),
        ] {
            assert!(!fits(pattern, id), "{pattern} {id}");
        }
    }

    #[test]
    fn a_pattern_with_what_no_id_has_is_refused_with_what_would_do() {
        assert_eq!("".parse::<Pattern>(), Err(PatternError::Empty));
        for (given, found) in [("Acme", 'A'), ("acme[ab]", '['), ("acme corp", ' '), ("{a,b}", '{')] {
            assert_eq!(given.parse::<Pattern>(), Err(PatternError::Character(found)));
        }
    }

    fn fleet() -> Fleet {
        let text = r#"{ "environment_suffix": "dev", "tenants": [
            { "id": "acme-corp", "network_index": 0 }, { "id": "acme-labs", "network_index": 1 }, { "id": "retail-co", "network_index": 2 } ] }"#;
        Fleet::parse(text.as_bytes(), "tenants.json", &Overrides::default()).unwrap()
    }

    fn selection(tenants: &[&str], platform: bool) -> Selection {
        Selection { tenants: tenants.iter().map(|text| text.parse().unwrap()).collect(), platform }
    }

    #[test]
    fn nothing_said_means_all_and_the_platform_comes_with_all_or_by_name() {
        let taken = |selection: &Selection| {
            let fleet = fleet();
            let ids: Vec<String> = fleet
                .tenants
                .iter()
                .filter(|t| selection.takes(Some(&t.tenant.id)))
                .map(|t| t.tenant.id.to_string())
                .collect();
            (ids, platform(&fleet, selection))
        };
        let platform = Some("platform-dev".to_owned());
        let all = ["acme-corp", "acme-labs", "retail-co"].map(str::to_owned).to_vec();
        assert_eq!(taken(&selection(&[], false)), (all, platform.clone()));
        assert_eq!(taken(&selection(&["acme-*"], false)), (vec!["acme-corp".into(), "acme-labs".into()], None));
        assert_eq!(taken(&selection(&["retail-co"], true)), (vec!["retail-co".into()], platform.clone()));
        assert_eq!(taken(&selection(&[], true)), (vec![], platform));
    }

    #[test]
    fn what_fits_nobody_is_an_error_with_the_nearest_id() {
        let message =
            |given: &str| selection(&[given], false).check(&fleet(), &Recorded::default()).unwrap_err().to_string();
        assert_eq!(message("acme-crop"), "there is no tenant `acme-crop` with a stack; did you mean `acme-corp`?");
        assert_eq!(message("retial-*"), "no tenant with a stack fits `retial-*`; did you mean `retail-co`?");
        assert_eq!(message("acme-x*"), "no tenant with a stack fits `acme-x*`; the nearest id is `acme-corp`");
        assert_eq!(message("re*zzzzzzzz"), "no tenant with a stack fits `re*zzzzzzzz`; the nearest id is `retail-co`");
        assert_eq!(message("q*"), "no tenant with a stack fits `q*`; `app list` shows those that have one");
    }
}
