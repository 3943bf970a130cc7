//! What one stack declares, as far as access goes: roles, resources with their policies, endpoints, and what sets off what.

mod catalog;
mod document;
mod permissions;
mod resolve;
mod roles;

pub(crate) use catalog::{ACCOUNT_WIDE, CREATES_INTERFACE};
pub(crate) use resolve::{SHARED_ACCOUNT, provider};

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use self::catalog::{APART, ATTACHED, KINDS, LOOK_UPS, is_known};
use self::resolve::Resolver;
use crate::facts::{Block, blocks, items, reference};
use crate::iam::{Origin, Policy, ResourceKind};

/// How a reference ends that means the stream of a table.
const STREAM: &str = ".stream_arn}";

/// A role, or a user.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) address: String,
    pub(crate) arn: String,
    pub(crate) is_user: bool,
    pub(crate) description: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) identity: Vec<Policy>,
    pub(crate) boundary: Option<Policy>,
    pub(crate) boundary_address: Option<String>,
    pub(crate) trust: Option<Policy>,
}

/// Something that can be reached.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) address: String,
    pub(crate) label: &'static str,
    pub(crate) services: &'static [&'static str],
    pub(crate) name: String,
    /// Its ARN, and what else of it has one, as globs.
    pub(crate) arns: Vec<String>,
    pub(crate) kind: ResourceKind,
    pub(crate) policy: Option<Policy>,
    /// Keys of the context that are fixed by the resource, with the values that they can have.
    pub(crate) known: BTreeMap<String, Vec<Option<Vec<String>>>>,
}

/// A VPC endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) id: String,
    /// `s3`, `dynamodb`, `logs`, …
    pub(crate) service: String,
    pub(crate) policy: Option<Policy>,
}

/// What runs as a role when something is done to a resource.
#[derive(Clone, Debug)]
pub(crate) struct Trigger {
    pub(crate) resource: String,
    pub(crate) actions: &'static [&'static str],
    /// The ARN of the role.
    pub(crate) role: String,
    /// The environment variables of the code that runs.
    pub(crate) environment: BTreeMap<String, String>,
}

/// One stack.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) stack: String,
    pub(crate) owner: Option<String>,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) roles: Vec<Role>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) triggers: Vec<Trigger>,
    /// Policies for log groups of the whole account, by their ARNs.
    pub(crate) log_policies: Vec<Policy>,
    /// What could not be read: the address, and why.
    pub(crate) unread: Vec<(String, String)>,
    /// What lets in anybody by itself: the address, and why.
    pub(crate) open: Vec<(String, String)>,
}

impl Model {
    pub(crate) fn read(stack: &str, owner: Option<&str>, document: &Value) -> Self {
        let resolver = Resolver::new(stack, document);
        let mut reader = Reader {
            stack,
            resources: blocks(document, "resource"),
            defaults: default_tags(document),
            model: Self {
                stack: stack.to_owned(),
                owner: owner.map(str::to_owned),
                account: resolver.account.clone(),
                region: resolver.region.clone(),
                roles: Vec::new(),
                resources: Vec::new(),
                endpoints: Vec::new(),
                triggers: Vec::new(),
                log_policies: Vec::new(),
                unread: Vec::new(),
                open: Vec::new(),
            },
            resolver,
        };
        reader.judge_types(document);
        reader.resources();
        reader.attached_policies();
        reader.default_key_policies();
        reader.permissions();
        reader.roles();
        reader.federated();
        reader.default_bus();
        reader.endpoints();
        reader.triggers();
        reader.model
    }

    pub(crate) fn resource(&self, address: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.address == address)
    }

    pub(crate) fn is_platform(&self) -> bool {
        self.owner.as_deref() == Some(crate::fleet::PLATFORM)
    }
}

fn default_tags(document: &Value) -> Map<String, Value> {
    let block = provider(document).and_then(|provider| items(provider.get("default_tags")).into_iter().next());
    block.and_then(|block| block.get("tags")).and_then(Value::as_object).cloned().unwrap_or_default()
}

struct Reader<'a, 'd> {
    stack: &'a str,
    resources: Vec<Block<'d>>,
    defaults: Map<String, Value>,
    resolver: Resolver<'d>,
    model: Model,
}

