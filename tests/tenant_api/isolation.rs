//! Two tenants side by side on one server: nothing that one sends reads or changes what is the other's.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Stage, body, problem, start, status};
use crate::support::emulator::items;
use crate::support::lambda::{tenant_api, url_payload};
use crate::support::{http::Message, lambda::Function, root};

const SECRET: &str = r#"{"secret":"of tech-startup"}"#;

/// "two tenants side by side on one server: no request, whatever its path, header, cursor, body or event, reads or changes the other's
/// items"
#[test]
fn nothing_that_one_tenant_sends_reaches_the_other() {
    let test = "nothing_that_one_tenant_sends_reaches_the_other";
    let (Some(acme), Some(tech)) = (Stage::of(test, "acme-corp"), Stage::of(test, "tech-startup")) else { return };
    for name in ["plan", "plan-2", "plan-3"] {
        assert_eq!(status(&tech.put(&format!("/v1/resources/{name}"), &[], SECRET)), 201);
    }
    let foreign_cursor = body(&tech.get("/v1/resources?limit=1"))["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(status(&acme.put("/v1/resources/own", &[], "{}")), 201);
    let before = items(tech.emulator, &tech.table);
    acme.function.log(1);
    acme.proxy.seen();

    let mut refused = 0;
    let paths = [
        "/v1/resources/plan",
        "/v1/resources",
        "/v1/resources/tech-startup",
        "/v1/tenants/tech-startup/resources/plan",
        "/tech-startup/v1/resources/plan",
        "/v1/resources/..%2ftech-startup",
        "/v1/resources/tech-startup%23plan",
        "/v1/resources/../../tech-startup/plan",
        "/v1/resources?tenant_id=tech-startup",
        "/v1/resources?tenant=tech-startup&limit=10",
        &format!("/v1/resources?cursor={foreign_cursor}"),
    ];
    let headers: [&[(&str, &str)]; 5] = [
        &[],
        &[("x-tenant-id", "tech-startup")],
        &[("X-Tenant-ID", "acme-corp, tech-startup")],
        &[("host", "tech-startup.example.com"), ("x-forwarded-host", "tech-startup")],
        &[("x-http-method-override", "DELETE"), ("x-original-url", "/v1/resources/plan")],
    ];
    let bodies = ["{}", r#"{"tenant_id":"tech-startup"}"#, r#"{"tenant_id":"acme-corp","resource_type":"#];
    for path in paths {
        for headers in headers {
            for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST"] {
                for body in bodies {
                    let json: &[(&str, &str)] = &[("content-type", "application/json")];
                    let answer = acme.send(method, path, &[json, headers].concat(), body);
                    let text = String::from_utf8_lossy(&answer.body);
                    assert!(!text.contains("secret"), "{method} {path} {headers:?}: {text}");
                    assert!(status(&answer) < 500, "{method} {path} {headers:?}: {answer:?}");
                    refused += usize::from(status(&answer) == 403);
                }
            }
        }
    }
    let mut event = acme.event("tech-startup", "e-foreign", "TenantSuspended", "2026-01-31T00:00:00Z");
    assert_eq!(acme.function.call(&event).unwrap_err()["errorType"], "CrossTenantRefused");
    event["detail"] = json!({ "version": "1", "tenant_id": "acme-corp", "environment_suffix": tech.suffix });
    assert_eq!(acme.function.call(&event).unwrap_err()["errorType"], "CrossTenantRefused");
    let mut caller = url_payload(&Message::new("GET /v1/resources HTTP/1.1", &[], ""));
    let arn = format!("arn:aws:sts::123456789012:assumed-role/tenant-tech-startup-caller-role-{}/me", acme.suffix);
    caller["requestContext"]["authorizer"] = json!({ "iam": { "userArn": arn } });
    assert_eq!(acme.function.call(&caller).unwrap()["statusCode"], 403);

    assert_eq!(items(tech.emulator, &tech.table), before, "the other's items are as they were");
    let lines = acme.function.log(refused + 3);
    let counted = lines.iter().filter(|line| line["event"] == "cross_tenant_refused").count();
    assert_eq!(counted, refused + 3, "the alarm counts every refusal");
    for seen in acme.proxy.seen() {
        let input = seen.input.to_string();
        assert!(!input.contains(&tech.table) && keys(&seen.input).iter().all(|key| key == "acme-corp"), "{input}");
    }
}

/// Every value of the partition key in a call.
fn keys(input: &Value) -> Vec<String> {
    let mut found = Vec::new();
    match input {
        Value::Object(members) => {
            for (name, value) in members {
                match value.get("S").filter(|_| ["tenant_id", ":tenant"].contains(&name.as_str())) {
                    Some(key) => found.push(key.as_str().unwrap_or_default().to_owned()),
                    None => found.extend(keys(value)),
                }
            }
        }
        Value::Array(items) => found.extend(items.iter().flat_map(keys)),
        _ => {}
    }
    found
}

/// A table that two tenants share by mistake, which no stack makes: the keys alone still keep them apart.
#[test]
fn the_keys_alone_keep_tenants_apart() {
    let test = "the_keys_alone_keep_tenants_apart";
    let (Some(acme), Some(tech)) = (Stage::of(test, "acme-corp"), Stage::of(test, "tech-startup")) else { return };
    assert_eq!(status(&tech.put("/v1/resources/plan", &[], SECRET)), 201);
    for mut item in items(tech.emulator, &tech.table) {
        let put = |item: &Value| json!({ "TableName": acme.table, "Item": item });
        crate::support::emulator::dynamodb(acme.emulator, "PutItem", &put(&item)).unwrap();
        item["resource_type"] = json!({ "S": "another" });
        crate::support::emulator::dynamodb(acme.emulator, "PutItem", &put(&item)).unwrap();
    }
    assert_eq!(status(&acme.get("/v1/resources/plan")), 404);
    assert_eq!(body(&acme.get("/v1/resources"))["resources"], json!([]));
    assert_eq!(status(&acme.send("DELETE", "/v1/resources/another", &[], "")), 204);
    assert_eq!(items(acme.emulator, &acme.table).len(), 2, "both are still there");
}

/// "tenant from the environment only, validated at cold start"
#[test]
fn the_function_does_not_start_for_another_tenants_table() {
    let endpoint = "http://127.0.0.1:9";
    for (tenant, table) in
        [("acme-corp", "tenant-tech-startup-metadata-dev"), ("acme--corp", "tenant-acme--corp-metadata-dev")]
    {
        let environment = [
            ("TENANT_ID", tenant),
            ("ENVIRONMENT_SUFFIX", "dev"),
            ("TABLE_NAME", table),
            ("AWS_ENDPOINT_URL", endpoint),
        ];
        let mut function = Function::start(tenant_api(), &environment);
        let line = &function.log(1)[0];
        assert_eq!((line["level"].as_str(), line["message"].as_str()), (Some("ERROR"), Some("cannot start")), "{line}");
        std::thread::sleep(std::time::Duration::from_millis(200));
        assert!(!function.runs(), "{tenant}");
    }
    assert!(start("acme-corp", "dev", "127.0.0.1:9".parse().unwrap()).runs());
}

/// `calls.json` is held against the policies by the proof; here it is held against what is sent.
#[test]
fn the_calls_that_are_sent_are_the_listed_ones() {
    let Some(stage) = Stage::of("the_calls_that_are_sent_are_the_listed_ones", "acme-corp") else { return };
    for name in ["a", "b"] {
        stage.put(&format!("/v1/resources/{name}"), &[], "{}");
    }
    stage.get("/v1/resources/a");
    stage.get("/v1/resources?limit=1");
    stage.send("DELETE", "/v1/resources/a", &[], "");
    stage.function.call(&stage.event("acme-corp", "e-1", "TenantSuspended", "2026-01-31T00:00:00Z")).unwrap();
    assert_eq!(problem(&stage.get("/v1/resources")), (403, "tenant-suspended".to_owned()));
    let mut sent = BTreeSet::new();
    for seen in stage.proxy.seen() {
        match seen.input["TransactItems"].as_array() {
            Some(items) => sent.extend(
                items
                    .iter()
                    .flat_map(|item| item.as_object().unwrap().keys().map(|part| format!("dynamodb:{part}Item"))),
            ),
            None => drop(sent.insert(format!("dynamodb:{}", seen.operation))),
        }
    }
    let listed = std::fs::read_to_string(root().join("crates/tenant-api/calls.json")).unwrap();
    let listed: Vec<Value> = serde_json::from_str(&listed).unwrap();
    let listed: BTreeSet<String> = listed.iter().map(|call| call["action"].as_str().unwrap().to_owned()).collect();
    assert_eq!(sent, listed);
}
