//! The AWS region, and what follows from it.

use crate::name::{parsed_string, shown};

/// An AWS region, for example `us-east-1` (the default).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Region(String);

/// Why a text is no AWS region.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no AWS region; regions look like `us-east-1`")]
pub struct RegionError {
    /// The text as it was given.
    pub given: String,
}

impl Region {
    fn parse(given: &str) -> Result<Self, RegionError> {
        let error = || RegionError { given: shown(given) };
        let parts: Vec<&str> = given.split('-').collect();
        let [area, middle @ .., number] = parts.as_slice() else { return Err(error()) };
        let letters = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase());
        let legal = given.len() <= 24
            && area.len() >= 2
            && letters(area)
            && !middle.is_empty()
            && middle.iter().all(letters)
            && matches!(number.as_bytes(), [b'1'..=b'9']);
        if legal { Ok(Self(given.to_owned())) } else { Err(error()) }
    }

    /// The partition in which the region lies: the second part of every ARN.
    pub fn partition(&self) -> &'static str {
        match self.0.get(..3) {
            Some("cn-") => "aws-cn",
            Some("us-") if self.0.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
}

impl Default for Region {
    /// `us-east-1`, where the product's tenants live unless a setting says otherwise.
    fn default() -> Self {
        Self("us-east-1".to_owned())
    }
}

parsed_string!(Region, RegionError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_recognised_and_know_their_partition() {
        for (region, partition) in
            [("us-east-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("ap-southeast-2", "aws")]
        {
            assert_eq!(region.parse::<Region>().unwrap().partition(), partition);
        }
        for text in ["", "useast1", "us-east-1a", "us--1", "US-EAST-1", "us-east-", "us-east-1;x"] {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
    }
}
