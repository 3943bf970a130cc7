//! The list of tenants and the network plan.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use super::TenantState;
use super::error::Location;
use super::json::Node;
use super::problem::Problem;
use super::reader::{Fields, Reader};
use crate::name::shown;
use crate::{AccountId, NetworkIndex, NetworkPlan, NetworkPlanError, OutsidePlanError, Placement, RoleArn, TenantId};

/// A tenant of the file, before it gets what all tenants share.
pub(super) struct Draft {
    pub(super) id: TenantId,
    pub(super) network_index: NetworkIndex,
    pub(super) placement: Placement,
    pub(super) state: TenantState,
}

const FIELDS: &[&str] = &["id", "network_index", "state", "account_id", "assume_role_arn"];
const STATES: &[&str] = &["active", "suspended", "removed"];
/// The last index of the largest plan: all of 10.0.0.0/8 in the smallest blocks.
const LAST_INDEX: u64 = (1 << (NetworkPlan::SMALLEST_BLOCK - 8)) - 1;

pub(super) fn plan(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<NetworkPlan> {
    let fields = reader.object(node, "network", &["supernet", "prefix_length"])?;
    let default = NetworkPlan::default();
    let supernet = match fields.get("supernet") {
        Some(member) => network(reader, &member.node),
        None => Some(default.supernet()),
    };
    let range = (u64::from(NetworkPlan::LARGEST_BLOCK), u64::from(NetworkPlan::SMALLEST_BLOCK));
    let prefix_length = match fields.get("prefix_length") {
        Some(member) => reader.number(&member.node, "network.prefix_length", u64::from(u8::MAX), range),
        None => Some(u64::from(default.prefix_length())),
    };
    let prefix_length = prefix_length.and_then(|length| u8::try_from(length).ok());
    // One half of the plan is judged with the other's default where the other is wrong.
    let judged =
        NetworkPlan::new(supernet.unwrap_or(default.supernet()), prefix_length.unwrap_or(NetworkPlan::SMALLEST_BLOCK));
    match judged {
        Ok(plan) => supernet.and(prefix_length).map(|_| plan),
        Err(problem) => {
            let name = match problem {
                NetworkPlanError::HostBits { .. } | NetworkPlanError::NotPrivate { .. } => "supernet",
                NetworkPlanError::BlockSize { .. } | NetworkPlanError::BlockTooLarge { .. } => "prefix_length",
            };
            let at = fields.get(name).map_or(node.at, |member| member.node.at);
            reader.error(at, &format!("network.{name}"), problem);
            None
        }
    }
}

fn network(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<Ipv4Net> {
    let given = reader.text(node, "network.supernet")?;
    let parsed = given.parse().ok();
    if parsed.is_none() {
        reader.error(node.at, "network.supernet", Problem::NotANetwork { given: shown(given) });
    }
    parsed
}

/// Who came first with an id, an index or an account, and where.
#[derive(Clone)]
struct First {
    holder: String,
    at: usize,
}

/// An index that has to be another; which ones are free is known only when all tenants are seen.
enum Wanting {
    Missing,
    Taken { index: u64, holder: String, first: Location },
    Outside(OutsidePlanError),
}

pub(super) fn read(reader: &mut Reader<'_>, node: &Node<'_>, plan: Option<NetworkPlan>) -> Vec<Draft> {
    let mut tenants = Tenants {
        reader,
        plan,
        ids: BTreeMap::new(),
        indices: BTreeMap::new(),
        accounts: BTreeMap::new(),
        wanting: Vec::new(),
    };
    let nodes = tenants.reader.list(node, "tenants").unwrap_or_default();
    let mut drafts: Vec<Draft> = nodes
        .iter()
        .enumerate()
        .filter_map(|(number, node)| tenants.tenant(node, &format!("tenants[{number}]")))
        .collect();
    tenants.propose();
    drafts.sort_by(|a, b| a.id.cmp(&b.id));
    drafts
}

struct Tenants<'r, 'a> {
    reader: &'r mut Reader<'a>,
    plan: Option<NetworkPlan>,
    ids: BTreeMap<String, First>,
    indices: BTreeMap<u64, First>,
    accounts: BTreeMap<String, First>,
    wanting: Vec<(usize, String, Wanting)>,
}

impl Tenants<'_, '_> {
    fn tenant(&mut self, node: &Node<'_>, field: &str) -> Option<Draft> {
        let fields = self.reader.object(node, field, FIELDS)?;
        let states = [TenantState::Active, TenantState::Suspended, TenantState::Removed];
        let state = match fields.get("state") {
            Some(member) => self.reader.one_of(&member.node, &format!("{field}.state"), STATES, &states),
            None => Some(TenantState::Active),
        };
        let id = self.id(node, &fields, field);
        let holder = match (&id, state) {
            (Some(id), Some(TenantState::Removed)) => format!("the removed tenant `{id}`"),
            (Some(id), _) => format!("tenant `{id}`"),
            (None, _) => field.to_owned(),
        };
        let network_index = self.index(node, &fields, field, &holder);
        let placement = self.placement(node, &fields, field, &holder);
        Some(Draft { id: id?, network_index: network_index?, placement: placement?, state: state? })
    }

    fn id(&mut self, node: &Node<'_>, fields: &Fields<'_>, field: &str) -> Option<TenantId> {
        let node = self.reader.required(node, fields, field, ("id", r#""acme-corp""#))?;
        let id_field = format!("{field}.id");
        let id: TenantId = self.reader.parsed(node, &id_field)?;
        match self.ids.get(id.as_str()) {
            Some(First { holder, at }) => {
                let first = self.reader.location(*at);
                let problem = Problem::SameId { id: id.to_string(), first_field: holder.clone(), first };
                self.reader.error(node.at, &id_field, problem);
            }
            None => {
                self.ids.insert(id.to_string(), First { holder: field.to_owned(), at: node.at });
            }
        }
        Some(id)
    }

    fn index(&mut self, node: &Node<'_>, fields: &Fields<'_>, field: &str, holder: &str) -> Option<NetworkIndex> {
        let Some(member) = fields.get("network_index") else {
            self.wanting.push((node.at, field.to_owned(), Wanting::Missing));
            return None;
        };
        let (node, field) = (&member.node, format!("{field}.network_index"));
        let last = self.plan.map_or(LAST_INDEX, |plan| plan.capacity() - 1);
        let index = self.reader.number(node, &field, u64::MAX, (0, last))?;
        if let Some(First { holder, at }) = self.indices.get(&index) {
            let taken = Wanting::Taken { index, holder: holder.clone(), first: self.reader.location(*at) };
            self.wanting.push((node.at, field, taken));
            return None;
        }
        self.indices.insert(index, First { holder: holder.to_owned(), at: node.at });
        match self.plan?.index(index) {
            Ok(index) => Some(index),
            Err(problem) => {
                self.wanting.push((node.at, field, Wanting::Outside(problem)));
                None
            }
        }
    }

    /// Tells of every index that has to be another, and proposes a different free one to each.
    fn propose(&mut self) {
        let capacity = self.plan.map_or(LAST_INDEX + 1, |plan| plan.capacity());
        let mut unused = (0..capacity).filter(|index| !self.indices.contains_key(index));
        for (at, field, wanting) in std::mem::take(&mut self.wanting) {
            let free = unused.next();
            let problem = match wanting {
                Wanting::Missing => Problem::MissingIndex { free },
                Wanting::Taken { index, holder, first } => Problem::SameIndex { index, holder, first, free },
                Wanting::Outside(problem) => Problem::OutsidePlan { problem, free },
            };
            self.reader.error(at, &field, problem);
        }
    }

    fn placement(&mut self, node: &Node<'_>, fields: &Fields<'_>, field: &str, holder: &str) -> Option<Placement> {
        let (account_field, role_field) = (format!("{field}.account_id"), format!("{field}.assume_role_arn"));
        let (account_node, role_node) = match (fields.get("account_id"), fields.get("assume_role_arn")) {
            (None, None) => return Some(Placement::Shared),
            (account, role) => (account.map(|member| &member.node), role.map(|member| &member.node)),
        };
        let account: Option<AccountId> = account_node.and_then(|node| self.reader.parsed(node, &account_field));
        let role: Option<RoleArn> = role_node.and_then(|node| self.reader.parsed(node, &role_field));
        let (account_node, role_node) = match (account_node, role_node) {
            (Some(account_node), Some(role_node)) => (account_node, role_node),
            (Some(alone), None) => {
                let account = account.map_or_else(|| "ACCOUNT".to_owned(), |account| account.to_string());
                self.reader.error(alone.at, &account_field, Problem::AccountWithoutRole { account });
                return None;
            }
            (None, alone) => {
                let account = role.map(|role| role.account_id().to_owned());
                let at = alone.map_or(node.at, |alone| alone.at);
                self.reader.error(at, &role_field, Problem::RoleWithoutAccount { account });
                return None;
            }
        };
        if let Some(account) = &account {
            match self.accounts.get(account.as_str()) {
                Some(First { holder, at }) => {
                    let first = self.reader.location(*at);
                    let problem = Problem::SameAccount { account: account.to_string(), holder: holder.clone(), first };
                    self.reader.error(account_node.at, &account_field, problem);
                }
                None => {
                    self.accounts.insert(account.to_string(), First { holder: holder.to_owned(), at: account_node.at });
                }
            }
        }
        let (account_id, assume_role_arn) = (account?, role?);
        if assume_role_arn.account_id() != account_id.as_str() {
            let role = assume_role_arn.account_id().to_owned();
            let problem = Problem::RoleOfOtherAccount { role, account: account_id.to_string() };
            self.reader.error(role_node.at, &role_field, problem);
        }
        Some(Placement::OwnAccount { account_id, assume_role_arn })
    }
}
