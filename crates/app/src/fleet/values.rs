//! `app outputs` after a deployment: the values of every stack, for automation downstream.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use runner::{Operation, Outcome, OutputValue, Records, Stack};
use serde::Serialize;
use serde_json::Value;

use crate::cli::Common;
use crate::file;
use crate::fleet::context::stacks;
use crate::fleet::{Context, FleetError, flags};
use crate::recorded::{Recorded, home};
use crate::settings::{Settings, Surroundings};
use crate::show::{CAREFUL, DIM, GOOD, counted, table};
use crate::synth::pretty;

/// The JSON Schema of the file of outputs.
pub const SCHEMA: &str = include_str!("../../schema/outputs.schema.json");

/// The values of the stacks that are meant; none where there are none yet, or what each output is was asked for.
///
/// # Errors
/// When a record cannot be read, Terraform does not answer, or there are no values to write into a file.
pub(crate) fn outputs(
    settings: &Settings,
    surroundings: &Surroundings,
    common: &Common,
    flags: &flags::Outputs,
) -> Result<Option<Values>, FleetError> {
    if flags.describe {
        return Ok(None);
    }
    let stacks = stacks(settings, &flags.selection, &Recorded::read(&settings.output))?;
    let values = match flags.refresh {
        true => refreshed(settings, surroundings, common, flags, &stacks)?,
        false => Values::recorded(&Records::open(&home(&settings.output)), &stacks)?,
    };
    match (values.stacks.is_empty(), &flags.output_file) {
        (true, Some(_)) => Err(FleetError::NoOutputs),
        (true, None) if !flags.refresh => Ok(None),
        _ => Ok(Some(values)),
    }
}

/// Asks Terraform. A stack whose outputs it does not tell is an error: a file without it would look complete.
fn refreshed(
    settings: &Settings,
    surroundings: &Surroundings,
    common: &Common,
    flags: &flags::Outputs,
    stacks: &[Stack],
) -> Result<Values, FleetError> {
    let running = flags::Running {
        selection: flags.selection.clone(),
        parallelism: None,
        terraform_bin: flags.terraform_bin.clone(),
        endpoint_urls: flags.endpoint_urls.clone(),
        plugin_dir: None,
        assume_role_arn: None,
        unlock: false,
        verbose: false,
    };
    let context = Context::new(settings, surroundings, common, &running)?;
    let outcomes = context.run("outputs", Operation::Outputs, stacks)?;
    let failed = outcomes.iter().find_map(|outcome| Some((&outcome.stack, outcome.failure.as_ref()?)));
    match failed {
        Some((stack, failure)) => {
            Err(FleetError::NotTold { stack: stack.clone(), cause: failure.cause.clone(), fix: failure.fix.clone() })
        }
        None => Ok(Values::asked(&outcomes)),
    }
}

/// The outputs of a fleet.
#[derive(Debug, Serialize)]
pub(crate) struct Values {
    /// The version of this document.
    pub(crate) format_version: &'static str,
    /// The stacks that stand, by name.
    pub(crate) stacks: BTreeMap<String, Outputs>,
    /// Stacks of which no outputs are known: they are not deployed, or not by this program.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) unknown: Vec<String>,
}

/// The outputs of a stack.
#[derive(Debug, Serialize)]
pub(crate) struct Outputs {
    /// The tenant; none for the platform.
    pub(crate) tenant: Option<String>,
    /// The values, by the names of the outputs. Sensitive ones are left out.
    pub(crate) outputs: BTreeMap<String, Value>,
}

fn shown(outputs: &BTreeMap<String, OutputValue>) -> BTreeMap<String, Value> {
    let shown = outputs.iter().filter(|(_, output)| !output.sensitive);
    shown
        .filter_map(|(name, output)| Some((name.clone(), output.value.clone().filter(|value| !value.is_null())?)))
        .collect()
}

