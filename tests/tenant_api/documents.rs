//! Documents, from the first request to the last.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Stage, body, etag, problem, status};

const PLAN: &str = "/v1/resources/plan";

#[test]
fn a_document_lives_as_http_expects() {
    let Some(stage) = Stage::of("a_document_lives_as_http_expects", "acme-corp") else { return };
    assert_eq!(problem(&stage.get(PLAN)), (404, "no-such-resource".to_owned()));
    let text = " {\"seats\": 1.50, \"name\":\"ünï\"}\n";
    let made = stage.put(PLAN, &[], text);
    assert_eq!((status(&made), made.header("location")), (201, Some(PLAN)));
    assert_eq!(body(&made)["etag"], etag(&made));
    let read = stage.get(PLAN);
    assert_eq!((status(&read), read.body.as_slice()), (200, text.as_bytes()), "byte by byte");
    assert_eq!((etag(&read), read.header("content-type")), (etag(&made), Some("application/json")));
    let head = stage.send("HEAD", PLAN, &[], "");
    assert_eq!((status(&head), etag(&head), head.body.len()), (200, etag(&made), 0));
    assert_eq!(status(&stage.send("GET", PLAN, &[("if-none-match", &etag(&made))], "")), 304);
    assert_eq!(status(&stage.send("GET", PLAN, &[("if-match", "\"x\"")], "")), 412);

    let replaced = stage.put(PLAN, &[], "{}");
    assert_eq!(status(&replaced), 200);
    assert_eq!(body(&replaced)["created_at"], body(&made)["created_at"]);
    assert_ne!(etag(&replaced), etag(&made));
    assert_eq!(status(&stage.send("DELETE", PLAN, &[], "")), 204);
    assert_eq!(status(&stage.send("DELETE", PLAN, &[], "")), 204, "what is not there has been deleted");
    assert_eq!(status(&stage.get(PLAN)), 404);
}

/// "`If-Match` / `If-None-Match: *` honoured by condition expressions (no read-then-write)"
#[test]
fn preconditions_hold_or_nothing_changes() {
    let Some(stage) = Stage::of("preconditions_hold_or_nothing_changes", "acme-corp") else { return };
    assert_eq!(problem(&stage.put(PLAN, &[("if-match", "*")], "{}")), (412, "precondition-failed".to_owned()));
    assert_eq!(status(&stage.put(PLAN, &[("if-none-match", "*")], r#"{"v":1}"#)), 201);
    let first = etag(&stage.get(PLAN));
    let refused = stage.put(PLAN, &[("if-none-match", "*")], r#"{"v":1}"#);
    assert_eq!((status(&refused), etag(&refused)), (412, first.clone()), "the same bytes by another request");
    assert_eq!(status(&stage.put(PLAN, &[("if-match", &format!("W/{first}"))], "{}")), 412, "weak tags match nothing");
    assert_eq!(status(&stage.put(PLAN, &[("if-none-match", &first)], "{}")), 412);
    assert_eq!(status(&stage.put(PLAN, &[("if-match", &format!("\"x\", {first}"))], r#"{"v":2}"#)), 200);
    for method in ["PUT", "DELETE"] {
        let headers = [("content-type", "application/json"), ("if-match", first.as_str())];
        let lost = stage.send(method, PLAN, &headers, "{}");
        assert_eq!(status(&lost), 412, "{method}: a lost update");
    }
    assert_eq!(body(&stage.get(PLAN)), json!({ "v": 2 }));
    assert_eq!(problem(&stage.put(PLAN, &[("if-match", "x")], "{}")), (400, "invalid-request".to_owned()));
    let last = etag(&stage.get(PLAN));
    assert_eq!(status(&stage.send("DELETE", PLAN, &[("if-match", &last)], "")), 204);
    let seen: BTreeSet<String> = stage.proxy.seen().into_iter().map(|call| call.operation).collect();
    let expected = ["BatchGetItem", "DeleteItem", "GetItem", "UpdateItem"].map(str::to_owned);
    assert_eq!(seen, BTreeSet::from(expected), "`GetItem` reads where the tenant stands only");
}

#[test]
fn what_is_no_document_is_refused_with_the_reason() {
    let Some(stage) = Stage::of("what_is_no_document_is_refused_with_the_reason", "acme-corp") else { return };
    let sized = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    let largest = stage.put(PLAN, &[], &sized(350 * 1024));
    assert_eq!((status(&largest), &body(&largest)["bytes"]), (201, &json!(358_400)));
    assert_eq!(stage.get(PLAN).body.len(), 358_400);
    assert_eq!(problem(&stage.put(PLAN, &[], &sized(350 * 1024 + 1))), (413, "document-too-large".to_owned()));
    for text in ["", "[]", "{", r#"{"a":1,"a":2}"#, &format!("{{\"a\":{}1{}}}", "[".repeat(40), "]".repeat(40))] {
        assert_eq!(problem(&stage.put(PLAN, &[], text)), (400, "invalid-document".to_owned()), "{text}");
    }
    let plain = stage.send("PUT", PLAN, &[("content-type", "text/plain")], "{}");
    assert_eq!(problem(&plain), (415, "unsupported-media-type".to_owned()));
    assert_eq!(status(&stage.put("/v1/resources/Plan", &[], "{}")), 400);
    assert_eq!(status(&stage.get("/v1/resources/plan?x=1")), 400);
}

#[test]
fn a_list_has_every_document_once_page_by_page() {
    let Some(stage) = Stage::of("a_list_has_every_document_once_page_by_page", "acme-corp") else { return };
    let names: Vec<String> = (0..7).map(|n| format!("doc-{n}")).collect();
    for name in &names {
        assert_eq!(status(&stage.put(&format!("/v1/resources/{name}"), &[], "{}")), 201);
    }
    stage.function.call(&stage.event("acme-corp", "e-1", "TenantProvisioned", "2026-01-31T00:00:00Z")).unwrap();
    for limit in [1, 3, 7, 100] {
        let (mut found, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = stage.get(&format!("/v1/resources?limit={limit}{cursor}"));
            assert_eq!(status(&page), 200, "{page:?}");
            assert!(page.header("etag").is_some());
            let page = body(&page);
            let entries = page["resources"].as_array().unwrap();
            found.extend(entries.iter().map(|entry| entry["resource_type"].as_str().unwrap().to_owned()));
            pages += 1;
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!((&found, pages), (&names, 7usize.div_ceil(limit)), "the function's own items are in no list");
    }
    for query in ["limit=0", "limit=101", "limit=x", "limit=1&limit=2", "limits=1", "cursor=", "cursor=AAAA"] {
        assert_eq!(status(&stage.get(&format!("/v1/resources?{query}"))), 400, "{query}");
    }
}

/// Each query reads 1 MB at most: a page of large documents is filled by several, or ends early with a cursor.
#[test]
fn large_documents_are_listed_too() {
    let Some(stage) = Stage::of("large_documents_are_listed_too", "acme-corp") else { return };
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(340 * 1024));
    for n in 0..5 {
        assert_eq!(status(&stage.put(&format!("/v1/resources/doc-{n}"), &[], &large)), 201);
    }
    let page = body(&stage.get("/v1/resources"));
    assert_eq!(page["resources"].as_array().unwrap().len(), 5);
    assert!(page["next_cursor"].is_null());
}
