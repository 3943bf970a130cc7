//! A new fleet repository: it works as it is, and every command that it tells of exists.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use app::cli::Cli;
use clap::Parser;
use yaml_rust2::{Yaml, YamlLoader};

fn app(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_app"));
    for variable in
        ["CDKTF_OUTDIR", "CDKTF_CONTEXT_JSON", "PALISADE_ENVIRONMENT_SUFFIX", "PALISADE_REGION", "PALISADE_BACKEND"]
    {
        command.env_remove(variable);
    }
    command.current_dir(directory).args(arguments).output().unwrap()
}

fn done(directory: &Path, arguments: &[&str]) -> String {
    let output = app(directory, arguments);
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!((output.status.code(), err.as_str()), (Some(0), ""), "{arguments:?}: {out}");
    out
}

fn initialised() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    done(directory.path(), &["init"]);
    directory
}

fn read(directory: &Path, file: &str) -> String {
    fs::read_to_string(directory.join(file)).unwrap()
}

fn yaml(directory: &Path, file: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(&read(directory, file)).unwrap();
    assert_eq!(documents.len(), 1, "{file}");
    documents.remove(0)
}

/// Whether the command line takes a command. Words in quotes are one word; what a shell does with the output is not of it.
fn takes(command: &str) -> Result<(), String> {
    let words = command.split(" > ").next().unwrap_or_default().split_whitespace();
    let words: Vec<String> = words.map(|word| word.trim_matches(['\'', '"']).to_owned()).collect();
    Cli::try_parse_from(words).map(|_| ()).map_err(|error| format!("{command}: {error}"))
}

fn app_commands(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.trim().trim_start_matches("$ "));
    lines.filter(|line| *line == "app" || line.starts_with("app ")).map(str::to_owned).collect()
}

#[test]
fn a_new_repository_synthesises_and_proves_as_it_is() {
    let directory = initialised();
    let written = done(directory.path(), &[]);
    assert!(written.contains("isolated") && written.contains("app build --source DIR"), "{written}");
    assert!(done(directory.path(), &["verify", "cdktf.out"]).contains("isolated"));
    done(directory.path(), &["capacity"]);
    done(directory.path(), &["report"]);
    done(directory.path(), &["diagram", "--tenant", "acme-corp"]);
}

#[test]
fn the_schema_is_the_programs_own_and_the_tenants_file_fits_it() {
    let directory = initialised();
    assert_eq!(read(directory.path(), "tenants.schema.json"), naming::fleet::SCHEMA);
    let schema: serde_json::Value = serde_json::from_str(naming::fleet::SCHEMA).unwrap();
    let tenants: serde_json::Value = serde_json::from_str(&read(directory.path(), "tenants.json")).unwrap();
    assert!(jsonschema::is_valid(&schema, &tenants));
    assert_eq!(tenants["$schema"], "./tenants.schema.json");
    let cdktf: serde_json::Value = serde_json::from_str(&read(directory.path(), "cdktf.json")).unwrap();
    assert_eq!((&cdktf["app"], cdktf["language"].is_string()), (&"app".into(), true));
}

#[test]
fn suffix_and_region_are_the_ones_that_were_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let said = done(
        directory.path(),
        &["init", "made/by/init", "--environment-suffix", "prod", "--region", "eu-central-1", "--format", "json"],
    );
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!([&said["format_version"], &said["environment_suffix"], &said["region"]], ["1", "prod", "eu-central-1"]);
    let made = directory.path().join("made/by/init");
    for file in said["files"].as_array().unwrap() {
        assert!(made.join(file["path"].as_str().unwrap()).is_file() && file["written"] == true, "{file}");
    }
    assert!(done(&made, &["list"]).contains("tenant-acme-corp-prod"));
    let deploy = &yaml(&made, ".github/workflows/fleet.yml")["jobs"]["deploy"];
    assert_eq!(deploy["environment"].as_str(), Some("prod"));
    let regions: Vec<&str> =
        deploy["steps"].as_vec().unwrap().iter().filter_map(|step| step["with"]["aws-region"].as_str()).collect();
    assert_eq!(regions, ["eu-central-1"]);
    for file in fs::read_dir(&made).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(!text.contains("SUFFIX") && !text.contains("REGION"), "{} has a gap", path.display());
    }
}

