//! A table under a key: on demand, encrypted, recoverable, destroyable.

use construct::arn::Key;
use construct::{Address, ArnOf, Handle, Stack};
use naming::{Owner, ResourceName};

use crate::resources::{Attribute, PointInTimeRecovery, ServerSideEncryption, Table, TimeToLive};

/// The keys of a table, all strings.
pub struct TableKeys {
    /// The partition key.
    pub partition: &'static str,
    /// The sort key.
    pub sort: Option<&'static str>,
}

/// What a table differs in.
pub struct TablePlan {
    /// Its name.
    pub name: ResourceName,
    /// Its keys.
    pub keys: TableKeys,
    /// The attribute by which items expire, if they do.
    pub expiry: Option<&'static str>,
    /// The key that encrypts it.
    pub key: ArnOf<Key>,
    /// What must exist before the key can be used.
    pub key_ready: Address,
}

/// Declares tables.
pub struct SecureTable;

impl SecureTable {
    /// Declares a table in the stack of any owner.
    pub fn declare<O: Owner>(stack: &mut Stack<O>, id: &'static str, plan: TablePlan) -> Handle<Table> {
        let keys = [Some(plan.keys.partition), plan.keys.sort].into_iter().flatten();
        let table = Table {
            attribute: keys.map(|name| Attribute { name, r#type: "S" }).collect(),
            billing_mode: "PAY_PER_REQUEST",
            deletion_protection_enabled: false,
            hash_key: plan.keys.partition,
            name: plan.name,
            point_in_time_recovery: PointInTimeRecovery { enabled: true },
            range_key: plan.keys.sort,
            server_side_encryption: ServerSideEncryption { enabled: true, kms_key_arn: plan.key },
            tags: crate::tags(stack),
            ttl: plan.expiry.map(|attribute_name| TimeToLive { attribute_name, enabled: true }),
        };
        stack.add_after(id, table, [plan.key_ready])
    }
}
