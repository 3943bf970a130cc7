//! What the settings of an S3 backend may be.

use crate::name::shown;
use crate::{AccountId, Region};

/// Why a text is no name of a general purpose bucket
/// ([bucket naming rules](https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html)).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BucketNameError {
    /// Fewer than 3 or more than 63 characters.
    #[error("bucket name `{given}` has {length} characters; it needs 3 to 63")]
    Length {
        /// The text as it was given.
        given: String,
        /// How many characters it has.
        length: usize,
    },
    /// A character that no bucket name holds.
    #[error("bucket name `{given}` contains {found:?}; allowed are a-z, 0-9, `-` and `.`")]
    BadCharacter {
        /// The text as it was given.
        given: String,
        /// The first character that is not allowed.
        found: char,
    },
    /// A hyphen or dot at either end, or two dots in a row.
    #[error("bucket name `{given}` has `-` or `.` at an end, or two dots in a row")]
    Punctuation {
        /// The text as it was given.
        given: String,
    },
    /// Looks like an address.
    #[error("bucket name `{given}` is an IP address, which S3 refuses")]
    Address {
        /// The text as it was given.
        given: String,
    },
    /// A beginning or an end that S3 keeps for itself.
    #[error("bucket name `{given}` has `{part}`, which S3 keeps for itself")]
    Reserved {
        /// The text as it was given.
        given: String,
        /// The reserved beginning or end.
        part: &'static str,
    },
}

/// Why a text cannot stand before a stack's name in the key of its state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyPrefixError {
    /// No character, or more than 512.
    #[error("the key prefix has {length} characters; it needs 1 to 512, or leave it out")]
    Length {
        /// How many characters it has.
        length: usize,
    },
    /// A character that is not safe in a key and in Terraform's text.
    #[error("key prefix `{given}` contains {found:?}; allowed are letters, digits and _.:/=+@-")]
    BadCharacter {
        /// The text as it was given.
        given: String,
        /// The first character that is not allowed.
        found: char,
    },
    /// A slash at either end, or two in a row.
    #[error("key prefix `{given}` has a slash at an end or two in a row; the slash before the stack's name is added")]
    Slash {
        /// The text as it was given.
        given: String,
    },
}

/// Why a text names no KMS key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{given}` is no KMS key; give its id like `1234abcd-12ab-34cd-56ef-1234567890ab`, its alias like `alias/states`, or an ARN of \
     either"
)]
pub struct KmsKeyIdError {
    /// The text as it was given.
    pub given: String,
}

const RESERVED_STARTS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_ENDS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

pub(super) fn bucket_name(given: &str) -> Result<(), BucketNameError> {
    let text = || shown(given);
    let length = given.chars().count();
    if !(3..=63).contains(&length) {
        return Err(BucketNameError::Length { given: text(), length });
    }
    if let Some(found) = given.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-' | '.')) {
        return Err(BucketNameError::BadCharacter { given: text(), found });
    }
    if given.starts_with(['-', '.']) || given.ends_with(['-', '.']) || given.contains("..") {
        return Err(BucketNameError::Punctuation { given: text() });
    }
    let parts: Vec<&str> = given.split('.').collect();
    if parts.len() == 4 && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit())) {
        return Err(BucketNameError::Address { given: text() });
    }
    let start = RESERVED_STARTS.into_iter().find(|part| given.starts_with(part));
    match start.or(RESERVED_ENDS.into_iter().find(|part| given.ends_with(part))) {
        Some(part) => Err(BucketNameError::Reserved { given: text(), part }),
        None => Ok(()),
    }
}

pub(super) fn key_prefix(given: &str) -> Result<(), KeyPrefixError> {
    let length = given.chars().count();
    if !(1..=512).contains(&length) {
        return Err(KeyPrefixError::Length { length });
    }
    if let Some(found) = given.chars().find(|c| !(c.is_ascii_alphanumeric() || "_.:/=+@-".contains(*c))) {
        return Err(KeyPrefixError::BadCharacter { given: shown(given), found });
    }
    if given.split('/').any(str::is_empty) {
        return Err(KeyPrefixError::Slash { given: shown(given) });
    }
    Ok(())
}

pub(super) fn kms_key_id(given: &str) -> Result<(), KmsKeyIdError> {
    let fields: Vec<&str> = given.splitn(6, ':').collect();
    let legal = match *fields.as_slice() {
        ["arn", "aws" | "aws-cn" | "aws-us-gov", "kms", region, account, resource] => {
            region.parse::<Region>().is_ok()
                && account.parse::<AccountId>().is_ok()
                && (is_alias(resource) || resource.strip_prefix("key/").is_some_and(is_key_id))
        }
        _ => is_alias(given) || is_key_id(given),
    };
    if legal { Ok(()) } else { Err(KmsKeyIdError { given: shown(given) }) }
}

fn is_alias(text: &str) -> bool {
    text.strip_prefix("alias/").is_some_and(|name| {
        (1..=250).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_-".contains(&b))
    })
}

fn is_key_id(text: &str) -> bool {
    let hex = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    match text.strip_prefix("mrk-") {
        Some(id) => id.len() == 32 && hex(id),
        None => {
            let parts: Vec<&str> = text.split('-').collect();
            parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.into_iter().all(hex)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_by_id_alias_or_arn() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        for legal in [
            id,
            "mrk-1234abcd12ab34cd56ef1234567890ab",
            "alias/states/dev",
            &format!("arn:aws:kms:us-east-1:123456789012:key/{id}"),
            "arn:aws-cn:kms:cn-north-1:123456789012:alias/states",
        ] {
            assert_eq!(kms_key_id(legal), Ok(()), "{legal}");
        }
        for other in
            ["", "key", "alias/", "${x}", "arn:aws:kms:us-east-1:1:alias/x", "arn:aws:iam::123456789012:role/x"]
        {
            assert!(kms_key_id(other).is_err(), "{other}");
        }
    }
}
