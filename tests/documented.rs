//! Every command of the program that a page tells to type is one that the program takes.

use std::path::{Path, PathBuf};

use crate::support::app::{binary, clean, run};
use crate::support::root;

/// The pages that tell commands.
fn pages() -> Vec<PathBuf> {
    let below = |dir: &Path| std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let mut pages = vec![root().join("README.md")];
    pages
        .extend(below(&root().join("docs")).into_iter().filter(|page| page.extension().is_some_and(|end| end == "md")));
    pages.extend(
        below(&root().join("crates")).into_iter().map(|dir| dir.join("README.md")).filter(|page| page.is_file()),
    );
    pages.sort();
    pages
}

/// The words of one command, as a shell would part them; quotes are simple in the pages.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in command.chars().chain([' ']) {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => quote = Some(c),
            (' ', None) => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (c, _) => word.push(c),
        }
    }
    words
}

/// The arguments of each call of the program in the lines that begin with `$`.
fn calls(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    let typed = joined.lines().filter_map(|line| line.trim_start().strip_prefix("$ ").map(str::to_owned));
    let mut calls = Vec::new();
    for line in typed {
        for part in line.split(['|', ';']).flat_map(|part| part.split("&&")) {
            let part = part.split(" #").next().unwrap();
            let mut words = words(part.trim());
            let rest = ["cargo run -p app --", "app"].iter().find_map(|start| {
                let start: Vec<&str> = start.split(' ').collect();
                words
                    .starts_with(&start.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
                    .then_some(start.len())
            });
            let Some(begin) = rest else { continue };
            words.drain(..begin);
            // What a shell does with the output, and what a page leaves out, is not of the command.
            let end =
                words.iter().position(|word| word.starts_with(['>', '<', '…']) || word == "2>").unwrap_or(words.len());
            words.truncate(end);
            calls.push(words);
        }
    }
    calls
}

#[test]
fn every_documented_command_exists_with_its_flags() {
    let dir = tempfile::tempdir().unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for page in pages() {
        for call in calls(&std::fs::read_to_string(&page).unwrap()) {
            count += 1;
            // The flags before it are read first, so a wrong one is still found.
            let said = run(clean(binary()).args(&call).arg("--help").current_dir(dir.path()));
            if said.code != Some(0) {
                wrong.push(format!("{}: app {}: {}", page.display(), call.join(" "), said.stderr));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 30, "only {count} commands were found: do the pages still tell them in lines that begin with `$`?");
}

#[test]
fn commands_are_found_among_others() {
    let text = "$ mkdir -p x && app completions bash > x/app\n  $ app list \\\n  --tenant 'a b'\n$ cargo run -p app -- plan | less\napp x\n";
    let found: Vec<String> = calls(text).iter().map(|call| call.join("|")).collect();
    assert_eq!(found, ["completions|bash", "list|--tenant|a b", "plan"]);
}
