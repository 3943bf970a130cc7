//! Counting what a stack uses, from nothing but its own document.

mod identity;
mod network;
mod services;

use std::collections::BTreeMap;

use crate::document::Document;
use crate::ledger::Key;
use crate::size::filled;
use crate::usage::Usage;

/// Where a policy's text stands.
pub(crate) struct Texts<'d> {
    pub(crate) document: Document<'d>,
    pub(crate) region: &'d str,
}

impl<'d> Texts<'d> {
    /// Notes the size of each text in a field of a resource type.
    fn sizes(&self, usage: &mut Usage, key: Key, (kind, field): (&'d str, &str), size: fn(&str) -> u64) {
        for resource in self.document.of(kind) {
            if let Some(text) = resource.text(field) {
                usage.hold(key, resource.address(), size(&filled(self.document, self.region, text)));
            }
        }
    }
}

/// What a stack uses. `packages` has the size of each package of code, by the path that the document names.
pub(crate) fn usage(document: Document<'_>, region: &str, packages: &BTreeMap<String, u64>) -> Usage {
    let mut usage = Usage { uncounted: document.uncounted(), ..Usage::default() };
    let texts = Texts { document, region };
    network::count(&texts, &mut usage);
    identity::count(&texts, &mut usage);
    services::count(&texts, packages, &mut usage);
    usage
}
