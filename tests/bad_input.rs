//! What a person sees whose input is wrong: a clear message, exit status 1 (2 for wrong flags), and the output as it was.

use std::path::Path;

use crate::support::app::{Run, app, binary, clean, files, project, project_of, run};

/// The message of a run that must have failed without a panic and without output.
fn refused(run: &Run, dir: &Path, what: &str) -> String {
    assert_eq!(run.code, Some(1), "{what}\nstdout: {}\nstderr: {}", run.stdout, run.stderr);
    assert!(!run.stderr.contains("panicked"), "{what}: {}", run.stderr);
    assert!(!dir.join("cdktf.out/manifest.json").exists(), "{what}: something was written");
    run.stderr.clone()
}

fn tenants(list: &str) -> String {
    format!(r#"{{ "environment_suffix": "dev", "tenants": [{list}] }}"#)
}

fn one(id: &str) -> String {
    tenants(&format!(r#"{{ "id": "{id}", "network_index": 0 }}"#))
}

#[test]
fn every_wrong_tenants_file_is_refused_with_its_place_and_reason() {
    let two = |first: &str, second: &str| tenants(&format!("{{ {first} }}, {{ {second} }}"));
    let cases: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("empty", Vec::new(), &["is empty"]),
        ("only a bracket", b"{".to_vec(), &["tenants.json:1:2"]),
        ("binary", vec![0xff, 0xfe, 0x00, 0x01], &["UTF-8"]),
        ("deeply nested", vec![b'['; 100_000], &["deep"]),
        ("a comma too many", tenants(r#"{ "id": "acme", "network_index": 0 },"#).into(), &["comma"]),
        ("no tenants", br#"{ "environment_suffix": "dev" }"#.to_vec(), &["`tenants`"]),
        ("no suffix", br#"{ "tenants": [] }"#.to_vec(), &["environment_suffix"]),
        (
            "a field twice",
            br#"{ "environment_suffix": "dev", "environment_suffix": "b", "tenants": [] }"#.to_vec(),
            &["1:32"],
        ),
        (
            "an unknown field",
            br#"{ "environment_sufix": "dev", "tenants": [] }"#.to_vec(),
            &["environment_sufix", "environment_suffix"],
        ),
        ("upper case", one("Acme").into(), &["Acme", "'A'", "acme"]),
        ("unicode", one("b\u{fc}ro").into(), &["a-z"]),
        ("double hyphen", one("a--b").into(), &["two hyphens"]),
        ("leading hyphen", one("-ab").into(), &["start"]),
        ("trailing hyphen", one("ab-").into(), &["end"]),
        ("reserved", one("platform").into(), &["reserved"]),
        ("reserved", one("central").into(), &["reserved"]),
        ("reserved", one("shared").into(), &["reserved"]),
        ("too long", one(&"a".repeat(31)).into(), &["31 characters", "at most 30", "S3 bucket"]),
        ("a template", one("${x}").into(), &["'$'"]),
        (
            "one id twice",
            two(r#""id": "acme", "network_index": 0"#, r#""id": "acme", "network_index": 1"#).into(),
            &["acme", "tenants[1]"],
        ),
        (
            "one index twice",
            two(r#""id": "acme", "network_index": 0"#, r#""id": "bolt", "network_index": 0"#).into(),
            &["acme", "network_index", "1 is"],
        ),
        ("outside the plan", tenants(r#"{ "id": "acme", "network_index": 256 }"#).into(), &["256", "prefix_length"]),
        ("a negative index", tenants(r#"{ "id": "acme", "network_index": -1 }"#).into(), &["network_index", "-1"]),
        (
            "a suffix with a hyphen",
            br#"{ "environment_suffix": "dev-1", "tenants": [] }"#.to_vec(),
            &["dev-1", "hyphen"],
        ),
    ];
    for (what, bytes, words) in cases {
        let dir = project_of(bytes);
        let message = refused(&app(dir.path(), &[]), dir.path(), what);
        for word in words {
            assert!(message.contains(word), "{what}: no `{word}` in: {message}");
        }
    }
}

#[test]
fn a_huge_file_is_refused_without_being_parsed() {
    let dir = project_of(vec![b' '; 40 << 20]);
    let message = refused(&app(dir.path(), &[]), dir.path(), "huge");
    assert!(message.contains("larger than"), "{message}");
}

#[test]
fn every_error_of_a_file_is_told_at_once() {
    let dir = project_of(tenants(r#"{ "id": "Acme", "network_index": 0 }, { "id": "b--c", "network_index": 999 }"#));
    let message = refused(&app(dir.path(), &[]), dir.path(), "three errors");
    for word in ["Acme", "b--c", "999"] {
        assert!(message.contains(word), "no `{word}` in: {message}");
    }
}

#[test]
fn a_missing_file_is_named_with_the_flag_that_would_name_another() {
    let dir = tempfile::tempdir().unwrap();
    let message = refused(&app(dir.path(), &[]), dir.path(), "missing");
    assert!(message.contains("tenants.json") && message.contains("--tenants-file"), "{message}");
    let message = refused(&app(dir.path(), &["--tenants-file", "."]), dir.path(), "a directory");
    assert!(message.contains("cannot read"), "{message}");
}

#[test]
fn wrong_flags_are_wrong_usage() {
    let dir = project();
    for flags in [&["--nonsense"][..], &["destroy-everything"], &["--format", "xml"]] {
        let run = app(dir.path(), flags);
        assert_eq!(run.code, Some(2), "{flags:?}: {}", run.stderr);
        assert!(run.stderr.contains("--help"), "{flags:?}: {}", run.stderr);
    }
}

#[test]
fn a_failed_run_leaves_the_previous_output_as_it_was() {
    let dir = project();
    app(dir.path(), &[]).done("the first run");
    let before = files(&dir.path().join("cdktf.out"));
    std::fs::write(dir.path().join("tenants.json"), one("Acme")).unwrap();
    assert_eq!(app(dir.path(), &[]).code, Some(1));
    assert!(files(&dir.path().join("cdktf.out")) == before, "the output changed");
}

#[test]
fn an_output_directory_that_cannot_be_one_is_refused() {
    let dir = project();
    std::fs::write(dir.path().join("file"), "a file").unwrap();
    std::os::unix::fs::symlink("nowhere", dir.path().join("dangling")).unwrap();
    std::fs::create_dir(dir.path().join("foreign")).unwrap();
    std::fs::write(dir.path().join("foreign/thesis.txt"), "years of work").unwrap();
    for output in ["file", "file/below", "dangling", "foreign", "/proc/palisade"] {
        let run = app(dir.path(), &["--output", output]);
        assert_eq!(run.code, Some(1), "{output}: {}", run.stdout);
        assert!(run.stderr.contains(output.split('/').next().unwrap()), "{output}: {}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{output}: {}", run.stderr);
    }
    assert_eq!(std::fs::read_to_string(dir.path().join("file")).unwrap(), "a file");
    assert_eq!(std::fs::read_dir(dir.path().join("foreign")).unwrap().count(), 1);
}

#[test]
fn a_link_to_a_directory_stays_a_link() {
    let dir = project();
    std::fs::create_dir(dir.path().join("real")).unwrap();
    std::os::unix::fs::symlink("real", dir.path().join("link")).unwrap();
    app(dir.path(), &["--output", "link"]).done("output through a link");
    assert!(dir.path().join("link").is_symlink() && dir.path().join("real/manifest.json").is_file());
}

/// A limit on the size of files stands for a full disk: writing fails in the middle.
#[test]
fn a_full_disk_leaves_the_previous_output_as_it_was() {
    let dir = project();
    app(dir.path(), &[]).done("the first run");
    let before = files(&dir.path().join("cdktf.out"));
    let mut shell = clean("bash");
    let script = format!("trap '' XFSZ; ulimit -f 16; exec {} --environment-suffix other", binary().display());
    let full = run(shell.args(["-c", &script]).current_dir(dir.path()));
    assert_eq!(full.code, Some(1), "{}", full.stdout);
    assert!(full.stderr.contains("the output is as it was"), "{}", full.stderr);
    assert!(files(&dir.path().join("cdktf.out")) == before, "the output changed");
}

#[test]
fn two_runs_at_once_leave_the_whole_output_of_one() {
    let dir = project();
    let start = |suffix: &str| {
        let mut command = clean(binary());
        command.args(["--environment-suffix", suffix]).current_dir(dir.path());
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    for _ in 0..10 {
        let ends: Vec<_> =
            [start("one"), start("two")].into_iter().map(|run| run.wait_with_output().unwrap()).collect();
        assert!(ends.iter().any(|end| end.status.success()), "neither run succeeded");
        for end in ends.iter().filter(|end| !end.status.success()) {
            let message = String::from_utf8_lossy(&end.stderr).into_owned();
            assert!(message.contains("another run is writing"), "{message}");
        }
        let names: Vec<String> = files(&dir.path().join("cdktf.out")).into_iter().map(|(name, _)| name).collect();
        let of = |suffix: &str| names.iter().filter(|name| name.contains(&format!("-{suffix}/"))).count();
        assert!((of("one"), of("two")) == (4, 0) || (of("one"), of("two")) == (0, 4), "a mixture: {names:?}");
    }
}
