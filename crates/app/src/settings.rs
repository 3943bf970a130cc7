//! Where settings come from: flags, then environment variables, then the context of `cdktf.json`, then the tenants file. The only place
//! that reads the environment.

use std::io::Read;
use std::path::{Path, PathBuf};

use naming::fleet::{Fleet, FleetErrors, Override, Overrides};
use serde_json::{Map, Value};

/// What the command line said; empty where it said nothing.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--tenants-file`.
    pub tenants_file: PathBuf,
    /// `--environment-suffix`.
    pub environment_suffix: Option<String>,
    /// `--region`.
    pub region: Option<String>,
    /// `--output`.
    pub output: Option<PathBuf>,
}

/// What the environment said.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// `CDKTF_OUTDIR`, set by the CDKTF CLIs.
    pub outdir: Option<String>,
    /// `CDKTF_CONTEXT_JSON`, set by the CDKTF CLIs: the `context` of `cdktf.json`.
    pub context: Option<String>,
    /// `PALISADE_ENVIRONMENT_SUFFIX`.
    pub environment_suffix: Option<String>,
    /// `PALISADE_REGION`.
    pub region: Option<String>,
    /// `PALISADE_BACKEND`, the JSON object that would stand under `backend` in the tenants file.
    pub backend: Option<String>,
    /// `TERRAFORM_BINARY_NAME`, which also tells the CDKTF CLIs what to run.
    pub terraform_binary: Option<String>,
    /// `PALISADE_TF_PLUGIN_DIR`, a filesystem mirror of providers.
    pub plugin_dir: Option<String>,
    /// All of it, for Terraform.
    pub variables: Vec<(std::ffi::OsString, std::ffi::OsString)>,
}

impl Surroundings {
    /// Reads the environment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn read() -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            outdir: variable("CDKTF_OUTDIR"),
            context: variable("CDKTF_CONTEXT_JSON"),
            environment_suffix: variable("PALISADE_ENVIRONMENT_SUFFIX"),
            region: variable("PALISADE_REGION"),
            backend: variable("PALISADE_BACKEND"),
            terraform_binary: variable("TERRAFORM_BINARY_NAME"),
            plugin_dir: variable("PALISADE_TF_PLUGIN_DIR"),
            variables: std::env::vars_os().collect(),
        }
    }

    /// The variables that are text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)))
    }
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The tenants file is not there.
    #[error("there is no tenants file `{}`; name one with `--tenants-file`, or make a fleet of your own with `app init DIR`", path.display())]
    Absent {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The tenants file cannot be read.
    #[error("cannot read the tenants file `{}`", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The tenants file has errors.
    #[error("{0}")]
    Fleet(FleetErrors),
    /// `CDKTF_CONTEXT_JSON` is not a JSON object.
    #[error(
        "environment variable `CDKTF_CONTEXT_JSON` is not a JSON object; the CDKTF CLIs set it from `context` in cdktf.json"
    )]
    Context,
    /// A value of the context has the wrong type.
    #[error("`{key}` in the context of cdktf.json is not {wanted}")]
    ContextValue {
        /// The key.
        key: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
}

/// What a run works with.
#[derive(Debug)]
pub struct Settings {
    /// The tenants.
    pub fleet: Fleet,
    /// Where the output goes.
    pub output: PathBuf,
    /// The directory of the tenants file, where built functions are looked for.
    pub project: PathBuf,
}

impl Settings {
    /// The settings of a run.
    ///
    /// # Errors
    /// When the tenants file or what overrides it cannot be used.
    pub fn load(flags: &Flags, surroundings: &Surroundings) -> Result<Self, SettingsError> {
        let overrides = overrides(flags, surroundings)?;
        let path = &flags.tenants_file;
        let bytes = read(path)?;
        let fleet = Fleet::parse(&bytes, &path.display().to_string(), &overrides).map_err(SettingsError::Fleet)?;
        let project =
            path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        Ok(Self { fleet, output: output(flags, surroundings), project })
    }
}

/// The output directory: the flag, else what a CDKTF CLI says, else `cdktf.out`.
pub(crate) fn output(flags: &Flags, surroundings: &Surroundings) -> PathBuf {
    let given = flags.output.clone().or_else(|| surroundings.outdir.as_ref().map(PathBuf::from));
    given.unwrap_or_else(|| PathBuf::from("cdktf.out"))
}

