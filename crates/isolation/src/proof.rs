//! One stack against another: who of the one may do what with a resource of the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Access;
use crate::iam::{Besides, Meant, Policies, Policy, Principal, Question, ResourceKind, Statement, Way, find_way};
use crate::model::{ACCOUNT_WIDE, CREATES_INTERFACE, Model, Resource, Role, allowing};

/// A way through, with what it leads to.
#[derive(Clone, Debug)]
pub(crate) struct Through {
    pub(crate) access: Access,
    /// The resource as Terraform addresses it; empty for what AWS cannot limit to a resource.
    pub(crate) address: String,
    /// What it is: `bucket`, `table`, …
    pub(crate) label: &'static str,
}

impl Through {
    /// Whether it is an AWS service that gets through.
    pub(crate) fn by_service(&self) -> bool {
        !self.access.principal.starts_with("arn:")
    }
}

type Known = BTreeMap<String, Vec<Option<Vec<String>>>>;

/// Every key that a condition of these stacks asks for, in lower case.
pub(crate) fn condition_keys(models: &[&Model]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut take = |policy: &Policy| {
        for statement in policy.statements.iter() {
            keys.extend(statement.conditions.iter().map(|condition| condition.key.clone()));
        }
    };
    for model in models {
        for role in &model.roles {
            role.identity.iter().chain(&role.boundary).chain(&role.trust).for_each(&mut take);
        }
        model.resources.iter().filter_map(|resource| resource.policy.as_ref()).for_each(&mut take);
        model.endpoints.iter().filter_map(|endpoint| endpoint.policy.as_ref()).for_each(&mut take);
    }
    keys
}

/// Two stacks, and the platform's between them.
pub(crate) struct Pair<'m> {
    pub(crate) from: &'m Model,
    pub(crate) to: &'m Model,
    pub(crate) platform: &'m [&'m Model],
    pub(crate) keys: &'m BTreeSet<String>,
}

impl<'m> Pair<'m> {
    /// Every way through: by a role of `from`, by way of the platform's roles, by people of `from`, by a service on behalf of `from`.
    pub(crate) fn ways(&self) -> Vec<Through> {
        let mut found = self.by_roles();
        if !self.to.is_platform() {
            found.extend(self.by_steps());
        }
        found.extend(self.by_people());
        found.extend(self.by_services());
        found
    }

    pub(crate) fn by_roles(&self) -> Vec<Through> {
        self.from.roles.iter().flat_map(|role| self.by_role(role, &[], self.from)).collect()
    }

    pub(crate) fn by_role(&self, role: &Role, steps: &[String], owner: &Model) -> Vec<Through> {
        let principal = principal_of(role);
        let facts = facts(role, self.keys);
        let mut found = Vec::new();
        let mut add = |resource: &Resource, way: Way| {
            found.push(self.through(resource.label, &resource.address, way, steps));
        };
        for resource in self.targets() {
            let policies = policies_of(role, &resource, &self.to.account);
            if let Some(way) =
                find_way(&policies, &question(&principal, &resource, &facts), &self.besides(&resource, owner))
            {
                add(&resource, way);
            }
        }
        found
    }

    /// What makes a role another one than was judged: changes of tags, policies, boundaries and trust anywhere in IAM, the own stack
    /// included, and becoming a role that no stack declares.
    pub(crate) fn by_becoming(&self, models: &[&Model]) -> Vec<Through> {
        let declared = models.iter().flat_map(|model| &model.roles).map(|role| role.arn.clone());
        let harmless = ["iam:Get*", "iam:List*", "iam:Simulate*", "iam:Generate*", "iam:PassRole"].map(str::to_owned);
        let asked = [
            ("iam:*", "arn:aws:iam::*", Besides { actions: harmless.to_vec(), ..Besides::default() }),
            ("sts:*", "arn:aws:iam::*:role/*", Besides { resources: declared.collect(), ..Besides::default() }),
        ];
        let mut found = Vec::new();
        for role in &self.from.roles {
            for (actions, resources, besides) in &asked {
                let policies = Policies {
                    identity: role.identity.clone(),
                    boundary: role.boundary.clone(),
                    ..Policies::default()
                };
                let question = Question {
                    principal: principal_of(role),
                    actions: vec![(*actions).to_owned()],
                    resources: vec![(*resources).to_owned()],
                    known: facts(role, self.keys),
                };
                if let Some(way) = find_way(&policies, &question, besides) {
                    found.push(self.through("self", &role.address, way, &[]));
                }
            }
        }
        found
    }

