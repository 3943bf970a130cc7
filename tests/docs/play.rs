//! A page's sessions, played from its first to its last.

use std::fmt::Write;

use super::at;
use super::command::simple;
use super::output::{is_shown, shown_anew};
use super::page::Page;
use super::stage::Stage;
use crate::support::root;

/// What the program says otherwise than the page; with `update` the page is written anew.
pub(super) fn play(page: &Page, update: bool) -> Vec<String> {
    let mut stage = Stage::new();
    let mut wrong = Vec::new();
    let mut text = page.text.clone();
    let mut grown = 0_isize;
    for block in page.blocks().iter().filter(|block| block.can_be_run()) {
        if let Err(why) = block.before().iter().try_for_each(|step| stage.step(step)) {
            wrong.push(at(page, block.typed()[0].line, why));
            continue;
        }
        let mut anew = String::new();
        let mut differs = false;
        for typed in block.typed() {
            let run = match arguments(&typed.text) {
                Some(arguments) => stage.run(&arguments),
                None => {
                    wrong.push(at(page, typed.line, format_args!("`{}` cannot be run beside the program", typed.text)));
                    continue;
                }
            };
            assert!(run.code.is_some_and(|code| code < 3), "`{}`: {run:?}", typed.text);
            // Of what shows nothing it matters that it is done.
            let same = if typed.output.is_empty() { run.code == Some(0) } else { is_shown(&typed.output, &run) };
            let output = if same { typed.output.clone() } else { shown_anew(&typed.output, &run) };
            for line in typed.written.iter().chain(&output) {
                writeln!(anew, "{line}").unwrap();
            }
            if !same {
                differs = true;
                if !update {
                    let said = format!("{}{}", run.stderr, run.stdout);
                    let shown = typed.output.join("\n");
                    wrong.push(at(
                        page,
                        typed.line,
                        format_args!("`{}`\n--- the page\n{shown}\n--- the program\n{said}", typed.text),
                    ));
                }
            }
        }
        if differs {
            let place = |offset: usize| offset.checked_add_signed(grown).unwrap();
            text.replace_range(place(block.range.start)..place(block.range.end), &anew);
            grown += anew.len().cast_signed() - block.range.len().cast_signed();
        }
    }
    if update && text != page.text {
        std::fs::write(root().join(&page.path), text).unwrap();
    }
    wrong
}

/// What the program is given.
fn arguments(typed: &str) -> Option<Vec<String>> {
    let mut commands = simple(typed).ok()?;
    let words = commands.pop().filter(|_| commands.is_empty())?;
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["app", ..] => Some(words[1..].to_vec()),
        ["cargo", "run", "-p", "app"] => Some(Vec::new()),
        ["cargo", "run", "-p", "app", "--", ..] => Some(words[5..].to_vec()),
        _ => None,
    }
}
