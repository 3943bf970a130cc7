//! Changing the tenants file for a program, without taking it out of people's hands: the text is edited where something changes, and
//! everything else stays as it was, to the byte: order, spacing, line ends, a byte order mark.

use super::json::{self, Json, Member, Node};
use super::position::Positions;
use super::{Fleet, FleetErrors, FleetTenant, Overrides, TenantState};
use crate::{NetworkIndex, Placement, Tenant, TenantId};

/// A change to the list of tenants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A tenant more, at the end, written in the style of the one before it.
    Add {
        /// Who.
        id: TenantId,
        /// Its place in the network plan.
        network_index: NetworkIndex,
        /// In which account.
        placement: Placement,
        /// Whether it is served.
        state: TenantState,
    },
    /// Another state.
    SetState {
        /// Whose.
        id: TenantId,
        /// Which.
        state: TenantState,
    },
    /// The tenant's line goes, and its index is free.
    Drop {
        /// Whose.
        id: TenantId,
    },
}

/// Why a tenants file cannot be changed. It is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// It has errors already.
    #[error("the tenants file has errors, so nothing is changed in it:\n{0}")]
    Before(FleetErrors),
    /// It would have errors.
    #[error("the change would leave errors in the tenants file, so it is not made:\n{0}")]
    After(FleetErrors),
    /// The tenant is not in the file.
    #[error("the tenants file has no tenant `{id}`")]
    Absent {
        /// Who.
        id: TenantId,
    },
    /// The file would say something else than it should. A mistake of this program.
    #[error(
        "the edited tenants file would not say what it should, so it is left alone; please report this file's layout"
    )]
    Unexpected,
}

impl TenantState {
    /// The word in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
        }
    }
}

/// The text of a tenants file with changes made to it. What comes out has been parsed again.
///
/// ```
/// use naming::fleet::{Edit, Fleet, Overrides, TenantState, edit};
///
/// let file = r#"{ "environment_suffix": "dev", "tenants": [ { "id": "acme", "network_index": 0 } ] }"#;
/// let edits = [Edit::SetState { id: "acme".parse()?, state: TenantState::Removed }];
/// assert_eq!(
///     edit(file.as_bytes(), "tenants.json", &Overrides::default(), &edits)?,
///     r#"{ "environment_suffix": "dev", "tenants": [ { "id": "acme", "network_index": 0, "state": "removed" } ] }"#,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the file has errors before or after, or a tenant is not in it.
pub fn edit(bytes: &[u8], file: &str, overrides: &Overrides, edits: &[Edit]) -> Result<String, EditError> {
    let mut wanted = Fleet::parse(bytes, file, overrides).map_err(EditError::Before)?;
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    for edit in edits {
        text = apply(&text, edit)?;
        expect(&mut wanted, edit);
    }
    let found = Fleet::parse(text.as_bytes(), file, overrides).map_err(EditError::After)?;
    wanted.tenants.sort_by(|a, b| a.tenant.id.cmp(&b.tenant.id));
    if found == wanted { Ok(text) } else { Err(EditError::Unexpected) }
}

/// What the file is to say after an edit.
fn expect(fleet: &mut Fleet, edit: &Edit) {
    match edit {
        Edit::Add { id, network_index, placement, state } => fleet.tenants.push(FleetTenant {
            tenant: Tenant {
                id: id.clone(),
                suffix: fleet.environment_suffix.clone(),
                environment: fleet.environment.clone(),
                region: fleet.region.clone(),
                plan: fleet.plan,
                network_index: *network_index,
                placement: placement.clone(),
            },
            state: *state,
        }),
        Edit::SetState { id, state } => {
            for tenant in fleet.tenants.iter_mut().filter(|tenant| tenant.tenant.id == *id) {
                tenant.state = *state;
            }
        }
        Edit::Drop { id } => fleet.tenants.retain(|tenant| tenant.tenant.id != *id),
    }
}