    /// What of `to` can be reached: its resources, its part of what is shared, and what AWS limits to no resource.
    fn targets(&self) -> Vec<Resource> {
        let mut targets = self.to.resources.clone();
        if let Some(id) = self.to.owner.as_deref().filter(|_| !self.to.is_platform()) {
            for group in
                self.platform.iter().flat_map(|model| &model.resources).filter(|resource| resource.label == "logs")
            {
                let streams = group.arns.iter().take(1).map(|arn| format!("{arn}:log-stream:{id}/*")).collect();
                targets.push(Resource { arns: streams, ..group.clone() });
            }
            let shared = self.platform.iter().filter(|model| model.is_platform()).flat_map(|model| &model.resources);
            for bucket in shared.filter(|resource| resource.label == "bucket") {
                let arns = bucket.arns.first().map(|arn| crate::sessions::states(self.to, arn)).unwrap_or_default();
                targets.push(Resource { label: "state", arns, ..bucket.clone() });
            }
        }
        targets.push(Resource {
            address: String::new(),
            label: "account",
            services: &[],
            name: String::new(),
            arns: vec!["*".to_owned()],
            kind: ResourceKind::Plain,
            policy: None,
            known: BTreeMap::new(),
        });
        targets
    }

    fn besides(&self, resource: &Resource, owner: &Model) -> Besides {
        let mut actions: Vec<String> = Vec::new();
        let mut resources = Vec::new();
        if matches!(resource.label, "network" | "account") {
            actions.extend(ACCOUNT_WIDE.iter().map(|action| (*action).to_owned()));
        }
        if resource.label == "network" && resource.arns.iter().any(|arn| arn.ends_with(":network-interface/*")) {
            actions.push(CREATES_INTERFACE.to_owned());
        }
        // A tenant's own streams in a log group that the platform shares.
        if self.to.is_platform()
            && resource.label == "logs"
            && let Some(id) = owner.owner.as_deref()
        {
            resources.extend(resource.arns.iter().take(1).map(|arn| format!("{arn}:log-stream:{id}/*")));
        }
        Besides { actions, resources, literal: resource.label == "account" }
    }

    pub(crate) fn through(&self, label: &'static str, address: &str, way: Way, steps: &[String]) -> Through {
        let access = Access {
            from: name_of(self.from),
            to: name_of(self.to),
            principal: way.request.principal.name().to_owned(),
            steps: steps.to_vec(),
            action: way.request.action,
            resource: way.request.resource,
            context: way.request.context,
            statements: way.statements,
        };
        Through { access, address: address.to_owned(), label }
    }

    /// Platform roles that a role of `from` can become or set off, and what they reach.
    pub(crate) fn by_steps(&self) -> Vec<Through> {
        let mut reached: Vec<(&Role, &Model, Vec<String>)> =
            self.from.roles.iter().map(|role| (role, self.from, Vec::new())).collect();
        let mut found = Vec::new();
        let mut at = 0;
        while let Some((role, owner, steps)) = reached.get(at).cloned() {
            at += 1;
            if !steps.is_empty() {
                found.extend(self.by_role(role, &steps, owner));
            }
            for &platform in self.platform {
                for (next, step) in self.next(role, platform) {
                    if !reached.iter().any(|(role, ..)| role.arn == next.arn) {
                        let steps = steps.iter().cloned().chain([step]).collect();
                        reached.push((next, platform, steps));
                    }
                }
            }
        }
        found
    }

