use super::*;

fn write(root: &Path, files: &[(&str, &str)], manifest: &str) -> Changes {
    let mut output = Output::open(root).unwrap();
    for (file, text) in files {
        output.add(file, text.as_bytes()).unwrap();
    }
    output.commit(named(manifest).as_bytes()).unwrap()
}

/// A manifest of ours that can be told from others.
fn named(name: &str) -> String {
    format!(r#"{{ "version": "{name}", "stacks": {{}} }}"#)
}

fn read(root: &Path, file: &str) -> Option<String> {
    fs::read_to_string(root.join(file)).ok()
}

#[test]
fn a_run_that_does_not_commit_leaves_the_output_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("stacks/tenant-a-dev/cdk.tf.json", "old")], "one");
    let mut output = Output::open(dir.path()).unwrap();
    output.add("stacks/tenant-a-dev/cdk.tf.json", b"new").unwrap();
    drop(output);
    assert_eq!(read(dir.path(), "stacks/tenant-a-dev/cdk.tf.json").as_deref(), Some("old"));
    assert!(!dir.path().join(STAGING).exists());
}

/// What a kill between the decision and its end leaves is finished by the next run, even by one that fails.
#[test]
fn a_decided_run_is_finished_by_the_next_one() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("stacks/tenant-a-dev/cdk.tf.json", "old")], "one");
    fs::create_dir_all(dir.path().join(".commit/stacks/tenant-a-dev")).unwrap();
    fs::write(dir.path().join(".commit/stacks/tenant-a-dev/cdk.tf.json"), "new").unwrap();
    fs::write(dir.path().join(".commit/manifest.json"), "two").unwrap();
    drop(Output::open(dir.path()).unwrap());
    assert_eq!(read(dir.path(), "stacks/tenant-a-dev/cdk.tf.json").as_deref(), Some("new"));
    assert_eq!(read(dir.path(), "manifest.json").as_deref(), Some("two"));
    assert!(!dir.path().join(COMMIT).exists());
}

#[test]
fn an_undecided_run_that_was_killed_is_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("stacks/tenant-a-dev/cdk.tf.json", "old")], "one");
    fs::create_dir_all(dir.path().join(".staging/stacks/tenant-a-dev")).unwrap();
    fs::write(dir.path().join(".staging/stacks/tenant-a-dev/cdk.tf.json"), "half").unwrap();
    write(dir.path(), &[("stacks/tenant-a-dev/cdk.tf.json", "old")], "one");
    assert_eq!(read(dir.path(), "stacks/tenant-a-dev/cdk.tf.json").as_deref(), Some("old"));
}

#[test]
fn stacks_of_removed_tenants_go_and_terraforms_own_files_stay() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("stacks/tenant-a-dev/cdk.tf.json", "a"), ("stacks/tenant-b-dev/cdk.tf.json", "b")], "both");
    fs::write(dir.path().join("stacks/tenant-a-dev/.terraform.lock.hcl"), "lock").unwrap();
    let changes = write(dir.path(), &[("stacks/tenant-a-dev/cdk.tf.json", "a")], "one");
    assert_eq!(changes.removed, ["tenant-b-dev"]);
    assert!(!dir.path().join("stacks/tenant-b-dev").exists());
    assert!(dir.path().join("stacks/tenant-a-dev/.terraform.lock.hcl").exists());
}

/// Where it stays the CDKTF CLIs would delete it, as they do with every stack that is not in the manifest.
#[test]
fn what_cannot_be_brought_back_is_moved_out_of_a_removed_stack() {
    for precious in ["errored.tfstate", "terraform.tfstate", "emulator_override.tf.json", "notes.txt"] {
        let dir = tempfile::tempdir().unwrap();
        for place in ["kept/tenant-b-dev", "kept/tenant-b-dev-2"] {
            write(dir.path(), &[("stacks/tenant-b-dev/cdk.tf.json", "b")], "one");
            fs::write(dir.path().join("stacks/tenant-b-dev").join(precious), "precious").unwrap();
            let changes = write(dir.path(), &[], "none");
            assert_eq!(changes.kept, [place], "{precious}");
            assert_eq!(read(dir.path(), &format!("{place}/{precious}")).as_deref(), Some("precious"));
            assert_eq!(read(dir.path(), &format!("{place}/cdk.tf.json")).as_deref(), Some("b"));
            assert!(!dir.path().join("stacks/tenant-b-dev").exists());
        }
    }
}

#[test]
fn caches_go_with_a_removed_stack() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("stacks/tenant-b-dev/cdk.tf.json", "b")], "one");
    fs::create_dir_all(dir.path().join("stacks/tenant-b-dev/.terraform/providers")).unwrap();
    fs::write(dir.path().join("stacks/tenant-b-dev/.terraform.lock.hcl"), "lock").unwrap();
    let changes = write(dir.path(), &[], "none");
    assert_eq!((changes.removed, changes.kept), (vec!["tenant-b-dev".to_owned()], vec![]));
    assert!(!dir.path().join("stacks/tenant-b-dev").exists() && !dir.path().join(STAGING).exists());
}