impl Values {
    /// What the last deployments recorded.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub(crate) fn recorded(records: &Records, stacks: &[Stack]) -> Result<Self, FleetError> {
        let mut values = Self { format_version: "1", stacks: BTreeMap::new(), unknown: Vec::new() };
        for stack in stacks {
            match records.of(&stack.name)?.filter(|record| record.deployed.is_some()) {
                Some(record) => values.add(&stack.name, stack.tenant.clone(), &record.outputs),
                None => values.unknown.push(stack.name.clone()),
            }
        }
        Ok(values)
    }

    /// What Terraform told just now.
    pub(crate) fn asked(outcomes: &[Outcome]) -> Self {
        let mut values = Self { format_version: "1", stacks: BTreeMap::new(), unknown: Vec::new() };
        for outcome in outcomes {
            match outcome.outputs.is_empty() {
                false => values.add(&outcome.stack, outcome.tenant.clone(), &outcome.outputs),
                true => values.unknown.push(outcome.stack.clone()),
            }
        }
        values
    }

    fn add(&mut self, stack: &str, tenant: Option<String>, outputs: &BTreeMap<String, OutputValue>) {
        self.stacks.insert(stack.to_owned(), Outputs { tenant, outputs: shown(outputs) });
    }

    /// Writes them into a file, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written; what was there stays.
    pub(crate) fn write(&self, path: &Path) -> Result<(), FleetError> {
        let write = || file::write(path, &pretty(self)?);
        write().map_err(|source| FleetError::Write { path: path.to_owned(), source })
    }
}

/// The values as tables, or where they were written.
pub(crate) fn show(out: &mut dyn Write, values: &Values, file: Option<&Path>) -> io::Result<()> {
    if let Some(file) = file {
        let outputs: usize = values.stacks.values().map(|stack| stack.outputs.len()).sum();
        let stacks = counted(values.stacks.len(), "stack");
        writeln!(out, "{GOOD}written{GOOD:#}   {outputs} outputs of {stacks} to {}", file.display())?;
    } else {
        for (number, (stack, outputs)) in values.stacks.iter().enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            writeln!(out, "{stack}")?;
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let rows: Vec<_> =
                outputs.outputs.iter().map(|(name, value)| vec![format!("  {name}"), text(value)]).collect();
            table(out, &["  OUTPUT", "VALUE"], &[], &rows)?;
        }
    }
    for stack in &values.unknown {
        writeln!(
            out,
            "{CAREFUL}unknown{CAREFUL:#}   {stack}: it is not deployed, or not by `app`; {DIM}--refresh asks Terraform{DIM:#}"
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        let output = |sensitive, value: &str| OutputValue { sensitive, value: Some(Value::String(value.to_owned())) };
        let outputs = BTreeMap::from([
            ("bucket_name".to_owned(), output(false, "tenant-acme-data-dev")),
            ("token".to_owned(), output(true, "hidden")),
        ]);
        let mut values =
            Values { format_version: "1", stacks: BTreeMap::new(), unknown: vec!["tenant-bolt-dev".into()] };
        values.add("tenant-acme-dev", Some("acme".to_owned()), &outputs);
        values
    }

    #[test]
    fn what_is_sensitive_is_neither_shown_nor_written() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("outputs.json");
        values().write(&file).unwrap();
        let written = std::fs::read_to_string(&file).unwrap();
        assert!(written.contains("tenant-acme-data-dev") && !written.contains("hidden"), "{written}");
        let mut out = Vec::new();
        show(&mut out, &values(), None).unwrap();
        assert!(!String::from_utf8(out).unwrap().contains("hidden"));
    }

    #[test]
    fn the_file_is_what_its_schema_says() {
        let schema = serde_json::from_str(SCHEMA).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let document = serde_json::to_value(values()).unwrap();
        let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
        assert!(!validator.is_valid(&serde_json::json!({ "format_version": "1" })));
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named_and_the_old_one_stays() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("none/outputs.json");
        let said = values().write(&file).unwrap_err().to_string();
        assert_eq!(said, format!("cannot write `{}`", file.display()));
    }
}
