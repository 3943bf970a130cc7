//! What to ask AWS for.

use crate::quota::{Quota, Raise, Scope, UpTo};

/// Quotas that are not of one region are managed from this one
/// ([IAM](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html),
/// [S3](https://docs.aws.amazon.com/AmazonS3/latest/userguide/BucketRestrictions.html)).
const HOME: &str = "us-east-1";

/// The region in which a quota is asked for.
pub(crate) fn region<'r>(quota: &Quota, region: &'r str) -> &'r str {
    if quota.scope == Scope::Account { HOME } else { region }
}

/// A fifth more than is needed, rounded up to two digits; never beyond what AWS gives, if what is needed fits that.
///
/// `needed` is in the quota's unit.
pub(crate) fn with_headroom(quota: &Quota, needed: u64) -> u64 {
    let wanted = needed.saturating_add(needed.div_ceil(5));
    let step = 10_u64.saturating_pow(wanted.max(1).ilog10().saturating_sub(1));
    let rounded = wanted.div_ceil(step).saturating_mul(step);
    match most(quota).or(planned(quota)) {
        Some(most) if needed <= most => rounded.min(most),
        _ => rounded,
    }
}

/// The number that plans count with, where AWS has words only.
fn planned(quota: &Quota) -> Option<u64> {
    match quota.raise {
        Raise::Request { up_to: UpTo::About { planned, .. }, .. }
        | Raise::Ask { up_to: UpTo::About { planned, .. } } => Some(planned),
        _ => None,
    }
}

/// The number that AWS names as the most.
fn most(quota: &Quota) -> Option<u64> {
    match quota.raise {
        Raise::Request { up_to: UpTo::Value(most), .. } | Raise::Ask { up_to: UpTo::Value(most) } => Some(most),
        _ => None,
    }
}

/// What to do so that `needed`, in the quota's unit, fits.
pub(crate) enum Advice {
    /// A command that asks for it.
    Command(String),
    /// Words.
    Words(String),
}

pub(crate) fn advice(quota: &Quota, in_region: &str, needed: u64) -> Advice {
    if let Some(most) = most(quota).filter(|most| needed > *most) {
        return Advice::Words(format!("cannot be raised beyond {most}: use more accounts"));
    }
    let value = with_headroom(quota, needed);
    match quota.raise {
        Raise::Fixed => Advice::Words("cannot be raised: use more accounts".to_owned()),
        Raise::Request { service, code, .. } => Advice::Command(format!(
            "aws service-quotas request-service-quota-increase --service-code {service} --quota-code {code} --desired-value {value} --region {}",
            region(quota, in_region)
        )),
        Raise::Ask { .. } => Advice::Words(format!("ask AWS Support for {value} in {in_region}")),
        Raise::Setting { field } => Advice::Words(format!("set `{field}` so that {needed} fit")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Key;

    #[test]
    fn requests_have_some_headroom_and_stay_below_what_aws_gives() {
        let vpcs = Key::VpcsPerRegion.quota();
        assert_eq!([5, 13, 101, 1_300].map(|needed| with_headroom(vpcs, needed)), [6, 16, 130, 1_600]);
        let roles = Key::IamRoles.quota();
        assert_eq!(with_headroom(roles, 4_900), 5_000);
        let said = |quota: &Quota, needed| match advice(quota, "eu-west-1", needed) {
            Advice::Command(text) | Advice::Words(text) => text,
        };
        assert_eq!(
            said(vpcs, 101),
            "aws service-quotas request-service-quota-increase --service-code vpc --quota-code L-F678F1CE --desired-value 130 --region \
             eu-west-1"
        );
        assert!(said(roles, 1_200).ends_with("--region us-east-1"), "IAM is asked in one region");
        assert_eq!(said(roles, 5_002), "cannot be raised beyond 5000: use more accounts");
        assert_eq!(said(Key::WildcardRulesPerBus.quota(), 31), "cannot be raised: use more accounts");
    }
}
