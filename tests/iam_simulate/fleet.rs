//! The example fleet as AWS would see it: roles and resources with their ARNs and policies. It reads Terraform's references on its own,
//! so that a slip in the product's reading is seen.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::stacks::{Resource, Stack, TENANTS, refers, text};

/// The account of all stacks.
pub(super) const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";

/// A role.
pub(super) struct Role {
    pub(super) owner: String,
    pub(super) arn: String,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) identity: Vec<Value>,
    pub(super) boundary: Option<Value>,
}

/// Something that actions are done to.
pub(super) struct Target {
    pub(super) owner: String,
    /// The type of the Terraform resource.
    pub(super) kind: String,
    pub(super) arn: String,
    pub(super) policy: Option<Value>,
}

/// A way out of a VPC.
pub(super) struct Endpoint {
    pub(super) owner: String,
    /// `s3`, `dynamodb`, `logs`.
    pub(super) service: String,
    pub(super) id: String,
    pub(super) policy: Value,
}

/// What all stacks declare.
#[derive(Default)]
pub(super) struct Fleet {
    pub(super) roles: Vec<Role>,
    pub(super) targets: Vec<Target>,
    pub(super) endpoints: Vec<Endpoint>,
}

impl Fleet {
    /// Reads the stacks.
    pub(super) fn read(stacks: &[Stack]) -> Self {
        let mut fleet = Self::default();
        for stack in stacks {
            let stack = Reader { stack };
            fleet.roles.extend(stack.roles().into_iter().flat_map(sessions));
            fleet.targets.extend(stack.targets());
            fleet.endpoints.extend(stack.endpoints());
        }
        fleet
    }
}

/// A role of the platform whose sessions are tagged with a tenant acts for each of them in turn; any other for its owner.
fn sessions(role: Role) -> Vec<Role> {
    if !role.arn.ends_with(":role/platform-deployer-role-dev") {
        return vec![role];
    }
    let session = |(tenant, _): (&str, u8)| {
        let mut tags = role.tags.clone();
        tags.insert("TenantId".to_owned(), tenant.to_owned());
        Role {
            owner: tenant.to_owned(),
            arn: role.arn.clone(),
            tags,
            identity: role.identity.clone(),
            boundary: role.boundary.clone(),
        }
    };
    TENANTS.into_iter().map(session).collect()
}

struct Reader<'a> {
    stack: &'a Stack,
}

