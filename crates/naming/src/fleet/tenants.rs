//! The list of tenants and the network plan.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use super::TenantState;
use super::error::Problem;
use super::json::Node;
use super::reader::{Fields, Reader, shown};
use crate::{AccountId, NetworkIndex, NetworkPlan, Placement, RoleArn, TenantId};

/// A tenant of the file, before it gets what all tenants share.
pub(crate) struct Draft {
    pub(crate) id: TenantId,
    pub(crate) network_index: NetworkIndex,
    pub(crate) placement: Placement,
    pub(crate) state: TenantState,
}

const FIELDS: &[&str] = &["id", "network_index", "state", "account_id", "assume_role_arn"];

pub(crate) fn plan(reader: &mut Reader<'_>, node: &Node) -> Option<NetworkPlan> {
    let fields = reader.object(node, "network", &["supernet", "prefix_length"])?;
    let default = NetworkPlan::default();
    let supernet = match fields.get("supernet") {
        Some(member) => {
            let given = reader.text(&member.node, "network.supernet")?;
            let parsed = given.parse::<Ipv4Net>().ok();
            if parsed.is_none() {
                reader.error(member.node.at, "network.supernet", Problem::NotANetwork { given: shown(given) });
            }
            parsed?
        }
        None => default.supernet(),
    };
    let prefix_length = match fields.get("prefix_length") {
        Some(member) => reader.number(&member.node, "network.prefix_length", 32)?,
        None => u64::from(default.prefix_length()),
    };
    match NetworkPlan::new(supernet, u8::try_from(prefix_length).unwrap_or(u8::MAX)) {
        Ok(plan) => Some(plan),
        Err(problem) => {
            reader.error(node.at, "network", problem);
            None
        }
    }
}

/// Who came first with an id, an index or an account: its id, its field and where it stands.
type First = (String, String, usize);

#[derive(Default)]
struct Seen {
    ids: BTreeMap<String, First>,
    indices: BTreeMap<u64, First>,
    accounts: BTreeMap<String, First>,
}

pub(crate) fn read(reader: &mut Reader<'_>, node: &Node, plan: NetworkPlan) -> Vec<Draft> {
    let mut seen = Seen::default();
    let mut clashes = Vec::new();
    let mut drafts: Vec<Draft> = reader
        .list(node, "tenants")
        .unwrap_or_default()
        .iter()
        .enumerate()
        .filter_map(|(number, node)| tenant(reader, node, &format!("tenants[{number}]"), plan, &mut seen, &mut clashes))
        .collect();
    // Which index is free is known only when all are seen.
    let free = (0..plan.capacity()).find(|index| !seen.indices.contains_key(index));
    for (at, field, index, (holder, _, first)) in clashes {
        let first = reader.location(first);
        reader.error(at, &field, Problem::SameIndex { index, holder, first, free });
    }
    drafts.sort_by(|a, b| a.id.cmp(&b.id));
    drafts
}

type Clash = (usize, String, u64, First);

fn tenant(
    reader: &mut Reader<'_>,
    node: &Node,
    field: &str,
    plan: NetworkPlan,
    seen: &mut Seen,
    clashes: &mut Vec<Clash>,
) -> Option<Draft> {
    let fields = reader.object(node, field, FIELDS)?;
    let state = match fields.get("state") {
        Some(member) => reader.one_of(
            &member.node,
            &format!("{field}.state"),
            &[
                ("active", TenantState::Active),
                ("suspended", TenantState::Suspended),
                ("removed", TenantState::Removed),
            ],
        ),
        None => Some(TenantState::Active),
    };
    let id = reader.required(node, &fields, field, "id").and_then(|id_node| {
        let id_field = format!("{field}.id");
        let id: TenantId = reader.parsed(id_node, &id_field)?;
        if let Some((_, first_field, first)) = seen.ids.get(id.as_str()).cloned() {
            let first = reader.location(first);
            reader.error(id_node.at, &id_field, Problem::SameId { id: id.to_string(), first_field, first });
        } else {
            seen.ids.insert(id.to_string(), (id.to_string(), field.to_owned(), id_node.at));
        }
        Some(id)
    });
    let holder = id.as_ref().map_or_else(|| field.to_owned(), TenantId::to_string);
    let index = reader.required(node, &fields, field, "network_index").and_then(|index_node| {
        let index_field = format!("{field}.network_index");
        let number = reader.number(index_node, &index_field, u64::from(u32::MAX))?;
        if let Some(first) = seen.indices.get(&number) {
            clashes.push((index_node.at, index_field, number, first.clone()));
            return None;
        }
        seen.indices.insert(number, (holder.clone(), field.to_owned(), index_node.at));
        match plan.index(number) {
            Ok(index) => Some(index),
            Err(problem) => {
                reader.error(index_node.at, &index_field, problem);
                None
            }
        }
    });
    let placement = placement(reader, node, &fields, field, &holder, seen);
    Some(Draft { id: id?, network_index: index?, placement: placement?, state: state? })
}

fn placement(
    reader: &mut Reader<'_>,
    node: &Node,
    fields: &Fields<'_>,
    field: &str,
    holder: &str,
    seen: &mut Seen,
) -> Option<Placement> {
    let (account, role) = (fields.get("account_id"), fields.get("assume_role_arn"));
    let (account, role) = match (account, role) {
        (None, None) => return Some(Placement::Shared),
        (Some(_), None) => {
            reader.error(node.at, field, Problem::AccountWithoutRole);
            return None;
        }
        (None, Some(_)) => {
            reader.error(node.at, field, Problem::RoleWithoutAccount);
            return None;
        }
        (Some(account), Some(role)) => (&account.node, &role.node),
    };
    let account_field = format!("{field}.account_id");
    let account_id: Option<AccountId> = reader.parsed(account, &account_field);
    let role_field = format!("{field}.assume_role_arn");
    let assume_role_arn: Option<RoleArn> = reader.parsed(role, &role_field);
    let (account_id, assume_role_arn) = (account_id?, assume_role_arn?);
    if assume_role_arn.account_id() != account_id.as_str() {
        let problem = Problem::RoleOfOtherAccount {
            role: assume_role_arn.account_id().to_owned(),
            account: account_id.to_string(),
        };
        reader.error(role.at, &role_field, problem);
    }
    if let Some((holder, _, first)) = seen.accounts.get(account_id.as_str()).cloned() {
        let first = reader.location(first);
        reader.error(
            account.at,
            &account_field,
            Problem::SameAccount { account: account_id.to_string(), holder, first },
        );
    } else {
        seen.accounts.insert(account_id.to_string(), (holder.to_owned(), field.to_owned(), account.at));
    }
    Some(Placement::OwnAccount { account_id, assume_role_arn })
}
