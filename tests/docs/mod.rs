//! What the pages say is so: links lead somewhere, commands are taken by the program's own definition, and what can be run without AWS is
//! run, and says what the page says (`UPDATE_DOCS=1 cargo test -p tests docs` writes pages anew). README.md tells how a page
//! says what comes before a command.

mod command;
mod help;
mod links;
mod output;
mod page;
mod play;
mod stage;

use std::fmt::Display;

use crate::support::app::Run;
use crate::support::{root, setting};
use page::{Block, Page, Typed, pages};

/// A session of a page, for a test that runs it elsewhere.
pub(crate) struct Session {
    /// What is typed.
    pub(crate) command: String,
    shown: Vec<String>,
}

impl Session {
    /// The command of the README that begins so and shows what is said.
    pub(crate) fn of_readme(begins: &str) -> Option<Self> {
        let readme = pages().into_iter().find(|page| page.path.as_os_str() == "README.md")?;
        let mut typed = readme.blocks().into_iter().flat_map(|block| block.typed());
        let is_meant = |typed: &Typed| typed.text.starts_with(begins) && !typed.output.is_empty();
        typed.find(is_meant).map(|typed| Self { command: typed.text, shown: typed.output })
    }

    /// Whether it shows what was said.
    pub(crate) fn shows(&self, run: &Run) -> bool {
        output::is_shown(&self.shown, run)
    }
}

/// One line for each thing that is wrong, and a failure if there is any.
fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn at(page: &Page, line: usize, wrong: impl Display) -> String {
    format!("{}:{line}: {wrong}", page.path.display())
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_are_there() {
    let pages = pages();
    let links = pages.iter().flat_map(|page| page.links().into_iter().map(move |link| (page, link)));
    let wrong = links.filter_map(|(page, (to, line))| links::broken(&pages, page, &to).map(|why| at(page, line, why)));
    none(wrong.collect());
}

/// A path of the project in a page's text is one that exists.
#[test]
fn every_path_of_the_project_that_is_named_is_there() {
    let named = |text: &str| {
        let folders = ["crates/", "docs/", "tests/", "bench/", ".ci/"];
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
        folders.iter().any(|folder| text.starts_with(folder)) && text.chars().all(plain)
    };
    let mut wrong = Vec::new();
    for page in pages() {
        for (span, line) in page.spans() {
            let path = span.split_whitespace().next().unwrap_or_default();
            let places = [root(), root().join(page.path.parent().unwrap())];
            if named(path) && !places.iter().any(|place| place.join(path).exists()) {
                wrong.push(at(&page, line, format_args!("there is no `{path}`")));
            }
        }
    }
    none(wrong);
}

#[test]
fn every_command_that_is_shown_is_one_that_the_program_takes() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for page in pages() {
        for block in page.blocks() {
            for typed in block.typed() {
                count += 1;
                wrong.extend(
                    command::check(&typed.text, block.is_session()).err().map(|why| at(&page, typed.line, why)),
                );
            }
        }
        for (span, line) in page.spans() {
            wrong.extend(command::check_span(&span).err().map(|why| at(&page, line, why)));
        }
    }
    assert!(count > 40, "{count} commands were found");
    none(wrong);
}

#[test]
fn every_example_of_the_help_is_one_that_the_program_takes() {
    let examples = help::examples();
    assert!(examples.len() > 20, "{examples:?}");
    none(examples.iter().filter_map(|example| command::check(example, true).err()).collect());
}

#[test]
fn what_can_be_run_without_aws_says_what_the_page_says() {
    let update = setting("UPDATE_DOCS").is_some();
    let wrong = std::thread::scope(|scope| {
        let played: Vec<_> = pages()
            .into_iter()
            .filter(|page| page.blocks().iter().any(Block::can_be_run))
            .map(|page| scope.spawn(move || play::play(&page, update)))
            .collect();
        played.into_iter().flat_map(|page| page.join().expect("it was played to its end")).collect()
    });
    none(wrong);
}
