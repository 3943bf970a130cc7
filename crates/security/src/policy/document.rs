//! Whole policies.

use construct::Text;
use naming::TenantId;
use serde::Serialize;

use super::condition::{Operator, key};
use super::statement::{Elements, Statement};

/// A policy of a resource, or of a role of the platform.
#[derive(Clone, Debug, Default)]
pub struct Policy(Vec<Statement>);

impl Policy {
    /// A policy of these statements.
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        Self(statements.into_iter().collect())
    }

    /// The policy as the text of an attribute.
    pub fn text(&self) -> Text {
        self.render(true)
    }

    /// A role's trust policy as the text of an attribute; it has no `Resource`.
    pub fn trust_text(&self) -> Text {
        self.render(false)
    }

    fn render(&self, with_resource: bool) -> Text {
        let statement = self.0.iter().map(|statement| statement.elements(with_resource)).collect();
        Text::json(&Document { statement, version: "2012-10-17" })
    }
}

/// A policy as AWS reads it. Policies are most of a stack, so that they are written as they are, with no tree in between.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'p> {
    statement: Vec<Elements<'p>>,
    version: &'static str,
}

/// A policy for a tenant's roles: every Allow in it holds only for a principal that is tagged with this tenant.
#[derive(Clone, Debug)]
pub struct TenantPolicy {
    tenant: TenantId,
    policy: Policy,
}

impl TenantPolicy {
    /// A policy that allows nothing yet.
    pub fn new(tenant: &TenantId) -> Self {
        Self { tenant: tenant.clone(), policy: Policy::default() }
    }

    /// Adds what is allowed, for this tenant's principals.
    #[must_use]
    pub fn allow(mut self, statements: impl IntoIterator<Item = Statement>) -> Self {
        let tag = |statement: Statement| {
            statement.when(Operator::StringEquals, key::PRINCIPAL_TENANT, [Text::literal(self.tenant.as_str())])
        };
        self.policy.0.extend(statements.into_iter().map(tag));
        self
    }

    /// Adds what is denied, to whoever holds the policy.
    #[must_use]
    pub fn deny(mut self, statements: impl IntoIterator<Item = Statement>) -> Self {
        self.policy.0.extend(statements);
        self
    }

    /// The policy as the text of an attribute.
    pub fn text(&self) -> Text {
        self.policy.text()
    }
}
