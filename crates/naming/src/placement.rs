//! In which AWS account a tenant lives.

use crate::name::{parsed_string, shown};

/// The twelve digits of an AWS account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountId(String);

/// Why a text is no AWS account id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("account id `{given}` is not twelve digits; in JSON write it in quotes, so that leading zeros stay")]
pub struct AccountIdError {
    /// The text as it was given.
    pub given: String,
}

impl AccountId {
    fn parse(given: &str) -> Result<Self, AccountIdError> {
        if given.len() == 12 && given.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(given.to_owned()))
        } else {
            Err(AccountIdError { given: shown(given) })
        }
    }
}

parsed_string!(AccountId, AccountIdError);

/// The ARN of an IAM role that Terraform assumes to work in a tenant's own account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleArn(String);

/// Why a text is no role ARN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no role ARN; it looks like `arn:aws:iam::123456789012:role/deployer`")]
pub struct RoleArnError {
    /// The text as it was given.
    pub given: String,
}

impl RoleArn {
    fn parse(given: &str) -> Result<Self, RoleArnError> {
        let error = || RoleArnError { given: shown(given) };
        let fields: Vec<&str> = given.splitn(6, ':').collect();
        let &["arn", "aws" | "aws-cn" | "aws-us-gov", "iam", "", account, resource] = fields.as_slice() else {
            return Err(error());
        };
        let path = resource.strip_prefix("role/").ok_or_else(error)?;
        let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@/-".contains(c);
        if AccountId::parse(account).is_err() || path.is_empty() || path.len() > 512 || !path.chars().all(legal) {
            return Err(error());
        }
        Ok(Self(given.to_owned()))
    }

    /// The account of the role.
    pub fn account_id(&self) -> &str {
        self.0.split(':').nth(4).unwrap_or_default()
    }
}

parsed_string!(RoleArn, RoleArnError);

/// Where a tenant's resources are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// In the account that Terraform runs in, beside the other tenants of that account.
    Shared,
    /// In an AWS account of the tenant's own: the strongest isolation.
    OwnAccount {
        /// The tenant's account.
        account_id: AccountId,
        /// The role that Terraform assumes there.
        assume_role_arn: RoleArn,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_arns_are_checked_field_by_field() {
        assert_eq!("arn:aws:iam::123456789012:role/a/b".parse::<RoleArn>().unwrap().account_id(), "123456789012");
        for text in
            ["", "arn:aws:iam::1:role/x", "arn:aws:iam::123456789012:user/x", "arn:aws:iam::123456789012:role/${x}"]
        {
            assert!(text.parse::<RoleArn>().is_err(), "{text}");
        }
        assert!("12345678901".parse::<AccountId>().is_err());
    }
}
