//! What the findings mean for each ordered pair of tenants, kept by exception: a pair that nothing speaks against costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::finding::{Finding, Rule};
use crate::report::Report;

/// A tenant by its place in [`Pairs::tenants`]; the place after the last stands for all that is no tenant.
pub(super) type Party = usize;

/// Findings, by their places in the report.
pub(super) type Findings = BTreeSet<usize>;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// A way through from one party to another.
    Way(Party, Party),
    /// Two tenants, in both directions.
    Both(Party, Party),
    /// All pairs of one tenant.
    Tenant(Party),
    /// All pairs.
    Everyone,
    /// No pair: it does not bear on isolation.
    Nobody,
}

/// What stands against a pair.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    Isolated,
    /// These findings show a way through.
    Way(Findings),
    /// These findings leave it open.
    Open(Findings),
}

/// Tenants of equal classes: what is argued for one of them is argued for all.
type Group<'a> = Vec<&'a str>;

#[derive(Default)]
pub(super) struct Pairs<'a> {
    /// In the order of their groups.
    pub(super) tenants: Vec<&'a str>,
    groups: Vec<Group<'a>>,
    /// What each finding is about.
    pub(super) about: Vec<About>,
    group_of: Vec<usize>,
    ways: BTreeMap<(Party, Party), Findings>,
    between: BTreeMap<(Party, Party), Findings>,
    of_tenant: BTreeMap<Party, Findings>,
    of_groups: BTreeMap<(usize, usize), Findings>,
    everywhere: Findings,
}

