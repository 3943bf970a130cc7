//! AWS services as principals and as the way a key is used.

use naming::Region;

/// An AWS service that acts on a tenant's resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// AWS CodeBuild.
    CodeBuild,
    /// Amazon DynamoDB.
    DynamoDb,
    /// Amazon EventBridge.
    EventBridge,
    /// AWS Lambda.
    Lambda,
    /// Amazon CloudWatch Logs.
    Logs,
    /// The delivery of logs to CloudWatch Logs by other services.
    LogDelivery,
    /// CloudWatch Logs as it delivers to a subscription.
    LogSubscription,
    /// Amazon S3.
    S3,
    /// Amazon SQS.
    Sqs,
    /// AWS Step Functions.
    StepFunctions,
    /// VPC flow logs.
    VpcFlowLogs,
}

impl Service {
    fn prefix(self) -> &'static str {
        match self {
            Self::CodeBuild => "codebuild",
            Self::DynamoDb => "dynamodb",
            Self::EventBridge => "events",
            Self::Lambda => "lambda",
            Self::Logs | Self::LogSubscription => "logs",
            Self::LogDelivery => "delivery.logs",
            Self::S3 => "s3",
            Self::Sqs => "sqs",
            Self::StepFunctions => "states",
            Self::VpcFlowLogs => "vpc-flow-logs",
        }
    }

    /// The service as a principal. CloudWatch Logs names itself with its region
    /// ([encrypt log data](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html)); the others do not.
    pub fn principal(self, region: &Region) -> String {
        match self {
            Self::Logs => format!("logs.{region}.amazonaws.com"),
            other => format!("{}.amazonaws.com", other.prefix()),
        }
    }

    /// The service as `kms:ViaService` has it.
    pub fn via(self, region: &Region) -> String {
        format!("{}.{region}.amazonaws.com", self.prefix())
    }
}
