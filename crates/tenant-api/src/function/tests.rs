use std::sync::{Arc, Mutex};

use serde_json::json;

use super::*;
use crate::table::test_util;

const HOUR: Duration = Duration::from_secs(3600);

fn settings() -> Settings {
    Settings { tenant: "acme-corp".parse().unwrap(), suffix: "dev".parse().unwrap() }
}

/// What the function replies, and the one line that it logs, with a table that answers as given.
fn call_with(
    answer: impl Fn(&str, Value) -> (u16, Value) + Send + Sync + 'static,
    payload: Value,
) -> (Result<Value, PayloadError>, Value) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let log = Log::to(move |line| sink.lock().unwrap().push(line.to_owned()));
    let function = Function::new(settings(), test_util::table(&settings(), answer), log);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let call = Call { request_id: "request-1", trace_id: Some("Root=1-2"), time_left: Some(HOUR) };
    let reply = runtime.block_on(function.call(payload, call));
    let lines = lines.lock().unwrap();
    assert_eq!(lines.len(), 1, "one line for each call: {lines:?}");
    (reply.map(|reply| serde_json::to_value(reply).unwrap()), serde_json::from_str(&lines[0]).unwrap())
}

fn call(payload: Value) -> (Result<Value, PayloadError>, Value) {
    call_with(|operation, _| panic!("{operation} was called"), payload)
}

fn request(method: &str, path: &str) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": { "host": "abc.lambda-url.us-east-1.on.aws", "x-forwarded-proto": "https" },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc",
            "authorizer": { "iam": { "userArn": "arn:aws:sts::123456789012:assumed-role/tenant-acme-corp-caller-role-dev/me" } },
            "domainName": "abc.lambda-url.us-east-1.on.aws",
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test" },
            "requestId": "url-request",
            "routeKey": "$default",
            "stage": "$default",
            "time": "31/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1_769_817_600_000_i64
        },
        "isBase64Encoded": false
    })
}

fn problem(reply: &Value) -> (Value, String) {
    let body: Value = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
    assert_eq!(reply["headers"]["content-type"], "application/problem+json");
    assert_eq!((&body["status"], &body["request_id"]), (&reply["statusCode"], &json!("request-1")));
    (reply["statusCode"].clone(), body["type"].as_str().unwrap().trim_start_matches("urn:palisade:problem:").to_owned())
}

