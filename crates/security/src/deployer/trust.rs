//! Who may become the runner, and who the deployer: CodeBuild for one project, and that project's role for one tenant at a time.

use construct::{ArnOf, Stack, Text, arn};
use naming::{Owner, Platform, PlatformKind};

use crate::guard::deny_all_tenants;
use crate::policy::action::sts;
use crate::policy::{Operator, Policy, Principal, Statement, key};
use crate::service::Service;
use crate::trust::BECOMING;

const REASON: &str = "a trust policy has no resource: it is the role's own";

/// The trust policy of the runner: CodeBuild, for the one project of this account
/// ([confused deputy](https://docs.aws.amazon.com/codebuild/latest/userguide/cross-service-confused-deputy-prevention.html)).
pub(super) fn runner(stack: &Stack<Platform>) -> Text {
    let platform = stack.owner();
    let project = stack.arn::<arn::BuildProject>(&platform.name(PlatformKind::Runner));
    let allow = Statement::allow_on_any("AllowAssume", &[sts::ASSUME_ROLE], REASON)
        .principal(Principal::Service(Service::CodeBuild.principal(platform.region())))
        .when(Operator::StringEquals, key::SOURCE_ACCOUNT, [stack.account()])
        .when(Operator::ArnEquals, key::SOURCE_ARN, [project]);
    Policy::new([allow].into_iter().chain(deny_all_tenants(platform, BECOMING, &[]))).trust_text()
}

/// The trust policy of the deployer: the runner, which has to say with the session tag `TenantId` for which tenant, and may set no other
/// tag ([session tags](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html)).
///
/// The tag of the session takes the place of the role's own. A session for the platform itself could use what is tagged as the
/// platform's, so that there is none.
pub(super) fn deployer(stack: &Stack<Platform>, runner: &ArnOf<arn::Role>) -> Text {
    let platform = stack.owner();
    let named = stack.arn::<arn::Role>(&platform.name(PlatformKind::RunnerRole));
    let [tenant, nobody] = ["TenantId", Platform::TAG].map(Text::literal);
    let allow = Statement::allow_on_any("AllowRunnerForOneTenant", &[sts::ASSUME_ROLE, sts::TAG_SESSION], REASON)
        .principal(Principal::Roles(vec![runner.clone()]))
        .when(Operator::Null, key::REQUEST_TENANT, [Text::literal("false")])
        .when(Operator::StringNotEquals, key::REQUEST_TENANT, [nobody])
        .when(Operator::Null, key::TRANSITIVE_TAG_KEYS, [Text::literal("true")]);
    let denials = [
        Statement::deny("DenyOtherTags", &["sts:TagSession"], []).principal(Principal::Everyone).when(
            Operator::ForAnyValueStringNotEquals,
            key::TAG_KEYS,
            [tenant],
        ),
        Statement::deny("DenyAllButRunner", BECOMING, []).principal(Principal::Everyone).when(
            Operator::ArnNotEquals,
            key::PRINCIPAL_ARN,
            [named],
        ),
    ];
    let tenants = deny_all_tenants(platform, BECOMING, &[]);
    Policy::new([allow].into_iter().chain(denials).chain(tenants)).trust_text()
}
