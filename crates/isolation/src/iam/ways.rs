//! Which statements together let a request through.

use super::policy::{Policy, Statement};
use super::principal::{Meant, Principal};

/// How the policy of a resource counts beside those of the principal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResourceKind {
    /// Within an account, either side is enough.
    #[default]
    Plain,
    /// A KMS key: nothing is allowed that its policy does not allow or leave to the account
    /// ([key policies](https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html)).
    Key,
    /// A role and its trust policy: as a key.
    Role,
}

/// The policies that apply to a request.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// What is attached to the principal.
    pub identity: Vec<Policy>,
    /// The principal's permissions boundary.
    pub boundary: Option<Policy>,
    /// The policy of the principal's session.
    pub session: Option<Policy>,
    /// The resource's own policy.
    pub resource: Option<Policy>,
    /// The policy of the VPC endpoint that the request passes.
    pub endpoint: Option<Policy>,
    /// The AWS account of the resource.
    pub resource_account: String,
    /// How the resource's policy counts.
    pub kind: ResourceKind,
}

/// Which of the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Identity,
    Boundary,
    Session,
    Resource,
    Endpoint,
}

impl Policies {
    pub(crate) fn statements(&self) -> impl Iterator<Item = (Place, &Statement)> {
        let identity = self.identity.iter().map(|policy| (Place::Identity, policy));
        let others = [
            (Place::Boundary, &self.boundary),
            (Place::Session, &self.session),
            (Place::Resource, &self.resource),
            (Place::Endpoint, &self.endpoint),
        ];
        let all = identity.chain(others.into_iter().filter_map(|(place, policy)| Some((place, policy.as_ref()?))));
        all.flat_map(|(place, policy)| policy.statements.iter().map(move |statement| (place, statement)))
    }

    /// Whether the principal is in the resource's account. A resource without an account in its ARN is in the principal's.
    pub(crate) fn same_account(&self, principal: &Principal) -> bool {
        self.resource_account.is_empty() || principal.account() == Some(self.resource_account.as_str())
    }
}

/// How a statement means the principal; a policy of the principal itself means it.
pub(crate) fn meant(place: Place, statement: &Statement, principal: &Principal, wide: bool) -> Meant {
    match (place, &statement.principals) {
        (Place::Identity | Place::Boundary | Place::Session, _) => Meant::Name,
        (_, Some(principals)) => principals.means(principal, wide),
        (_, None) => Meant::Not,
    }
}

/// A combination of policies of which each must have an Allow that applies. For the resource's policy it is said how it must mean
/// the principal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Combination {
    pub(crate) places: Vec<Place>,
    pub(crate) meant: Vec<Meant>,
}

/// The combinations of which one is needed
/// ([policy evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html)).
pub(crate) fn ways(policies: &Policies, principal: &Principal) -> Vec<Combination> {
    use Place::{Boundary, Endpoint, Identity, Resource, Session};
    let limits: Vec<Place> = [(Boundary, &policies.boundary), (Session, &policies.session)]
        .into_iter()
        .filter(|(_, policy)| policy.is_some())
        .map(|(place, _)| place)
        .collect();
    let limited = |places: &[Place]| places.iter().copied().chain(limits.iter().copied()).collect::<Vec<_>>();
    let named = match principal {
        // What names a user is not limited by the user's boundary.
        Principal::User { .. } => vec![Resource],
        _ => limited(&[Resource]),
    };
    let any = vec![Meant::Account, Meant::Name, Meant::Directly];
    let mut found = if matches!(principal, Principal::Service { .. }) {
        vec![Combination { places: vec![Resource], meant: vec![Meant::Name, Meant::Directly] }]
    } else if !policies.same_account(principal) {
        vec![Combination { places: limited(&[Identity, Resource]), meant: any }]
    } else {
        let own = match policies.kind {
            ResourceKind::Plain => Combination { places: limited(&[Identity]), meant: Vec::new() },
            ResourceKind::Key | ResourceKind::Role => {
                Combination { places: limited(&[Identity, Resource]), meant: vec![Meant::Account] }
            }
        };
        vec![
            own,
            Combination { places: named, meant: vec![Meant::Name] },
            Combination { places: vec![Resource], meant: vec![Meant::Directly] },
        ]
    };
    if policies.endpoint.is_some() {
        found.iter_mut().for_each(|way| way.places.push(Endpoint));
    }
    found
}

/// For actions on a role other than becoming it, its trust policy does not count.
pub(crate) fn is_trust(action: &str) -> bool {
    action.get(..4).is_some_and(|service| service.eq_ignore_ascii_case("sts:"))
}