#[test]
fn the_pipeline_proves_all_changes_plans_pull_requests_and_deploys_main() {
    let directory = initialised();
    let workflow = yaml(directory.path(), ".github/workflows/fleet.yml");
    let steps = |job: &str| workflow["jobs"][job]["steps"].as_vec().unwrap().clone();
    let runs = |job: &str| -> Vec<String> {
        let runs = steps(job).iter().filter_map(|step| step["run"].as_str().map(str::to_owned)).collect::<Vec<_>>();
        app_commands(&runs.join("\n"))
    };
    assert_eq!(runs("prove"), ["app synth", "app verify cdktf.out", "app capacity", "app report"]);
    assert_eq!(runs("plan"), ["app plan"]);
    assert_eq!(runs("deploy"), ["app deploy --auto-approve", "app outputs --output-file outputs.json"]);
    assert_eq!(workflow["on"]["push"]["branches"][0].as_str(), Some("main"));
    assert!(!workflow["on"]["pull_request"].is_badvalue());
    // No job but those that assume a role may ask GitHub for a token, and none holds a key.
    assert_eq!(workflow["permissions"]["contents"].as_str(), Some("read"));
    assert!(workflow["jobs"]["prove"]["permissions"].is_badvalue());
    for (job, role) in [("plan", "AWS_PLAN_ROLE_ARN"), ("deploy", "AWS_DEPLOY_ROLE_ARN")] {
        assert_eq!(workflow["jobs"][job]["permissions"]["id-token"].as_str(), Some("write"), "{job}");
        assert_eq!(workflow["jobs"][job]["needs"].as_str(), Some("prove"), "{job}");
        let assumed: Vec<String> =
            steps(job).iter().filter_map(|step| step["with"]["role-to-assume"].as_str().map(str::to_owned)).collect();
        assert_eq!(assumed, [format!("${{{{ vars.{role} }}}}")], "{job}");
        assert!(workflow["jobs"][job]["if"].as_str().unwrap().contains(role), "{job}");
    }
    assert!(!read(directory.path(), ".github/workflows/fleet.yml").contains("secrets."));
    // The local action is where the workflow looks for it, and takes what it is given.
    let action = yaml(directory.path(), ".github/actions/palisade/action.yml");
    for step in ["prove", "plan", "deploy"].iter().flat_map(|job| steps(job)) {
        if step["uses"].as_str() == Some("./.github/actions/palisade") {
            for (input, _) in step["with"].as_hash().unwrap() {
                assert!(!action["inputs"][input.as_str().unwrap()].is_badvalue(), "{input:?}");
            }
        }
    }
}

/// What `app init` says to set is what the workflow asks for, and the other way round.
#[test]
fn the_placeholders_are_all_that_the_workflow_asks_for() {
    let directory = tempfile::tempdir().unwrap();
    let said = done(directory.path(), &["init", "--format", "json"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let names =
        said["placeholders"].as_array().unwrap().iter().map(|placeholder| placeholder["name"].as_str().unwrap());
    let mut told: Vec<&str> = names.filter_map(|name| name.strip_suffix(" (variable of the repository)")).collect();
    let workflow = read(directory.path(), ".github/workflows/fleet.yml");
    let mut asked: Vec<&str> = workflow
        .split("vars.")
        .skip(1)
        .map(|rest| rest.split(|c: char| !(c.is_ascii_uppercase() || c == '_')).next().unwrap())
        .collect();
    asked.sort_unstable();
    asked.dedup();
    told.sort_unstable();
    assert_eq!(told, asked);
}

#[test]
fn every_command_that_the_repository_tells_of_exists() {
    let directory = tempfile::tempdir().unwrap();
    let said = done(directory.path(), &["init", "--format", "json"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let next = said["next"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned());
    let mut commands: Vec<String> = next.collect();
    for file in ["README.md", ".github/workflows/fleet.yml", ".github/actions/palisade/action.yml"] {
        let text = read(directory.path(), file).replace("run: ", "\n");
        let found = app_commands(&text);
        assert!(!found.is_empty(), "{file} has no command");
        commands.extend(found);
    }
    for command in &commands {
        takes(command).unwrap();
    }
    assert!(takes("app sinth").is_err() && takes("app explain").is_err(), "the check itself finds what is wrong");
}

/// The forms of a tenant that README.md shows are tenants.
#[test]
fn the_readmes_tenants_can_be_put_into_the_tenants_file() {
    let directory = initialised();
    let readme = read(directory.path(), "README.md");
    let shown: Vec<&str> = readme.lines().filter(|line| line.starts_with("{ \"id\"")).collect();
    assert_eq!(shown.len(), 2);
    let tenants = read(directory.path(), "tenants.json");
    let added = tenants.replacen("\"tenants\": [", &format!("\"tenants\": [{},", shown.join(",")), 1);
    fs::write(directory.path().join("tenants.json"), added).unwrap();
    let list = done(directory.path(), &["list"]);
    assert!(list.contains("tenant-bigbank-dev") && list.contains("tenant-gone-ltd-dev"), "{list}");
}

#[test]
fn nothing_is_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    for (file, text) in [("tenants.json", "mine"), ("README.md", "mine too")] {
        fs::write(directory.path().join(file), text).unwrap();
    }
    let output = app(directory.path(), &["init"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("`tenants.json`, `README.md` already") && said.contains("app init DIR"), "{said}");
    let mut names: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["README.md", "tenants.json"]);
    assert_eq!(read(directory.path(), "tenants.json"), "mine");
}

#[test]
fn wrong_settings_are_told_as_anywhere_and_leave_nothing() {
    let directory = tempfile::tempdir().unwrap();
    for (arguments, message) in [
        (&["init", "fleet", "--region", "mars"][..], "flag `--region`: `mars` is no AWS region"),
        (&["init", "fleet", "--environment-suffix", "a-b"], "flag `--environment-suffix`"),
        (&["init", "fleet", "--tenants-file", "x.json"], "no use for `--tenants-file`"),
        (&["init", "fleet", "--output", "x"], "no use for `--output`"),
    ] {
        let output = app(directory.path(), arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && said.contains(message), "{arguments:?}: {said}");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "{arguments:?}");
    }
}
