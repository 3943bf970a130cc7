//! Which stacks a directory holds, and which files make each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::{ReadError, json};

const MANIFEST: &str = "manifest.json";

/// Directories in which nobody's stack lies: what `terraform init`, git and npm keep.
const NOT_STACKS: [&str; 3] = [".terraform", ".git", "node_modules"];

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    pub(crate) stacks: Vec<Source>,
    /// What was passed by, and why.
    pub(crate) left_out: Vec<String>,
    pub(crate) errors: Vec<ReadError>,
}

/// The files of one stack.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    /// The Terraform JSON files, by name.
    pub(crate) files: Vec<PathBuf>,
    /// Files that count for Terraform and are not judged, and why.
    pub(crate) unjudged: Vec<(String, &'static str)>,
}

/// What Terraform makes of a file, by its name.
enum Kind {
    Json,
    Unjudged(&'static str),
    Nothing,
}

fn kind(name: &str) -> Kind {
    // As Terraform: hidden files and those that editors leave count for nothing.
    if name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#')) {
        return Kind::Nothing;
    }
    let stem = |end: &str| name.strip_suffix(end);
    let is_override = |stem: &str| stem == "override" || stem.ends_with("_override");
    if [".tf.json", ".tf", ".tofu.json", ".tofu"].iter().find_map(|end| stem(end)).is_some_and(is_override) {
        Kind::Unjudged("an override, which Terraform lays over the other files, is not judged")
    } else if stem(".tf.json").is_some() {
        Kind::Json
    } else if stem(".tf").is_some() {
        Kind::Unjudged("Terraform's own language (HCL) is not judged, only its JSON")
    } else if stem(".tofu.json").or(stem(".tofu")).is_some() {
        Kind::Unjudged("a file of OpenTofu alone, which may take the place of another, is not judged")
    } else {
        Kind::Nothing
    }
}

/// The stacks of a directory: those of its manifest, else every directory at any depth that holds a configuration.
pub(crate) fn find(dir: &Path) -> Result<Directory, ReadError> {
    match fs::metadata(dir) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(absent(dir, "directory", "name the directory, not a file in it")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(absent(
                dir,
                "directory",
                "`app` writes one to `cdktf.out`, and `app verify DIR` judges any other",
            ));
        }
        Err(source) => return Err(ReadError::Unreadable { path: dir.to_owned(), source }),
    }
    let mut walk = Walk::default();
    walk.enter(dir);
    let Walk { by_directory, mut found, .. } = walk;
    match manifest(&dir.join(MANIFEST)) {
        Ok(Some(listed)) => found.take_listed(dir, &listed, by_directory),
        Ok(None) => found.take_all(dir, by_directory),
        Err(error) => found.errors.push(error),
    }
    Ok(found)
}

fn absent(path: &Path, what: &'static str, help: &'static str) -> ReadError {
    ReadError::Absent { path: path.to_owned(), what, help }
}

/// The stacks of CDKTF's manifest with the path of each; none where there is no such manifest.
fn manifest(path: &Path) -> Result<Option<Vec<(String, PathBuf)>>, ReadError> {
    if !path.exists() {
        return Ok(None);
    }
    let document = json(path)?;
    let Some(stacks) = document.get("stacks").and_then(Value::as_object) else { return Ok(None) };
    let wrong = |found: String| ReadError::NotTerraform {
        path: path.to_owned(),
        found,
        help: "synthesise the stacks again, so that CDKTF writes it anew",
    };
    let listed = stacks.iter().map(|(name, stack)| {
        let at = stack.get("synthesizedStackPath").and_then(Value::as_str).map(PathBuf::from);
        let at = at.ok_or_else(|| wrong(format!("stack `{name}` has no `synthesizedStackPath`")))?;
        let inside = at.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if inside {
            Ok((name.clone(), at))
        } else {
            Err(wrong(format!("stack `{name}` lies outside of the directory")))
        }
    });
    listed.collect::<Result<_, _>>().map(Some)
}

