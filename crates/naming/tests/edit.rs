//! Editing the tenants file: what is not changed stays to the byte, and what comes out says just what was wanted.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use naming::fleet::{Edit, EditError, Fleet, Overrides, TenantState, edit};
use naming::{NetworkPlan, Placement};
use proptest::prelude::*;

fn add(id: &str, index: u64) -> Edit {
    let network_index = NetworkPlan::default().index(index).unwrap();
    Edit::Add { id: id.parse().unwrap(), network_index, placement: Placement::Shared, state: TenantState::Active }
}

fn set(id: &str, state: TenantState) -> Edit {
    Edit::SetState { id: id.parse().unwrap(), state }
}

fn edited(text: &str, edits: &[Edit]) -> String {
    edit(text.as_bytes(), "tenants.json", &Overrides::default(), edits).unwrap()
}

#[test]
fn a_tenant_is_added_in_the_style_of_the_one_before_it() {
    let cases = [
        (
            // As the example has it.
            "{\n  \"environment_suffix\": \"dev\",\n  \"tenants\": [\n    { \"id\": \"a1\", \"network_index\": 0 },\n    { \"id\": \"b1\", \"network_index\": 1 }\n  ]\n}\n",
            "{\n  \"environment_suffix\": \"dev\",\n  \"tenants\": [\n    { \"id\": \"a1\", \"network_index\": 0 },\n    { \"id\": \"b1\", \"network_index\": 1 },\n    { \"id\": \"c1\", \"network_index\": 2 }\n  ]\n}\n",
        ),
        (
            // A field on each line, tabs, Windows' line ends, one tenant, a byte order mark.
            "\u{feff}{\r\n\t\"tenants\": [\r\n\t\t{\r\n\t\t\t\"network_index\": 1,\r\n\t\t\t\"id\": \"b1\"\r\n\t\t}\r\n\t],\r\n\t\"environment_suffix\": \"dev\"\r\n}",
            "\u{feff}{\r\n\t\"tenants\": [\r\n\t\t{\r\n\t\t\t\"network_index\": 1,\r\n\t\t\t\"id\": \"b1\"\r\n\t\t},\r\n\t\t{\r\n\t\t\t\"id\": \"c1\",\r\n\t\t\t\"network_index\": 2\r\n\t\t}\r\n\t],\r\n\t\"environment_suffix\": \"dev\"\r\n}",
        ),
        (
            r#"{"environment_suffix":"dev","tenants":[{"id":"a1","network_index":0},{"id":"b1","network_index":1}]}"#,
            r#"{"environment_suffix":"dev","tenants":[{"id":"a1","network_index":0},{"id":"b1","network_index":1},{"id": "c1","network_index": 2}]}"#,
        ),
        (
            r#"{ "environment_suffix": "dev", "tenants": [] }"#,
            r#"{ "environment_suffix": "dev", "tenants": [{ "id": "c1", "network_index": 2 }] }"#,
        ),
        (
            "{\n  \"environment_suffix\": \"dev\",\n  \"tenants\": [\n  ]\n}\n",
            "{\n  \"environment_suffix\": \"dev\",\n  \"tenants\": [\n    { \"id\": \"c1\", \"network_index\": 2 }\n  ]\n}\n",
        ),
    ];
    for (before, after) in cases {
        assert_eq!(edited(before, &[add("c1", 2)]), after);
        // And back again, where the list was not empty.
        if before.contains("b1") {
            assert_eq!(edited(after, &[Edit::Drop { id: "c1".parse().unwrap() }]), before);
        }
    }
}

