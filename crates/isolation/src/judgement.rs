//! Every pair of a fleet by few arguments: one for two classes of tenants, and one for each tenant that has to be judged by itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Access, Finding, Rule, StatementRef};
use crate::fleet::Fleet;
use crate::generic::Strings;
use crate::iam::Policy;
use crate::model::Model;
use crate::needs;
use crate::proof::{Pair, Through, condition_keys};
use crate::sessions;
use crate::template::Own;

/// The marks that stand for ids and accounts; those of one actor are unlike those of any other.
const FIRST_MARK: u32 = 0xe100;
const LAST_MARK: u32 = 0xf000;
/// How many tenants are judged pair by pair where no argument can stand for several.
const MOST_BY_THEMSELVES: usize = 24;

/// A stack that takes part: of one tenant, or for all of a class that are not judged by themselves.
struct Actor {
    model: Model,
    class: usize,
    /// Places in the fleet of those for whom it stands.
    members: Vec<usize>,
    account: Option<String>,
    /// Whether it is the same tenants once more, to stand beside themselves as the others of the class. What holds for the first stand-in
    /// holds for this one: they differ in their marks only.
    again: bool,
}

/// The marks and what they stand for in what people read.
#[derive(Default)]
struct Marks {
    next: u32,
    shown: BTreeMap<char, String>,
}

impl Marks {
    fn new_for(&mut self, example: &str) -> Option<char> {
        let mark = char::from_u32(FIRST_MARK + self.next).filter(|mark| u32::from(*mark) < LAST_MARK)?;
        self.next += 1;
        self.shown.insert(mark, example.to_owned());
        Some(mark)
    }

    fn show(&self, text: &str) -> String {
        let text: String =
            text.chars().map(|c| self.shown.get(&c).map_or_else(|| c.to_string(), Clone::clone)).collect();
        crate::report::shown(&text)
    }
}

/// The judgement of all policies of a fleet.
pub(crate) struct Judgement {
    /// The actors, those for tenants first.
    actors: Vec<Actor>,
    /// The platform's stacks and those without an owner.
    platform: Vec<Model>,
    pub(crate) findings: Vec<Finding>,
    /// How many pairs of actors were judged.
    pub(crate) arguments: usize,
    marks: Marks,
}

impl Judgement {
    pub(crate) fn of(fleet: &Fleet) -> Self {
        let mut judgement = Self {
            actors: Vec::new(),
            platform: Vec::new(),
            findings: Vec::new(),
            arguments: 0,
            marks: Marks::default(),
        };
        judgement.cast(fleet);
        judgement.spread_log_policies();
        judgement.judge(fleet);
        judgement
    }

    fn cast(&mut self, fleet: &Fleet) {
        let mut strings = Strings::default();
        let mut candidates = Vec::new();
        for (number, class) in fleet.classes.iter().enumerate() {
            let Some(first) = class.members.first().and_then(|member| fleet.stacks.get(*member)) else { continue };
            if first.tenant().is_none() {
                for member in &class.members {
                    let model = fleet.model_of(*member);
                    strings.take(&model);
                    self.platform.push(model);
                }
                continue;
            }
            if let Some(actor) = self.stand_in(fleet, number, class.members.clone()) {
                strings.take(&actor.model);
            }
            candidates.push((number, class.members.clone()));
        }
        let tenants: Vec<usize> = candidates.iter().flat_map(|(_, members)| members.clone()).collect();
        let id = |member: usize| fleet.stacks.get(member).and_then(|stack| stack.tenant()).unwrap_or_default();
        let mut alone: BTreeSet<usize> = tenants.iter().copied().filter(|member| strings.meets(id(*member))).collect();
        if strings.beside_ids() {
            alone.extend(related(&tenants, id));
        }
        if strings.unclear() {
            alone.extend(tenants.iter().copied());
        }
        // Few tenants need no stand-ins at all.
        if tenants.len() <= 2 {
            alone.extend(tenants.iter().copied());
        }
        if alone.len() > MOST_BY_THEMSELVES && alone.len() == tenants.len() {
            let found =
                "patterns have wildcards beside tenant ids, which is judged pair by pair, and there are too many pairs";
            self.findings.push(Finding {
                rule: Rule::FullyRead,
                stacks: tenants
                    .iter()
                    .take(1)
                    .filter_map(|member| Some(fleet.stacks.get(*member)?.name.clone()))
                    .collect(),
                resource: String::new(),
                found: found.to_owned(),
                access: None,
            });
            alone.clear();
        }
        for (number, members) in candidates {
            let (by_themselves, alike): (Vec<usize>, Vec<usize>) =
                members.iter().partition(|member| alone.contains(member));
            for member in by_themselves {
                let model = fleet.model_of(member);
                let account = fleet.stacks.get(member).and_then(|stack| stack.account.clone());
                self.actors.push(Actor { model, class: number, members: vec![member], account, again: false });
            }
            let second =
                (alike.len() > 1).then(|| alike.iter().copied().cycle().skip(1).take(alike.len()).collect::<Vec<_>>());
            for members in [alike].into_iter().chain(second).filter(|members| !members.is_empty()) {
                let again = self.actors.last().is_some_and(|actor| actor.class == number && actor.members.len() > 1);
                let actor = self.stand_in(fleet, number, members);
                self.actors.extend(actor.map(|actor| Actor { again, ..actor }));
            }
        }
    }

