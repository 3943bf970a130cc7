//! The schema of `isolation.json` says all that there is in the document, and no more.

use std::collections::BTreeSet;

use isolation::Rule;
use isolation::report::SCHEMA;
use serde_json::{Value, json};

use super::fixture;

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

fn definitions() -> Vec<(String, Value)> {
    let schema = schema();
    schema["$defs"].as_object().unwrap().iter().map(|(name, body)| (name.clone(), body.clone())).collect()
}

#[test]
fn the_schema_is_one_of_draft_2020_12_and_takes_the_reports() {
    assert!(jsonschema::draft202012::meta::is_valid(&schema()));
    let schema = jsonschema::validator_for(&schema()).unwrap();
    for report in [fixture::proved(3), fixture::full(), fixture::proved(0)] {
        let document = serde_json::to_value(&report).unwrap();
        let errors: Vec<String> =
            schema.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

/// Every object of the document, with an unknown field or without one of its own: the schema takes neither.
#[test]
fn the_schema_refuses_unknown_and_missing_fields_and_values_of_another_type() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let report = serde_json::to_value(fixture::full()).unwrap();
    // What is left out where it is empty, and what is named by what it is about.
    let optional = ["access", "steps", "sid"];
    let named = ["/context", "/alone"];
    let mut places = Vec::new();
    walk(&report, String::new(), &mut places);
    let objects: Vec<&String> = places.iter().filter(|place| report.pointer(place).unwrap().is_object()).collect();
    assert!(objects.len() > 50, "{}", objects.len());
    for place in objects.into_iter().filter(|place| !named.iter().any(|named| place.ends_with(named))) {
        let mut more = report.clone();
        more.pointer_mut(place).unwrap()["unknown"] = json!("x");
        assert!(!validator.is_valid(&more), "{place} takes an unknown field");
        for field in report.pointer(place).unwrap().as_object().unwrap().keys() {
            let mut less = report.clone();
            less.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(field);
            assert_eq!(validator.is_valid(&less), optional.contains(&field.as_str()), "{place} without {field}");
            let mut other = report.clone();
            other.pointer_mut(place).unwrap()[field] = json!(-1.5);
            assert!(!validator.is_valid(&other), "{place}/{field} takes a number");
        }
    }
}

fn walk(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                walk(field, format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), places);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, format!("{place}/{at}"), places);
            }
        }
        _ => {}
    }
    places.push(place);
}

#[test]
fn every_field_is_described_and_occurs_in_a_report() {
    let report = serde_json::to_value(fixture::full()).unwrap();
    let mut fields = BTreeSet::new();
    let mut places = Vec::new();
    walk(&report, String::new(), &mut places);
    fields.extend(places.iter().filter_map(|place| place.rsplit('/').next()));
    for (name, definition) in definitions() {
        assert!(definition["description"].is_string(), "{name} has no description");
        for (field, body) in definition["properties"].as_object().into_iter().flatten() {
            assert!(body["description"].is_string(), "{name}.{field} has no description");
            assert!(fields.contains(field.as_str()), "{name}.{field} is in no report");
        }
    }
}

#[test]
fn the_schema_knows_the_rules_that_there_are_and_says_what_they_demand() {
    let rules = |rule: &Value| (rule["const"].clone(), rule["description"].clone());
    let (_, definition) = definitions().into_iter().find(|(name, _)| name == "rule").unwrap();
    let described: Vec<(Value, Value)> = definition["oneOf"].as_array().unwrap().iter().map(rules).collect();
    assert_eq!(described, Rule::ALL.map(|rule| (json!(rule), json!(rule.demands()))).to_vec());
}
