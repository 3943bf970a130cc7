//! The environment that Terraform gets: the caller's, without what would change what a run means.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

/// Variables of Terraform and OpenTofu that say where to go and who is asking, not what to do.
const KEPT: &[&str] = &["TF_CLI_CONFIG_FILE", "TF_APPEND_USER_AGENT", "TF_ENCRYPTION"];
const KEPT_PREFIXES: &[&str] = &["TF_TOKEN_", "TF_REGISTRY_", "TF_HTTP_", "TF_PROVIDER_"];

/// How much a process of Terraform or of a provider may grow before it collects garbage, in percent, where the caller does not say. Reading
/// the schema of the AWS provider makes a lot of it: with Go's own 100 a run takes a quarter more CPU time, with 400 a quarter more memory.
const GARBAGE_COLLECTION: &str = "400";

/// The environment that Terraform gets.
///
/// The caller's `TF_*` variables are taken out: arguments (`TF_CLI_ARGS*`), another data directory, workspace or log level would each
/// make the same stacks mean something else from one shell to the next. What is kept says where plugins, registries, tokens and the
/// encryption of the state are. `AWS_ENDPOINT_URL*` too: where requests go is said by [`crate::Endpoints`] alone, and recorded.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: Vec<(OsString, OsString)>,
}

impl Environment {
    /// From the caller's variables.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self { variables: variables.into_iter().filter(|(name, _)| passes(name)).collect() }
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_os_str())
    }

    /// The variables that are text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)))
    }

    /// The directories of `PATH`.
    pub(crate) fn path(&self) -> Vec<PathBuf> {
        self.get("PATH").map(|path| std::env::split_paths(path).collect()).unwrap_or_default()
    }

    /// Gives a command this environment and nothing else.
    pub fn apply(&self, command: &mut Command) {
        command.env_clear();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        // No look-up of newer versions, no advice for people at a terminal, and never another workspace's state than the one checked.
        command.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1").env("TF_WORKSPACE", "default");
        if self.get("GOGC").is_none() {
            command.env("GOGC", GARBAGE_COLLECTION);
        }
    }
}

fn passes(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return true };
    if name.starts_with("AWS_ENDPOINT_URL") {
        return false;
    }
    !name.starts_with("TF_") || KEPT.contains(&name) || KEPT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_the_meaning_of_a_run_is_taken_out() {
        let caller = [
            "PATH",
            "AWS_PROFILE",
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_S3",
            "TF_CLI_ARGS",
            "TF_CLI_ARGS_plan",
            "TF_DATA_DIR",
            "TF_WORKSPACE",
            "TF_INPUT",
            "TF_LOG",
            "TF_LOG_PATH",
            "TF_PLUGIN_CACHE_DIR",
            "TF_VAR_region",
            "TF_REATTACH_PROVIDERS",
            "TF_CLI_CONFIG_FILE",
            "TF_TOKEN_app_terraform_io",
            "TF_REGISTRY_CLIENT_TIMEOUT",
            "TF_HTTP_PASSWORD",
            "TF_ENCRYPTION",
        ];
        let environment = Environment::new(caller.map(|name| (name.into(), "x".into())));
        let kept: Vec<_> = environment.variables.iter().filter_map(|(name, _)| name.to_str()).collect();
        let expected = [
            "PATH",
            "AWS_PROFILE",
            "TF_CLI_CONFIG_FILE",
            "TF_TOKEN_app_terraform_io",
            "TF_REGISTRY_CLIENT_TIMEOUT",
            "TF_HTTP_PASSWORD",
            "TF_ENCRYPTION",
        ];
        assert_eq!(kept, expected);
    }

    #[test]
    fn a_command_gets_the_environment_and_nothing_of_this_process() {
        let environment = Environment::new([("PATH".into(), "/bin".into()), ("TF_LOG".into(), "trace".into())]);
        let mut command = Command::new("/usr/bin/env");
        environment.apply(&mut command);
        let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
        let mut lines: Vec<_> = said.lines().collect();
        lines.sort_unstable();
        assert_eq!(
            lines,
            ["CHECKPOINT_DISABLE=1", "GOGC=400", "PATH=/bin", "TF_IN_AUTOMATION=1", "TF_WORKSPACE=default"]
        );
    }

    #[test]
    fn the_caller_decides_how_much_memory_terraform_takes() {
        let environment = Environment::new([("GOGC".into(), "50".into())]);
        let mut command = Command::new("/usr/bin/env");
        environment.apply(&mut command);
        let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert!(said.lines().any(|line| line == "GOGC=50"), "{said}");
    }
}