    /// What one stack says of log groups holds for those of every stack in its account.
    fn spread_log_policies(&mut self) {
        let all = |judgement: &mut Self, take: &mut dyn FnMut(&mut Model)| {
            judgement.actors.iter_mut().map(|actor| &mut actor.model).chain(&mut judgement.platform).for_each(take);
        };
        let mut policies = Vec::new();
        all(self, &mut |model| {
            policies.extend(model.log_policies.iter().map(|policy| (model.account.clone(), policy.clone())))
        });
        all(self, &mut |model| {
            let account = model.account.clone();
            for resource in model.resources.iter_mut().filter(|resource| resource.label == "logs") {
                let here = policies.iter().filter(|(of, _)| *of == account);
                let statements = here.flat_map(|(_, policy)| policy.statements.iter().cloned());
                resource.policy.get_or_insert_with(Policy::empty).statements_mut().extend(statements);
            }
        });
    }

    /// A tenant that there is not, as a class would make it.
    pub(crate) fn made_up(fleet: &Fleet, class: usize, id: &str) -> Model {
        let own = Own { id: id.to_owned(), account: Some("000000000000".to_owned()), block: None };
        let document = fleet.classes.get(class).map(|class| class.template.put_in(&own)).unwrap_or_default();
        Model::read(&format!("tenant-{id}"), Some(id), &document)
    }

    /// What stands for any tenant of a class; the first of the members is its example.
    fn stand_in(&mut self, fleet: &Fleet, class: usize, members: Vec<usize>) -> Option<Actor> {
        let example = fleet.stacks.get(*members.first()?)?;
        let id = example.tenant()?;
        let mark = self.marks.new_for(id)?.to_string();
        let account = match &example.account {
            Some(account) => Some(self.marks.new_for(account)?.to_string()),
            None => None,
        };
        let own = Own { id: mark.clone(), account: account.clone(), block: None };
        let document = fleet.classes.get(class)?.template.put_in(&own);
        let stack = example.name.replacen(id, &mark, 1);
        Some(Actor { model: Model::read(&stack, Some(&mark), &document), class, members, account, again: false })
    }

