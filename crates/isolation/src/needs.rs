//! What the code of a tenant's functions calls, and whether it may: a fleet that is isolated because nothing works is no fleet.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::iam::{Request, decide};
use crate::model::{Model, SHARED_ACCOUNT};
use crate::proof::{policies_of, principal_of};
use crate::report::Need;

/// One call of a function's code, or one that AWS makes with the function's role. Texts may hold `{tenant_id}`, `{region}`, `{account}` and
/// `{suffix}`, and environment variables of the function, for example `{TABLE_NAME}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The function, as Terraform addresses it, for example `aws_lambda_function.api`.
    #[serde(default)]
    pub function: String,
    /// The action, for example `dynamodb:GetItem`.
    pub action: String,
    /// The resource as Terraform addresses it in the tenant's stack …
    #[serde(default)]
    pub resource: Option<String>,
    /// … or its ARN.
    #[serde(default)]
    pub arn: Option<String>,
    /// What follows the ARN, for example `/object`.
    #[serde(default)]
    pub path: String,
    /// What AWS will say of the request beside what is known of the role and the resource.
    #[serde(default)]
    pub context: BTreeMap<String, Vec<String>>,
    /// Whether the call goes by the endpoint of its service in the tenant's VPC, if there is one.
    #[serde(default = "by_default")]
    pub from_vpc: bool,
    /// What for.
    pub why: String,
}

fn by_default() -> bool {
    true
}

/// Each call of a stack's functions with AWS's answer. A call of a function that the stack does not have is not asked about.
pub(crate) fn judge(model: &Model, calls: &[Call]) -> Vec<Need> {
    calls.iter().filter_map(|call| need(model, call)).collect()
}

fn need(model: &Model, call: &Call) -> Option<Need> {
    let function = model.resource(&call.function)?;
    let runs = model.triggers.iter().find(|trigger| trigger.resource == call.function)?;
    let role = model.roles.iter().find(|role| role.arn == runs.role);
    let id = model.owner.as_deref().unwrap_or_default();
    let suffix = model.stack.strip_prefix(&format!("tenant-{id}-")).unwrap_or_default();
    let filled = |text: &str| {
        let text = text.replace("{tenant_id}", id).replace("{region}", &model.region);
        let text = text.replace("{account}", &model.account).replace("{suffix}", suffix);
        let variables = runs.environment.iter();
        variables.fold(text, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    };
    let target = call.resource.as_deref().and_then(|address| model.resource(address));
    let arn = match (&call.arn, target) {
        (Some(arn), _) => Some(filled(arn)),
        (None, Some(resource)) => resource.arns.first().cloned(),
        (None, None) => None,
    };
    let resource = arn.map(|arn| arn + &filled(&call.path)).unwrap_or_default();
    let allowed = role.is_some_and(|role| {
        let mut policies = policies_of(role, target.unwrap_or(function), &model.account);
        if target.is_none() {
            policies.resource = None;
            policies.kind = crate::iam::ResourceKind::Plain;
        }
        let mut context: BTreeMap<String, Vec<String>> = call
            .context
            .iter()
            .map(|(key, values)| (key.clone(), values.iter().map(|value| filled(value)).collect()))
            .collect();
        let tags = role.tags.iter().map(|(key, value)| (format!("aws:PrincipalTag/{key}"), vec![value.clone()]));
        context.extend(tags);
        context.insert("aws:SecureTransport".to_owned(), vec!["true".to_owned()]);
        context.insert("aws:RequestedRegion".to_owned(), vec![model.region.clone()]);
        let service = call.action.split(':').next().unwrap_or_default();
        if call.from_vpc
            && let Some(endpoint) = model.endpoints.iter().find(|endpoint| endpoint.service == service)
        {
            policies.endpoint.clone_from(&endpoint.policy);
            context.insert("aws:SourceVpce".to_owned(), vec![endpoint.id.clone()]);
        }
        let request =
            Request { principal: principal_of(role), action: call.action.clone(), resource: resource.clone(), context };
        decide(&policies, &request).allowed
    });
    Some(Need {
        stack: model.stack.clone(),
        function: call.function.clone(),
        action: call.action.clone(),
        resource: resource.replace(SHARED_ACCOUNT, "<account>"),
        why: call.why.clone(),
        allowed,
    })
}
