//! What the proof says.

use std::fmt;

use serde::Serialize;

/// What is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A stack belongs to one owner, and every tag in it says which.
    OneOwner,
    /// The addresses of tenants do not overlap, and subnets lie in their own VPC.
    DisjointAddresses,
    /// Nothing leads out of a VPC to another network.
    NoWayBetweenNetworks,
    /// The network ACL of every subnet stops packets from and to other private addresses.
    NetworkAcl,
    /// Security groups name only addresses and groups of their own stack.
    SecurityGroups,
    /// Every endpoint has a policy.
    EndpointPolicies,
    /// What has a name has one that is its tenant's alone.
    OwnNames,
    /// No stack names what another stack owns, or reads another stack's state.
    NoForeignNames,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::OneOwner,
        Self::DisjointAddresses,
        Self::NoWayBetweenNetworks,
        Self::NetworkAcl,
        Self::SecurityGroups,
        Self::EndpointPolicies,
        Self::OwnNames,
        Self::NoForeignNames,
    ];

    fn help(self) -> &'static str {
        match self {
            Self::OneOwner => "give every resource of the stack the tags of its one owner",
            Self::DisjointAddresses => "give each tenant a network_index of its own, and subnets inside its block",
            Self::NoWayBetweenNetworks => "remove the resource; tenants reach AWS through VPC endpoints only",
            Self::NetworkAcl => "deny every private range but the own block before anything wider is allowed",
            Self::SecurityGroups => "name a group, a prefix list or the own block in place of the addresses",
            Self::EndpointPolicies => "give the endpoint a policy that lets only this tenant through",
            Self::OwnNames => "make the name from the tenant: tenant-{id}-{resource}-{suffix}",
            Self::NoForeignNames => "remove the reference; what is shared is named, never a tenant's own",
        }
    }
}

/// One reason why isolation is not proved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The rule that does not hold.
    pub rule: Rule,
    /// The stacks it is about.
    pub stacks: Vec<String>,
    /// The resource, as Terraform addresses it; empty for a whole stack.
    pub resource: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}", self.stacks.join(" and "))?;
        if !self.resource.is_empty() {
            write!(f, ": {}", self.resource)?;
        }
        write!(f, ": {}\n    help: {}", self.found, self.rule.help())
    }
}

/// What was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// How many stacks.
    pub stacks: usize,
    /// How many of them are tenants'.
    pub tenants: usize,
    /// How many ordered pairs of tenants.
    pub pairs: usize,
    /// By which rules.
    pub rules: Vec<Rule>,
    /// What no rule looks at yet.
    pub not_judged: Vec<&'static str>,
}

/// The judgement of a fleet: isolated by the rules of the summary if there are no findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What stands against it, in a fixed order.
    pub findings: Vec<Finding>,
    /// What was judged.
    pub summary: Summary,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.findings.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}