    fn judge(&mut self, fleet: &Fleet) {
        let mut findings = Vec::new();
        let mut arguments = 0;
        let platform: Vec<&Model> = self.platform.iter().collect();
        let once = self.actors.iter().filter(|actor| !actor.again).map(|actor| &actor.model);
        let once: Vec<&Model> = once.chain(platform.iter().copied()).collect();
        let again = self.actors.iter().filter(|actor| actor.again).map(|actor| &actor.model);
        let models: Vec<&Model> = once.iter().copied().chain(again).collect();
        let keys = condition_keys(&models);
        let pair = |from, to| Pair { from, to, platform: &platform, keys: &keys };
        for from in self.actors.iter().filter(|actor| !actor.again) {
            for to in &self.actors {
                let of_others = to.again && (from.class != to.class || from.members.len() == 1);
                if std::ptr::eq(from, to) || of_others || !self.differ(from, to) {
                    continue;
                }
                arguments += 1;
                self.tell(
                    fleet,
                    Rule::NoCrossTenantAccess,
                    (from, Some(to)),
                    pair(&from.model, &to.model).ways(),
                    &mut findings,
                );
                if let Some(neighbour) = self.in_the_account_of(fleet, from, to) {
                    arguments += 1;
                    self.tell(
                        fleet,
                        Rule::NoCrossTenantAccess,
                        (from, Some(to)),
                        Pair { from: &from.model, to: &neighbour, platform: &platform, keys: &keys }.ways(),
                        &mut findings,
                    );
                }
            }
            let mut becoming = pair(&from.model, &from.model).by_becoming(&models);
            becoming.iter_mut().for_each(|through| crate::fleet::PLATFORM.clone_into(&mut through.access.to));
            self.tell(fleet, Rule::NoCrossTenantAccess, (from, None), becoming, &mut findings);
            for shared in &platform {
                let ways = pair(&from.model, shared).ways();
                self.tell(fleet, Rule::NoCrossTenantAccess, (from, None), ways, &mut findings);
            }
        }
        self.judge_sessions(fleet, &models, &keys, &mut findings);
        // What belongs to the platform sets services on the platform's things only.
        for &shared in &platform {
            for to in self.actors.iter().filter(|actor| !actor.again) {
                for through in pair(shared, &to.model).by_services() {
                    let stacks = vec![shared.stack.clone(), to.model.stack.clone()];
                    findings.push(self.finding(
                        Rule::NoForeignService,
                        stacks,
                        through,
                        "a service on behalf of the platform",
                    ));
                }
            }
        }
        for &model in &once {
            for through in pair(model, model).by_outsiders(&models) {
                let rule = if through.by_service() { Rule::NoForeignService } else { Rule::NoOutsideAccess };
                findings.push(self.finding(rule, vec![model.stack.clone()], through, "somebody outside of the fleet"));
            }
            let stack = || vec![model.stack.clone()];
            for (address, why) in &model.unread {
                findings.push(self.told(Rule::FullyRead, stack(), address, format!("not proved: {why}")));
            }
            for (address, why) in &model.open {
                findings.push(self.told(Rule::NoOutsideAccess, stack(), address, why.clone()));
            }
        }
        let is_new = |member: &usize| fleet.stacks.get(*member).is_some_and(|stack| !stack.deployed);
        for actor in self.actors.iter().filter(|actor| !actor.again && actor.members.iter().any(is_new)) {
            for need in needs::judge(&actor.model, &fleet.calls).into_iter().filter(|need| !need.allowed) {
                let found = format!("may not do `{}` on {}, which it needs: {}", need.action, need.resource, need.why);
                findings.push(self.told(Rule::OwnNeeds, vec![actor.model.stack.clone()], &need.function, found));
            }
        }
        findings.iter_mut().for_each(|finding| self.marks.show_in(finding));
        self.findings.append(&mut findings);
        self.arguments = arguments;
    }

