//! The tenant's log groups: the record, under the tenant's own key.

use construct::arn::Key;
use construct::{Address, ArnOf, Construct, Handle, Stack};
use naming::{Kind, Owner, ResourceName};

use crate::resources::{LogGroup, Retention};

/// The tenant's log groups.
pub struct TenantLogs {
    /// The tenant's key.
    pub key: ArnOf<Key>,
    /// What must exist before the key can be used.
    pub key_ready: Address,
}

/// What other families need of the log groups.
pub struct LogGroups {
    /// Of the tenant API.
    pub api: Handle<LogGroup>,
    /// Of the log relay.
    pub relay: Handle<LogGroup>,
    /// Of the VPC flow log.
    pub flow: Handle<LogGroup>,
}

impl Construct for TenantLogs {
    type Exports = LogGroups;

    fn declare(self, stack: &mut Stack) -> LogGroups {
        let mut group = |id, name| declare(stack, id, name, &self.key, &self.key_ready);
        let groups = LogGroups {
            api: group("api", Kind::ApiLog),
            relay: group("relay", Kind::RelayLog),
            flow: group("flow", Kind::FlowLog),
        };
        if stack.owner().central_log_group() == stack.owner().name(Kind::CentralLog) {
            declare(stack, "central", Kind::CentralLog, &self.key, &self.key_ready);
        }
        groups
    }
}

fn declare(stack: &mut Stack, id: &'static str, kind: Kind, key: &ArnOf<Key>, key_ready: &Address) -> Handle<LogGroup> {
    let name = stack.owner().name(kind);
    log_group(stack, id, name, key, key_ready)
}

/// Declares a log group in the stack of any owner.
pub(crate) fn log_group<O: Owner>(
    stack: &mut Stack<O>,
    id: &'static str,
    name: ResourceName,
    key: &ArnOf<Key>,
    key_ready: &Address,
) -> Handle<LogGroup> {
    let tags = stack.owner().tags();
    let body = LogGroup { kms_key_id: key.clone(), name, retention_in_days: Retention::Days30, tags };
    stack.add_after(id, body, [key_ready.clone()])
}