/// The manifest may be the same while the documents change; it must be away all the same.
#[test]
fn there_is_no_manifest_while_documents_are_moved() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("stacks/tenant-a-dev/cdk.tf.json", "old")], "same");
    let mut output = Output::open(dir.path()).unwrap();
    output.add("stacks/tenant-a-dev/cdk.tf.json", b"new").unwrap();
    // A directory in the document's place stops the move after the manifest went.
    fs::remove_file(dir.path().join("stacks/tenant-a-dev/cdk.tf.json")).unwrap();
    fs::create_dir(dir.path().join("stacks/tenant-a-dev/cdk.tf.json")).unwrap();
    assert!(matches!(output.commit(named("same").as_bytes()), Err(OutputError::Unfinished { .. })));
    assert_eq!(read(dir.path(), "manifest.json"), None);
    fs::remove_dir(dir.path().join("stacks/tenant-a-dev/cdk.tf.json")).unwrap();
    drop(Output::open(dir.path()).unwrap());
    assert_eq!(read(dir.path(), "manifest.json"), Some(named("same")));
    assert_eq!(read(dir.path(), "stacks/tenant-a-dev/cdk.tf.json").as_deref(), Some("new"));
}

#[test]
fn somebody_elses_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesis.txt"), "years of work").unwrap();
    let message = Output::open(dir.path()).map(|_| ()).unwrap_err().to_string();
    assert!(message.contains("holds `thesis.txt`"), "{message}");
}

#[test]
fn a_second_run_at_the_same_time_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let _first = Output::open(dir.path()).unwrap();
    assert!(matches!(Output::open(dir.path()), Err(OutputError::Busy { .. })));
}

#[test]
fn unchanged_files_are_not_written_again() {
    let dir = tempfile::tempdir().unwrap();
    let files = [("stacks/tenant-a-dev/cdk.tf.json", "a")];
    assert_eq!(write(dir.path(), &files, "one").written, 2);
    assert_eq!(write(dir.path(), &files, "one").written, 0);
}

/// A directory of a web page, of another CDKTF app, of anything: its own files are no output of ours.
#[test]
fn a_manifest_or_assets_of_somebody_else_are_refused_and_left_alone() {
    let other_app =
        r#"{ "version": "0.21.0", "stacks": { "web": { "name": "web", "workingDirectory": "stacks/web" } } }"#;
    for (file, text) in [
        ("manifest.json", r#"{ "short_name": "a web app" }"#),
        ("manifest.json", other_app),
        ("assets/images/logo.png", "picture"),
        ("stacks/mine/cdk.tf.json", "{}"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let message = Output::open(dir.path()).map(|_| ()).unwrap_err().to_string();
        assert!(message.contains("which is not of this program"), "{message}");
        assert_eq!(fs::read_to_string(path).unwrap(), text);
        assert!(!dir.path().join(LOCK).exists(), "{file}");
    }
}

/// Archives of CI systems leave out files whose names start with a dot; people leave notes.
#[test]
fn an_output_without_its_hidden_files_or_with_a_note_is_still_ours() {
    let dir = tempfile::tempdir().unwrap();
    let files = [("stacks/tenant-a-dev/cdk.tf.json", "a")];
    write(dir.path(), &files, "one");
    fs::remove_file(dir.path().join(LOCK)).unwrap();
    fs::write(dir.path().join("note.txt"), "note").unwrap();
    assert_eq!(write(dir.path(), &files, "one").written, 0);
    assert_eq!(read(dir.path(), "note.txt").as_deref(), Some("note"));
}

#[test]
fn only_packages_of_ours_are_removed() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new) = (format!("assets/{}/api.zip", "a".repeat(64)), format!("assets/{}/api.zip", "b".repeat(64)));
    write(dir.path(), &[(&old, "old")], "one");
    fs::create_dir_all(dir.path().join("assets/images")).unwrap();
    write(dir.path(), &[(&new, "new")], "two");
    assert_eq!((read(dir.path(), &old), read(dir.path(), &new).as_deref()), (None, Some("new")));
    assert!(dir.path().join("assets/images").exists());
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_followed_and_stays() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("out");
    fs::create_dir(dir.path().join("real")).unwrap();
    std::os::unix::fs::symlink("real", &link).unwrap();
    write(&link, &[("stacks/tenant-a-dev/cdk.tf.json", "a")], "one");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(read(dir.path(), "real/stacks/tenant-a-dev/cdk.tf.json").as_deref(), Some("a"));
}

#[test]
fn a_file_in_the_place_of_the_output_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out");
    fs::write(&path, "").unwrap();
    let message = Output::open(&path).map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        message,
        format!("the output directory `{}` is a file; choose another one with `--output`", path.display())
    );
}