    /// The sessions of the platform that carry a tenant's tag, and who opens them: part of the argument for
    /// each two actors.
    fn judge_sessions(&self, fleet: &Fleet, models: &[&Model], keys: &BTreeSet<String>, findings: &mut Vec<Finding>) {
        let platform: Vec<&Model> = self.platform.iter().collect();
        let roles = sessions::roles(&platform);
        if roles.is_empty() {
            return;
        }
        let seen: Vec<Model> = self.actors.iter().map(|actor| sessions::seen(&actor.model)).collect();
        for from in self.actors.iter().filter(|actor| !actor.again) {
            let session = sessions::of_tenant(&from.model, &platform);
            let mut tell = |to: Option<&Actor>, ways| {
                self.tell_by(fleet, Rule::NoCrossTenantAccess, (from, to), "a session for ", ways, findings);
            };
            for (to, seen) in self.actors.iter().zip(&seen) {
                let of_others = to.again && (from.class != to.class || from.members.len() == 1);
                if std::ptr::eq(from, to) || of_others || !self.differ(from, to) {
                    continue;
                }
                let pair = Pair { from: &session, to: seen, platform: &platform, keys };
                tell(Some(to), pair.by_roles().into_iter().chain(pair.by_steps()).collect());
            }
            let mut becoming = Pair { from: &session, to: &session, platform: &platform, keys }.by_becoming(models);
            becoming.iter_mut().for_each(|through| crate::fleet::PLATFORM.clone_into(&mut through.access.to));
            tell(None, becoming);
            for shared in &platform {
                tell(None, Pair { from: &session, to: shared, platform: &platform, keys }.by_roles());
            }
        }
        for (home, role) in roles {
            let own = Pair { from: home, to: home, platform: &platform, keys };
            let stack = || vec![home.stack.clone()];
            for (what, mut through) in sessions::opened_wrongly(&own, home, role) {
                "any tenant".clone_into(&mut through.access.to);
                let who = through.access.principal.clone();
                let found = format!("`{who}` {what}");
                let resource = through.address.clone();
                let access = Some(Box::new(through.access));
                findings.push(Finding { rule: Rule::NoCrossTenantAccess, stacks: stack(), resource, found, access });
            }
            for opener in sessions::openers(&own, home, role) {
                let who = format!("`{}`, which opens sessions for tenants,", opener.arn);
                let mut ways = sessions::becomes(&own, opener, models);
                ways.iter_mut().for_each(|through| "any tenant".clone_into(&mut through.access.to));
                for actor in self.actors.iter().filter(|actor| !actor.again) {
                    let pair = Pair { from: home, to: &actor.model, platform: &platform, keys };
                    ways.extend(pair.by_role(opener, &[], home));
                }
                let mut told: BTreeSet<(Vec<StatementRef>, &str)> = BTreeSet::new();
                ways.retain(|through| told.insert((through.access.statements.clone(), through.label)));
                findings
                    .extend(ways.into_iter().map(|way| self.finding(Rule::NoCrossTenantAccess, stack(), way, &who)));
            }
        }
    }

    /// Whether there are two tenants for whom the two stand. (The second stand-in of a class is the same tenants once more.)
    fn differ(&self, from: &Actor, to: &Actor) -> bool {
        from.members.iter().any(|a| to.members.iter().any(|b| a != b))
    }

    /// The second of two again, as it is in the account of the first, if there are tenants for whom that is so.
    fn in_the_account_of(&self, fleet: &Fleet, from: &Actor, to: &Actor) -> Option<Model> {
        let (mine, theirs) = (from.account.as_ref()?, to.account.as_ref()?);
        if mine == theirs {
            return None;
        }
        let account = |member: &usize| fleet.stacks.get(*member).and_then(|stack| stack.account.as_deref());
        let accounts: BTreeMap<&str, &usize> =
            from.members.iter().filter_map(|member| Some((account(member)?, member))).collect();
        let shared = to.members.iter().any(|b| {
            from.members.len() > 1 && from.members.iter().any(|a| a != b && account(a) == account(b))
                || account(b).and_then(|account| accounts.get(account)).is_some_and(|a| *a != b)
        });
        let own = Own { id: to.model.owner.clone()?, account: Some(mine.clone()), block: None };
        let document = fleet.classes.get(to.class)?.template.put_in(&own);
        shared.then(|| Model::read(&to.model.stack, to.model.owner.as_deref(), &document))
    }

    fn tell(
        &self,
        fleet: &Fleet,
        rule: Rule,
        (from, to): (&Actor, Option<&Actor>),
        ways: Vec<Through>,
        findings: &mut Vec<Finding>,
    ) {
        self.tell_by(fleet, rule, (from, to), "", ways, findings);
    }