    /// The roles of the platform that a role can become, or set off.
    fn next(&self, role: &Role, platform: &'m Model) -> Vec<(&'m Role, String)> {
        let can = |actions: &[&str], resource: &Resource| {
            let facts = facts(role, self.keys);
            let actions = actions.iter().map(|action| (*action).to_owned()).collect();
            let question = Question { actions, ..question(&principal_of(role), resource, &facts) };
            let way = find_way(&policies_of(role, resource, &platform.account), &question, &Besides::default());
            way.map(|way| format!("{} does {} on {}", role.arn, way.request.action, way.request.resource))
        };
        let becomes = platform.roles.iter().filter_map(|next| {
            let resource = platform.resource(&next.address)?;
            Some((next, can(&["sts:AssumeRole", "iam:PassRole"], resource)?))
        });
        let sets_off = platform.triggers.iter().filter_map(|trigger| {
            let next = platform.roles.iter().find(|role| role.arn == trigger.role)?;
            Some((next, can(trigger.actions, platform.resource(&trigger.resource)?)?))
        });
        becomes.chain(sets_off).collect()
    }

    /// People and systems of `from` outside of the stacks: tagged as its own, free to assume what lets them.
    fn by_people(&self) -> Vec<Through> {
        let Some(id) = self.from.owner.as_deref() else { return Vec::new() };
        let principal =
            Principal::User { arn: format!("arn:aws:iam::{}:user/⟪anyone of {id}⟫", self.from.account) };
        let known = Known::from([("aws:principaltag/tenantid".to_owned(), vec![Some(vec![id.to_owned()])])]);
        self.by_outsider(&principal, &known, &allowing("sts:*"), |resource| resource.kind == ResourceKind::Role)
    }

    fn by_outsider(
        &self,
        principal: &Principal,
        known: &Known,
        identity: &Policy,
        wanted: impl Fn(&Resource) -> bool,
    ) -> Vec<Through> {
        let mut found = Vec::new();
        for resource in self.to.resources.iter().filter(|resource| wanted(resource)) {
            let policies = Policies {
                identity: vec![identity.clone()],
                resource: resource.policy.clone(),
                resource_account: self.to.account.clone(),
                kind: resource.kind,
                ..Policies::default()
            };
            let mut question = question(principal, resource, known);
            if resource.kind == ResourceKind::Role {
                question.actions = vec!["sts:*".to_owned()];
            }
            if let Some(way) = find_way(&policies, &question, &Besides::default()) {
                found.push(self.through(resource.label, &resource.address, way, &[]));
            }
        }
        found
    }

    /// AWS services that act for a resource of `from`.
    pub(crate) fn by_services(&self) -> Vec<Through> {
        let services: BTreeSet<String> = self
            .to
            .resources
            .iter()
            // Who makes a service assume a role has to be allowed to pass that role, which is asked of every role.
            .filter(|resource| resource.kind != ResourceKind::Role)
            .flat_map(allows)
            .flat_map(|statement| statement.principals.iter().flat_map(|principals| principals.services.clone()))
            .collect();
        let arns: Vec<String> = self.from.resources.iter().flat_map(|resource| resource.arns.clone()).collect();
        let sources = arns.iter().filter(|arn| !arn.contains('*')).cloned();
        let behind = arns.iter().filter(|arn| !arn.contains('*')).map(|arn| format!("{arn}:*"));
        self.on_behalf(&services, sources.chain(behind).collect(), &self.from.account)
    }

    /// What services may do for whoever has these sources.
    pub(crate) fn on_behalf(&self, services: &BTreeSet<String>, sources: Vec<String>, account: &str) -> Vec<Through> {
        let names = sources.iter().map(|arn| arn.rsplit(['/', ':']).next().unwrap_or_default().to_owned());
        let any = |values: Vec<String>| -> Vec<Option<Vec<String>>> {
            std::iter::once(None).chain(values.into_iter().map(|value| Some(vec![value]))).collect()
        };
        let mut known = Known::from([
            ("aws:sourcearn".to_owned(), any(sources.clone())),
            ("aws:sourceaccount".to_owned(), any(vec![account.to_owned()])),
        ]);
        for key in self.keys.iter().filter(|key| key.starts_with("kms:encryptioncontext:")) {
            known.insert(key.clone(), any(sources.iter().cloned().chain(names.clone()).collect()));
        }
        for key in self.keys.iter().filter(|key| key.starts_with("aws:principaltag/")) {
            known.insert(key.clone(), vec![None]);
        }
        let of_service = |name: &String| {
            let principal = Principal::Service { name: name.clone() };
            // Nothing but the resource's own policy allows a service anything.
            self.by_outsider(&principal, &known, &Policy::empty(), |resource| {
                let meant = |statement: &Statement| {
                    statement
                        .principals
                        .as_ref()
                        .is_some_and(|principals| principals.means(&principal, true) != Meant::Not)
                };
                resource.kind != ResourceKind::Role && allows(resource).any(meant)
            })
        };
        services.iter().flat_map(of_service).collect()
    }