#[test]
fn a_request_of_the_function_url_is_answered_and_logged_in_one_line_with_its_metrics() {
    let (reply, line) = call(request("GET", "/health"));
    let reply = reply.unwrap();
    assert_eq!((&reply["statusCode"], &reply["isBase64Encoded"]), (&json!(200), &json!(false)));
    assert_eq!(reply["headers"]["content-type"], "application/json");
    assert_eq!(reply["body"], r#"{"status":"ok","tenant":"acme-corp"}"#);
    for (field, value) in [
        ("tenant", json!("acme-corp")),
        ("request_id", json!("request-1")),
        ("trace_id", json!("Root=1-2")),
        ("event", json!("request")),
        ("method", json!("GET")),
        ("route", json!("/health")),
        ("status", json!(200)),
        ("cold_start", json!(true)),
    ] {
        assert_eq!(line[field], value, "{field}");
    }
    let metrics = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(metrics["Dimensions"], json!([["tenant"]]));
    for metric in metrics["Metrics"].as_array().unwrap() {
        assert!(line[metric["Name"].as_str().unwrap()].is_number(), "{metric}");
    }
}

#[test]
fn methods_are_as_http_expects() {
    let allow = "GET, HEAD, PUT, DELETE, OPTIONS";
    let options = call(request("OPTIONS", "/v1/resources/plan")).0.unwrap();
    assert_eq!((&options["statusCode"], &options["headers"]["allow"]), (&json!(204), &json!(allow)));
    for method in ["POST", "PATCH", "TRACE", "BREW"] {
        let reply = call(request(method, "/v1/resources/plan")).0.unwrap();
        assert_eq!(problem(&reply), (json!(405), "method-not-allowed".to_owned()), "{method}");
        assert_eq!(reply["headers"]["allow"], allow);
    }
    let head = call(request("HEAD", "/health")).0.unwrap();
    assert_eq!((&head["statusCode"], head["body"].as_str().unwrap_or_default()), (&json!(200), ""));
    assert!(head["headers"]["etag"].is_string());
}

#[test]
fn an_unknown_path_is_logged_without_the_path() {
    let (reply, line) = call(request("POST", "/secret-in-a-path"));
    assert_eq!(problem(&reply.unwrap()), (json!(404), "no-such-path".to_owned()));
    assert_eq!((&line["route"], &line["status"], &line["method"]), (&json!("unmatched"), &json!(404), &json!("POST")));
    assert!(!line.to_string().contains("secret"));
}

/// The metric filter of the tenant's alarm is `{ $.event = "cross_tenant_refused" }`.
#[test]
fn a_request_that_names_another_tenant_is_refused_logged_and_counted() {
    let mut header = request("GET", "/health");
    header["headers"]["X-Tenant-Id"] = json!("tech-startup");
    let mut query = request("GET", "/v1/resources");
    query["rawQueryString"] = json!("limit=1&%74enant_id=tech-startup");
    let mut caller = request("GET", "/v1/resources/plan");
    caller["requestContext"]["authorizer"]["iam"]["userArn"] =
        json!("arn:aws:sts::123456789012:assumed-role/tenant-tech-startup-caller-role-dev/me");
    let mut body = request("PUT", "/v1/resources/plan");
    body["headers"]["content-type"] = json!("application/json");
    body["body"] = json!(r#"{"tenant_id":"tech-startup"}"#);
    for payload in [header, query, caller, body] {
        let (reply, line) = call(payload.clone());
        let reply = reply.unwrap();
        assert_eq!(problem(&reply), (json!(403), "other-tenant".to_owned()), "{payload}");
        assert!(!reply["body"].as_str().unwrap().contains("tech-startup"));
        assert_eq!((&line["event"], &line["level"]), (&json!("cross_tenant_refused"), &json!("ERROR")));
        assert!(line["error"].as_str().unwrap().contains("tech-startup"));
    }
}

/// "a request, event, cursor or stored item that names another tenant is refused"
#[test]
fn a_stored_item_of_another_tenant_is_refused_logged_and_counted() {
    let item = |tenant: &str, document: &str| {
        json!({ "tenant_id": { "S": tenant }, "resource_type": { "S": "plan" }, "doc": { "S": document },
                "etag": { "S": "e" }, "doc_bytes": { "N": "2" }, "created_at": { "S": "" }, "updated_at": { "S": "" } })
    };
    for item in [item("tech-startup", "{}"), item("acme-corp", r#"{"tenant_id":"tech-startup"}"#)] {
        let answer = json!({ "Responses": { "tenant-acme-corp-metadata-dev": [item] } });
        let (reply, line) = call_with(move |_, _| (200, answer.clone()), request("GET", "/v1/resources/plan"));
        assert_eq!(problem(&reply.unwrap()), (json!(403), "other-tenant".to_owned()));
        assert_eq!(line["event"], "cross_tenant_refused");
    }
    let listed = item("tech-startup", "{}");
    let answer = move |operation: &str, _| {
        if operation == "Query" { (200, json!({ "Items": [listed] })) } else { (200, json!({})) }
    };
    let (reply, line) = call_with(answer, request("GET", "/v1/resources"));
    assert_eq!(problem(&reply.unwrap()).0, json!(403));
    assert_eq!(line["event"], "cross_tenant_refused");
}

/// "never an AWS message or an internal name in the body"
#[test]
fn what_aws_says_is_logged_and_not_told() {
    for (status, code, problem_status, slug) in [
        (400, "ThrottlingException", 503, "busy"),
        (400, "ProvisionedThroughputExceededException", 503, "busy"),
        (500, "InternalServerError", 503, "unavailable"),
        (400, "AccessDeniedException", 500, "internal"),
        (400, "ResourceNotFoundException", 500, "internal"),
    ] {
        let answer = move |_: &str, _| {
            (
                status,
                json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "arn:aws:secret-table" }),
            )
        };
        let (reply, line) = call_with(answer, request("GET", "/v1/resources/plan"));
        let reply = reply.unwrap();
        assert_eq!(problem(&reply), (json!(problem_status), slug.to_owned()), "{code}");
        let body = reply["body"].as_str().unwrap();
        assert!(
            !["arn:", "secret", "Exception", "tenant-acme", "ynamo"].iter().any(|text| body.contains(text)),
            "{body}"
        );
        assert_eq!(reply["headers"]["retry-after"].is_string(), problem_status == 503, "{code}");
        assert!(line["error"].as_str().unwrap().contains("secret-table"), "{line}");
    }
}

#[test]
fn every_key_that_is_sent_is_of_this_tenant() {
    let mut put = request("PUT", "/v1/resources/plan");
    put["headers"]["content-type"] = json!("application/json");
    put["body"] = json!("{}");
    for payload in [
        put,
        request("GET", "/v1/resources/plan"),
        request("DELETE", "/v1/resources/plan"),
        request("GET", "/v1/resources"),
    ] {
        let seen = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&seen);
        let answer = move |_: &str, input: Value| {
            sink.lock().unwrap().push_str(&input.to_string());
            (200, json!({}))
        };
        call_with(answer, payload).0.unwrap();
        let seen = seen.lock().unwrap();
        let keys = seen.matches(r#""tenant_id":{"S":"#).count() + seen.matches(r#"":tenant":{"S":"#).count();
        assert!(keys > 0 && seen.matches(r#"{"S":"acme-corp"}"#).count() == keys, "{seen}");
    }
}

fn event(tenant: &str) -> Value {
    json!({
        "version": "0",
        "id": "e-1",
        "detail-type": "TenantSuspended",
        "source": "palisade.platform",
        "account": "123456789012",
        "time": "2026-01-31T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": { "version": "1", "tenant_id": tenant, "environment_suffix": "dev" }
    })
}

#[test]
fn an_event_of_this_tenant_is_recorded_and_acknowledged() {
    let (reply, line) = call_with(
        |operation, _| (if operation == "TransactWriteItems" { 200 } else { 500 }, json!({})),
        event("acme-corp"),
    );
    assert_eq!(reply.unwrap(), json!({ "acknowledged": "e-1", "outcome": "changed" }));
    let told = [&line["event"], &line["event_id"], &line["detail_type"], &line["outcome"]];
    assert_eq!(told, ["lifecycle", "e-1", "TenantSuspended", "changed"]);
}

#[test]
fn an_event_of_another_tenant_is_an_error_and_raises_the_alarm() {
    let (reply, line) = call(event("tech-startup"));
    assert_eq!(reply.unwrap_err().name(), "CrossTenantRefused");
    assert_eq!((&line["event"], &line["level"]), (&json!("cross_tenant_refused"), &json!("ERROR")));
    assert_eq!(line["tenant"], "acme-corp");
}

#[test]
fn an_event_that_meets_another_change_is_tried_again_and_then_left_to_lambda() {
    let conflict = |_: &str, _| {
        let reasons = json!([{ "Code": "None" }, { "Code": "TransactionConflict" }]);
        (400, json!({ "__type": "x#TransactionCanceledException", "CancellationReasons": reasons }))
    };
    let (reply, line) = call_with(conflict, event("acme-corp"));
    assert_eq!(reply.unwrap_err().name(), "NotRecorded");
    assert_eq!(line["level"], "ERROR");
}

#[test]
fn what_is_neither_a_request_nor_an_event_is_an_error() {
    let mut no_detail = event("acme-corp");
    no_detail["detail"] = json!("text");
    for payload in [json!({}), json!(null), json!([1]), no_detail] {
        let (reply, line) = call(payload.clone());
        assert_eq!(reply.unwrap_err().name(), "UnreadablePayload", "{payload}");
        assert!(line["level"] == "ERROR");
    }
}

#[test]
fn a_request_that_cannot_be_read_is_a_problem_and_no_panic() {
    let mut header = request("GET", "/health");
    header["headers"]["bad\nname"] = json!("x");
    let mut encoded = request("PUT", "/v1/resources/plan");
    (encoded["isBase64Encoded"], encoded["body"]) = (json!(true), json!("not base64!"));
    for payload in [header, encoded, json!({ "requestContext": 1 })] {
        assert_eq!(problem(&call(payload).0.unwrap()), (json!(400), "invalid-request".to_owned()));
    }
    for path in ["/\u{0}", "/ö/ä", "/%zz", "http://evil/", "/a b", ""] {
        let mut payload = request("GET", path);
        payload["rawQueryString"] = json!("%zz=%&&=\u{7f}");
        payload["headers"]["host"] = json!("[::bad host");
        assert!(problem(&call(payload).0.unwrap()).0.as_u64() < Some(500), "{path}");
    }
}
