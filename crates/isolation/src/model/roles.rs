//! Roles and users with everything that is attached to them.

use serde_json::Value;

use super::{Reader, Role};
use crate::facts::{Block, items, reference};
use crate::iam::{Origin, Policy};

impl Reader<'_, '_> {
    pub(super) fn roles(&mut self) {
        for kind in ["aws_iam_role", "aws_iam_user"] {
            for block in self.of(kind) {
                let role = self.role(&block);
                // A role can be reached as well: its trust policy is its resource policy.
                if let Some(resource) =
                    self.model.resources.iter_mut().find(|resource| resource.address == role.address)
                {
                    resource.policy.clone_from(&role.trust);
                }
                self.model.roles.push(role);
            }
        }
        self.attachments();
    }

    fn role(&mut self, block: &Block<'_>) -> Role {
        let mut identity = Vec::new();
        for (n, inline) in items(block.body.get("inline_policy")).into_iter().enumerate() {
            let Some(body) = inline.as_object() else { continue };
            let inner = Block { kind: block.kind, id: block.id, body };
            if let Some(mut policy) = self.policy(&inner, "policy") {
                for statement in policy.statements_mut() {
                    statement.at.path = format!("inline_policy[{n}].{}", statement.at.path);
                }
                identity.push(policy);
            }
        }
        for arn in items(block.body.get("managed_policy_arns")) {
            identity.extend(arn.as_str().map(|arn| self.managed(block, "managed_policy_arns", arn)));
        }
        let boundary = block.body.get("permissions_boundary").and_then(Value::as_str).filter(|arn| !arn.is_empty());
        Role {
            address: block.address(),
            arn: self.resolver.arn(block.kind, block.id).unwrap_or_default(),
            is_user: block.kind == "aws_iam_user",
            description: self.resolver.field(block.body, "description"),
            tags: self.tags(block),
            identity,
            boundary: boundary.map(|arn| self.managed(block, "permissions_boundary", arn)),
            boundary_address: boundary.and_then(|arn| self.meant(arn)),
            trust: self.policy(block, "assume_role_policy"),
        }
    }

    /// A managed policy: of the stack, or, for any other, whose text is not here, everything.
    fn managed(&mut self, block: &Block<'_>, field: &str, arn: &str) -> Policy {
        let found = match reference(arn) {
            Some(("aws_iam_policy", id, _)) => self.of("aws_iam_policy").into_iter().find(|policy| policy.id == id),
            _ => {
                let arn = self.resolver.text(arn);
                let own = self.of("aws_iam_policy").into_iter();
                own.filter(|policy| self.resolver.arn("aws_iam_policy", policy.id).as_deref() == Some(&arn)).last()
            }
        };
        match found.and_then(|policy| self.policy(&policy, "policy")) {
            Some(policy) => policy,
            None => {
                let address = block.address();
                Policy::everything(Origin { stack: self.stack, resource: &address, attribute: field })
            }
        }
    }

    fn attachments(&mut self) {
        for (kind, who) in [("aws_iam_role_policy", "role"), ("aws_iam_user_policy", "user")] {
            for block in self.of(kind) {
                if let Some(policy) = self.policy(&block, "policy") {
                    self.give(&block, block.body.get(who), policy);
                }
            }
        }
        for (kind, who) in [("aws_iam_role_policy_attachment", "role"), ("aws_iam_user_policy_attachment", "user")] {
            for block in self.of(kind) {
                let arn = block.body.get("policy_arn").and_then(Value::as_str).unwrap_or_default();
                let policy = self.managed(&block, "policy_arn", arn);
                self.give(&block, block.body.get(who), policy);
            }
        }
        for block in self.of("aws_iam_policy_attachment") {
            let arn = block.body.get("policy_arn").and_then(Value::as_str).unwrap_or_default();
            let policy = self.managed(&block, "policy_arn", arn);
            for who in ["roles", "users"].into_iter().flat_map(|field| items(block.body.get(field))) {
                self.give(&block, Some(who), policy.clone());
            }
            if !items(block.body.get("groups")).is_empty() {
                self.unread(&block, "who is in a group is not in the stack");
            }
        }
    }

    fn give(&mut self, block: &Block<'_>, who: Option<&Value>, policy: Policy) {
        let meant = who.and_then(Value::as_str).and_then(|who| self.meant(who));
        match meant.and_then(|address| self.model.roles.iter_mut().find(|role| role.address == address)) {
            Some(role) => role.identity.push(policy),
            None => self.unread(block, "it is given to a role that the stack does not declare"),
        }
    }
}
