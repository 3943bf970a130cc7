//! Roles, policies and keys.

use super::Texts;
use crate::document::Resource;
use crate::ledger::Key;
use crate::size::{bytes, characters, filled, without_space};
use crate::usage::{Tally, Usage, target};

/// AWS waits this long where a key says nothing else
/// ([ScheduleKeyDeletion](https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html)).
const DEFAULT_DELETION_WINDOW_IN_DAYS: u64 = 30;

pub(super) fn count(texts: &Texts<'_>, usage: &mut Usage) {
    roles(texts, usage);
    keys(texts, usage);
}

fn roles(texts: &Texts<'_>, usage: &mut Usage) {
    let document = texts.document;
    usage.add(Key::IamRoles, document.count("aws_iam_role"));
    usage.add(Key::IamPolicies, document.count("aws_iam_policy"));
    texts.sizes(usage, Key::TrustPolicy, ("aws_iam_role", "assume_role_policy"), characters);
    texts.sizes(usage, Key::ManagedPolicy, ("aws_iam_policy", "policy"), without_space);

    let size = |text: &str| without_space(&filled(document, texts.region, text));
    let (mut inline, mut attached) = (Tally::default(), Tally::default());
    for role in document.of("aws_iam_role") {
        let texts = role.items("inline_policy").filter_map(|policy| policy.get("policy")?.as_str());
        inline.add(role.address(), texts.map(size).sum());
        let arns = u64::try_from(role.items("managed_policy_arns").count()).unwrap_or(u64::MAX);
        attached.add(role.address(), arns);
    }
    let role_of = |resource: &Resource<'_>| resource.text("role").map_or_else(|| resource.address(), target);
    for policy in document.of("aws_iam_role_policy") {
        inline.add(role_of(&policy), policy.text("policy").map_or(0, size));
    }
    for attachment in document.of("aws_iam_role_policy_attachment") {
        attached.add(role_of(&attachment), attachment.copies);
    }
    inline.hold(usage, Key::InlinePolicies);
    attached.hold(usage, Key::PoliciesPerRole);
}

fn keys(texts: &Texts<'_>, usage: &mut Usage) {
    let document = texts.document;
    for key in document.of("aws_kms_key") {
        usage.add(Key::KmsKeys, key.copies);
        let days = key.number("deletion_window_in_days").unwrap_or(DEFAULT_DELETION_WINDOW_IN_DAYS);
        let longest = usage.lingers.entry(Key::KmsKeys).or_default();
        *longest = days.max(*longest);
    }
    for kind in ["aws_kms_key", "aws_kms_key_policy"] {
        texts.sizes(usage, Key::KeyPolicy, (kind, "policy"), bytes);
    }
    let mut aliases = Tally::default();
    for alias in document.of("aws_kms_alias") {
        aliases.add(alias.text("target_key_id").map_or_else(|| alias.address(), target), alias.copies);
    }
    aliases.hold(usage, Key::AliasesPerKey);
}
