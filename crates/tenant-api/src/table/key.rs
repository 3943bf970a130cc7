//! The keys of the table, all made here: whatever is read or written has this tenant's partition key.

use aws_sdk_dynamodb::types::AttributeValue;
use naming::{TenantId, runtime};

use crate::event::EventId;
use crate::resource_type::ResourceType;

/// What an item is, which is its sort key. What the function keeps for itself begins with `#`, as no document's name does, and lies
/// outside the range that lists ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// A document.
    Resource(ResourceType),
    /// Where the tenant stands in its life, and its settings.
    Lifecycle,
    /// The record of an event that was taken.
    Event(EventId),
    /// What seals cursors.
    Secret,
}

impl Key {
    /// The first sort key that a document may have, and one past the last.
    pub(crate) const RESOURCES: [&'static str; 2] = ["0", "{"];

    /// The sort key.
    pub(super) fn sort(&self) -> String {
        match self {
            Self::Resource(name) => name.as_str().to_owned(),
            Self::Lifecycle => "#lifecycle".to_owned(),
            Self::Event(id) => format!("#event#{}", id.as_str()),
            Self::Secret => "#cursor-key".to_owned(),
        }
    }

    /// The whole key: the only place where one is made.
    pub(super) fn of(&self, tenant: &TenantId) -> [(String, AttributeValue); 2] {
        [
            (runtime::PARTITION_KEY.to_owned(), AttributeValue::S(tenant.to_string())),
            (runtime::SORT_KEY.to_owned(), AttributeValue::S(self.sort())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keys() -> impl Strategy<Value = Key> {
        prop_oneof![
            "[a-z0-9][a-z0-9._-]{0,127}".prop_map(|name| Key::Resource(name.parse().unwrap())),
            "[!-~]{1,128}".prop_map(|id| Key::Event(id.parse().unwrap())),
            Just(Key::Lifecycle),
            Just(Key::Secret),
        ]
    }

    proptest! {
        /// "every key built by one function"
        #[test]
        fn every_key_lies_in_the_tenants_partition_and_names_one_thing(
            (one, other) in (keys(), keys()),
            tenant in "[a-z][a-z0-9]{1,9}",
        ) {
            prop_assume!(!TenantId::RESERVED.contains(&tenant.as_str()));
            let key = one.of(&tenant.parse().unwrap());
            prop_assert_eq!(&key[0], &("tenant_id".to_owned(), AttributeValue::S(tenant)));
            prop_assert_eq!(one.sort() == other.sort(), one == other);
            let [first, end] = Key::RESOURCES;
            let listed = one.sort().as_str() >= first && one.sort().as_str() < end;
            prop_assert_eq!(listed, matches!(one, Key::Resource(_)));
        }
    }
}
