//! The stacks of a fleet, by the account and the region in which they are.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use crate::count;
use crate::document::Document;
use crate::ledger::Key;
use crate::usage::Usage;

/// Where quotas are counted: they are per account and region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The account; none for the one that Terraform's own credentials lead to.
    pub account: Option<String>,
    /// The region.
    pub region: String,
}

/// Whose stack it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A tenant's: what grows with the fleet.
    Tenant,
    /// What tenants share.
    Shared,
    /// That of a tenant that is gone or going: only what still counts after it is destroyed.
    Leaving,
}

/// A stack and what it uses.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) part: Part,
    pub(crate) usage: Rc<Usage>,
}

/// The stacks that are counted together.
#[derive(Debug, Default)]
pub struct Fleet {
    pub(crate) stacks: Vec<Stack>,
    pub(crate) standard: Option<Rc<Usage>>,
    packages: BTreeMap<String, u64>,
    /// Tenants that are alike share what was counted, so that a large fleet fills no memory.
    shapes: BTreeSet<Rc<Usage>>,
}

/// Where a document without a region is taken to be.
const REGION: &str = "us-east-1";

impl Fleet {
    /// A fleet without stacks. `packages` has the size in bytes of each package of code, by the path that documents name; one that is
    /// not there counts as nothing.
    pub fn new(packages: BTreeMap<String, u64>) -> Self {
        Self { packages, ..Self::default() }
    }

    /// Counts a finished stack.
    pub fn add(&mut self, name: &str, part: Part, document: &Value) {
        let document = Document::new(document);
        let region = document.region().unwrap_or(REGION).to_owned();
        let mut usage = count::usage(document, &region, &self.packages);
        if part == Part::Leaving {
            let Usage { shared, own, lingers, .. } = &mut usage;
            shared.retain(|(key, _), _| lingers.contains_key(key));
            own.clear();
        }
        let place = Place { account: document.account().map(str::to_owned), region };
        let usage = self.shape(usage);
        self.stacks.push(Stack { name: name.to_owned(), place, part, usage });
    }

    /// Says what one more tenant would use. Else the first tenant of an account stands for all that may come.
    pub fn set_standard(&mut self, document: &Value) {
        let document = Document::new(document);
        let region = document.region().unwrap_or(REGION);
        let usage = count::usage(document, region, &self.packages);
        self.standard = Some(self.shape(usage));
    }

    fn shape(&mut self, usage: Usage) -> Rc<Usage> {
        let usage = Rc::new(usage);
        match self.shapes.get(&usage) {
            Some(known) => Rc::clone(known),
            None => {
                self.shapes.insert(Rc::clone(&usage));
                usage
            }
        }
    }

    /// What a stack uses.
    pub fn usage(&self, stack: &str) -> Option<&Usage> {
        self.stacks.iter().find(|known| known.name == stack).map(|known| known.usage.as_ref())
    }

    /// Every account and region in which there is a stack, the shared account first.
    pub fn places(&self) -> BTreeSet<&Place> {
        self.stacks.iter().map(|stack| &stack.place).collect()
    }

    /// What of the stacks could not be counted.
    pub fn uncounted(&self) -> Vec<String> {
        let each = |stack: &Stack| {
            let name = stack.name.clone();
            stack.usage.uncounted.clone().into_iter().map(move |what| format!("{name}: {what}"))
        };
        self.stacks.iter().flat_map(each).collect()
    }

    /// The stacks of some names.
    pub(crate) fn part(&self, wanted: impl Fn(&str) -> bool) -> Self {
        let stacks = self.stacks.iter().filter(|stack| wanted(&stack.name)).cloned().collect();
        Self { stacks, ..Self::default() }
    }

    /// For how many days what is destroyed still counts.
    pub(crate) fn lingers(&self, key: Key) -> Option<u64> {
        self.stacks.iter().filter_map(|stack| stack.usage.lingers.get(&key).copied()).max()
    }
}