/// Never more than the parser takes, so that a device or a wrong file fills no memory.
fn read(path: &Path) -> Result<Vec<u8>, SettingsError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => SettingsError::Absent { path: path.to_owned() },
        _ => SettingsError::Unreadable { path: path.to_owned(), source },
    };
    let mut bytes = Vec::new();
    let limit = u64::try_from(Fleet::MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    std::fs::File::open(path).map_err(failed)?.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// What takes precedence over the tenants file.
pub(crate) fn overrides(flags: &Flags, surroundings: &Surroundings) -> Result<Overrides, SettingsError> {
    let context = context(surroundings)?;
    let from_context = |key: &'static str| match context.get(key) {
        None => Ok(None),
        Some(Value::String(value)) => Ok(Some(value.clone())),
        Some(_) => Err(SettingsError::ContextValue { key, wanted: "a text" }),
    };
    let first = |candidates: [(&Option<String>, String); 3]| {
        let given = candidates.into_iter().find_map(|(value, source)| value.clone().map(|value| (value, source)));
        given.map(|(value, source)| Override { value, source })
    };
    let backend = match context.get("backend") {
        None => None,
        Some(value @ Value::Object(_)) => Some(value.to_string()),
        Some(_) => return Err(SettingsError::ContextValue { key: "backend", wanted: "an object" }),
    };
    let flag = |name: &str| format!("flag `{name}`");
    let variable = |name: &str| format!("environment variable `{name}`");
    let of_context = |name: &str| format!("`{name}` in the context of cdktf.json");
    Ok(Overrides {
        environment_suffix: first([
            (&flags.environment_suffix, flag("--environment-suffix")),
            (&surroundings.environment_suffix, variable("PALISADE_ENVIRONMENT_SUFFIX")),
            (&from_context("environmentSuffix")?, of_context("environmentSuffix")),
        ]),
        region: first([
            (&flags.region, flag("--region")),
            (&surroundings.region, variable("PALISADE_REGION")),
            (&from_context("region")?, of_context("region")),
        ]),
        backend: first([
            (&None, String::new()),
            (&surroundings.backend, variable("PALISADE_BACKEND")),
            (&backend, of_context("backend")),
        ]),
    })
}

/// The context; it may hold keys of others.
fn context(surroundings: &Surroundings) -> Result<Map<String, Value>, SettingsError> {
    match &surroundings.context {
        None => Ok(Map::new()),
        Some(text) => serde_json::from_str(text).map_err(|_| SettingsError::Context),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet(flags: Option<&str>, variable: Option<&str>, context: Option<&str>, file: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tenants.json");
        std::fs::write(&path, format!(r#"{{ "environment_suffix": "{file}", "tenants": [] }}"#)).unwrap();
        let flags = Flags { tenants_file: path, environment_suffix: flags.map(Into::into), ..Flags::default() };
        let surroundings = Surroundings {
            environment_suffix: variable.map(Into::into),
            context: context
                .map(|suffix| format!(r#"{{ "environmentSuffix": "{suffix}", "cdktfRelativeModules": [] }}"#)),
            ..Surroundings::default()
        };
        Settings::load(&flags, &surroundings).unwrap().fleet.environment_suffix.to_string()
    }

    #[test]
    fn flags_win_over_variables_over_the_context_over_the_file() {
        assert_eq!(fleet(Some("flag"), Some("variable"), Some("context"), "file"), "flag");
        assert_eq!(fleet(None, Some("variable"), Some("context"), "file"), "variable");
        assert_eq!(fleet(None, None, Some("context"), "file"), "context");
        assert_eq!(fleet(None, None, None, "file"), "file");
    }

    #[test]
    fn the_output_directory_is_the_flags_then_the_clis_then_the_default() {
        let cli = Surroundings { outdir: Some("cli".into()), ..Surroundings::default() };
        let flag = Flags { output: Some("flag".into()), ..Flags::default() };
        assert_eq!(output(&flag, &cli), Path::new("flag"));
        assert_eq!(output(&Flags::default(), &cli), Path::new("cli"));
        assert_eq!(output(&Flags::default(), &Surroundings::default()), Path::new("cdktf.out"));
    }

    #[test]
    fn a_wrong_override_names_its_source() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tenants.json");
        std::fs::write(&path, r#"{ "environment_suffix": "dev", "tenants": [] }"#).unwrap();
        let flags = Flags { tenants_file: path, region: Some("mars".into()), ..Flags::default() };
        let error = Settings::load(&flags, &Surroundings::default()).unwrap_err().to_string();
        assert_eq!(error, "flag `--region`: `mars` is no AWS region; regions look like `us-east-1`");
    }
}