#[test]
fn a_state_is_set_where_it_stands_or_beside_the_last_field() {
    let file = |tenant: &str| format!("{{ \"environment_suffix\": \"dev\", \"tenants\": [\n  {tenant} ] }}");
    let plain = file(r#"{ "id": "acme", "network_index": 0 }"#);
    let removed = file(r#"{ "id": "acme", "network_index": 0, "state": "removed" }"#);
    assert_eq!(edited(&plain, &[set("acme", TenantState::Removed)]), removed);
    assert_eq!(
        edited(&removed, &[set("acme", TenantState::Active)]),
        file(r#"{ "id": "acme", "network_index": 0, "state": "active" }"#)
    );
    let lines = file("{\n    \"id\": \"acme\",\n    \"network_index\": 0\n  }");
    assert_eq!(
        edited(&lines, &[set("acme", TenantState::Suspended)]),
        file("{\n    \"id\": \"acme\",\n    \"network_index\": 0,\n    \"state\": \"suspended\"\n  }")
    );
}

#[test]
fn a_file_with_errors_is_not_touched_and_none_is_made() {
    let edit =
        |text: &str, edits: &[Edit]| edit(text.as_bytes(), "tenants.json", &Overrides::default(), edits).unwrap_err();
    assert!(matches!(edit("{", &[add("c1", 2)]), EditError::Before(_)));
    let file = r#"{ "environment_suffix": "dev", "tenants": [ { "id": "a1", "network_index": 0 } ] }"#;
    let error = edit(file, &[add("c1", 0)]);
    assert!(error.to_string().contains("network_index 0 is taken by tenant `a1`"), "{error}");
    assert!(matches!(edit(file, &[add("a1", 1)]), EditError::After(_)));
    assert_eq!(edit(file, &[set("zz", TenantState::Removed)]).to_string(), "the tenants file has no tenant `zz`");
}

/// A file as people write it, in many layouts.
fn files() -> impl Strategy<Value = (String, Vec<String>)> {
    let space = || prop::sample::select(vec!["", " ", "\n", "\r\n  ", "\t", "  \n\n "]);
    let tenants = prop::collection::btree_set("[a-z][a-z0-9]{1,4}", 0..6);
    (tenants, prop::collection::vec(space(), 64), any::<bool>()).prop_map(|(ids, spaces, first)| {
        let mut spaces = spaces.into_iter().cycle();
        let mut space = || spaces.next().unwrap();
        let mut list = String::new();
        for (number, id) in ids.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            list += &format!(
                "{comma}{}{{{}\"id\"{}:{}\"{id}\"{},{}\"network_index\"{}:{}{number}{}}}{}",
                space(),
                space(),
                space(),
                space(),
                space(),
                space(),
                space(),
                space(),
                space(),
                space()
            );
        }
        let (a, b) = (format!("\"tenants\":{}[{list}]", space()), "\"environment_suffix\": \"dev\"".to_owned());
        let (a, b) = if first { (a, b) } else { (b, a) };
        (
            format!("{}{{{}{a}{},{}{b}{}}}{}", space(), space(), space(), space(), space(), space()),
            ids.into_iter().collect(),
        )
    })
}

proptest! {
    #[test]
    fn in_any_layout_an_edit_changes_one_place((file, ids) in files(), at in any::<prop::sample::Index>(), how in 0..3) {
        let what = match (how, ids.is_empty()) {
            (0, _) | (_, true) => add("zz-new", 200),
            (1, _) => set(&ids[at.index(ids.len())], TenantState::Removed),
            _ => Edit::Drop { id: ids[at.index(ids.len())].parse().unwrap() },
        };
        let after = edited(&file, std::slice::from_ref(&what));
        prop_assert!(Fleet::parse(after.as_bytes(), "f", &Overrides::default()).is_ok());
        // What is before and behind the one place is as it was.
        let head = file.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
        let tail = file[head..].bytes().rev().zip(after[head..].bytes().rev()).take_while(|(a, b)| a == b).count();
        let (gone, new) = (&file[head..file.len() - tail], &after[head..after.len() - tail]);
        match what {
            Edit::Add { .. } => prop_assert!(gone.trim_matches([' ', '\n', '\r', '\t', '[', ']']).is_empty() && new.contains("zz-new"), "{gone:?} {new:?}"),
            Edit::SetState { .. } => prop_assert!(gone.is_empty() && new.contains("removed"), "{gone:?} {new:?}"),
            Edit::Drop { .. } => prop_assert!(new.len() <= 2 && gone.matches("network_index").count() <= 1, "{gone:?} {new:?}"),
        }
    }
}
