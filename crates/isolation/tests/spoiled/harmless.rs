//! Changes that mean the same, or less, for AWS: none of them may raise a finding.

use serde_json::{Map, Value, json};

use crate::fleet::{ACCOUNT, ACME, Fleet, TECH, arn};
use crate::steps::{API, BOUNDARY, BUCKET, CALLER, KEY, QUEUE, TABLE, TAG, wide};

/// A change with its name.
pub(crate) type Change = (&'static str, fn(&mut Fleet));

pub(crate) const ALL: &[Change] = &[
    ("statements in another order", |fleet| {
        each_policy(fleet, |policy| statements(policy).reverse());
    }),
    ("actions in another order", |fleet| each_list(fleet, &["Action", "NotAction"], |list| list.reverse())),
    ("resources in another order", |fleet| each_list(fleet, &["Resource"], |list| list.reverse())),
    ("principals in another order", |fleet| {
        each_statement(fleet, |statement| {
            if let Some(list) = statement.get_mut("Principal").and_then(|one| one.get_mut("AWS")?.as_array_mut()) {
                list.reverse();
            }
        });
    }),
    ("other Sids", |fleet| {
        each_statement(fleet, |statement| {
            let sid = format!("Renamed{}", statement["Sid"].as_str().expect("every statement has a Sid"));
            statement.insert("Sid".to_owned(), json!(sid));
        });
    }),
    ("no Sids", |fleet| {
        each_statement(fleet, |statement| {
            statement.remove("Sid");
        });
    }),
    ("a list of one in place of a string", |fleet| {
        each_statement(fleet, |statement| {
            for field in ["Action", "NotAction", "Resource"] {
                if let Some(text) = statement.get_mut(field).filter(|value| value.is_string()) {
                    *text = json!([text.take()]);
                }
            }
        });
    }),
    ("a condition value as a list of one", |fleet| {
        each_condition(fleet, |value| {
            if value.is_string() {
                *value = json!([value.take()]);
            }
        });
    }),
    ("condition values in another order", |fleet| {
        each_condition(fleet, |value| {
            if let Some(values) = value.as_array_mut() {
                values.reverse();
            }
        });
    }),
    ("a condition value twice", |fleet| {
        each_condition(fleet, |value| {
            if value.is_string() {
                *value = json!([value.clone(), value.take()]);
            }
        });
    }),
    ("a boolean in place of its text", |fleet| {
        each_condition(fleet, |value| match value.as_str() {
            Some("true") => *value = json!(true),
            Some("false") => *value = json!(false),
            _ => {}
        });
    }),
    ("policies with white space", |fleet| {
        each_policy_text(fleet, |text| {
            let policy: Value = serde_json::from_str(text).expect("a policy is JSON");
            serde_json::to_string_pretty(&policy).expect("JSON is text")
        });
    }),
    ("policies with their keys in another order", |fleet| {
        each_policy_text(fleet, |text| {
            let policy: Map<String, Value> = serde_json::from_str(text).expect("a policy is JSON");
            let fields = policy.iter().rev().map(|(key, value)| format!("{}:{}", json!(key), value));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        });
    }),
    ("actions in capitals", |fleet| each_action(fleet, str::to_uppercase)),
    ("actions in small letters", |fleet| each_action(fleet, str::to_lowercase)),
    ("condition keys in another case", |fleet| {
        each_statement(fleet, |statement| {
            for keys in
                statement.get_mut("Condition").and_then(Value::as_object_mut).into_iter().flat_map(|of| of.values_mut())
            {
                let renamed = keys.as_object().expect("keys are an object").iter();
                // What stands behind the slash is a tag's name, and its case is kept.
                let renamed = renamed.map(|(key, value)| match key.split_once('/') {
                    Some((key, tag)) => (format!("{}/{tag}", key.to_lowercase()), value.clone()),
                    None if key.contains("EncryptionContext") => (key.clone(), value.clone()),
                    None => (key.to_lowercase(), value.clone()),
                });
                *keys = Value::Object(renamed.collect());
            }
        });
    }),
    ("one statement in place of a list", |fleet| {
        fleet.at(ACME, "aws_iam_role_policy.flow").without("FlowLogGroup");
        fleet.at(ACME, "aws_iam_role_policy.flow").policy(|policy| {
            let only = statements(policy).remove(0);
            policy.insert("Statement".to_owned(), only);
        });
    }),
    ("a policy with an Id", |fleet| {
        each_policy(fleet, |policy| {
            policy.insert("Id".to_owned(), json!("policy"));
        });
    }),
    ("ArnLike in place of ArnEquals", |fleet| {
        fleet.at(TECH, QUEUE).operator("AllowUndeliveredEvents", "ArnEquals", "ArnLike");
    }),
    ("StringLike without a pattern in place of StringEquals", |fleet| {
        for policy in [API, BOUNDARY] {
            fleet.at(TECH, policy).operator("Key", "StringEquals", "StringLike");
        }
    }),
    ("ForAnyValue for a key with one value", |fleet| {
        fleet.at(TECH, BUCKET).operator("DenyOtherTenants", "StringNotEquals", "ForAnyValue:StringNotEquals");
    }),
    ("a narrower statement besides", |fleet| {
        fleet.at(ACME, API).also(wide(&["s3:GetObject"], "arn:aws:s3:::tenant-acme-corp-data-dev/public/*"));
    }),
    ("one more Deny in an identity policy", |fleet| {
        fleet.at(ACME, API).also(json!({ "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*" }));
    }),
    ("one more Deny in a bucket policy", |fleet| {
        let deny = json!({
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutBucketAcl",
            "Resource": "arn:aws:s3:::tenant-tech-startup-data-dev",
        });
        fleet.at(TECH, BUCKET).also(deny);
    }),
    ("one more condition", |fleet| {
        fleet.at(ACME, CALLER).statement("CallUrl", |statement| {
            statement["Condition"]["Bool"] = json!({ "aws:SecureTransport": "true" });
        });
    }),
    ("a statement in two", |fleet| {
        fleet.at(ACME, API).statements(|statements| {
            let at = statements.iter().position(|one| one["Sid"] == "Objects").expect("there is one for objects");
            let mut second = statements[at].clone();
            second["Sid"] = json!("MoreObjects");
            let actions = second["Action"].as_array_mut().expect("actions are a list");
            let moved = actions.split_off(2);
            statements[at]["Action"] = Value::Array(moved);
            statements.insert(at + 1, second);
        });
    }),
    ("two statements in one", |fleet| {
        fleet.at(ACME, API).without("SubnetsOfInterfaces");
        fleet.at(ACME, API).statement("GroupOfInterfaces", |statement| {
            statement["Resource"] = json!([
                "${aws_security_group.functions.arn}",
                "${aws_subnet.private_a.arn}",
                "${aws_subnet.private_b.arn}",
            ]);
        });
    }),
    ("the same statement twice", |fleet| {
        each_policy(fleet, |policy| {
            let mut again = statements(policy).last().expect("a policy has statements").clone();
            again["Sid"] = json!("Again");
            statements(policy).push(again);
        });
    }),
    ("a wildcard that covers own objects alone", |fleet| {
        fleet.at(ACME, API).element("Objects", "Resource", json!("arn:aws:s3:::tenant-acme-corp-data-dev*"));
    }),
    ("a wildcard that covers own streams alone", |fleet| {
        let own = json!(arn("logs", "log-group:tenant-acme-corp-api-log-dev:*"));
        fleet.at(ACME, API).element("OwnLog", "Resource", own);
    }),
    ("a role by its ARN in place of a reference", |fleet| {
        let own = json!({ "AWS": crate::fleet::iam("role/tenant-tech-startup-api-role-dev") });
        fleet.at(TECH, KEY).element("AllowObjects", "Principal", own);
    }),
    ("a table by its name in place of a reference", |fleet| {
        fleet.at(TECH, TABLE).set("resource_arn", json!(arn("dynamodb", "table/tenant-tech-startup-metadata-dev")));
    }),
    ("a bucket by its name in place of a reference", |fleet| {
        fleet.at(TECH, BUCKET).set("bucket", json!("tenant-tech-startup-data-dev"));
    }),
    ("a bucket by its id in place of its name", |fleet| {
        fleet.at(TECH, BUCKET).set("bucket", json!("${aws_s3_bucket.data.id}"));
    }),
    ("a role by its id in place of its name", |fleet| {
        fleet.at(ACME, API).set("role", json!("${aws_iam_role.api.id}"));
    }),
    ("an account as an ARN in place of its number", |fleet| {
        fleet.at(TECH, KEY).element("AllowAdministration", "Principal", json!({ "AWS": ACCOUNT }));
    }),
    ("one more tag", |fleet| {
        fleet.at(ACME, "aws_s3_bucket.data").change("/tags/ManagedBy", json!("Terraform"));
    }),
    ("one more tag of a role", |fleet| {
        let tags = json!({ "TenantId": "acme-corp", "ManagedBy": "CDKTF", "CostCenter": "42" });
        fleet.at(ACME, "aws_iam_role.api").set("tags", tags);
    }),
    ("another description", |fleet| {
        fleet.at(ACME, "aws_iam_role.api").set("description", json!("What answers the tenant's requests"));
    }),
    ("one more alarm", |fleet| {
        let alarm = json!({
            "alarm_name": "tenant-acme-corp-slow-dev",
            "metric_name": "Duration",
            "namespace": "AWS/Lambda",
            "tags": { "TenantId": "acme-corp" },
        });
        fleet.add(ACME, "aws_cloudwatch_metric_alarm.slow", alarm);
    }),
    ("a dashboard", |fleet| {
        let body = json!({ "dashboard_name": "tenant-acme-corp-board-dev", "dashboard_body": "{\"widgets\":[]}" });
        fleet.add(ACME, "aws_cloudwatch_dashboard.extra", body);
    }),
    ("one more log group", |fleet| {
        let body = json!({ "name": "tenant-acme-corp-extra-log-dev", "tags": { "TenantId": "acme-corp" } });
        fleet.add(ACME, "aws_cloudwatch_log_group.extra", body);
    }),
    ("rules of a network ACL in another order", |fleet| {
        for direction in ["ingress", "egress"] {
            fleet.at(ACME, "aws_network_acl.private").list(direction).reverse();
        }
    }),
    ("rules of a network ACL by other numbers", |fleet| {
        for rule in fleet.at(ACME, "aws_network_acl.private").list("egress") {
            rule["rule_no"] = json!(rule["rule_no"].as_u64().expect("a number") + 7);
        }
    }),
    ("the same Deny of a network ACL twice", |fleet| {
        let mut acl = fleet.at(ACME, "aws_network_acl.private");
        let rules = acl.list("egress");
        let mut again = rules.iter().find(|rule| rule["rule_no"] == 200).expect("the rule is there").clone();
        again["rule_no"] = json!(205);
        rules.push(again);
    }),
    ("a block as a list of one", |fleet| {
        let body = fleet.document(ACME)["resource"]["aws_iam_role"]["api"].clone();
        fleet.document(ACME)["resource"]["aws_iam_role"]["api"] = json!([body]);
    }),
    ("a second output", |fleet| {
        fleet.document(ACME)["output"]["extra"] = json!({ "value": "${aws_s3_bucket.data.arn}" });
    }),
    ("a boundary that asks for more", |fleet| {
        fleet.at(ACME, BOUNDARY).statement("Key", |statement| {
            statement["Condition"]["StringEquals"]["aws:PrincipalTag/ManagedBy"] = json!("CDKTF");
        });
    }),
    ("a tag condition dropped from the boundary", |fleet| {
        fleet.at(ACME, BOUNDARY).unconditioned("Describe", "StringEquals", TAG);
    }),
];

fn statements(policy: &mut Map<String, Value>) -> &mut Vec<Value> {
    policy.get_mut("Statement").and_then(Value::as_array_mut).expect("statements are a list")
}

/// Rewrites every policy of every stack.
fn each_policy_text(fleet: &mut Fleet, rewrite: impl Fn(&str) -> String) {
    for document in fleet.stacks.values_mut() {
        let types = document["resource"].as_object_mut().expect("a stack has resources");
        for body in types.values_mut().filter_map(Value::as_object_mut).flat_map(|ids| ids.values_mut()) {
            for field in ["policy", "assume_role_policy", "policy_document"] {
                if let Some(text) = body.get_mut(field) {
                    *text = Value::String(rewrite(text.as_str().expect("a policy is a text")));
                }
            }
        }
    }
}

fn each_policy(fleet: &mut Fleet, change: impl Fn(&mut Map<String, Value>)) {
    each_policy_text(fleet, |text| {
        let mut policy = serde_json::from_str(text).expect("a policy is a JSON object");
        change(&mut policy);
        Value::Object(policy).to_string()
    });
}

fn each_statement(fleet: &mut Fleet, change: impl Fn(&mut Map<String, Value>)) {
    each_policy(fleet, |policy| {
        statements(policy).iter_mut().filter_map(Value::as_object_mut).for_each(&change);
    });
}

fn each_list(fleet: &mut Fleet, fields: &[&str], change: impl Fn(&mut Vec<Value>)) {
    each_statement(fleet, |statement| {
        for field in fields {
            if let Some(list) = statement.get_mut(*field).and_then(Value::as_array_mut) {
                change(list);
            }
        }
    });
}

fn each_condition(fleet: &mut Fleet, change: impl Fn(&mut Value)) {
    each_statement(fleet, |statement| {
        let operators = statement.get_mut("Condition").and_then(Value::as_object_mut).into_iter();
        let keys = operators.flat_map(|of| of.values_mut()).filter_map(Value::as_object_mut);
        keys.flat_map(|of| of.values_mut()).for_each(&change);
    });
}

fn each_action(fleet: &mut Fleet, case: fn(&str) -> String) {
    each_statement(fleet, |statement| {
        for field in ["Action", "NotAction"] {
            match statement.get_mut(field) {
                Some(Value::String(text)) => *text = case(text),
                Some(Value::Array(list)) => {
                    for text in list {
                        *text = json!(case(text.as_str().expect("an action is a text")));
                    }
                }
                _ => {}
            }
        }
    });
}
