//! The bodies of the Lambda and SQS resources, with the fields that are set.

use std::collections::BTreeMap;

use construct::arn::{self, Key, Role};
use construct::{Arn, ArnOf, Attr, Expr, Resource, Text};
use naming::{ResourceName, Tags};
use network::{SecurityGroupId, SubnetId};
use serde::Serialize;

use crate::code::Architecture;

/// The name of a function, as other resources refer to it.
pub struct FunctionName;

/// The address at which a function answers.
pub struct Url;

/// The URL of a queue, which is also its id.
pub struct QueueUrl;

/// A Lambda function of 128 to 10,240 MB that runs for at most 900 seconds
/// ([Lambda quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)).
#[derive(Serialize)]
pub struct Function {
    pub(crate) architectures: [Architecture; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dead_letter_config: Option<DeadLetterConfig>,
    pub(crate) description: Text,
    pub(crate) environment: Environment,
    pub(crate) filename: Text,
    pub(crate) function_name: ResourceName,
    pub(crate) handler: &'static str,
    pub(crate) kms_key_arn: ArnOf<Key>,
    pub(crate) logging_config: LoggingConfig,
    pub(crate) memory_size: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reserved_concurrent_executions: Option<u16>,
    pub(crate) role: ArnOf<Role>,
    pub(crate) runtime: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_code_hash: Option<String>,
    pub(crate) tags: Tags,
    pub(crate) timeout: u16,
    pub(crate) tracing_config: TracingConfig,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vpc_config: Option<VpcConfig>,
}

impl Resource for Function {
    const TYPE: &'static str = "aws_lambda_function";
}

impl Function {
    /// The function's ARN.
    pub const ARN: Attr<Self, Arn<arn::Function>> = Attr::new("arn");
    /// The function's name.
    pub const NAME: Attr<Self, FunctionName> = Attr::new("function_name");
}

#[derive(Serialize)]
pub(crate) struct DeadLetterConfig {
    pub(crate) target_arn: ArnOf<arn::Queue>,
}

#[derive(Serialize)]
pub(crate) struct Environment {
    pub(crate) variables: BTreeMap<&'static str, Text>,
}

#[derive(Serialize)]
pub(crate) struct LoggingConfig {
    pub(crate) log_format: &'static str,
    pub(crate) log_group: Text,
}

#[derive(Serialize)]
pub(crate) struct TracingConfig {
    pub(crate) mode: &'static str,
}

#[derive(Serialize)]
pub(crate) struct VpcConfig {
    pub(crate) security_group_ids: [Expr<SecurityGroupId>; 1],
    pub(crate) subnet_ids: [Expr<SubnetId>; 2],
}

/// The HTTPS address of a function.
#[derive(Serialize)]
pub struct FunctionUrl {
    pub(crate) authorization_type: &'static str,
    pub(crate) function_name: Expr<FunctionName>,
    pub(crate) invoke_mode: &'static str,
}

impl Resource for FunctionUrl {
    const TYPE: &'static str = "aws_lambda_function_url";
}

impl FunctionUrl {
    /// The address, `https://…/` with the slash.
    pub const URL: Attr<Self, Url> = Attr::new("function_url");
}

/// One statement of a function's policy. Such a policy can only allow.
#[derive(Serialize)]
pub struct Permission {
    action: &'static str,
    function_name: Expr<FunctionName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_url_auth_type: Option<&'static str>,
    principal: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_account: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_arn: Option<Text>,
    statement_id: &'static str,
}

impl Resource for Permission {
    const TYPE: &'static str = "aws_lambda_permission";
}

impl Permission {
    /// Lets an AWS service invoke the function on behalf of one resource of one account.
    pub fn service(
        statement_id: &'static str,
        function_name: Expr<FunctionName>,
        service: String,
        source_arn: Text,
        source_account: Text,
    ) -> Self {
        Self {
            action: "lambda:InvokeFunction",
            function_name,
            function_url_auth_type: None,
            principal: Text::literal(service),
            source_account: Some(source_account),
            source_arn: Some(source_arn),
            statement_id,
        }
    }

    /// The two permissions that a role needs to call a function URL ([function URL access][urls]). That the second one is used by way
    /// of the URL only is for the role's own policy and boundary to say: not every provider version in use knows the condition here.
    ///
    /// [urls]: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    pub fn url_caller(function_name: &Expr<FunctionName>, role: &ArnOf<Role>) -> [Self; 2] {
        let one = |statement_id, action, function_url_auth_type| Self {
            action,
            function_name: function_name.clone(),
            function_url_auth_type,
            principal: role.text(),
            source_account: None,
            source_arn: None,
            statement_id,
        };
        [
            one("CallUrl", "lambda:InvokeFunctionUrl", Some("AWS_IAM")),
            one("CallThroughUrl", "lambda:InvokeFunction", None),
        ]
    }
}

/// An SQS queue. Messages are kept for 60 seconds to 14 days
/// ([message quotas](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html)).
#[derive(Serialize)]
pub struct Queue {
    pub(crate) kms_data_key_reuse_period_seconds: u32,
    pub(crate) kms_master_key_id: ArnOf<Key>,
    pub(crate) message_retention_seconds: u32,
    pub(crate) name: ResourceName,
    pub(crate) policy: Text,
    pub(crate) tags: Tags,
}

impl Resource for Queue {
    const TYPE: &'static str = "aws_sqs_queue";
}

impl Queue {
    /// The queue's ARN.
    pub const ARN: Attr<Self, Arn<arn::Queue>> = Attr::new("arn");
    /// The queue's URL.
    pub const URL: Attr<Self, QueueUrl> = Attr::new("url");
}
