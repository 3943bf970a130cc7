//! What the oracles of the policy engine share: a situation as plain JSON and texts, and the documentation's cases.

pub(crate) mod corpus;
mod engine;

use std::collections::BTreeMap;

use serde_json::Value;

/// The policies that apply to a request, as documents.
#[derive(Clone, Debug, Default)]
pub(crate) struct Situation {
    pub(crate) identity: Vec<Value>,
    pub(crate) boundary: Option<Value>,
    pub(crate) session: Option<Value>,
    pub(crate) resource: Option<Value>,
    pub(crate) endpoint: Option<Value>,
    pub(crate) resource_account: String,
    pub(crate) kind: Kind,
}

/// How the resource's own policy counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A bucket, a table, a queue …
    #[default]
    Plain,
    /// A KMS key with its key policy.
    Key,
    /// A role with its trust policy.
    Role,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    /// A session of a role: the role's ARN and the session's name.
    Role {
        arn: String,
        session: String,
    },
    User {
        arn: String,
    },
    Service {
        name: String,
    },
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) who: Who,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) context: BTreeMap<String, Vec<String>>,
}

impl Situation {
    /// Every document, whatever its part.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &Value> {
        let single = [&self.boundary, &self.session, &self.resource, &self.endpoint];
        self.identity.iter().chain(single.into_iter().flatten())
    }
}

impl Who {
    /// The account; a service has none.
    pub(crate) fn account(&self) -> Option<&str> {
        match self {
            Self::Role { arn, .. } | Self::User { arn } => arn.split(':').nth(4),
            Self::Service { .. } => None,
        }
    }

    /// The ARN that makes the request: for a role its session's, which has no path.
    pub(crate) fn session_arn(&self) -> String {
        match self {
            Self::Role { arn, session } => {
                let name = arn.rsplit('/').next().expect("a name");
                format!("arn:aws:sts::{}:assumed-role/{name}/{session}", self.account().expect("an account"))
            }
            Self::User { arn } => arn.clone(),
            Self::Service { name } => name.clone(),
        }
    }

    /// What AWS itself says of the principal in the request's context.
    pub(crate) fn keys(&self) -> Vec<(&'static str, String)> {
        let of = |kind: &str, arn: &str| {
            vec![
                ("aws:PrincipalArn", arn.to_owned()),
                ("aws:PrincipalAccount", self.account().expect("an account").to_owned()),
                ("aws:PrincipalType", kind.to_owned()),
                ("aws:PrincipalIsAWSService", "false".to_owned()),
            ]
        };
        match self {
            Self::Role { arn, .. } => of("AssumedRole", arn),
            Self::User { arn } => of("User", arn),
            Self::Service { name } => {
                vec![("aws:PrincipalIsAWSService", "true".to_owned()), ("aws:PrincipalServiceName", name.clone())]
            }
        }
    }
}
