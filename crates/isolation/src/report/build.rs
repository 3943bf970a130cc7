//! Fills the report from a judgement.

use std::collections::BTreeMap;

use super::{Class, Exemption, Grant, MadeBy, Report, RoleEntry, StackEntry};
use crate::finding::{Rule, Verdict};
use crate::fleet::Fleet;
use crate::iam::{Policy, Statement, selects_action};
use crate::judgement::Judgement;
use crate::layers::World;
use crate::model::{ACCOUNT_WIDE, CREATES_INTERFACE, Model, SHARED_ACCOUNT};
use crate::needs;
use crate::sessions;

const ASSUMPTIONS: [&str; 6] = [
    "AWS enforces IAM, KMS and VPC rules as documented.",
    "What Terraform deploys is what stands in the documents that were judged.",
    "Nobody who may edit key policies, roles or tags in the account (the deployer, its administrators) acts against it.",
    "People and systems outside of the stacks are tagged with their own tenant only, and are given no rights on tenants' resources.",
    "An AWS service assumes a role only for somebody who may pass that role.",
    "Resources that no stack declares grant no tenant's principal anything.",
];

const RESIDUAL: [&str; 7] = [
    "In a shared account, whoever may edit key policies, roles or tags could undo the isolation. A tenant with an AWS account of its own removes that.",
    "Functions and log groups have no policy on their side that could refuse a role of the same account: identity policies and the boundary carry alone.",
    "Between the creation of a key and that of its policy, seconds later, AWS's default key policy holds; everything that is encrypted waits for the policy.",
    "AWS keeps a system backup of a deleted table for 35 days, readable only with the tenant's key, which is itself deleted after 7 days.",
    "A session that deploys a tenant's stack writes that tenant's roles and the boundary around them, as they were judged. Whoever took it over could write others, and reach by them what nothing in the account refuses.",
    "Whoever may start a build of the platform by hand, or edit the platform's stack, says for which tenant it deploys.",
    "Between the creation of a VPC and the tagging of its default security group, network ACL and route table, seconds later, a session for another tenant could tag them as its own.",
];

impl Fleet {
    /// The whole account of the proof. `hashes` are the SHA-256 of the documents, by stack.
    pub fn report(&self, hashes: &BTreeMap<String, String>) -> Report {
        let judgement = Judgement::of(self);
        let verdict = self.verdict_of(&judgement);
        let world = self.world(&verdict);
        let layers = world.as_ref().map(World::layers).unwrap_or_default();
        let accidents = world.as_ref().map(|world| world.accidents(&layers)).unwrap_or_default();
        let examples = self.examples();
        let stack = |stack: &crate::fleet::Stack| StackEntry {
            stack: stack.name.clone(),
            owner: stack.owner.clone(),
            account: stack.account.clone(),
            networks: stack.networks.iter().map(ToString::to_string).collect(),
            class: stack.class,
            sha256: hashes.get(&stack.name).cloned(),
        };
        let class = |class: &crate::fleet::Class| Class {
            example: self.name_of(class.members.first()),
            members: class.members.len(),
        };
        let mut report = Report {
            format_version: "1",
            made_by: MadeBy { name: "palisade", version: env!("CARGO_PKG_VERSION") },
            proved: verdict.proved(),
            verdict: sentence(&verdict),
            summary: verdict.summary,
            stacks: self.stacks.iter().map(stack).collect(),
            classes: self.classes.iter().map(class).collect(),
            findings: verdict.findings,
            layers,
            accidents,
            roles: examples.iter().flat_map(|model| model.roles.iter().map(|role| entry(model, role))).collect(),
            needs: self.written().iter().flat_map(|model| needs::judge(model, &self.calls)).collect(),
            exemptions: exemptions(&examples),
            assumptions: ASSUMPTIONS.map(str::to_owned).to_vec(),
            residual: RESIDUAL.map(str::to_owned).to_vec(),
        };
        for access in report.accidents.iter_mut().filter_map(|accident| accident.example.as_mut()) {
            let texts =
                [&mut access.principal, &mut access.resource].into_iter().chain(access.context.values_mut().flatten());
            texts.for_each(|text| *text = shown(text));
        }
        report
    }