fn apply(text: &str, edit: &Edit) -> Result<String, EditError> {
    // A byte order mark is no part of the JSON.
    let json = text.strip_prefix('\u{feff}').unwrap_or(text);
    let offset = text.len() - json.len();
    let positions = Positions::new(json.as_bytes());
    let root = json::parse(json, &positions).root.ok_or(EditError::Unexpected)?;
    let list = root.field("tenants").ok_or(EditError::Unexpected)?;
    let Json::List(items) = &list.value else { return Err(EditError::Unexpected) };
    let place = |id: &TenantId| {
        let named = |node: &Node<'_>| node.field("id").is_some_and(|name| name.is_text(id.as_str()));
        items.iter().position(named).ok_or_else(|| EditError::Absent { id: id.clone() })
    };
    let source = Source { text: json };
    let (from, to, new) = match edit {
        Edit::Add { id, network_index, placement, state } => {
            source.add(list, items, &fields(id, *network_index, placement, *state))
        }
        Edit::SetState { id, state } => {
            let item = items.get(place(id)?).ok_or(EditError::Unexpected)?;
            source.set_state(item, *state).ok_or(EditError::Unexpected)?
        }
        Edit::Drop { id } => {
            let place = place(id)?;
            let before = place.checked_sub(1).and_then(|before| items.get(before)).map(|item| item.end);
            let after = items.get(place + 1).map(|item| item.at);
            let item = items.get(place).ok_or(EditError::Unexpected)?;
            match (before, after) {
                (Some(before), _) => (before, item.end, String::new()),
                (None, Some(after)) => (item.at, after, String::new()),
                (None, None) => (list.at, list.end, "[]".to_owned()),
            }
        }
    };
    let (head, tail) = (text.get(..offset + from), text.get(offset + to..));
    Ok([head.ok_or(EditError::Unexpected)?, &new, tail.ok_or(EditError::Unexpected)?].concat())
}

/// The fields of a tenant as JSON. All of them are of characters that need no escape.
fn fields(
    id: &TenantId,
    index: NetworkIndex,
    placement: &Placement,
    state: TenantState,
) -> Vec<(&'static str, String)> {
    let quoted = |text: &str| format!("\"{text}\"");
    let mut fields = vec![("id", quoted(id.as_str())), ("network_index", index.to_string())];
    if state != TenantState::Active {
        fields.push(("state", quoted(state.as_str())));
    }
    if let Placement::OwnAccount { account_id, assume_role_arn } = placement {
        fields.push(("account_id", quoted(account_id.as_str())));
        fields.push(("assume_role_arn", quoted(assume_role_arn.as_str())));
    }
    fields
}

/// A replacement: from, to, and what stands there then.
type Splice = (usize, usize, String);

struct Source<'a> {
    text: &'a str,
}

/// What stands between the parts of an object.
struct Style<'a> {
    open: &'a str,
    between: &'a str,
    close: &'a str,
}

impl<'a> Source<'a> {
    fn between(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn style(&self, item: &Node<'a>) -> Option<Style<'a>> {
        let Json::Object(members) = &item.value else { return None };
        let (first, last) = (members.first()?, members.last()?);
        Some(Style {
            open: self.between(item.at, first.at),
            between: self.separator(members).unwrap_or(", "),
            close: self.between(last.node.end, item.end),
        })
    }

    /// The comma between two members, with what is around it.
    fn separator(&self, members: &[Member<'a>]) -> Option<&'a str> {
        let [.., before, last] = members else { return None };
        Some(self.between(before.node.end, last.at))
    }

    fn add(&self, list: &Node<'a>, items: &[Node<'a>], fields: &[(&str, String)]) -> Splice {
        let plain = Style { open: "{ ", between: ", ", close: " }" };
        let style = items.last().and_then(|item| self.style(item)).unwrap_or(plain);
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        let object = [style.open, &fields.join(style.between), style.close].concat();
        match items {
            [.., before, last] => (last.end, last.end, format!("{}{object}", self.between(before.end, last.at))),
            [only] => {
                let lead = self.between(list.at + 1, only.at);
                let lead = if lead.is_empty() { " " } else { lead };
                (only.end, only.end, format!(",{lead}{object}"))
            }
            [] => {
                let line = self.text.get(..list.at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
                let indent: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
                let new = match self.text.trim_end().contains('\n') {
                    true => {
                        let line_end = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
                        format!("[{line_end}{indent}  {object}{line_end}{indent}]")
                    }
                    false => format!("[{object}]"),
                };
                (list.at, list.end, new)
            }
        }
    }

    fn set_state(&self, item: &Node<'a>, state: TenantState) -> Option<Splice> {
        let value = format!("\"{}\"", state.as_str());
        if let Some(node) = item.field("state") {
            return Some((node.at, node.end, value));
        }
        let Json::Object(members) = &item.value else { return None };
        let end = members.last()?.node.end;
        let separator = self.separator(members).unwrap_or(", ");
        Some((end, end, format!("{separator}\"state\": {value}")))
    }
}
