//! What a page shows of an output, against what was said.
//!
//! A page shows all of standard output, after those lines of standard error that it chose: progress may be left out, errors and warnings
//! may not. `…` stands for any number of lines, or for any text within one.

use std::sync::OnceLock;

use regex::Regex;

use crate::support::app::Run;

/// A line without what is another one each time: times, runs, processes, digests, and the width of columns.
fn plain(line: &str) -> String {
    static RULES: OnceLock<Vec<(Regex, &str)>> = OnceLock::new();
    let rules = RULES.get_or_init(|| {
        [
            (r"\d{8}T\d{6}Z-\d+", "RUN"),
            (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(Z| UTC)", "TIME"),
            (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"),
            (r"\b[0-9a-f]{12}\b", "DIGEST"),
            (r"\b(\d+ min( \d+ s)?|\d+ ?m?s)\b", "SPAN"),
            (r"\(process \d+\)", "(process N)"),
            (r"\bfake@\S+", "HOLDER"),
            (r" {2,}", "  "),
        ]
        .map(|(pattern, name)| (Regex::new(pattern).unwrap(), name))
        .into()
    });
    let mut line = line.trim_end().to_owned();
    for (rule, name) in rules {
        line = rule.replace_all(&line, *name).into_owned();
    }
    line
}

/// Whether a line is as a pattern with `…` says.
fn fits(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let mut whole = true;
    let mut last = "";
    for part in parts {
        whole = false;
        last = part;
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    if whole { rest.is_empty() } else { last.is_empty() || rest.is_empty() || line.ends_with(last) }
}

/// Whether lines are as shown, where `…` alone stands for any number of them.
fn all_fit(shown: &[String], said: &[String]) -> bool {
    match shown.split_first() {
        None => said.is_empty(),
        Some((line, rest)) if line.trim() == "…" => (0..=said.len()).any(|at| all_fit(rest, &said[at..])),
        Some((line, rest)) => {
            said.split_first().is_some_and(|(first, others)| fits(line, first) && all_fit(rest, others))
        }
    }
}

fn must_be_shown(line: &str) -> bool {
    line.starts_with("error") || line.starts_with("warning")
}

fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(plain).collect();
    // Whether two waves began in the same second, and are one run, is chance.
    lines.dedup();
    let blank = lines.iter().rev().take_while(|line| line.is_empty()).count();
    lines[..lines.len() - blank].to_vec()
}

/// Whether a page shows what was said.
pub(super) fn is_shown(shown: &[String], run: &Run) -> bool {
    let shown = lines(&shown.join("\n"));
    let (out, err) = (lines(&run.stdout), lines(&run.stderr));
    let told = |told: &[String]| {
        let known = |line: &String| line.trim() == "…" || err.iter().any(|said| fits(line, said));
        let needed = |line: &&String| must_be_shown(line) && !told.iter().any(|shown| fits(shown, line));
        told.iter().all(known) && !err.iter().any(|line| needed(&line))
    };
    (0..=shown.len()).any(|cut| all_fit(&shown[cut..], &out) && told(&shown[..cut]))
}

/// What a page is to show in place of what it showed: the same lines of standard error, be it with other numbers, as far as they were said
/// again.
pub(super) fn shown_anew(shown: &[String], run: &Run) -> Vec<String> {
    let digits = Regex::new(r"\d+").unwrap();
    let number = |line: &str| digits.replace_all(&plain(line), "N").into_owned();
    let before: Vec<String> = shown.iter().map(|line| number(line)).collect();
    let chosen = |line: &&str| {
        let said = number(line);
        run.stdout.is_empty()
            || must_be_shown(line)
            || before.iter().any(|shown| shown.trim() != "…" && fits(shown, &said))
    };
    let err = run.stderr.lines().filter(chosen);
    err.chain(run.stdout.lines()).map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn outputs_are_compared_line_by_line_but_for_what_changes() {
    let run = |stdout: &str, stderr: &str| Run { code: Some(0), stdout: stdout.to_owned(), stderr: stderr.to_owned() };
    let said =
        run("STACK  TOOK\na-dev   1 s\n\nlogs  .palisade/runs/20261127T034806Z-1491\n", "a-dev  apply\nwarning  x\n");
    let shown = |text: &str| is_shown(&text.lines().map(str::to_owned).collect::<Vec<_>>(), &said);
    let run_line = "logs  .palisade/runs/20250101T000000Z-1";
    assert!(shown(&format!("warning  x\nSTACK    TOOK\na-dev   812 ms\n\n{run_line}")));
    assert!(shown("warning  x\na-dev  apply\n…"));
    assert!(shown("warning  …\nSTACK  TOOK\n…\nlogs  …"));
    for (wrong, why) in [
        ("warning  x\nSTACK  TOOK\nb-dev  1 s\n\nlogs  …", "another stack"),
        ("STACK  TOOK\n…", "a warning is left out"),
        ("warning  x\nSTACK  TOOK", "the rest is left out"),
        ("warning  x\nb-dev  apply\n…", "what was not said"),
    ] {
        assert!(!shown(wrong), "{why}");
    }
}