type Files = (Vec<PathBuf>, Vec<(String, &'static str)>);

#[derive(Default)]
struct Walk {
    by_directory: BTreeMap<PathBuf, Files>,
    found: Directory,
    /// Against links that lead back.
    entered: BTreeSet<PathBuf>,
}

impl Walk {
    fn enter(&mut self, dir: &Path) {
        let entries = fs::canonicalize(dir).and_then(|real| Ok((real, fs::read_dir(dir)?)));
        let entries = entries.and_then(|(real, entries)| Ok((real, entries.collect::<Result<Vec<_>, _>>()?)));
        let (real, mut entries) = match entries {
            Ok(read) => read,
            Err(source) => return self.found.errors.push(ReadError::Unreadable { path: dir.to_owned(), source }),
        };
        if !self.entered.insert(real) {
            return;
        }
        entries.sort_by_key(fs::DirEntry::file_name);
        let (mut files, mut unjudged) = Files::default();
        for entry in entries {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if NOT_STACKS.contains(&name.as_str()) {
                    self.found.left_out.push(format!("{}: no stacks lie there", path.display()));
                } else {
                    self.enter(&path);
                }
                continue;
            }
            match kind(&name) {
                Kind::Json => files.push(path),
                Kind::Unjudged(why) => unjudged.push((name, why)),
                Kind::Nothing => {}
            }
        }
        if !files.is_empty() || !unjudged.is_empty() {
            self.by_directory.insert(dir.to_owned(), (files, unjudged));
        }
    }
}

impl Directory {
    fn take_listed(&mut self, dir: &Path, listed: &[(String, PathBuf)], mut found: BTreeMap<PathBuf, Files>) {
        for (name, at) in listed {
            let path = dir.join(at);
            let below = path.parent().unwrap_or(dir).to_owned();
            let (mut files, unjudged) = found.remove(&below).unwrap_or_default();
            let is_there = path.file_name().is_some_and(|file| {
                let file = file.to_string_lossy();
                files.contains(&path) || unjudged.iter().any(|(other, _)| *other == file)
            });
            if !is_there {
                // Reading it says what is the matter.
                files.push(path);
            }
            self.stacks.push(Source { name: name.clone(), files, unjudged });
        }
        let others = found.keys().map(|other| format!("{}: is not in {MANIFEST}", other.display()));
        self.left_out.extend(others);
    }

    fn take_all(&mut self, dir: &Path, found: BTreeMap<PathBuf, Files>) {
        let short = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        found.keys().filter_map(|path| short(path)).for_each(|name| *count.entry(name).or_default() += 1);
        for (path, (files, unjudged)) in found {
            let whole = || path.strip_prefix(dir).unwrap_or(&path).to_string_lossy().into_owned();
            let name = short(&path).filter(|name| count.get(name) == Some(&1)).unwrap_or_else(whole);
            let name = if name.is_empty() { ".".to_owned() } else { name };
            self.stacks.push(Source { name, files, unjudged });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    fn names(found: &Directory) -> Vec<(&str, usize, usize)> {
        found.stacks.iter().map(|stack| (stack.name.as_str(), stack.files.len(), stack.unjudged.len())).collect()
    }

    #[test]
    fn without_a_manifest_every_directory_with_a_configuration_is_a_stack() {
        let dir = tree(&[
            ("a/cdk.tf.json", "{}"),
            ("a/more.tf.json", "{}"),
            ("a/x_override.tf.json", "{}"),
            ("a/.hidden.tf.json", "{}"),
            ("b/main.tf", ""),
            ("b/old.tf.json~", ""),
            ("deep/down/c/main.tofu", ""),
            ("x/same/m.tf.json", "{}"),
            ("y/same/m.tf.json", "{}"),
            ("a/.terraform/modules/m/main.tf.json", "{}"),
            ("empty/readme.md", ""),
        ]);
        let found = find(dir.path()).unwrap();
        assert_eq!(names(&found), [("a", 2, 1), ("b", 0, 1), ("c", 0, 1), ("x/same", 1, 0), ("y/same", 1, 0)]);
        assert_eq!(found.left_out.len(), 1, "{:?}", found.left_out);
    }

    #[test]
    fn a_manifest_says_which_stacks_there_are() {
        let manifest = r#"{ "stacks": { "one": { "synthesizedStackPath": "stacks/one/cdk.tf.json" } } }"#;
        let dir = tree(&[
            ("manifest.json", manifest),
            ("stacks/one/cdk.tf.json", "{}"),
            ("stacks/one/beside.tf", ""),
            ("stacks/gone/cdk.tf.json", "{}"),
        ]);
        let found = find(dir.path()).unwrap();
        assert_eq!(names(&found), [("one", 1, 1)]);
        assert!(found.left_out[0].ends_with("stacks/gone: is not in manifest.json"), "{:?}", found.left_out);
    }

    #[test]
    fn a_manifest_that_leads_elsewhere_is_refused() {
        for path in ["../other/cdk.tf.json", "/etc/cdk.tf.json"] {
            let dir = tree(&[(
                "manifest.json",
                &format!(r#"{{ "stacks": {{ "s": {{ "synthesizedStackPath": "{path}" }} }} }}"#),
            )]);
            let found = find(dir.path()).unwrap();
            assert!(
                found.errors[0].to_string().contains("stack `s` lies outside of the directory"),
                "{:?}",
                found.errors
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_back_are_followed_once() {
        let dir = tree(&[("a/cdk.tf.json", "{}")]);
        std::os::unix::fs::symlink(dir.path(), dir.path().join("a/back")).unwrap();
        assert_eq!(names(&find(dir.path()).unwrap()), [("a", 1, 0)]);
    }
}
