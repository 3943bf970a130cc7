//! Who makes a request, and whom a statement means.

use serde_json::Value;

use super::pattern::{UNKNOWN, parts};
use super::policy::texts;
use crate::model::SHARED_ACCOUNT;

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A session of a role.
    Role {
        /// The role's ARN, `arn:aws:iam::ACCOUNT:role/PATH/NAME`.
        arn: String,
        /// The session's name; `*` in a search for any.
        session: String,
    },
    /// An IAM user.
    User {
        /// The user's ARN.
        arn: String,
    },
    /// An AWS service on its own behalf or somebody else's.
    Service {
        /// Its name, for example `events.amazonaws.com`.
        name: String,
    },
}

impl Principal {
    /// The AWS account; none for a service.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Role { arn, .. } | Self::User { arn } => parts(arn).get(4).copied(),
            Self::Service { .. } => None,
        }
    }

    /// The ARN or the service's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Role { arn, .. } | Self::User { arn } => arn,
            Self::Service { name } => name,
        }
    }

    fn session_arn(&self) -> Option<String> {
        match self {
            Self::Role { arn, session } => {
                let name = arn.rsplit('/').next()?;
                Some(format!("arn:aws:sts::{}:assumed-role/{name}/{session}", self.account()?))
            }
            _ => None,
        }
    }

    /// What AWS says of the principal in the context of every request, with keys in lower case.
    pub(crate) fn facts(&self) -> Vec<(&'static str, Option<String>)> {
        let service = match self {
            Self::Service { name } => Some(name.clone()),
            _ => None,
        };
        let is_service = service.is_some();
        let arn = (!is_service).then(|| self.name().to_owned());
        let kind = match self {
            Self::Role { .. } => Some("AssumedRole".to_owned()),
            Self::User { .. } => Some("User".to_owned()),
            Self::Service { .. } => None,
        };
        vec![
            ("aws:principalarn", arn),
            ("aws:principalaccount", self.account().map(str::to_owned)),
            ("aws:principaltype", kind),
            ("kms:calleraccount", self.account().map(str::to_owned)),
            ("aws:principalisawsservice", Some(is_service.to_string())),
            ("aws:principalservicename", service),
        ]
    }
}

/// How a statement means a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meant {
    /// Not at all.
    Not,
    /// By its account: what the account's own policies allow.
    Account,
    /// By the ARN of its role or user.
    Name,
    /// By the session's ARN, or as everybody: no boundary and no session policy counts.
    Directly,
}

/// Whom a statement means.
#[derive(Clone, Debug)]
pub(crate) struct Principals {
    negated: bool,
    everyone: bool,
    pub(crate) aws: Vec<String>,
    pub(crate) services: Vec<String>,
    /// Federated identities and canonical users: who they are, no stack says.
    pub(crate) others: Vec<String>,
}

impl Principals {
    pub(super) fn everyone() -> Self {
        Self { negated: false, everyone: true, aws: Vec::new(), services: Vec::new(), others: Vec::new() }
    }

    pub(super) fn parse(principal: Option<&Value>, not: Option<&Value>) -> Result<Option<Self>, String> {
        let (value, negated) = match (principal, not) {
            (None, None) => return Ok(None),
            (Some(value), None) => (value, false),
            (None, Some(value)) => (value, true),
            (Some(_), Some(_)) => return Err("has both Principal and NotPrincipal".into()),
        };
        let mut found = Self { negated, everyone: false, aws: Vec::new(), services: Vec::new(), others: Vec::new() };
        match value {
            Value::String(text) if text == "*" => found.everyone = true,
            Value::Object(kinds) => {
                for (kind, who) in kinds {
                    let who = texts(who).ok_or("has a Principal that is no text and no list of texts")?;
                    let who = who.into_iter().map(str::to_owned);
                    match kind.as_str() {
                        "AWS" => found.aws.extend(who),
                        "Service" => found.services.extend(who),
                        "Federated" | "CanonicalUser" => found.others.extend(who),
                        kind => return Err(format!("has an unknown kind of Principal, `{kind}`")),
                    }
                }
                if found.aws.iter().any(|arn| arn == "*") {
                    found.everyone = true;
                }
            }
            _ => return Err("has a Principal that is neither `*` nor an object".into()),
        }
        Ok(Some(found))
    }

    /// Who is meant, for people.
    pub(crate) fn words(&self) -> String {
        let listed: Vec<&str> = self.aws.iter().chain(&self.services).chain(&self.others).map(String::as_str).collect();
        match (self.negated, self.everyone) {
            (false, true) => "everybody".to_owned(),
            (false, false) => listed.join(", "),
            (true, _) => format!("everybody but {}", listed.join(", ")),
        }
    }

