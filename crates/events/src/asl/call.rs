//! What a task does: the service integrations that are in use.

use construct::Text;
use serde_json::{Value, json};

use super::path::Path;
use super::template::{Arg, Template};

/// A [service integration](https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html) and what it is given.
#[derive(Clone, Debug)]
pub enum Call {
    /// Invokes a Lambda function and waits for its answer, which is the field `Payload` of the result.
    Invoke {
        /// The function's name.
        function: Text,
        /// What it is given.
        payload: Template,
    },
    /// Runs a CodeBuild project and waits for the end of the build. The result's field `Build` tells of it; that of a build that failed
    /// is the cause of the error `States.TaskFailed`.
    RunBuild {
        /// The project's name.
        project: Text,
        /// Where the source of this build lies, in place of the project's: a bucket and a key.
        source: Path,
        /// Environment variables of this build, taken from the state's data. They are plain text to CodeBuild: no shell reads them
        /// before the build's commands do.
        variables: Vec<(&'static str, Path)>,
    },
    /// Lists objects of a bucket, those that come after a key; the field `Contents` of the result tells of them.
    ListObjects {
        /// The bucket's name.
        bucket: Text,
        /// What their keys begin with.
        prefix: &'static str,
        /// Where the key stands after which the list begins.
        after: Path,
        /// The most objects of one list: the data of a run have 256 KiB, an object takes about 300 bytes.
        most: u32,
    },
    /// Puts events on a bus. It fails with `EventBridge.FailedEntry` when one of them is not taken.
    PutEvents {
        /// Where the entries stand.
        entries: Path,
    },
    /// Sends a message to a queue.
    SendMessage {
        /// The queue's URL.
        queue_url: Text,
        /// Where the message stands.
        body: Path,
    },
}

impl Call {
    /// The actions that the role of the state machine needs for it, in the words of IAM.
    pub fn actions(&self) -> &'static [&'static str] {
        match self {
            Self::Invoke { .. } => &["lambda:InvokeFunction"],
            // The last three are for the rule by which Step Functions hears of the end of a build.
            Self::RunBuild { .. } => &[
                "codebuild:StartBuild",
                "codebuild:StopBuild",
                "codebuild:BatchGetBuilds",
                "events:DescribeRule",
                "events:PutRule",
                "events:PutTargets",
            ],
            Self::ListObjects { .. } => &["s3:ListBucket"],
            Self::PutEvents { .. } => &["events:PutEvents"],
            Self::SendMessage { .. } => &["sqs:SendMessage"],
        }
    }

    pub(crate) fn resource(&self) -> &'static str {
        match self {
            Self::Invoke { .. } => "lambda:invoke",
            Self::RunBuild { .. } => "codebuild:startBuild.sync",
            Self::ListObjects { .. } => "aws-sdk:s3:listObjectsV2",
            Self::PutEvents { .. } => "events:putEvents",
            Self::SendMessage { .. } => "sqs:sendMessage",
        }
    }

    fn template(&self) -> Template {
        match self {
            Self::Invoke { function, payload } => {
                Template::new().with("FunctionName", function.clone()).with("Payload", payload.clone())
            }
            Self::RunBuild { project, source, variables } => {
                let variable = |(name, value): &(&'static str, Path)| {
                    Template::new().with("Name", *name).with("Type", "PLAINTEXT").with("Value", *value)
                };
                let variables = Arg::List(variables.iter().map(variable).collect());
                Template::new()
                    .with("ProjectName", project.clone())
                    .with("SourceLocationOverride", *source)
                    .with("EnvironmentVariablesOverride", variables)
            }
            Self::ListObjects { bucket, prefix, after, most } => Template::new()
                .with("Bucket", bucket.clone())
                .with("Prefix", *prefix)
                .with("StartAfter", *after)
                .with("MaxKeys", Arg::Number(*most)),
            Self::PutEvents { entries } => Template::new().with("Entries", *entries),
            Self::SendMessage { queue_url, body } => {
                Template::new().with("QueueUrl", queue_url.clone()).with("MessageBody", *body)
            }
        }
    }

    pub(crate) fn parameters(&self) -> Value {
        self.template().render()
    }

    pub(crate) fn names(&self, found: &mut Vec<(&'static str, bool)>) {
        self.template().names(found);
    }

    pub(crate) fn arn(&self, partition: &str) -> Value {
        json!(format!("arn:{partition}:states:::{}", self.resource()))
    }
}
