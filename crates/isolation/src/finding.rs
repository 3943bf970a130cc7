//! What the proof finds.

use std::collections::BTreeMap;
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
    /// No principal of a tenant may do anything with a resource of another tenant or of the platform.
    NoCrossTenantAccess,
    /// Nobody outside the fleet may do anything with a tenant's resource.
    NoOutsideAccess,
    /// No AWS service acts on a tenant's resource on behalf of anybody else.
    NoForeignService,
    /// All that could grant access could be read.
    FullyRead,
    /// A tenant's functions can do what their code calls.
    OwnNeeds,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::OneOwner,
        Self::DisjointAddresses,
        Self::NoWayBetweenNetworks,
        Self::NetworkAcl,
        Self::SecurityGroups,
        Self::EndpointPolicies,
        Self::OwnNames,
        Self::NoForeignNames,
        Self::NoCrossTenantAccess,
        Self::NoOutsideAccess,
        Self::NoForeignService,
        Self::FullyRead,
        Self::OwnNeeds,
    ];

    /// What the rule demands, in a sentence.
    pub fn demands(self) -> &'static str {
        match self {
            Self::OneOwner => "A stack belongs to one owner, and every tag in it says which.",
            Self::DisjointAddresses => "The addresses of tenants do not overlap, and subnets lie in their own VPC.",
            Self::NoWayBetweenNetworks => "Nothing leads out of a VPC to another network.",
            Self::NetworkAcl => "The network ACL of every subnet stops packets from and to other private addresses.",
            Self::SecurityGroups => "Security groups name only addresses and groups of their own stack.",
            Self::EndpointPolicies => "Every endpoint has a policy.",
            Self::OwnNames => "What has a name has one that is its tenant's alone.",
            Self::NoForeignNames => "No stack names what another stack owns, or reads another stack's state.",
            Self::NoCrossTenantAccess => {
                "No principal of a tenant may do anything with a resource of another tenant or of the platform."
            }
            Self::NoOutsideAccess => "Nobody outside the fleet may do anything with a tenant's resource.",
            Self::NoForeignService => "No AWS service acts on a tenant's resource on behalf of anybody else.",
            Self::FullyRead => "All that could grant access could be read.",
            Self::OwnNeeds => "A tenant's functions can do what their code calls.",
        }
    }

    /// What would mend a finding of this rule.
    pub fn help(self) -> &'static str {
        match self {
            Self::OneOwner => "give every resource of the stack the tags of its one owner",
            Self::DisjointAddresses => "give each tenant a network_index of its own, and subnets inside its block",
            Self::NoWayBetweenNetworks => "remove the resource; tenants reach AWS through VPC endpoints only",
            Self::NetworkAcl => "deny every private range but the own block before anything wider is allowed",
            Self::SecurityGroups => "name a group, a prefix list or the own block in place of the addresses",
            Self::EndpointPolicies => "give the endpoint a policy that lets only this tenant through",
            Self::OwnNames => "make the name from the tenant: tenant-{id}-{resource}-{suffix}",
            Self::NoForeignNames => "remove the reference; what is shared is named, never a tenant's own",
            Self::NoCrossTenantAccess => "name exact ARNs of the own tenant in the statement, and no wildcard",
            Self::NoOutsideAccess => "name the tenant's own roles as principals",
            Self::NoForeignService => "bind the statement to the tenant's own ARN with aws:SourceArn",
            Self::FullyRead => "write it so that it can be read, or take it out of the stack",
            Self::OwnNeeds => "allow what the code calls, for the tenant's own resource",
        }
    }
}

/// A statement of a policy, by its place in a stack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct StatementRef {
    /// The stack.
    pub stack: String,
    /// The resource that holds the policy, as Terraform addresses it.
    pub resource: String,
    /// Where the statement stands in the resource, for example `policy.Statement[2]`.
    pub path: String,
    /// The statement's `Sid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
}

impl fmt::Display for StatementRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}.{}", self.stack, self.resource, self.path)?;
        match &self.sid {
            Some(sid) => write!(f, " ({sid})"),
            None => Ok(()),
        }
    }
}

/// A way through: who, what, on which resource, and by which statements, with a request that AWS would allow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Access {
    /// Whose principal it is: a tenant's id, or what it is outside of the fleet.
    pub from: String,
    /// Whose resource it is: a tenant's id, or `platform`.
    pub to: String,
    /// The principal: a role's ARN, or what it is.
    pub principal: String,
    /// How `from` comes to act as the principal, step by step; empty if the principal is its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
    /// An action that is allowed.
    pub action: String,
    /// The ARN of a resource on which it is.
    pub resource: String,
    /// The context of the example request; what is not listed does not matter.
    pub context: BTreeMap<String, Vec<String>>,
    /// The statements that let it through.
    pub statements: Vec<StatementRef>,
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
    /// The way through, where it is one of policies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<Box<Access>>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}", self.stacks.join(" and "))?;
        if !self.resource.is_empty() {
            write!(f, ": {}", self.resource)?;
        }
        write!(f, ": {}", self.found)?;
        if let Some(access) = &self.access {
            write!(f, "\n    request:   {} does {} on {}", access.principal, access.action, access.resource)?;
            for (key, values) in &access.context {
                write!(f, "\n               {key} = {}", values.join(", "))?;
            }
            for step in &access.steps {
                write!(f, "\n    step:      {step}")?;
            }
            for statement in &access.statements {
                write!(f, "\n    statement: {statement}")?;
            }
        }
        write!(f, "\n    help: {}", self.rule.help())
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
    /// How many arguments cover all pairs: tenants that differ only in their names share one.
    pub arguments: usize,
    /// By which rules.
    pub rules: Vec<Rule>,
}

/// The judgement of a fleet: isolated if there are no findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What stands against it, in a fixed order.
    pub findings: Vec<Finding>,
    /// What was judged.
    pub summary: Summary,
}

impl Verdict {
    /// Whether isolation is proved.
    pub fn proved(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.findings.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}
