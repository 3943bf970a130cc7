//! `calls.json`, against which the isolation proof holds the policies, and the code say the same.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// The source files, without the white space that could part a call.
fn sources() -> Vec<(String, String)> {
    fn walk(directory: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                found.push((name, text.split_whitespace().collect()));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

/// `put_log_events` is the operation `PutLogEvents`, and the action of that name.
fn operation(method: &str) -> String {
    method.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

fn listed() -> Vec<Value> {
    serde_json::from_str(include_str!("../../calls.json")).unwrap()
}

#[test]
fn the_list_has_the_calls_that_the_code_makes_and_no_other() {
    let mut called = BTreeSet::new();
    for (file, text) in sources() {
        if file != "cloudwatch.rs" {
            assert!(!text.contains("aws_sdk_"), "{file} calls AWS; only cloudwatch.rs does");
            continue;
        }
        assert_eq!(text.matches("aws_sdk_cloudwatchlogs::Client;").count(), 1, "one service");
        assert_eq!(
            text.matches("aws_sdk_").count(),
            text.matches("aws_sdk_cloudwatchlogs").count(),
            "no other service"
        );
        // Every use of the client is a call, so that none escapes this test by another name.
        let text = NOT_THE_CLIENT.iter().fold(text, |text, part| text.replace(part, ""));
        assert_eq!(text.matches("client").count(), text.matches("client.").count(), "{text}");
        for call in text.split("client.").skip(1) {
            let method = call.split('(').next().unwrap();
            called.insert(format!("logs:{}", operation(method)));
        }
    }
    let listed: Vec<String> = listed().iter().map(|call| call["action"].as_str().unwrap().to_owned()).collect();
    assert_eq!(called.into_iter().collect::<Vec<_>>(), listed);
}

/// Where the client is made and kept, and other things of that name.
const NOT_THE_CLIENT: [&str; 5] =
    ["aws_smithy_http_client", ".http_client(", "client:Client,", "client:Client::from_conf(", "Theclientismade"];

/// "limited to the streams `{tenant}/…` of the central group"
#[test]
fn every_call_is_for_the_tenants_own_streams_and_says_why() {
    for call in listed() {
        assert_eq!(call["path"], ":log-stream:{tenant_id}/*", "{call}");
        assert_eq!(call["arn"], "arn:aws:logs:{region}:{account}:log-group:{CENTRAL_LOG_GROUP_NAME}", "{call}");
        assert!(!call["why"].as_str().unwrap().is_empty(), "{call}");
        assert!(call["context"].is_object(), "{call}");
    }
}