    /// Whether nobody but services is meant.
    pub(crate) fn only_services(&self) -> bool {
        !self.negated && !self.everyone && self.aws.is_empty() && self.others.is_empty()
    }

    /// Whether it is all but the listed.
    pub(crate) fn is_negated(&self) -> bool {
        self.negated
    }

    /// How the principal is meant; what is not known means it if `wide`.
    pub(crate) fn means(&self, principal: &Principal, wide: bool) -> Meant {
        if self.negated {
            // All but the listed. Who is listed by account or name only is spared in the narrow reading, not in the wide one.
            return match (self.listed(principal, !wide), principal) {
                (Meant::Not, _) => Meant::Directly,
                (Meant::Account, _) | (Meant::Name, Principal::Role { .. }) if wide => Meant::Directly,
                _ => Meant::Not,
            };
        }
        self.listed(principal, wide)
    }

    fn listed(&self, principal: &Principal, wide: bool) -> Meant {
        // `{"AWS": "*"}` is `*` for people; whether it means services as well, AWS does not say.
        let service = matches!(principal, Principal::Service { .. });
        if self.everyone && (wide || !service || self.aws.is_empty()) {
            return Meant::Directly;
        }
        match principal {
            Principal::Service { name } => {
                let same = |service: &String| service == name || (wide && service.contains(UNKNOWN));
                if self.services.iter().any(same) { Meant::Name } else { Meant::Not }
            }
            Principal::Role { .. } | Principal::User { .. } => {
                self.aws.iter().map(|text| arn_means(text, principal, wide)).max().unwrap_or(Meant::Not)
            }
        }
    }
}

fn arn_means(text: &str, principal: &Principal, wide: bool) -> Meant {
    let account = principal.account().unwrap_or_default();
    let parts = parts(text);
    // Where the number of the own account is not known, a given number may be it.
    if wide && account == SHARED_ACCOUNT {
        let number = parts.get(4).copied().unwrap_or(text);
        if number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit()) {
            return arn_means(&text.replace(number, account), principal, wide);
        }
    }
    let root = parts.len() == 6 && parts.get(2) == Some(&"iam") && parts.get(5) == Some(&"root");
    if text == account || (root && parts.get(4) == Some(&account)) {
        Meant::Account
    } else if text == principal.name() {
        Meant::Name
    } else {
        let session = principal.session_arn().is_some_and(|arn| text == arn || (wide && is_session_of(text, &arn)));
        if session || (wide && text.contains(UNKNOWN)) { Meant::Directly } else { Meant::Not }
    }
}

/// Whether both are sessions of one role, where the name of the session is open (`*`): who assumes a role chooses it.
fn is_session_of(text: &str, any: &str) -> bool {
    any.strip_suffix('*').is_some_and(|role| text.starts_with(role))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn means(principal: Value) -> Meant {
        let role = Principal::Role { arn: "arn:aws:iam::1:role/app/r".into(), session: "s".into() };
        Principals::parse(Some(&principal), None).unwrap().unwrap().means(&role, false)
    }

    #[test]
    fn a_role_is_meant_by_account_by_name_or_directly() {
        for (principal, meant) in [
            (json!("*"), Meant::Directly),
            (json!({ "AWS": "*" }), Meant::Directly),
            (json!({ "AWS": "1" }), Meant::Account),
            (json!({ "AWS": ["2", "arn:aws:iam::1:root"] }), Meant::Account),
            (json!({ "AWS": ["arn:aws:iam::1:root", "arn:aws:iam::1:role/app/r"] }), Meant::Name),
            (json!({ "AWS": "arn:aws:sts::1:assumed-role/r/s" }), Meant::Directly),
            (json!({ "AWS": "arn:aws:sts::1:assumed-role/r/other" }), Meant::Not),
            (json!({ "AWS": "arn:aws:iam::1:role/*" }), Meant::Not),
            (json!({ "Service": "lambda.amazonaws.com" }), Meant::Not),
        ] {
            assert_eq!(means(principal.clone()), meant, "{principal}");
        }
    }

    #[test]
    fn services_are_meant_by_their_name() {
        let events = Principal::Service { name: "events.amazonaws.com".into() };
        let meant = |value| Principals::parse(Some(&value), None).unwrap().unwrap().means(&events, false);
        assert_eq!(meant(json!({ "Service": ["events.amazonaws.com"] })), Meant::Name);
        assert_eq!(meant(json!({ "Service": "sns.amazonaws.com" })), Meant::Not);
        assert_eq!(meant(json!("*")), Meant::Directly);
    }
}
