//! What a spoiling is, and what is expected of the proof.

use std::collections::BTreeSet;

use isolation::{Finding, Rule, Verdict};

use crate::fleet::Fleet;

/// One way to spoil a proved fleet.
pub(crate) struct Spoiling {
    pub(crate) name: &'static str,
    /// Why AWS lets a request through now, or why it still does not.
    pub(crate) why: &'static str,
    pub(crate) spoil: fn(&mut Fleet),
    pub(crate) expect: Expect,
}

pub(crate) enum Expect {
    /// The fleet is broken: exactly the rules of these are found broken, each at this place.
    Caught(&'static [Catch]),
    /// Another layer stops every request, and nothing is found.
    Harmless(Layer),
}

/// What stops a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Layer {
    Network,
    Identity,
    Boundary,
    ResourcePolicy,
    KeyPolicy,
    Trust,
    /// What AWS does by itself.
    Aws,
}

/// A finding that there must be. An empty `resource` stands for the stack, an empty `statement` for the resource.
pub(crate) struct Catch {
    pub(crate) rule: Rule,
    pub(crate) stack: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) statement: &'static str,
}

/// A broken rule at a resource.
pub(crate) const fn breaks(rule: Rule, stack: &'static str, resource: &'static str) -> Catch {
    Catch { rule, stack, resource, statement: "" }
}

/// A tenant reaches another, or the platform, through this statement.
pub(crate) const fn access(stack: &'static str, resource: &'static str, statement: &'static str) -> Catch {
    Catch { rule: Rule::NoCrossTenantAccess, stack, resource, statement }
}

/// A stranger reaches a tenant through this statement.
pub(crate) const fn outside(stack: &'static str, resource: &'static str, statement: &'static str) -> Catch {
    Catch { rule: Rule::NoOutsideAccess, stack, resource, statement }
}

/// A service reaches a tenant for somebody else through this statement.
pub(crate) const fn service(stack: &'static str, resource: &'static str, statement: &'static str) -> Catch {
    Catch { rule: Rule::NoForeignService, stack, resource, statement }
}

/// Something that could grant access could not be read.
pub(crate) const fn unread(stack: &'static str, resource: &'static str) -> Catch {
    breaks(Rule::FullyRead, stack, resource)
}

/// A stack names what another one owns.
pub(crate) const fn names(stack: &'static str) -> Catch {
    breaks(Rule::NoForeignNames, stack, "")
}

/// A tenant cannot do what its code does.
pub(crate) const fn needs(stack: &'static str) -> Catch {
    breaks(Rule::OwnNeeds, stack, "")
}

impl Catch {
    fn is(&self, finding: &Finding) -> bool {
        if finding.rule != self.rule {
            return false;
        }
        let mut statements = finding.access.iter().flat_map(|access| &access.statements);
        let here = finding.stacks.iter().any(|stack| stack == self.stack);
        match (self.resource, self.statement) {
            ("", _) => here,
            (resource, "") => {
                here && finding.resource == resource
                    || statements.any(|at| at.stack == self.stack && at.resource == resource)
            }
            (resource, statement) => statements.any(|at| {
                let named = at.sid.as_deref() == Some(statement) || at.path == statement;
                at.stack == self.stack && at.resource == resource && named
            }),
        }
    }
}

impl Spoiling {
    /// The spoiled fleet.
    pub(crate) fn fleet(&self) -> Fleet {
        let mut fleet = Fleet::golden();
        (self.spoil)(&mut fleet);
        fleet
    }

    /// What the proof says otherwise than expected.
    pub(crate) fn disagreement(&self, verdict: &Verdict) -> Option<String> {
        let found: BTreeSet<Rule> = verdict.findings.iter().map(|finding| finding.rule).collect();
        let (missed, expected): (Vec<String>, BTreeSet<Rule>) = match &self.expect {
            Expect::Harmless(_) => (Vec::new(), BTreeSet::new()),
            Expect::Caught(catches) => {
                let missed = catches.iter().filter(|catch| !verdict.findings.iter().any(|finding| catch.is(finding)));
                let missed = missed.map(|catch| format!("{:?} at {}", catch.rule, place(catch)));
                (missed.collect(), catches.iter().map(|catch| catch.rule).collect())
            }
        };
        let surplus = found.difference(&expected).filter(|rule| !follows(**rule, &expected));
        let surplus: Vec<String> = surplus.map(|rule| format!("{rule:?}")).collect();
        (!missed.is_empty() || !surplus.is_empty()).then(|| {
            let said: Vec<String> = verdict.findings.iter().take(4).map(ToString::to_string).collect();
            let more = verdict.findings.len().saturating_sub(said.len());
            format!(
                "## {}\n   {}\n   missed: {}\n   not expected: {}\n{}\n  … {more} more",
                self.name,
                self.why,
                missed.join(", "),
                surplus.join(", "),
                said.join("\n")
            )
        })
    }

    /// The outcome as the table tells it, with a mark at its end.
    pub(crate) fn row(&self, mark: &str) -> String {
        match &self.expect {
            Expect::Harmless(layer) => format!("{}\n    harmless: {layer:?}{mark}", self.name),
            Expect::Caught(catches) => {
                let catches =
                    catches.iter().map(|catch| format!("\n    caught:   {:?} at {}", catch.rule, place(catch)));
                format!("{}{}{mark}", self.name, catches.collect::<String>())
            }
        }
    }
}

/// Whether a rule may be broken as well where these are: without the premises, what is said of access is not exact; and whoever lets
/// strangers in lets services in that act for strangers.
fn follows(rule: Rule, broken: &BTreeSet<Rule>) -> bool {
    let premises = [Rule::OneOwner, Rule::OwnNames, Rule::NoForeignNames, Rule::FullyRead];
    let strangers = [Rule::NoOutsideAccess, Rule::NoForeignService];
    premises.iter().any(|premise| broken.contains(premise))
        || strangers.contains(&rule) && strangers.iter().any(|rule| broken.contains(rule))
}

fn place(catch: &Catch) -> String {
    let parts = [catch.stack, catch.resource, catch.statement];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
