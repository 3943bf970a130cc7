//! Data sources that search, in a document that has nothing else.
//!
//! `answers.json` has by the type of a data source what AWS has: a list of objects, or the text of an error. Where an object has a `Name`,
//! it is found by just that tag. Every document that asks is a line of `searches.jsonl` beside it.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::record::{VARIABLE, variable};
use crate::say::Say;
use crate::{Exit, world};

pub(crate) fn search(say: &Say) -> Result<(), Exit> {
    let document = world::document()?;
    let home = variable(VARIABLE).map(PathBuf::from).unwrap_or_default();
    let answers: BTreeMap<String, Value> = match fs::read(home.join("answers.json")) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
        Err(error) => return Err(error.into()),
    };
    let mut record = OpenOptions::new().create(true).append(true).open(home.join("searches.jsonl"))?;
    record.write_all(format!("{document}\n").as_bytes())?;
    let mut outputs = Map::new();
    let mut failed = None;
    for label in document["output"].as_object().into_iter().flatten().map(|(label, _)| label) {
        let sources =
            document["data"].as_object().into_iter().flatten().filter(|(_, named)| named.get(label).is_some());
        let mut found = Vec::new();
        for (source, named) in sources {
            match answer(source, &named[label], answers.get(source)) {
                Ok(more) => found.extend(more),
                Err(text) => failed = Some(say.error(&text, "", Some(&format!("data.{source}.{label}")), 1)),
            }
        }
        outputs.insert(label.clone(), json!({"value": found, "type": ["list", "dynamic"], "sensitive": false}));
    }
    if let Some(exit) = failed {
        return Err(exit);
    }
    say.message("info", "Outputs", "outputs", "outputs", Value::Object(outputs));
    Ok(())
}

/// What a data source finds, or the error that it makes.
fn answer(source: &str, body: &Value, answer: Option<&Value>) -> Result<Vec<Value>, String> {
    if let Some(text) = answer.and_then(Value::as_str) {
        return Err(text.to_owned());
    }
    let filters = body["filter"].as_array().cloned().unwrap_or_default();
    let named = filters.iter().find(|filter| filter["name"] == "tag:Name").map(|filter| &filter["values"][0]);
    let fits = |it: &&Value| it.get("Name").is_none_or(|name| Some(name) == named);
    let found: Vec<Value> = answer.and_then(Value::as_array).into_iter().flatten().filter(fits).cloned().collect();
    // As the provider words it where it wants one.
    match (source, found.len()) {
        ("aws_vpc_endpoint", 0) => Err("no matching EC2 VPC Endpoint found".to_owned()),
        ("aws_vpc_endpoint", 2..) => Err(
            "multiple EC2 VPC Endpoints matched; use additional constraints to reduce matches to a single EC2 VPC Endpoint".to_owned(),
        ),
        _ => Ok(found),
    }
}
