//! Every type and attribute of every stack is one that the AWS provider knows.

use serde_json::{Value, json};

use crate::support::schema::{problems, provider};
use crate::support::stacks::{list, stacks};

#[test]
fn every_block_of_every_stack_fits_the_providers_schema() {
    let mut found = Vec::new();
    let mut judged = 0;
    for stack in stacks() {
        for (section, blocks) in [("resource", stack.resources()), ("data", stack.data())] {
            for (kind, id, body) in blocks {
                judged += 1;
                let address = |problem| format!("{} {kind}.{id}: {problem}", stack.name);
                found.extend(problems(provider(), section, kind, body).into_iter().map(address));
            }
        }
        for body in list(&stack.body["provider"]["aws"]) {
            judged += 1;
            found.extend(problems(provider(), "provider", "aws", body));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(judged > 100, "only {judged} blocks judged");
}

fn fixture() -> Value {
    json!({ "resource": { "thing": {
        "f": { "name": "r:s", "size": "o:n", "on": "oc:b", "arn": "c:s", "ids": "o:ss", "tags": "o:ms", "rule": "r:BL:Rule", "once": "o:B1:Rule",
               "open": "oc:AS!:Rule", "loose": "o:AL:Rule", "free": "o:any" },
        "d": { "Rule": { "id": "r:s", "days": "o:n", "inner": "o:B1:Inner" }, "Inner": { "deep": "c:s" } } } },
        "data": {}, "provider": { "f": { "region": "o:s" }, "d": {} } })
}

fn judge(change: Value) -> Vec<String> {
    let mut body = json!({ "name": "a", "rule": { "id": "1" } });
    for (key, value) in change.as_object().unwrap() {
        body[key] = value.clone();
    }
    problems(&fixture(), "resource", "thing", &body)
}

#[test]
fn the_checker_lets_what_fits_pass() {
    for fits in [
        json!({ "//": { "any": "thing" }, "depends_on": [], "lifecycle": {} }),
        json!({ "size": 3, "on": false, "ids": ["a", "${b.c}"], "tags": { "a": "b" }, "free": [1] }),
        json!({ "size": "${a.b}", "on": "${a.b}", "ids": "${a.b}", "tags": "${a.b}", "loose": "${a.b}", "size": null }),
        json!({ "rule": [{ "id": "1" }, { "id": "2", "days": 3 }], "once": [{ "id": "1" }] }),
        json!({ "open": [], "loose": [{ "id": "1" }] }),
        json!({ "open": [{ "id": "1", "days": null, "inner": null }] }),
    ] {
        assert_eq!(judge(fits.clone()), [""; 0], "{fits}");
    }
}

#[test]
fn the_checker_finds_what_does_not_fit() {
    for (wrong, problem) in [
        (json!({ "nmae": "a" }), "thing.nmae: unknown"),
        (json!({ "timeouts": {} }), "thing.timeouts: unknown"),
        (json!({ "arn": "a" }), "thing.arn: is computed and cannot be written"),
        (json!({ "name": null }), "thing: `name` is required"),
        (json!({ "name": 3 }), "thing.name: wants a text, not 3"),
        (json!({ "size": "3" }), "thing.size: wants a number, not \"3\""),
        (json!({ "on": 1 }), "thing.on: wants true or false, not 1"),
        (json!({ "ids": "a" }), "thing.ids: wants a list of texts"),
        (json!({ "ids": [true] }), "thing.ids: wants a text, not true"),
        (json!({ "tags": ["a"] }), "thing.tags: wants a map"),
        (json!({ "tags": { "a": 1 } }), "thing.tags: wants a text, not 1"),
        (json!({ "rule": null }), "thing: `rule` is required"),
        (json!({ "rule": "${a.b}" }), "thing.rule: wants an object, not \"${a.b}\""),
        (json!({ "rule": { "idd": "1", "id": "1" } }), "thing.rule.idd: unknown"),
        (json!({ "rule": [{ "id": "1" }, { "days": 3 }] }), "thing.rule: `id` is required"),
        (
            json!({ "rule": { "id": "1", "inner": { "deep": "a" } } }),
            "thing.rule.inner.deep: is computed and cannot be written",
        ),
        (json!({ "once": [{ "id": "1" }, { "id": "2" }] }), "thing.once: may stand once"),
        (json!({ "open": { "id": "1" } }), "thing.open: wants a list of objects"),
        (json!({ "open": [{ "id": "1", "days": 1 }] }), "thing.open: `inner` must be named, if only as null"),
    ] {
        assert_eq!(judge(wrong.clone()), [problem], "{wrong}");
    }
    assert_eq!(problems(&fixture(), "resource", "thin", &json!({})), ["thin: unknown resource type"]);
    assert_eq!(problems(&fixture(), "data", "thing", &json!({})), ["thing: unknown data type"]);
    assert_eq!(
        problems(&fixture(), "provider", "aws", &json!({ "alias": "b", "regoin": "a" })),
        ["aws.regoin: unknown"]
    );
    assert_eq!(problems(&fixture(), "resource", "thing", &json!([])), ["thing: not an object"]);
}