    fn name_of(&self, member: Option<&usize>) -> String {
        member.and_then(|member| self.stacks.get(*member)).map(|stack| stack.name.clone()).unwrap_or_default()
    }

    /// One tenant of each class, and everything shared, with their real names.
    fn examples(&self) -> Vec<Model> {
        self.classes.iter().filter_map(|class| Some(self.model_of(*class.members.first()?))).collect()
    }

    /// One tenant of each class that is written now: what older code calls is not known.
    fn written(&self) -> Vec<Model> {
        let is_new = |member: &&usize| self.stacks.get(**member).is_some_and(|stack| !stack.deployed);
        let first = |class: &crate::fleet::Class| class.members.iter().find(is_new).copied();
        self.classes.iter().filter_map(|class| Some(self.model_of(first(class)?))).collect()
    }

    /// Two tenants to take layers away from: two that there are, or one and a made-up other.
    fn world(&self, verdict: &Verdict) -> Option<World> {
        let mut tenants: Vec<usize> = (0..self.stacks.len())
            .filter(|n| self.stacks.get(*n).is_some_and(|stack| stack.tenant().is_some()))
            .collect();
        tenants.sort_by_key(|n| self.stacks.get(*n).is_some_and(|stack| stack.deployed));
        let (&first, second) = (tenants.first()?, tenants.get(1));
        let read = |member: usize| self.model_of(member);
        let to = match second {
            Some(second) => read(*second),
            None => Judgement::made_up(self, self.stacks.get(first)?.class, "another-tenant"),
        };
        let shared =
            (0..self.stacks.len()).filter(|n| self.stacks.get(*n).is_some_and(|stack| stack.tenant().is_none()));
        Some(World {
            from: read(first),
            to,
            platform: shared.map(read).collect(),
            broken: verdict.findings.iter().map(|finding| finding.rule).collect(),
        })
    }
}

/// The account whose number is not known, as people should read it.
pub(crate) fn shown(text: &str) -> String {
    text.replace(SHARED_ACCOUNT, "<account>")
}

fn sentence(verdict: &Verdict) -> String {
    let summary = &verdict.summary;
    if verdict.proved() {
        return format!(
            "Proved: none of {} tenants can reach another; {} ordered pairs by {} argument{}.",
            summary.tenants,
            summary.pairs,
            summary.arguments,
            if summary.arguments == 1 { "" } else { "s" },
        );
    }
    let unread = verdict.findings.iter().filter(|finding| finding.rule == Rule::FullyRead).count();
    format!(
        "Not proved: {} findings over {} tenants, {unread} of them because something could not be read.",
        verdict.findings.len(),
        summary.tenants
    )
}

fn entry(model: &Model, role: &crate::model::Role) -> RoleEntry {
    let allows = |policy: &Policy| -> Vec<Statement> {
        policy.statements.iter().filter(|statement| statement.allow).cloned().collect()
    };
    let trusted = role.trust.iter().flat_map(allows).map(|statement| trusted(&statement));
    RoleEntry {
        stack: model.stack.clone(),
        role: role.address.clone(),
        arn: shown(&role.arn),
        description: role.description.clone(),
        assumed_by: trusted.collect(),
        boundary: role.boundary_address.clone(),
        grants: role.identity.iter().flat_map(allows).map(|statement| grant(&statement)).collect(),
    }
}

fn trusted(statement: &Statement) -> String {
    let who = statement.principals.as_ref().map_or_else(String::new, |principals| shown(&principals.words()));
    let conditions: Vec<String> = statement.conditions.iter().map(|condition| shown(&condition.words())).collect();
    if conditions.is_empty() { who } else { format!("{who}, if {}", conditions.join(" and ")) }
}