impl<'a> Pairs<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let mut pairs = Self { groups: groups(report), ..Self::default() };
        for (number, group) in pairs.groups.iter().enumerate() {
            pairs.tenants.extend(group);
            pairs.group_of.extend(group.iter().map(|_| number));
        }
        let parties: BTreeMap<&str, Party> = pairs.tenants.iter().enumerate().map(|(at, name)| (*name, at)).collect();
        let stacks = report.stacks.iter().filter_map(|stack| Some((stack.stack.as_str(), stack.owner.as_deref()?)));
        let owners: BTreeMap<&str, Party> =
            stacks.filter_map(|(stack, owner)| Some((stack, *parties.get(owner)?))).collect();
        pairs.about = report.findings.iter().map(|finding| about(finding, &parties, &owners)).collect();
        for (number, about) in pairs.about.clone().into_iter().enumerate() {
            pairs.count(number, about);
        }
        pairs
    }

    fn count(&mut self, number: usize, about: About) {
        match about {
            About::Way(from, to) => {
                self.ways.entry((from, to)).or_default().insert(number);
                if let Some(groups) = self.groups_of(from, to) {
                    self.of_groups.entry(groups).or_default().insert(number);
                }
            }
            About::Both(one, other) => {
                self.between.entry((one, other)).or_default().insert(number);
                self.between.entry((other, one)).or_default().insert(number);
            }
            About::Tenant(tenant) => {
                self.of_tenant.entry(tenant).or_default().insert(number);
            }
            About::Everyone => {
                self.everywhere.insert(number);
            }
            About::Nobody => {}
        }
    }

    fn groups_of(&self, from: Party, to: Party) -> Option<(usize, usize)> {
        self.group_of(from).zip(self.group_of(to))
    }

    /// All that is no tenant, as who asks or as what is reached.
    pub(super) fn others(&self) -> Party {
        self.tenants.len()
    }

    /// What stands against `from` not reaching `to`. A way that was found for another pair of the same argument leaves this one open.
    pub(super) fn state(&self, from: Party, to: Party) -> State {
        if let Some(ways) = self.ways.get(&(from, to)) {
            return State::Way(ways.clone());
        }
        let open = [
            self.between.get(&(from, to)),
            self.of_tenant.get(&from),
            self.of_tenant.get(&to),
            self.groups_of(from, to).and_then(|groups| self.of_groups.get(&groups)),
            Some(&self.everywhere),
        ];
        let open: Findings = open.into_iter().flatten().flatten().copied().collect();
        if open.is_empty() { State::Isolated } else { State::Open(open) }
    }

    /// The pairs for which a way was found.
    pub(super) fn ways(&self) -> impl Iterator<Item = (Party, Party)> {
        self.ways.keys().copied()
    }

    /// The groups between which a way was found.
    pub(super) fn groups_with_ways(&self) -> impl Iterator<Item = (usize, usize)> {
        self.of_groups.keys().copied()
    }

    /// The pairs that a finding about both leaves open, each in both directions.
    pub(super) fn open_both_ways(&self) -> impl Iterator<Item = (Party, Party)> {
        self.between.keys().copied()
    }

    /// The tenants all of whose pairs are open.
    pub(super) fn open_tenants(&self) -> impl Iterator<Item = Party> {
        self.of_tenant.keys().copied()
    }

    /// Whether a finding leaves all pairs open.
    pub(super) fn all_open(&self) -> bool {
        !self.everywhere.is_empty()
    }

    /// Whether nothing speaks against any pair.
    pub(super) fn all_isolated(&self) -> bool {
        self.about.iter().all(|about| *about == About::Nobody)
    }

    /// The pairs of a group of `from` and one of `to`: how many there are, and what stands against them.
    pub(super) fn between_groups(&self, from: usize, to: usize) -> (usize, State) {
        let size = |group: usize| self.groups.get(group).map_or(0, Vec::len);
        let pairs = size(from) * if from == to { size(to).saturating_sub(1) } else { size(to) };
        if let Some(ways) = self.of_groups.get(&(from, to)) {
            return (pairs, State::Way(ways.clone()));
        }
        let in_group = |party: &Party, group: usize| self.group_of.get(*party) == Some(&group);
        let between = self.between.iter().filter(|((a, b), _)| in_group(a, from) && in_group(b, to));
        let of_tenant = self.of_tenant.iter().filter(|(tenant, _)| in_group(tenant, from) || in_group(tenant, to));
        let open = between.map(|(_, findings)| findings).chain(of_tenant.map(|(_, findings)| findings));
        let open: Findings = open.chain([&self.everywhere]).flatten().copied().collect();
        (pairs, if open.is_empty() { State::Isolated } else { State::Open(open) })
    }

    /// How many groups there are.
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// The places of a group's tenants.
    pub(super) fn members(&self, group: usize) -> Range<Party> {
        let start = self.groups.iter().take(group).map(Vec::len).sum();
        start..start + self.groups.get(group).map_or(0, Vec::len)
    }

    fn group_of(&self, tenant: Party) -> Option<usize> {
        self.group_of.get(tenant).copied()
    }

    /// A tenant's name; for all others, what they are called where they ask and where they are reached.
    pub(super) fn name(&self, party: Party, others: &'a str) -> &'a str {
        self.tenants.get(party).copied().unwrap_or(others)
    }
}

fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut classes: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let mut order: Vec<&str> = Vec::new();
    for stack in &report.stacks {
        if let Some(owner) = stack.tenant() {
            let of_owner = classes.entry(owner).or_insert_with(|| {
                order.push(owner);
                BTreeSet::new()
            });
            of_owner.insert(stack.class);
        }
    }
    let mut groups: BTreeMap<BTreeSet<usize>, Vec<&str>> = BTreeMap::new();
    for owner in order {
        let classes = classes.remove(owner).unwrap_or_default();
        groups.entry(classes).or_default().push(owner);
    }
    groups.into_values().collect()
}

fn about(finding: &Finding, parties: &BTreeMap<&str, Party>, owners: &BTreeMap<&str, Party>) -> About {
    if finding.rule == Rule::OwnNeeds {
        return About::Nobody;
    }
    if let Some(access) = &finding.access {
        let party = |name: &str| parties.get(name).copied().unwrap_or(parties.len());
        return About::Way(party(&access.from), party(&access.to));
    }
    let tenants: BTreeSet<Party> =
        finding.stacks.iter().filter_map(|stack| owners.get(stack.as_str()).copied()).collect();
    let mut tenants = tenants.into_iter();
    match (tenants.next(), tenants.next(), tenants.next()) {
        (None, _, _) => About::Everyone,
        (Some(tenant), None, _) => About::Tenant(tenant),
        (Some(one), Some(other), None) => About::Both(one, other),
        _ => About::Everyone,
    }
}