impl Reader<'_> {
    fn owner(&self) -> String {
        self.stack.owner().to_owned()
    }

    fn roles(&self) -> Vec<Role> {
        let role = |(id, body): (&str, &Value)| {
            let inline = self.stack.all("aws_iam_role_policy").into_values();
            let inline = inline.filter(|policy| refers(&policy["role"], "aws_iam_role", id));
            let boundaries = self.stack.all("aws_iam_policy");
            let attached = self.stack.all("aws_iam_role_policy_attachment").into_values();
            let attached = attached.filter(|attached| refers(&attached["role"], "aws_iam_role", id)).map(|attached| {
                let of = |(id, _): &(&&str, &&Value)| refers(&attached["policy_arn"], "aws_iam_policy", id);
                *boundaries.iter().find(of).expect("the stack declares what it attaches").1
            });
            let mut boundary =
                boundaries.iter().filter(|(id, _)| refers(&body["permissions_boundary"], "aws_iam_policy", id));
            let tags = body["tags"].as_object().into_iter().flatten();
            Role {
                owner: self.owner(),
                arn: self.arn("aws_iam_role", id),
                tags: tags.map(|(key, value)| (key.clone(), self.text(text(value)))).collect(),
                identity: inline.chain(attached).map(|policy| self.document(&policy["policy"])).collect(),
                boundary: boundary.next().map(|(_, policy)| self.document(&policy["policy"])),
            }
        };
        self.stack.all("aws_iam_role").into_iter().map(role).collect()
    }

    fn targets(&self) -> Vec<Target> {
        let target = |(kind, id, body): Resource| {
            let own = |of: &str, at: &str, holds: &str| {
                self.stack.of(of, at, (kind, id)).map(|(_, policy)| self.document(&policy[holds]))
            };
            let policy = match kind {
                "aws_s3_bucket" => own("aws_s3_bucket_policy", "bucket", "policy"),
                "aws_dynamodb_table" => own("aws_dynamodb_resource_policy", "resource_arn", "policy"),
                "aws_kms_key" => own("aws_kms_key_policy", "key_id", "policy"),
                "aws_sqs_queue" => Some(self.document(&body["policy"])),
                "aws_iam_role" => Some(self.document(&body["assume_role_policy"])),
                "aws_lambda_function" => Some(self.permissions(id)),
                "aws_cloudwatch_log_group" | "aws_cloudwatch_event_rule" | "aws_sfn_state_machine" => None,
                _ => return None,
            };
            Some(Target { owner: self.owner(), kind: kind.to_owned(), arn: self.arn(kind, id), policy })
        };
        self.stack.resources().into_iter().filter_map(target).collect()
    }

    /// A function's policy, which is made of permissions.
    fn permissions(&self, function: &str) -> Value {
        let of = self.stack.all("aws_lambda_permission").into_values();
        let of = of.filter(|permission| refers(&permission["function_name"], "aws_lambda_function", function));
        let statements: Vec<Value> = of
            .map(|permission| {
                let principal = self.text(text(&permission["principal"]));
                let kind = if principal.starts_with("arn:") { "AWS" } else { "Service" };
                let mut conditions = json!({});
                for (field, operator, key) in [
                    ("source_arn", "ArnLike", "AWS:SourceArn"),
                    ("source_account", "StringEquals", "AWS:SourceAccount"),
                    ("function_url_auth_type", "StringEquals", "lambda:FunctionUrlAuthType"),
                ] {
                    if let Some(value) = permission[field].as_str() {
                        conditions[operator][key] = json!(self.text(value));
                    }
                }
                json!({
                    "Effect": "Allow",
                    "Principal": { kind: principal },
                    "Action": permission["action"],
                    "Resource": self.arn("aws_lambda_function", function),
                    "Condition": conditions,
                })
            })
            .collect();
        json!({ "Version": "2012-10-17", "Statement": statements })
    }

    fn endpoints(&self) -> Vec<Endpoint> {
        let endpoint = |(id, body): (&str, &Value)| Endpoint {
            owner: self.owner(),
            service: text(&body["service_name"]).rsplit('.').next().expect("a service").to_owned(),
            id: self.attribute(&format!("aws_vpc_endpoint.{id}.id")),
            policy: self.document(&body["policy"]),
        };
        self.stack.all("aws_vpc_endpoint").into_iter().map(endpoint).collect()
    }

    /// A policy document with Terraform's references resolved and IAM's variables as they are.
    fn document(&self, policy: &Value) -> Value {
        let resolved = self.text(text(policy));
        serde_json::from_str(&resolved).unwrap_or_else(|error| panic!("{error}: {resolved}"))
    }

    /// A text with its references resolved; `$${` is `${`.
    fn text(&self, raw: &str) -> String {
        let mut resolved = String::new();
        let mut rest = raw;
        while let Some(at) = rest.find("${") {
            if let Some(before) = rest[..at].strip_suffix('$') {
                resolved.push_str(before);
                resolved.push_str("${");
                rest = &rest[at + 2..];
            } else {
                let (path, after) = rest[at + 2..].split_once('}').expect("a reference ends");
                resolved.push_str(&rest[..at]);
                resolved.push_str(&self.attribute(path));
                rest = after;
            }
        }
        resolved + rest
    }

    fn attribute(&self, path: &str) -> String {
        if path == "data.aws_caller_identity.current.account_id" {
            return ACCOUNT.to_owned();
        }
        let parts: Vec<&str> = path.split('.').collect();
        let [kind, id, attribute] = parts[..] else { panic!("{}: what is `{path}`?", self.stack.name) };
        let literal = &self.stack.body["resource"][kind][id][attribute];
        match (attribute, literal) {
            ("arn", _) => self.arn(kind, id),
            (_, Value::String(literal)) => self.text(literal),
            _ => format!("{}-{kind}-{id}", self.stack.name),
        }
    }

    fn arn(&self, kind: &str, id: &str) -> String {
        let body = &self.stack.body["resource"][kind][id];
        let name = ["name", "bucket", "function_name"]
            .into_iter()
            .find_map(|field| body[field].as_str())
            .map_or_else(|| format!("{}-{id}", self.stack.name), |name| self.text(name));
        let place = format!("{REGION}:{ACCOUNT}");
        match kind {
            "aws_iam_role" => format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
            "aws_iam_policy" => format!("arn:aws:iam::{ACCOUNT}:policy/{name}"),
            "aws_s3_bucket" => format!("arn:aws:s3:::{name}"),
            "aws_dynamodb_table" => format!("arn:aws:dynamodb:{place}:table/{name}"),
            "aws_kms_key" => format!("arn:aws:kms:{place}:key/{name}"),
            "aws_sqs_queue" => format!("arn:aws:sqs:{place}:{name}"),
            "aws_cloudwatch_log_group" => format!("arn:aws:logs:{place}:log-group:{name}"),
            "aws_lambda_function" => format!("arn:aws:lambda:{place}:function:{name}"),
            "aws_cloudwatch_event_rule" => format!("arn:aws:events:{place}:rule/{name}"),
            "aws_sfn_state_machine" => format!("arn:aws:states:{place}:stateMachine:{name}"),
            other => format!("arn:aws:ec2:{place}:{other}/{name}"),
        }
    }
}
