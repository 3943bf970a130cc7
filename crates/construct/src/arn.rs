//! ARNs by the type of what they name, so that one of another type does not compile.
//!
//! The markers are AWS's own resource types as the [Service Authorization Reference][sar] has them. They are labels and are never
//! built. An ARN comes from a declared block's attribute, or from a resource name by [`Stack::arn`](crate::Stack::arn) where a
//! reference would be circular (a key policy names a role whose policy names the key).
//!
//! [sar]: https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html

use std::marker::PhantomData;

use crate::{Expr, Text};

/// The ARN of a `T`: a label for an [`Expr`].
pub struct Arn<T>(PhantomData<T>);

/// An expression that yields the ARN of a `T`.
pub type ArnOf<T> = Expr<Arn<T>>;

/// Which of region and account stand in an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Region and account, as most.
    Regional,
    /// Only the account, as in IAM.
    Account,
    /// Neither, as in S3.
    Global,
}

/// A resource type whose ARN follows from its name.
pub trait Named {
    /// The service's part of the ARN.
    const SERVICE: &'static str;
    /// Which of region and account stand in the ARN.
    const SCOPE: Scope = Scope::Regional;
    /// What stands before the name.
    const PREFIX: &'static str;
}

macro_rules! markers {
    ($($(#[$doc:meta])* $name:ident $(= $service:literal, $scope:ident, $prefix:literal)?;)+) => {
        $(
            $(#[$doc])*
            pub struct $name;
            $(
                impl Named for $name {
                    const SERVICE: &'static str = $service;
                    const SCOPE: Scope = Scope::$scope;
                    const PREFIX: &'static str = $prefix;
                }
            )?
        )+
    };
}

markers! {
    /// A KMS key; its ARN holds a generated id.
    Key = "kms", Regional, "key/";
    /// A name of a KMS key.
    Alias = "kms", Regional, "alias/";
    /// An IAM role.
    Role = "iam", Account, "role/";
    /// A managed policy.
    Policy = "iam", Account, "policy/";
    /// A DynamoDB table.
    Table = "dynamodb", Regional, "table/";
    /// An S3 bucket.
    Bucket = "s3", Global, "";
    /// The objects of an S3 bucket.
    Object;
    /// An SQS queue.
    Queue = "sqs", Regional, "";
    /// A Lambda function.
    Function = "lambda", Regional, "function:";
    /// A CloudWatch Logs log group.
    LogGroup = "logs", Regional, "log-group:";
    /// Log streams of a log group.
    LogStream;
    /// An EventBridge rule on the default bus.
    Rule = "events", Regional, "rule/";
    /// An EventBridge bus.
    EventBus = "events", Regional, "event-bus/";
    /// A Step Functions state machine.
    StateMachine = "states", Regional, "stateMachine:";
    /// A CodeBuild project.
    BuildProject = "codebuild", Regional, "project/";
    /// A CloudWatch alarm.
    Alarm = "cloudwatch", Regional, "alarm:";
    /// Whatever EC2 has in the account.
    Ec2 = "ec2", Regional, "";
    /// A VPC; its ARN, like that of all of EC2, holds a generated id.
    Vpc = "ec2", Regional, "vpc/";
    /// A subnet.
    Subnet = "ec2", Regional, "subnet/";
    /// A route table.
    RouteTable = "ec2", Regional, "route-table/";
    /// A network ACL.
    NetworkAcl = "ec2", Regional, "network-acl/";
    /// A security group.
    SecurityGroup = "ec2", Regional, "security-group/";
    /// A rule of a security group.
    SecurityGroupRule = "ec2", Regional, "security-group-rule/";
    /// A VPC endpoint.
    VpcEndpoint = "ec2", Regional, "vpc-endpoint/";
    /// A VPC flow log.
    FlowLog = "ec2", Regional, "vpc-flow-log/";
    /// A network interface.
    NetworkInterface = "ec2", Regional, "network-interface/";
    /// A hosted zone of Route 53.
    HostedZone;
}

/// The start of the ARN of a resource type: `arn:{partition}:{service}:{region}:{account}:{prefix}`.
pub(crate) fn start<T: Named>(partition: &str, region: &str, account: &Text) -> Text {
    let (region, account) = match T::SCOPE {
        Scope::Regional => (region, account.clone()),
        Scope::Account => ("", account.clone()),
        Scope::Global => ("", Text::default()),
    };
    let parts = ["arn:", partition, ":", T::SERVICE, ":", region, ":"];
    let start = parts.into_iter().fold(Text::with_room(MOST_OF_AN_ARN), Text::lit);
    start.then(account).lit(":").lit(T::PREFIX)
}

/// Room for nearly every ARN, so that it grows in place.
const MOST_OF_AN_ARN: usize = 160;

impl ArnOf<Bucket> {
    /// Every object of the bucket.
    pub fn objects(&self) -> ArnOf<Object> {
        Expr::new(self.text().lit("/*"))
    }

    /// The object with this key.
    pub fn object(&self, key: Text) -> ArnOf<Object> {
        Expr::new(self.text().lit("/").then(key))
    }

    /// The objects whose keys start with `prefix` and a slash.
    pub fn objects_under(&self, prefix: &str) -> ArnOf<Object> {
        Expr::new(self.text().lit("/").lit(prefix).lit("/*"))
    }
}

macro_rules! parts_of_ec2 {
    ($($part:ident)+) => {
        $(
            impl ArnOf<$part> {
                /// The same ARN, as of whatever EC2 has: beside actions that are on several types.
                pub fn as_of(&self) -> ArnOf<Ec2> {
                    Expr::new(self.text())
                }
            }
        )+
    };
}

parts_of_ec2! { NetworkAcl RouteTable SecurityGroup }

impl ArnOf<HostedZone> {
    /// Every hosted zone: Route 53 knows no account and no region.
    pub fn every(partition: &str) -> Self {
        Expr::new(Text::literal(format!("arn:{partition}:route53:::hostedzone/*")))
    }
}

impl ArnOf<Table> {
    /// Every index of the table. A policy on the table does not cover them.
    pub fn indexes(&self) -> ArnOf<Table> {
        Expr::new(self.text().lit("/index/*"))
    }
}

impl ArnOf<LogGroup> {
    /// The log streams whose names start with `prefix` and a slash; a slash cannot stand in a tenant id, so that no other tenant's
    /// streams are meant.
    pub fn streams_under(&self, prefix: &str) -> ArnOf<LogStream> {
        Expr::new(self.text().lit(":log-stream:").lit(prefix).lit("/*"))
    }

    /// Every log stream of the group.
    pub fn streams(&self) -> ArnOf<LogStream> {
        Expr::new(self.text().lit(":log-stream:*"))
    }

    /// The group and what is in it, with `:*`: how a policy names a group for most actions, and how CloudWatch Logs names the group
    /// for which it acts ([log group ARNs][arns]).
    ///
    /// [arns]: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    pub fn with_streams(&self) -> ArnOf<LogGroup> {
        Expr::new(self.text().lit(":*"))
    }
}
