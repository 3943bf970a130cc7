//! A situation and a request in the engine's own types.

use isolation::iam::{Policies, Policy, Principal, Request, ResourceKind};
use serde_json::Value;

use super::{Ask, Kind, Situation, Who};

impl Situation {
    /// The policies, as the engine reads them.
    pub(crate) fn policies(&self) -> Policies {
        let read = |document: &Value| Policy::parse(document).unwrap_or_else(|error| panic!("{error} in {document}"));
        Policies {
            identity: self.identity.iter().map(read).collect(),
            boundary: self.boundary.as_ref().map(read),
            session: self.session.as_ref().map(read),
            resource: self.resource.as_ref().map(read),
            endpoint: self.endpoint.as_ref().map(read),
            resource_account: self.resource_account.clone(),
            kind: match self.kind {
                Kind::Plain => ResourceKind::Plain,
                Kind::Key => ResourceKind::Key,
                Kind::Role => ResourceKind::Role,
            },
        }
    }
}

impl Who {
    /// The principal, as the engine knows it.
    pub(crate) fn principal(&self) -> Principal {
        match self {
            Self::Role { arn, session } => Principal::Role { arn: arn.clone(), session: session.clone() },
            Self::User { arn } => Principal::User { arn: arn.clone() },
            Self::Service { name } => Principal::Service { name: name.clone() },
        }
    }
}

impl Ask {
    /// The request, as the engine knows it.
    pub(crate) fn request(&self) -> Request {
        Request {
            principal: self.who.principal(),
            action: self.action.clone(),
            resource: self.resource.clone(),
            context: self.context.clone(),
        }
    }

    /// A request of the engine; its principal is the one who asked.
    pub(crate) fn from_request(who: &Who, request: &Request) -> Self {
        Self {
            who: who.clone(),
            action: request.action.clone(),
            resource: request.resource.clone(),
            context: request.context.clone(),
        }
    }
}