fn grant(statement: &Statement) -> Grant {
    let texts = |selector: &crate::iam::Selector| -> Vec<String> {
        let not = if selector.negated { "all but " } else { "" };
        selector.patterns.iter().map(|pattern| format!("{not}{}", shown(pattern.text()))).collect()
    };
    let actions = texts(&statement.actions);
    let resources = statement.resources.as_ref().map(texts).unwrap_or_default();
    let conditions: Vec<String> = statement.conditions.iter().map(|condition| shown(&condition.words())).collect();
    let names: Vec<&str> = resources.iter().map(|arn| arn.splitn(6, ':').last().unwrap_or(arn)).collect();
    let mut words = format!("May {} on {}", verbs(&actions), names.join(", "));
    let tag = conditions.iter().any(|condition| condition.contains("aws:principaltag/tenantid"));
    let others = conditions.len() - usize::from(tag);
    if tag {
        words.push_str(", only while tagged as the tenant");
    }
    if others > 0 {
        words.push_str(&format!(", under {others} more condition{}", if others == 1 { "" } else { "s" }));
    }
    words.push('.');
    Grant { words, actions, resources, conditions, statement: statement.at.clone() }
}

/// `s3:GetObject`, `s3:PutObject` become `get object, put object (S3)`.
fn verbs(actions: &[String]) -> String {
    let mut by_service: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for action in actions {
        let (service, name) = action.split_once(':').unwrap_or(("", action));
        let mut words = String::new();
        for c in name.chars() {
            if c.is_uppercase() && !words.is_empty() {
                words.push(' ');
            }
            words.extend(c.to_lowercase());
        }
        by_service.entry(service).or_default().push(words);
    }
    let parts = by_service.into_iter().map(|(service, words)| match service {
        "" => words.join(", "),
        service => format!("{} ({service})", words.join(", ")),
    });
    parts.collect::<Vec<_>>().join("; ")
}

fn exemptions(models: &[Model]) -> Vec<Exemption> {
    let all = |text: &str| text == "*" || text.ends_with(":alarm:*");
    let has = |action: &str, role: &crate::model::Role| {
        role.identity.iter().flat_map(|policy| policy.statements.iter()).any(|statement| {
            let everywhere = statement
                .resources
                .as_ref()
                .is_some_and(|selector| selector.patterns.iter().any(|pattern| all(pattern.text())));
            statement.allow && everywhere && selects_action(&statement.actions, action)
        })
    };
    let exemption = |action: &&str, why: &str| {
        let roles: Vec<String> = models
            .iter()
            .flat_map(|model| &model.roles)
            .filter(|role| has(action, role))
            .map(|role| shown(&role.arn))
            .collect();
        (!roles.is_empty()).then(|| Exemption { action: (*action).to_owned(), roles, why: why.to_owned() })
    };
    let networks = "AWS has no resource level for it, and Lambda needs it of the execution role of a function in a VPC. It shows ids and \
                    addresses of networks in the account, and nothing of what is in them; functions' own code is denied it.";
    let lists = "AWS limits it to no resource, or to none by its name, and Terraform looks things up with it in a session for one tenant. It \
                 shows names, settings and addresses, and no data.";
    let mut found: Vec<Exemption> = ACCOUNT_WIDE.iter().filter_map(|action| exemption(action, networks)).collect();
    let seen = sessions::SEEN.iter().filter(|action| !ACCOUNT_WIDE.contains(action));
    found.extend(seen.filter_map(|action| exemption(action, lists)));
    let platform: Vec<&Model> = models.iter().collect();
    let deploying: Vec<String> = sessions::roles(&platform).iter().map(|(_, role)| shown(&role.arn)).collect();
    if !deploying.is_empty() {
        found.extend(sessions::BESIDE.iter().map(|(action, why)| Exemption {
            action: (*action).to_owned(),
            roles: deploying.clone(),
            why: (*why).to_owned(),
        }));
    }
    let creating = models.iter().flat_map(|model| &model.roles).filter(|role| {
        let mut statements = role.identity.iter().flat_map(|policy| policy.statements.iter());
        statements.any(|statement| statement.allow && selects_action(&statement.actions, CREATES_INTERFACE))
    });
    let creating: Vec<String> = creating.map(|role| shown(&role.arn)).collect();
    if !creating.is_empty() {
        found.push(Exemption {
            action: format!("{CREATES_INTERFACE} on network-interface/*"),
            roles: creating,
            why: "It makes a new interface and touches none that there is. In whose subnet and group it is made, AWS asks for by their \
                  ARNs, which is judged."
                .to_owned(),
        });
    }
    found
}