    /// Who is no role of any stack: anybody, another account, a role that no stack declares, a service for another account.
    pub(crate) fn by_outsiders(&self, models: &[&Model]) -> Vec<Through> {
        let mut found = Vec::new();
        let mut services = BTreeSet::new();
        let mut asked = BTreeSet::new();
        for resource in &self.to.resources {
            for statement in allows(resource) {
                let Some(principals) = &statement.principals else { continue };
                if resource.kind != ResourceKind::Role {
                    services.extend(principals.services.iter().cloned());
                }
                let everybody = principals.means(&anybody(), true) != Meant::Not;
                let strangers = principals.aws.iter().filter_map(|text| stranger(text, self.to, models));
                for principal in strangers.chain(everybody.then(anybody)) {
                    if !asked.insert((resource.address.clone(), principal.name().to_owned())) {
                        continue;
                    }
                    let same = principal.account() == Some(self.to.account.as_str());
                    let identity = if same { Policy::empty() } else { allowing("*") };
                    let names = std::iter::once(principal.name().to_owned()).chain(named(
                        resource,
                        "aws:principalarn",
                        &self.to.account,
                    ));
                    let known = match principal.name() == anybody().name() {
                        true => {
                            Known::from([("aws:principalarn".to_owned(), names.map(|name| Some(vec![name])).collect())])
                        }
                        false => Known::new(),
                    };
                    found.extend(self.by_outsider(&principal, &known, &identity, |other| {
                        other.address == resource.address && other.arns == resource.arns
                    }));
                }
            }
        }
        let elsewhere = "⟪another account⟫";
        let source = format!("arn:aws:⟪any⟫:{}:{elsewhere}:⟪anything⟫", self.to.region);
        let named = self.to.resources.iter().flat_map(|resource| named(resource, "aws:sourcearn", &self.to.account));
        found.extend(self.on_behalf(&services, std::iter::once(source).chain(named).collect(), elsewhere));
        found.iter_mut().for_each(|through| "outside of the fleet".clone_into(&mut through.access.from));
        found
    }
}

/// What conditions on a key let somebody in another account be called.
fn named(resource: &Resource, key: &str, own: &str) -> Vec<String> {
    let conditions = allows(resource).chain(denials(resource)).flat_map(|statement| &statement.conditions);
    let values = conditions.filter(|condition| condition.key == key).flat_map(|condition| &condition.values);
    let elsewhere = |text: &str| {
        let mut fields: Vec<String> =
            crate::iam::parts(text).into_iter().map(|field| field.replace('*', "⟪any⟫").replace('?', "x")).collect();
        let account = fields.get_mut(4)?;
        if account.contains("⟪any⟫") {
            "⟪another account⟫".clone_into(account);
        }
        (account != own).then(|| fields.join(":"))
    };
    values.filter_map(|value| elsewhere(value.text())).collect()
}

fn denials(resource: &Resource) -> impl Iterator<Item = &Statement> {
    resource.policy.iter().flat_map(|policy| policy.statements.iter()).filter(|statement| !statement.allow)
}

/// Somebody in an account that has nothing to do with the fleet.
fn anybody() -> Principal {
    Principal::Role { arn: "arn:aws:iam::⟪another account⟫:role/⟪anyone⟫".to_owned(), session: "*".to_owned() }
}

