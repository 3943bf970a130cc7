//! Identity policies: what a role of a tenant may ask for.

use serde_json::{Value, json};

use crate::fleet::{ACME, RETAIL, TECH, arn};
use crate::spoiling::Expect::{Caught, Harmless};
use crate::spoiling::Layer::{Boundary, Identity, KeyPolicy};
use crate::spoiling::{Spoiling, access, names, needs, unread};
use crate::steps::{API, BOUNDARY, CALLER, TAG, both, policy, unbounded, wide, widen};

const INVOKE: &str = "lambda:InvokeFunction";

pub(crate) const ALL: &[Spoiling] = &[
    Spoiling {
        name: "identity: everything on everything",
        why: "the boundary lists exact ARNs",
        spoil: |fleet| fleet.at(ACME, API).also(wide(&["*"], "*")),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "identity: everything on everything, without a boundary",
        why: "functions, logs and IAM have no policy that could deny",
        spoil: |fleet| {
            fleet.at(ACME, API).also(wide(&["*"], "*"));
            unbounded(fleet, ACME, "aws_iam_role.api");
        },
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "identity: AdministratorAccess attached",
        why: "whatever the managed policy says, the boundary limits it",
        spoil: |fleet| attach(fleet, ACME, "${aws_iam_role.api.name}", "arn:aws:iam::aws:policy/AdministratorAccess"),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "identity: AdministratorAccess attached, without a boundary",
        why: "it allows everything on everything",
        spoil: |fleet| {
            attach(fleet, ACME, "${aws_iam_role.api.name}", "arn:aws:iam::aws:policy/AdministratorAccess");
            unbounded(fleet, ACME, "aws_iam_role.api");
        },
        expect: Caught(&[access(ACME, "aws_iam_role_policy_attachment.extra", "")]),
    },
    Spoiling {
        name: "identity: AWSLambdaVPCAccessExecutionRole attached",
        why: "it allows network interfaces of every VPC; the boundary does not",
        spoil: |fleet| {
            let managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";
            attach(fleet, ACME, "${aws_iam_role.api.name}", managed);
        },
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "identity: a managed policy of the stack, without a boundary",
        why: "an attached policy counts like an inline one",
        spoil: |fleet| {
            managed(fleet, ACME);
            attach(fleet, ACME, "${aws_iam_role.caller.name}", "${aws_iam_policy.wide.arn}");
            unbounded(fleet, ACME, "aws_iam_role.caller");
        },
        expect: Caught(&[access(ACME, "aws_iam_policy.wide", "Wide")]),
    },
    Spoiling {
        name: "identity: a managed policy that nobody is given",
        why: "a policy without principal grants nothing",
        spoil: |fleet| managed(fleet, ACME),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "identity: an inline_policy block in the role, without a boundary",
        why: "Terraform writes it as an inline policy of the role",
        spoil: |fleet| {
            let block = json!([{ "name": "extra", "policy": policy(&wide(&[INVOKE], "*")) }]);
            fleet.at(ACME, "aws_iam_role.caller").set("inline_policy", block);
            unbounded(fleet, ACME, "aws_iam_role.caller");
        },
        expect: Caught(&[access(ACME, "aws_iam_role.caller", "Wide")]),
    },
    Spoiling {
        name: "identity: managed_policy_arns in the role, without a boundary",
        why: "Terraform attaches them",
        spoil: |fleet| {
            let arns = json!(["arn:aws:iam::aws:policy/AdministratorAccess"]);
            fleet.at(ACME, "aws_iam_role.caller").set("managed_policy_arns", arns);
            unbounded(fleet, ACME, "aws_iam_role.caller");
        },
        expect: Caught(&[access(ACME, "aws_iam_role.caller", "")]),
    },
    Spoiling {
        name: "identity: a stack attaches a policy to a role of another tenant",
        why: "it names what is not its own; that tenant's boundary still holds",
        spoil: |fleet| {
            managed(fleet, ACME);
            attach(fleet, ACME, "tenant-tech-startup-api-role-dev", "${aws_iam_policy.wide.arn}");
        },
        expect: Caught(&[names(ACME)]),
    },
    Spoiling {
        name: "identity: a stack gives an inline policy to an unbounded role of another tenant",
        why: "it names what is not its own, and gives a policy to a role that it does not declare",
        spoil: |fleet| {
            let body =
                json!({ "role": "tenant-tech-startup-caller-role-dev", "policy": policy(&wide(&[INVOKE], "*")) });
            fleet.add(ACME, "aws_iam_role_policy.foreign", body);
            unbounded(fleet, TECH, "aws_iam_role.caller");
        },
        expect: Caught(&[names(ACME), unread(ACME, "aws_iam_role_policy.foreign")]),
    },
    Spoiling {
        name: "identity: the queue of another tenant by its ARN",
        why: "boundary and queue policy hold, but the stack names what is not its own",
        spoil: |fleet| {
            fleet.at(ACME, API).element("DeadLetters", "Resource", json!(arn("sqs", "tenant-tech-startup-dlq-dev")))
        },
        expect: Caught(&[names(ACME), needs(ACME)]),
    },
    Spoiling {
        name: "identity: the function of another tenant by its ARN, in the boundary too",
        why: "a function takes no policy that denies roles of its account; a name that is not its own is enough to refuse",
        spoil: |fleet| widen(fleet, ACME, CALLER, &[INVOKE], arn("lambda", "function:tenant-tech-startup-api-dev")),
        expect: Caught(&[names(ACME)]),
    },
    Spoiling {
        name: "identity: the id of another tenant in a tag condition",
        why: "the role does not carry that tag, so its own items are out of reach",
        spoil: |fleet| fleet.at(ACME, API).value("Items", "StringEquals", TAG, json!("tech-startup")),
        expect: Caught(&[needs(ACME)]),
    },
    Spoiling {
        name: "identity: the tag condition is gone",
        why: "the ARN is exact",
        spoil: |fleet| fleet.at(ACME, API).unconditioned("Objects", "StringEquals", TAG),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "identity: the condition on partitions is gone",
        why: "the table is the tenant's own",
        spoil: |fleet| fleet.at(ACME, API).unconditioned("Items", "ForAnyValue:StringEquals", "dynamodb:LeadingKeys"),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "identity: the condition on the key's service is gone",
        why: "the key's own policy asks for the service too",
        spoil: |fleet| fleet.at(ACME, API).unconditioned("Key", "StringEquals", "kms:ViaService"),
        expect: Harmless(KeyPolicy),
    },
    Spoiling {
        name: "identity: the condition on the VPC of interfaces is gone",
        why: "the boundary has it too",
        spoil: |fleet| fleet.at(ACME, API).unconditioned("InterfacesOfVpc", "ArnEqualsIfExists", "ec2:Vpc"),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "identity: the condition on the VPC of interfaces is gone, in the boundary too",
        why: "`network-interface/*` are the interfaces of every tenant",
        spoil: |fleet| {
            for policy in [API, BOUNDARY] {
                fleet.at(ACME, policy).unconditioned("InterfacesOfVpc", "ArnEqualsIfExists", "ec2:Vpc");
            }
        },
        expect: Caught(&[access(ACME, API, "InterfacesOfVpc")]),
    },
    Spoiling {
        name: "identity: an interface in any subnet, in the boundary too",
        why: "an interface in the subnet of another tenant is a foot in its network",
        spoil: |fleet| widen(fleet, ACME, API, &["ec2:CreateNetworkInterface"], arn("ec2", "subnet/*")),
        expect: Caught(&[access(ACME, API, "Wide")]),
    },
    Spoiling {
        name: "identity: a trailing wildcard that covers only own names",
        why: "no other name of the fleet starts like it",
        spoil: |fleet| fleet.at(ACME, API).element("Objects", "Resource", json!("arn:aws:s3:::tenant-acme-corp-*")),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "identity: functions by a trailing wildcard",
        why: "the boundary names one function",
        spoil: |fleet| fleet.at(ACME, CALLER).element("CallUrl", "Resource", json!(arn("lambda", "function:tenant-*"))),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "identity: functions by a trailing wildcard, in the boundary too",
        why: "it covers the function of every tenant",
        spoil: |fleet| both(fleet, ACME, CALLER, "CallUrl", "Resource", &json!(arn("lambda", "function:tenant-*"))),
        expect: Caught(&[access(ACME, CALLER, "CallUrl")]),
    },
    Spoiling {
        name: "identity: functions by a wildcard in the middle, in the boundary too",
        why: "`*` stands for any text, also for another tenant's id",
        spoil: |fleet| {
            both(fleet, ACME, CALLER, "CallUrl", "Resource", &json!(arn("lambda", "function:tenant-*-api-dev")));
        },
        expect: Caught(&[access(ACME, CALLER, "CallUrl")]),
    },
    Spoiling {
        name: "identity: functions by a leading wildcard, in the boundary too",
        why: "`*` crosses the colons of an ARN",
        spoil: |fleet| both(fleet, ACME, CALLER, "CallUrl", "Resource", &json!("*-api-dev")),
        expect: Caught(&[access(ACME, CALLER, "CallUrl")]),
    },
    Spoiling {
        name: "identity: functions by question marks, in the boundary too",
        why: "four unknown characters stand for `tech` as well",
        spoil: |fleet| {
            both(
                fleet,
                ACME,
                CALLER,
                "CallUrl",
                "Resource",
                &json!(arn("lambda", "function:tenant-????-?????up-api-dev")),
            );
        },
        expect: Caught(&[access(ACME, CALLER, "CallUrl")]),
    },
    Spoiling {
        name: "identity: question marks that fit no other tenant, in the boundary too",
        why: "`retail-co` and `tech-startup` have other lengths",
        spoil: |fleet| {
            both(
                fleet,
                ACME,
                CALLER,
                "CallUrl",
                "Resource",
                &json!(arn("lambda", "function:tenant-????-????-api-dev")),
            );
        },
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "identity: a prefix that is another tenant's prefix too",
        why: "the boundary names one function",
        spoil: |fleet| {
            fleet.rename("tech-startup", "acme");
            let prefix = json!(arn("lambda", "function:tenant-acme-*"));
            fleet.at("tenant-acme-dev", CALLER).element("CallUrl", "Resource", prefix);
        },
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "identity: a prefix that is another tenant's prefix too, in the boundary as well",
        why: "`tenant-acme-*` also means `tenant-acme-corp-…`",
        spoil: |fleet| {
            fleet.rename("tech-startup", "acme");
            let prefix = json!(arn("lambda", "function:tenant-acme-*"));
            both(fleet, "tenant-acme-dev", CALLER, "CallUrl", "Resource", &prefix);
        },
        expect: Caught(&[access("tenant-acme-dev", CALLER, "CallUrl")]),
    },
    Spoiling {
        name: "identity: any account, any region",
        why: "the name is the tenant's own everywhere",
        spoil: |fleet| {
            both(
                fleet,
                ACME,
                CALLER,
                "CallUrl",
                "Resource",
                &json!("arn:aws:lambda:*:*:function:tenant-acme-corp-api-dev"),
            )
        },
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "identity: NotResource in an Allow, in the boundary too",
        why: "it allows everything but the own function",
        spoil: |fleet| {
            for policy in [CALLER, BOUNDARY] {
                fleet.at(ACME, policy).turn("CallUrl", "Resource", "NotResource");
            }
        },
        expect: Caught(&[access(ACME, CALLER, "CallUrl")]),
    },
    Spoiling {
        name: "identity: NotAction in an Allow",
        why: "the boundary lists actions",
        spoil: |fleet| fleet.at(ACME, CALLER).also(not_action()),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "identity: NotAction in an Allow, in the boundary too",
        why: "everything but IAM is a lot",
        spoil: |fleet| {
            fleet.at(ACME, CALLER).also(not_action());
            fleet.at(ACME, BOUNDARY).also(not_action());
        },
        expect: Caught(&[access(ACME, CALLER, "Wide")]),
    },
    Spoiling {
        name: "identity: the own tag as a variable in the ARN, in the boundary too",
        why: "the role's tag is fixed, so the variable stands for the own id",
        spoil: |fleet| {
            let own = arn("lambda", "function:tenant-$${aws:PrincipalTag/TenantId}-api-dev");
            both(fleet, ACME, CALLER, "CallUrl", "Resource", &json!(own));
        },
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "identity: a variable that the caller chooses in the ARN, in the boundary too",
        why: "a session's name is up to whoever assumes the role",
        spoil: |fleet| {
            let any = arn("lambda", "function:tenant-$${aws:SourceIdentity}-api-dev");
            widen(fleet, ACME, CALLER, &[INVOKE], any);
        },
        expect: Caught(&[access(ACME, CALLER, "Wide")]),
    },
    Spoiling {
        name: "identity: a Deny turned into an Allow",
        why: "the boundary allows no more than before",
        spoil: |fleet| {
            fleet.at(ACME, API).element("DenyNetworkToCode", "Effect", json!("Allow"));
            fleet.at(ACME, API).unconditioned("DenyNetworkToCode", "ArnEquals", "lambda:SourceFunctionArn");
        },
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "identity: a Deny removed",
        why: "the boundary has it too, and the table is the tenant's own",
        spoil: |fleet| fleet.at(ACME, API).without("DenyOtherPartitions"),
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "identity: ForAllValues on the partitions, in the boundary too",
        why: "true without a key, but the table is the tenant's own",
        spoil: |fleet| {
            for policy in [API, BOUNDARY] {
                fleet.at(ACME, policy).operator("Items", "ForAnyValue:StringEquals", "ForAllValues:StringEquals");
            }
        },
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "identity: ForAllValues guards every function, in the boundary too",
        why: "the condition holds when the request has no such key",
        spoil: |fleet| {
            let condition = json!({ "ForAllValues:StringEquals": { "aws:TagKeys": "acme-corp" } });
            let mut statement = wide(&[INVOKE], "*");
            statement["Condition"] = condition;
            fleet.at(ACME, CALLER).also(statement.clone());
            fleet.at(ACME, BOUNDARY).also(statement);
        },
        expect: Caught(&[access(ACME, CALLER, "Wide")]),
    },
    Spoiling {
        name: "identity: a tag condition with IfExists",
        why: "the role carries the tag",
        spoil: |fleet| fleet.at(ACME, API).operator("Objects", "StringEquals", "StringEqualsIfExists"),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "identity: a tag condition that any tag meets",
        why: "the ARN is exact",
        spoil: |fleet| {
            fleet.at(ACME, API).operator("Objects", "StringEquals", "StringLike");
            fleet.at(ACME, API).value("Objects", "StringLike", TAG, json!("*"));
        },
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "identity: a tag condition that ignores case",
        why: "ids are lower case, and no two differ in case alone",
        spoil: |fleet| fleet.at(ACME, API).operator("Objects", "StringEquals", "StringEqualsIgnoreCase"),
        expect: Harmless(Identity),
    },
    Spoiling {
        name: "identity: a tag condition negated",
        why: "the own role is just who it shuts out",
        spoil: |fleet| fleet.at(ACME, API).operator("Items", "StringEquals", "StringNotEquals"),
        expect: Caught(&[needs(ACME)]),
    },
    Spoiling {
        name: "identity: a second statement for the table of everybody",
        why: "the boundary names one table",
        spoil: |fleet| {
            fleet.at(ACME, API).also(wide(&["dynamodb:GetItem", "dynamodb:Scan"], arn("dynamodb", "table/*")))
        },
        expect: Harmless(Boundary),
    },
    Spoiling {
        name: "identity: a user of a tenant who may do everything",
        why: "a user without a boundary reaches the functions of others",
        spoil: |fleet| {
            let user = json!({ "name": "tenant-retail-co-user-dev", "tags": { "TenantId": "retail-co" } });
            fleet.add(RETAIL, "aws_iam_user.extra", user);
            let body = json!({ "user": "${aws_iam_user.extra.name}", "policy": policy(&wide(&["*"], "*")) });
            fleet.add(RETAIL, "aws_iam_user_policy.extra", body);
        },
        expect: Caught(&[access(RETAIL, "aws_iam_user_policy.extra", "Wide")]),
    },
    Spoiling {
        name: "identity: a group whose members may do everything",
        why: "its members are not in the documents",
        spoil: |fleet| {
            fleet.add(RETAIL, "aws_iam_group.extra", json!({ "name": "tenant-retail-co-group-dev" }));
            let body = json!({ "group": "${aws_iam_group.extra.name}", "policy": policy(&wide(&["*"], "*")) });
            fleet.add(RETAIL, "aws_iam_group_policy.extra", body);
        },
        expect: Caught(&[unread(RETAIL, "aws_iam_group_policy.extra")]),
    },
];

fn attach(fleet: &mut crate::fleet::Fleet, stack: &str, role: &str, policy: &str) {
    fleet.add(stack, "aws_iam_role_policy_attachment.extra", json!({ "role": role, "policy_arn": policy }));
}

fn managed(fleet: &mut crate::fleet::Fleet, stack: &str) {
    let body = json!({
        "name": "tenant-acme-corp-wide-dev",
        "policy": policy(&wide(&["*"], "*")),
        "tags": { "TenantId": "acme-corp" },
    });
    fleet.add(stack, "aws_iam_policy.wide", body);
}

fn not_action() -> Value {
    json!({ "Sid": "Wide", "Effect": "Allow", "NotAction": "iam:*", "Resource": "*" })
}