    /// Tells of ways; `by` says who of the tenant it is, if not its roles.
    fn tell_by(
        &self,
        fleet: &Fleet,
        rule: Rule,
        (from, to): (&Actor, Option<&Actor>),
        by: &str,
        ways: Vec<Through>,
        findings: &mut Vec<Finding>,
    ) {
        let mut told: BTreeSet<(Vec<StatementRef>, &str)> = BTreeSet::new();
        for through in ways {
            if !told.insert((through.access.statements.clone(), through.label)) {
                continue;
            }
            let stacks = match to {
                Some(to) => vec![from.model.stack.clone(), to.model.stack.clone()],
                None => vec![from.model.stack.clone(), through.access.to.clone()],
            };
            let rule = if through.by_service() { Rule::NoForeignService } else { rule };
            let alike = to.map_or(1, |to| to.members.len()) * from.members.len();
            let who = match alike {
                0 | 1 => String::new(),
                _ => format!(" (as for all {} tenants that are alike)", from.members.len()),
            };
            let mut finding =
                self.finding(rule, stacks, through, &format!("{by}tenant `{}`{who}", tenant(fleet, from)));
            finding.stacks.dedup();
            findings.push(finding);
        }
    }

    fn finding(&self, rule: Rule, stacks: Vec<String>, through: Through, who: &str) -> Finding {
        let Through { access, address, label } = through;
        let thing = if label == "state" {
            format!("the state of the stack of `{}`", access.to)
        } else if label == "self" {
            "who it is, or becomes what no stack declares".to_owned()
        } else if label == "account" {
            "no single resource".to_owned()
        } else {
            format!("the {label} of `{}`", access.to)
        };
        let found = format!("{who} may do `{}` on {thing}", access.action);
        Finding { rule, stacks, resource: address, found, access: Some(Box::new(access)) }
    }

    fn told(&self, rule: Rule, stacks: Vec<String>, address: &str, found: String) -> Finding {
        Finding { rule, stacks, resource: address.to_owned(), found, access: None }
    }
}

fn tenant<'f>(fleet: &'f Fleet, actor: &Actor) -> &'f str {
    let stack = actor.members.first().and_then(|member| fleet.stacks.get(*member));
    stack.and_then(|stack| stack.tenant()).unwrap_or_default()
}

/// Tenants whose ids begin like that of another.
fn related<'f>(tenants: &[usize], id: impl Fn(usize) -> &'f str) -> BTreeSet<usize> {
    let mut sorted: Vec<(&str, usize)> = tenants.iter().map(|member| (id(*member), *member)).collect();
    sorted.sort_unstable();
    let mut found = BTreeSet::new();
    let mut open: Vec<(&str, usize)> = Vec::new();
    for (id, member) in sorted {
        open.retain(|(before, _)| id.starts_with(before));
        if !open.is_empty() {
            found.insert(member);
            found.extend(open.iter().map(|(_, member)| *member));
        }
        open.push((id, member));
    }
    found
}

impl Marks {
    fn show_in(&self, finding: &mut Finding) {
        let show = |text: &mut String| *text = self.show(text);
        finding.stacks.iter_mut().for_each(show);
        show(&mut finding.resource);
        show(&mut finding.found);
        if let Some(access) = &mut finding.access {
            self.show_in_access(access);
        }
    }

    fn show_in_access(&self, access: &mut Access) {
        let show = |text: &mut String| *text = self.show(text);
        [&mut access.from, &mut access.to, &mut access.principal, &mut access.action, &mut access.resource]
            .into_iter()
            .chain(&mut access.steps)
            .chain(access.context.values_mut().flatten())
            .for_each(show);
        for statement in &mut access.statements {
            [&mut statement.stack, &mut statement.resource, &mut statement.path].into_iter().for_each(show);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_begin_like_another_are_related() {
        let ids = ["acme", "acme-corp", "bcme", "acmf", "acme-corp-x"];
        assert_eq!(related(&[0, 1, 2, 3, 4], |n| ids[n]), BTreeSet::from([0, 1, 4]));
    }
}