/// The principal that a text of a policy names, if no stack declares it. The stack's own account as a whole is its administrators', who are
/// trusted.
fn stranger(text: &str, to: &Model, models: &[&Model]) -> Option<Principal> {
    let declared = models.iter().flat_map(|model| &model.roles).any(|role| {
        let name = role.arn.rsplit('/').next().unwrap_or_default();
        role.arn == text || text.contains(&format!(":assumed-role/{name}/"))
    });
    if text == "*" || declared || text == to.account || text == format!("arn:aws:iam::{}:root", to.account) {
        return None;
    }
    let account = crate::iam::parts(text).get(4).map_or(text, |account| account);
    Some(match crate::iam::parts(text).get(5) {
        Some(name) if name.starts_with("user/") => Principal::User { arn: text.to_owned() },
        Some(name) if name.starts_with("assumed-role/") => {
            let mut path = name.split('/').skip(1);
            let role = path.next().unwrap_or_default();
            let arn = format!("arn:aws:iam::{account}:role/{role}");
            Principal::Role { arn, session: path.next().unwrap_or("*").to_owned() }
        }
        Some(name) if name.starts_with("role/") => Principal::Role { arn: text.to_owned(), session: "*".to_owned() },
        _ => Principal::Role { arn: format!("arn:aws:iam::{account}:role/⟪anyone⟫"), session: "*".to_owned() },
    })
}

fn allows(resource: &Resource) -> impl Iterator<Item = &Statement> {
    resource.policy.iter().flat_map(|policy| policy.statements.iter()).filter(|statement| statement.allow)
}

fn name_of(model: &Model) -> String {
    model.owner.clone().unwrap_or_else(|| model.stack.clone())
}

pub(crate) fn principal_of(role: &Role) -> Principal {
    match role.is_user {
        true => Principal::User { arn: role.arn.clone() },
        false => Principal::Role { arn: role.arn.clone(), session: "*".to_owned() },
    }
}

pub(crate) fn policies_of(role: &Role, resource: &Resource, account: &str) -> Policies {
    Policies {
        identity: role.identity.clone(),
        boundary: role.boundary.clone(),
        session: None,
        resource: resource.policy.clone(),
        endpoint: None,
        resource_account: account.to_owned(),
        kind: resource.kind,
    }
}

/// What of the context is fixed by who the principal is: its tags, unless whoever assumes the role may bring tags along.
pub(crate) fn facts(role: &Role, keys: &BTreeSet<String>) -> Known {
    let mut known = Known::new();
    if brings_tags(role) {
        return known;
    }
    for key in keys.iter().filter(|key| key.starts_with("aws:principaltag/")) {
        known.insert(key.clone(), vec![None]);
    }
    for (key, value) in &role.tags {
        known.insert(format!("aws:principaltag/{}", key.to_ascii_lowercase()), vec![Some(vec![value.clone()])]);
    }
    known
}

/// Whether somebody other than a service may set tags on a session of the role.
pub(crate) fn brings_tags(role: &Role) -> bool {
    role.trust.iter().flat_map(|trust| trust.statements.iter()).filter(|statement| statement.allow).any(|statement| {
        let tags = crate::iam::selects_action(&statement.actions, "sts:TagSession");
        tags && statement.principals.as_ref().is_none_or(|principals| !principals.only_services())
    })
}

/// The actions that can be on a resource. For what belongs to a table they are listed, because the others name the table.
fn actions_on(resource: &Resource) -> Vec<String> {
    let listed: &[&str] = match resource.label {
        "backup" => &[
            "dynamodb:DeleteBackup",
            "dynamodb:DescribeBackup",
            "dynamodb:DescribeExport",
            "dynamodb:DescribeImport",
            "dynamodb:RestoreTableFromBackup",
        ],
        "stream" => {
            &["dynamodb:*Stream*", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:*ResourcePolicy"]
        }
        _ => &[],
    };
    match listed {
        [] => resource.services.iter().map(|service| format!("{service}:*")).collect(),
        listed => listed.iter().map(|action| (*action).to_owned()).collect(),
    }
}

pub(crate) fn question(principal: &Principal, resource: &Resource, facts: &Known) -> Question {
    let services = actions_on(resource).into_iter();
    let actions = if resource.services.is_empty() { vec!["*".to_owned()] } else { services.collect() };
    let known = facts.iter().chain(&resource.known).map(|(key, values)| (key.clone(), values.clone())).collect();
    Question { principal: principal.clone(), actions, resources: resource.arns.clone(), known }
}
