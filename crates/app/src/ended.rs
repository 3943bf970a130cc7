//! What programs are told, with `--format json`, of a command that ended before it came to its work: in which phase, why, and what to do. The
//! platform's builds hand it on to the registry.

use std::error::Error;

use runner::with_causes;
use serde::Serialize;

use crate::capacity::AdmissionError;
use crate::cli::Command;
use crate::fleet::FleetError;
use crate::settings::SettingsError;
use crate::synth::SynthError;
use crate::tenants::{ExportError, TenantsCommand};

/// The JSON Schema of it.
pub const SCHEMA: &str = include_str!("../schema/ended.schema.json");

/// The most characters of a cause.
const MOST_TEXT: usize = 2000;

/// Why a command ended.
#[derive(Debug, Serialize)]
pub(crate) struct Ended {
    format_version: &'static str,
    error: Told,
}

#[derive(Debug, Serialize)]
struct Told {
    phase: &'static str,
    cause: String,
    fix: &'static str,
    /// Nothing was changed, so that the same command can be run again.
    resumable: bool,
}

impl Ended {
    /// What is told of a command that ended with an error; nothing of one that no program waits for.
    pub(crate) fn of(command: Option<&Command>, error: &(dyn Error + 'static)) -> Option<Self> {
        let (phase, fix) = match command? {
            Command::Plan(_) | Command::Deploy(_) | Command::Destroy(_) => run(error),
            Command::Tenants(tenants) if matches!(tenants.command, TenantsCommand::Export { .. }) => {
                ("export", export(error))
            }
            _ => return None,
        };
        let cause = with_causes(error);
        // What is longer stands in the log; a variable of a build has not room for it.
        let cause = match cause.char_indices().nth(MOST_TEXT) {
            Some((end, _)) => format!("{}…", cause.get(..end).unwrap_or_default()),
            None => cause,
        };
        Some(Self { format_version: "1", error: Told { phase, cause, fix, resumable: true } })
    }
}

fn run(error: &(dyn Error + 'static)) -> (&'static str, &'static str) {
    let settings = ("settings", "mend the settings that are named");
    let Some(error) = error.downcast_ref::<FleetError>() else {
        return if error.is::<SettingsError>() { settings } else { ("start", "do what the cause says") };
    };
    match error {
        FleetError::Synth(error) | FleetError::Admission(AdmissionError::Synth(error)) => match error {
            SynthError::NotIsolated { .. } => (
                "proof",
                "nothing was changed, as isolation is not proved; mend what each finding names: a tenant's line, or the release",
            ),
            _ => ("synth", "see to the file or the stack that is named"),
        },
        FleetError::Admission(AdmissionError::TooSmall(_)) => (
            "capacity",
            "nothing was changed, as the account has no room; request the quotas that are named and declare what is granted under `quotas` in the \
             tenants file",
        ),
        FleetError::Settings(_) | FleetError::Selection(_) => settings,
        FleetError::Build(_) | FleetError::Artifact(_) | FleetError::Unbuilt { .. } => {
            ("functions", "build the functions with `app build`, or make the release again with `app release`")
        }
        FleetError::Tool(_)
        | FleetError::Endpoint(_)
        | FleetError::Run(_)
        | FleetError::Record(_)
        | FleetError::Rollout(_)
        | FleetError::Health(_)
        | FleetError::Signals(_)
        | FleetError::Write { .. }
        | FleetError::NotTold { .. }
        | FleetError::NoOutputs => ("start", "do what the cause says"),
    }
}

fn export(error: &(dyn Error + 'static)) -> &'static str {
    match error.downcast_ref::<ExportError>() {
        Some(ExportError::Settings(_) | ExportError::Listed | ExportError::Fleet(_)) => {
            "deploy the platform's stack again, which sets the build's settings"
        }
        Some(ExportError::Unknown { .. }) => "sign the tenant up",
        Some(ExportError::NotLeased { .. }) => "leave it to the workflow to start builds: it takes the lease first",
        Some(ExportError::Write { .. }) => "see that the build has room on its disk",
        None => "see that the build's role may read the registry, and that the registry answers",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Parser;

    fn told(arguments: &[&str], error: &(dyn Error + 'static)) -> Option<serde_json::Value> {
        let cli = Cli::try_parse_from([&["app"], arguments].concat()).unwrap();
        Ended::of(cli.command.as_ref(), error).map(|ended| serde_json::to_value(ended).unwrap())
    }

    #[test]
    fn each_end_before_the_work_has_a_phase_a_cause_and_a_fix() {
        let schema = jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
        let unproved = || SynthError::NotIsolated { verdict: isolation::Fleet::new().verdict(), notes: Vec::new() };
        let deploy: [(FleetError, &str); 5] = [
            (unproved().into(), "proof"),
            (AdmissionError::Synth(unproved()).into(), "proof"),
            (AdmissionError::TooSmall(crate::capacity::Shortages(Vec::new())).into(), "capacity"),
            (FleetError::Unbuilt { directory: "here".into(), missing: vec!["a.zip"] }, "functions"),
            (FleetError::NoOutputs, "start"),
        ];
        for (error, phase) in deploy {
            let told = told(&["deploy"], &error).unwrap();
            assert_eq!(told["error"]["phase"], phase, "{error}");
            assert!(schema.is_valid(&told), "{told}");
        }
        let export = ["tenants", "export", "--tenant", "acme", "--settings", "{}"];
        let refused = ExportError::NotLeased { tenant: "acme".parse().unwrap(), status: registry::Status::Active };
        let said = told(&export, &refused).unwrap();
        assert_eq!(said["error"]["phase"], "export");
        assert!(
            said["error"]["cause"].as_str().unwrap().starts_with("no run has the lease of tenant `acme`"),
            "{said}"
        );
        assert!(schema.is_valid(&said));
        assert_eq!(told(&["list"], &FleetError::NoOutputs), None, "people read what it says");
    }
}