impl<'d> Reader<'_, 'd> {
    fn of(&self, kind: &str) -> Vec<Block<'d>> {
        self.resources.iter().filter(|block| block.kind == kind).copied().collect()
    }

    fn unread(&mut self, block: &Block<'_>, why: impl Into<String>) {
        self.model.unread.push((block.address(), why.into()));
    }

    fn judge_types(&mut self, document: &Value) {
        for block in self.resources.clone() {
            if !is_known(block.kind) && !crate::network::connects(block.kind) {
                self.unread(
                    &block,
                    format!("the type `{}` is not known to the proof and may grant access", block.kind),
                );
            }
            for field in ["count", "for_each", "provisioner", "dynamic", "provider", "region", "replica"] {
                if block.body.contains_key(field) {
                    self.unread(&block, format!("`{field}` makes of it what only Terraform knows"));
                }
            }
            self.judge_ways_of_data(&block);
        }
        for data in blocks(document, "data") {
            // Another stack's state is a finding of its own.
            if !LOOK_UPS.contains(&data.kind) && data.kind != "terraform_remote_state" {
                self.unread(&data, format!("the data source `{}` brings in what no stack declares", data.kind));
            }
        }
        if !crate::facts::is_plain(document) {
            self.model.unread.push((
                "document".to_owned(),
                "blocks stand in lists; write each one under its type and id".to_owned(),
            ));
        }
        if self.model.region.contains(crate::iam::UNKNOWN)
            || ["cn-", "us-gov-", "us-iso"].iter().any(|partition| self.model.region.starts_with(partition))
        {
            self.model.unread.push((
                "provider".to_owned(),
                "its region is not known, or in another partition than `aws`".to_owned(),
            ));
        }
        if document.get("module").and_then(Value::as_object).is_some_and(|modules| !modules.is_empty()) {
            self.model.unread.push(("module".to_owned(), "what a module declares is not in the document".to_owned()));
        }
    }

    /// Fields that send data or requests elsewhere must say where.
    fn judge_ways_of_data(&mut self, block: &Block<'_>) {
        let leads = |field: &str| {
            [
                "arn",
                "_arns",
                "redrive_policy",
                "destination",
                "role",
                "queue_url",
                "function_name",
                "replication_configuration",
            ]
            .iter()
            .any(|end| field.ends_with(end))
        };
        let unknown: Vec<String> = block
            .body
            .iter()
            .filter(|(field, value)| {
                leads(field) && self.resolver.value(value).to_string().contains(crate::iam::UNKNOWN)
            })
            .map(|(field, _)| field.clone())
            .collect();
        for field in unknown {
            self.unread(block, format!("`{field}` leads to what only Terraform knows"));
        }
        if ["aws_cloudwatch_log_subscription_filter", "aws_cloudwatch_log_metric_filter"].contains(&block.kind) {
            let group = block.body.get("log_group_name").and_then(Value::as_str).unwrap_or_default();
            let own = self.of("aws_cloudwatch_log_group").iter().any(|log| {
                reference(group).is_some_and(|(kind, id, _)| (kind, id) == (log.kind, log.id))
                    || self.resolver.field(log.body, "name").is_some_and(|name| name == self.resolver.text(group))
            });
            if !own {
                self.unread(block, "it reads a log group that the stack does not declare");
            }
        }
        let acl = block.body.get("acl").and_then(Value::as_str);
        if block.kind == "aws_s3_bucket"
            && (acl.is_some_and(|acl| acl != "private") || block.body.contains_key("grant"))
        {
            self.model.open.push((block.address(), "an access control list lets in others".to_owned()));
        }
    }

    /// A policy document in a field; what cannot be read allows everything, and is reported.
    fn policy(&mut self, block: &Block<'_>, field: &str) -> Option<Policy> {
        let text = match block.body.get(field) {
            None | Some(Value::Null) => return None,
            Some(Value::String(text)) if text.is_empty() => return None,
            Some(Value::String(text)) => text,
            Some(_) => {
                self.unread(block, format!("`{field}` is no text"));
                return Some(self.everything(block, field));
            }
        };
        let address = block.address();
        let origin = Origin { stack: self.stack, resource: &address, attribute: field };
        let read = match self.resolver.policy(text) {
            Some(document) => Policy::parse_at(&permissions::careful(document, &self.model.account), origin)
                .map_err(|error| error.to_string()),
            None => Err("it is no JSON, but an expression that only Terraform can follow".to_owned()),
        };
        Some(read.unwrap_or_else(|why| {
            self.unread(block, format!("`{field}` cannot be read as a policy: {why}"));
            self.everything(block, field)
        }))
    }

    fn everything(&self, block: &Block<'_>, field: &str) -> Policy {
        let address = block.address();
        Policy::everything(Origin { stack: self.stack, resource: &address, attribute: field })
    }

    /// The resource that a text of Terraform means: by reference, or by its name, ARN or URL.
    fn meant(&self, text: &str) -> Option<String> {
        if let Some((kind, id, _)) = reference(text) {
            return self.resolver.body(kind, id).map(|_| format!("{kind}.{id}"));
        }
        let text = self.resolver.text(text);
        let found = self.model.resources.iter().find(|resource| {
            resource.name == text
                || resource.arns.first() == Some(&text)
                || text.ends_with(&format!("/{}", resource.name))
        });
        found.map(|resource| resource.address.clone())
    }

    fn resources(&mut self) {
        let vpcs: Vec<String> =
            self.of("aws_vpc").iter().filter_map(|vpc| self.resolver.arn("aws_vpc", vpc.id)).collect();
        for kind in KINDS {
            for block in self.of(kind.terraform) {
                let Some(arn) = self.resolver.arn(kind.terraform, block.id) else { continue };
                let unnamed = !kind.name.is_empty() && !block.body.contains_key(kind.name);
                if arn.contains(crate::iam::UNKNOWN) || unnamed {
                    self.unread(&block, "its name cannot be known");
                }
                let policy = if kind.policy.is_empty() { None } else { self.policy(&block, kind.policy) };
                let within = kind.within.iter().map(|end| format!("{arn}{end}"));
                let mut known = BTreeMap::new();
                for (key, value) in self.tags(&block) {
                    known
                        .insert(format!("aws:resourcetag/{}", key.to_ascii_lowercase()), vec![None, Some(vec![value])]);
                }
                if kind.label == "network" && !vpcs.is_empty() {
                    known.insert("ec2:vpc".to_owned(), vpcs.iter().map(|vpc| Some(vec![vpc.clone()])).collect());
                }
                let field = block.body.get(kind.name).and_then(Value::as_str);
                let resource = Resource {
                    address: block.address(),
                    label: kind.label,
                    services: kind.services,
                    name: field.map_or_else(
                        || arn.rsplit(['/', ':']).next().unwrap_or_default().to_owned(),
                        |name| self.resolver.text(name),
                    ),
                    arns: std::iter::once(arn.clone()).chain(within).collect(),
                    kind: match kind.terraform {
                        "aws_kms_key" => ResourceKind::Key,
                        "aws_iam_role" => ResourceKind::Role,
                        _ => ResourceKind::Plain,
                    },
                    policy,
                    known,
                };
                for (_, label, within, services) in APART.iter().filter(|(of, ..)| *of == kind.terraform) {
                    let arns = within.iter().map(|end| format!("{arn}{end}")).collect();
                    let kind = ResourceKind::Plain;
                    let apart = Resource { label, services, arns, kind, policy: None, ..resource.clone() };
                    self.model.resources.push(apart);
                }
                // The resource itself comes first where both are looked for by their address.
                let at = self.model.resources.iter().position(|other| other.address == resource.address);
                self.model.resources.insert(at.unwrap_or(self.model.resources.len()), resource);
            }
        }
        for (vpc, block) in vpcs.iter().zip(self.of("aws_vpc")) {
            // The interfaces in the VPC, which no stack declares.
            self.model.resources.push(Resource {
                address: block.address(),
                label: "network",
                services: &["ec2"],
                name: String::new(),
                arns: vec![format!("arn:aws:ec2:{}:{}:network-interface/*", self.model.region, self.model.account)],
                kind: ResourceKind::Plain,
                policy: None,
                known: BTreeMap::from([("ec2:vpc".to_owned(), vec![Some(vec![vpc.clone()])])]),
            });
        }
    }

    fn tags(&self, block: &Block<'_>) -> BTreeMap<String, String> {
        let own = block.body.get("tags").and_then(Value::as_object);
        let all = self.defaults.iter().chain(own.into_iter().flatten());
        all.filter_map(|(key, value)| Some((key.clone(), self.resolver.text(value.as_str()?)))).collect()
    }

    /// AWS keeps one policy of a resource: of two that are declared, nobody knows which.
    fn attached_policies(&mut self) {
        let own = self.model.resources.iter().filter(|resource| resource.policy.is_some());
        let mut held: BTreeSet<(String, bool)> = own.map(|resource| (resource.address.clone(), false)).collect();
        for (kind, target, field) in ATTACHED {
            for block in self.of(kind) {
                let Some(policy) = self.policy(&block, field) else { continue };
                if let Some(holder) = self.holder(&block, target)
                    && !held.insert(holder.clone())
                {
                    self.unread(&block, format!("`{}` has another policy too, and AWS keeps one of them", holder.0));
                }
                self.attach(&block, target, policy);
            }
        }
    }

    /// A key without a policy has one that leaves everything to the account
    /// ([default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html)).
    fn default_key_policies(&mut self) {
        let account = self.model.account.clone();
        let keys = self.model.resources.iter_mut().filter(|resource| resource.kind == ResourceKind::Key);
        for key in keys.filter(|key| key.policy.is_none()) {
            let origin = Origin { stack: self.stack, resource: &key.address, attribute: "default policy" };
            key.policy = Some(of_the_account(&account, "kms:*", origin));
        }
    }

    /// Whom an identity provider knows, no stack says.
    fn federated(&mut self) {
        let federated = |resource: &&Resource| {
            let allows =
                resource.policy.iter().flat_map(|policy| policy.statements.iter()).filter(|statement| statement.allow);
            allows.filter_map(|statement| statement.principals.as_ref()).any(|principals| !principals.others.is_empty())
        };
        let open: Vec<String> =
            self.model.resources.iter().filter(federated).map(|resource| resource.address.clone()).collect();
        let why = "its policy lets in identities of a provider that no stack declares";
        self.model.open.extend(open.into_iter().map(|address| (address, why.to_owned())));
    }

    /// Whoever may put events on the default bus reaches the rules that listen there: what an event says of itself is for its sender to
    /// choose.
    fn default_bus(&mut self) {
        let listening = self.of("aws_cloudwatch_event_rule");
        let on_default = |block: &&Block<'_>| {
            block.body.get("event_bus_name").and_then(Value::as_str).is_none_or(|bus| bus == "default")
        };
        if let Some(rule) = listening.iter().find(on_default) {
            self.model.resources.push(Resource {
                address: rule.address(),
                label: "rule",
                services: &["events"],
                name: String::new(),
                arns: vec![format!("arn:aws:events:{}:{}:event-bus/default", self.model.region, self.model.account)],
                kind: ResourceKind::Plain,
                policy: None,
                known: BTreeMap::new(),
            });
        }
    }

    /// The resource that a field means, and whether it is the stream of this table.
    fn holder(&self, block: &Block<'_>, target: &str) -> Option<(String, bool)> {
        let text = block.body.get(target)?.as_str()?;
        Some((self.meant(text)?, text.ends_with(STREAM)))
    }

    /// Adds a policy to the resource that a field means.
    fn attach(&mut self, block: &Block<'_>, target: &str, policy: Policy) {
        let holder = self.holder(block, target);
        if let Some((table, true)) = &holder {
            return self.attach_to_stream(table, policy);
        }
        let resource = holder
            .and_then(|(address, _)| self.model.resources.iter_mut().find(|resource| resource.address == address));
        match resource {
            Some(resource) => resource
                .policy
                .get_or_insert_with(Policy::empty)
                .statements_mut()
                .extend(policy.statements.iter().cloned()),
            None => self.unread(block, format!("`{target}` means nothing that the stack declares")),
        }
    }

    /// A table's stream has a policy of its own.
    fn attach_to_stream(&mut self, table: &str, policy: Policy) {
        let streams =
            self.model.resources.iter_mut().filter(|resource| resource.address == table && resource.label == "stream");
        streams.for_each(|stream| stream.policy = Some(policy.clone()));
    }

    fn endpoints(&mut self) {
        for block in self.of("aws_vpc_endpoint") {
            let policy = self.policy(&block, "policy");
            let service = self.resolver.field(block.body, "service_name").unwrap_or_default();
            self.model.endpoints.push(Endpoint {
                id: self.resolver.text(&format!("${{{}.id}}", block.address())),
                service: service.rsplit('.').next().unwrap_or_default().to_owned(),
                policy,
            });
        }
    }

    fn triggers(&mut self) {
        let functions: Vec<(String, String)> = self
            .of("aws_lambda_function")
            .iter()
            .filter_map(|block| Some((block.address(), self.resolver.field(block.body, "role")?)))
            .collect();
        for (address, role) in &functions {
            let actions = &[
                "lambda:InvokeFunction",
                "lambda:InvokeFunctionUrl",
                "lambda:InvokeAsync",
                "lambda:UpdateFunctionCode",
            ];
            let environment = self.environment(address);
            self.model.triggers.push(Trigger { resource: address.clone(), actions, role: role.clone(), environment });
        }
        let role_of =
            |function: &str| functions.iter().find(|(address, _)| address == function).map(|(_, role)| role.clone());
        for block in self.of("aws_lambda_event_source_mapping") {
            let text = |field: &str| block.body.get(field).and_then(Value::as_str).and_then(|text| self.meant(text));
            match (text("event_source_arn"), text("function_name").and_then(|function| role_of(&function))) {
                (Some(resource), Some(role)) => {
                    let actions = &[
                        "sqs:SendMessage",
                        "kinesis:PutRecord",
                        "kinesis:PutRecords",
                        "dynamodb:PutItem",
                        "dynamodb:UpdateItem",
                    ];
                    self.model.triggers.push(Trigger { resource, actions, role, environment: BTreeMap::new() });
                }
                _ => self.unread(&block, "connects what the stack does not declare"),
            }
        }
        for (kind, field, actions) in [
            ("aws_sfn_state_machine", "role_arn", &["states:StartExecution", "states:StartSyncExecution"][..]),
            ("aws_codebuild_project", "service_role", &["codebuild:StartBuild", "codebuild:StartBuildBatch"]),
        ] {
            for block in self.of(kind) {
                if let Some(role) = self.resolver.field(block.body, field) {
                    self.model.triggers.push(Trigger {
                        resource: block.address(),
                        actions,
                        role,
                        environment: BTreeMap::new(),
                    });
                }
            }
        }
    }

    fn environment(&self, function: &str) -> BTreeMap<String, String> {
        let blocks = self.of("aws_lambda_function");
        let block = blocks.iter().find(|block| block.address() == function);
        let settings = block.and_then(|block| items(block.body.get("environment")).into_iter().next());
        let variables = settings.and_then(|settings| settings.get("variables")).and_then(Value::as_object);
        let texts = variables
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), self.resolver.text(value.as_str()?))));
        texts.collect()
    }

    /// Policies that stand in a form of their own: function permissions, grants, log resource policies.
    fn permissions(&mut self) {
        for block in self.of("aws_lambda_permission") {
            let Some(function) = self.resolver.field(block.body, "function_name") else { continue };
            let arn = block.body.get("function_name").and_then(Value::as_str).and_then(|text| self.meant(text));
            let arn = arn.and_then(|address| self.model.resource(&address)?.arns.first().cloned()).unwrap_or(function);
            let document = permissions::of_function(block.body, &self.resolver, &arn);
            self.take(&block, "function_name", &document);
        }
        for block in self.of("aws_kms_grant") {
            let document = permissions::of_grant(block.body, &self.resolver);
            self.take(&block, "key_id", &document);
        }
        for block in self.of("aws_cloudwatch_log_resource_policy") {
            let Some(policy) = self.policy(&block, "policy_document") else { continue };
            self.model.log_policies.push(policy);
        }
        for block in self.of("aws_lambda_function_url") {
            if block.body.get("authorization_type").and_then(Value::as_str) != Some("AWS_IAM") {
                self.model.open.push((block.address(), "its authorization_type lets in anybody".to_owned()));
            }
        }
    }

    fn take(&mut self, block: &Block<'_>, target: &str, document: &Value) {
        let address = block.address();
        let origin = Origin { stack: self.stack, resource: &address, attribute: "" };
        match Policy::parse_at(document, origin) {
            Ok(mut policy) => {
                policy
                    .statements_mut()
                    .iter_mut()
                    .for_each(|statement| "as a whole".clone_into(&mut statement.at.path));
                self.attach(block, target, policy);
            }
            Err(error) => self.unread(block, format!("it cannot be read: {error}")),
        }
    }
}

/// A policy that leaves an action to the policies of an account.
pub(crate) fn of_the_account(account: &str, action: &str, origin: Origin<'_>) -> Policy {
    let root = format!("arn:aws:iam::{account}:root");
    let document = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": { "AWS": root }, "Action": action, "Resource": "*",
    } });
    Policy::parse_at(&document, origin).unwrap_or_else(|_| Policy::empty())
}

/// A policy that allows an action to everybody who is asked about: of a principal whose own policies are not known.
pub(crate) fn allowing(actions: &str) -> Policy {
    let document =
        json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": actions, "Resource": "*" } });
    Policy::parse_at(&document, Origin { stack: "", resource: "policies outside of the fleet", attribute: "" })
        .unwrap_or_else(|_| Policy::empty())
}
